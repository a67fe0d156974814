"""What is said against a kit before it is reviewed: the register of checks. Apps add theirs.

A check takes the compiled kit and yields one `Finding` per fault; its field is
`kind.key.attribute`. Upper apps register theirs from `AppConfig.ready()`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from core import database
from governance import part_checks, score_checks
from governance.findings import Finding
from governance.kit import Kit, checksum

Check: TypeAlias = Callable[[Kit], Iterable[Finding]]
DatedCheck: TypeAlias = Callable[[Kit, datetime], Iterable[Finding]]

_registered: list[Check] = [part_checks.of_kit, score_checks.of_kit]
_dated: list[DatedCheck] = []
_last: list[Check] = []


def register(check: Check) -> None:
    """Add a check that every kit must pass; adding it again changes nothing."""
    if check not in _registered:
        _registered.append(check)


def register_dated(check: DatedCheck) -> None:
    """Add a check whose outcome depends on when it is made: calendars end, people change."""
    if check not in _dated:
        _dated.append(check)


def register_last(check: Check) -> None:
    """Add a check that executes the kit: it is made only where the others found no error."""
    if check not in _last:
        _last.append(check)


def run(kit: Kit, *, at: datetime | None = None) -> list[Finding]:
    """Everything to be said against a compiled kit `at` an instant (none: now), errors first.

    Checks that ask about people read the database.
    """
    now = at or database.now()
    found = [*_of_text(_Asked(checksum(kit.document), tuple(_registered), kit))]
    found += [one for dated in _dated for one in dated(kit, now)]
    if not any(one.is_error for one in found):
        found += [one for check in _last for one in check(kit)]
    return sorted(found, key=lambda one: not one.is_error)


@dataclass(frozen=True, slots=True)
class _Asked:
    """A kit by its text, and the checks that look at nothing else."""

    text: str
    checks: tuple[Check, ...]
    kit: Kit = field(compare=False)


@functools.lru_cache(maxsize=8)
def _of_text(asked: _Asked) -> tuple[Finding, ...]:
    """Kept: a version is checked at each step of its way, and each time somebody looks at it."""
    return tuple(one for check in asked.checks for one in check(asked.kit))
