"""Who must hear of an event. A pure judgement: people are ids, what is known is given.

The person who missed a deadline is told, and never is the one it escalates to.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from lifecycle.models import Notice


class Part(StrEnum):
    """Why somebody hears of it: the lead is theirs to work, or theirs to see to."""

    HOLDER = "HOLDER"
    MANAGER = "MANAGER"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person to tell."""

    user: int
    part: Part


@dataclass(frozen=True, slots=True)
class Around:
    """The people around an event.

    `holder` has the lead (of an overdue clock: had it at the deadline), None while it waits in a
    queue. `others` hear of a breach where neither team nor pool has a manager to tell.
    """

    holder: int | None
    by: int | None
    team_manager: int | None
    pool_manager: int | None
    others: tuple[int, ...]
    active: frozenset[int]


def decide(kind: Notice.Kind, around: Around) -> tuple[Recipient, ...]:
    """The people to tell, each once; empty when nobody needs to be told."""
    holder = _first([around.holder], around)
    if kind is Notice.Kind.ASSIGNED:
        return _told([holder if holder != around.by else None], Part.HOLDER)
    if kind is Notice.Kind.WARNED:
        if holder is not None:
            return _told([holder], Part.HOLDER)
        return _told([_manager(around)], Part.MANAGER)
    return _told([holder], Part.HOLDER) + _escalated(around)


def _escalated(around: Around) -> tuple[Recipient, ...]:
    manager = _manager(around)
    if manager is not None:
        return _told([manager], Part.MANAGER)
    everyone = [user for user in around.others if user in around.active and user != around.holder]
    return _told(everyone, Part.MANAGER)


def _manager(around: Around) -> int | None:
    managers = [around.team_manager, around.pool_manager]
    return _first([user for user in managers if user != around.holder], around)


def _first(users: Iterable[int | None], around: Around) -> int | None:
    return next((user for user in users if user in around.active), None)


def _told(users: Iterable[int | None], part: Part) -> tuple[Recipient, ...]:
    return tuple(Recipient(user, part) for user in users if user is not None)
