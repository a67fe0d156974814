"""Numbers and labels within sentences. Pure."""

from __future__ import annotations

from collections.abc import Sequence


def plural(count: int, one: str, many: str | None = None) -> str:
    """`1 lead`, `7 leads`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def in_a_sentence(label: str) -> str:
    """A label within a sentence: `company size`, but `ICP` and `BANT` as they are."""
    return label[:1].lower() + label[1:] if label[1:2].islower() or label[1:2] == " " else label


def listed(names: Sequence[str]) -> str:
    """`job title, employees and seat`."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} and {names[-1]}"
