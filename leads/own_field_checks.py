"""What should be right about own fields: no two of them read the same answers."""

from __future__ import annotations

from collections.abc import Iterator

from governance import checks
from governance.findings import Finding, warning
from governance.kit import Kit
from leads import own_fields


def register() -> None:
    """Hold every kit against it."""
    checks.register(of_kit)


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding about where own fields find their answers."""
    taken: dict[str, str] = {}
    for one in own_fields.of_kit(kit):
        for name in one.reads:
            other = taken.setdefault(name, one.label)
            if other != one.label:
                message = f"“{one.label}” and “{other}” both read what comes in as “{name}”."
                fix = "Let one of them read it, unless both are meant to."
                yield warning(f"own_field.{one.key}.reads", message, "read_twice", fix)
