"""What is known of names: which there are, their short forms, what says that there is none. Pure.

Everything is kept as `name_spelling.spelt` writes it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from leads.name_spelling import spelt

_DATA = Path(__file__).parent / "data"


def _lines(name: str) -> Iterator[list[str]]:
    for line in (_DATA / name).read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            yield [spelt(word) for word in line.split()]


def _short_forms() -> tuple[dict[str, frozenset[str]], frozenset[str]]:
    """Each name with the forms it stands for or is called by; and the long ones."""
    forms: defaultdict[str, set[str]] = defaultdict(set)
    long_ones: set[str] = set()
    for full, *short in _lines("nicknames.txt"):
        long_ones.add(full)
        forms[full].update(short)
        for one in short:
            forms[one].add(full)
    return {name: frozenset(known) for name, known in forms.items()}, frozenset(long_ones)


NONE: frozenset[str] = frozenset()
FORMS, LONG_FORMS = _short_forms()
GIVEN = frozenset(word for line in _lines("given_names.txt") for word in line)
"""First names that people bear."""

GENERATIONS = {
    **dict.fromkeys(("sr", "snr", "sen", "senior", "i", "pere", "padre"), 1),
    **dict.fromkeys(("jr", "jnr", "jun", "junior", "ii", "filho", "fils", "hijo"), 2),
    **dict.fromkeys(("iii", "neto", "nieto"), 3),
    "iv": 4,
}
"""What behind a name tells father from son."""

NOBODY = frozenset(" ".join(line) for line in _lines("no_names.txt"))
"""What people write who say no name."""
