"""The number of leads nobody answers for, as the inbox and the team board show it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from lifecycle import leaks
from people.models import User
from web.console import words


@dataclass(frozen=True, slots=True)
class Leaks:
    """The number; its target is nought."""

    count: int
    when: str


def of(reader: User, *, now: datetime) -> Leaks | None:
    """For managers and RevOps; None for others."""
    if not leaks.watches(reader):
        return None
    found = leaks.lately(now=now)
    return Leaks(found.count, words.ago(found.at, now=now))
