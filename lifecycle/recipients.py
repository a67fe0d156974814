"""Who must hear of an event. A pure judgement: people are ids, what is known is given.

The person who missed a deadline is told, and never is the one it escalates to. An escalation
reaches somebody else: where a level names nobody who is there, the next broader circle hears. All
of a circle hear in the console; mailed and called are those at work, all of them where nobody is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from lifecycle.models import Notice

WIDER = ("POOL_MANAGER", "MANAGERS", "REVOPS", "SUPERUSERS", "MARKETING")
"""Who hears where a level names nobody who is there: the first of these with somebody in it."""


class Part(StrEnum):
    """Why somebody hears of it: the lead is theirs to work, or theirs to see to."""

    HOLDER = "HOLDER"
    MANAGER = "MANAGER"


@dataclass(frozen=True, slots=True)
class Recipient:
    """One person to tell. `console_only`: neither mailed nor called, others of theirs are there."""

    user: int
    part: Part
    console_only: bool = False


@dataclass(frozen=True, slots=True)
class Around:
    """The people around an event.

    `holder` has the lead (of a breach: had it at the deadline), None while it waits in a queue.
    `others` hear of a breach where neither team nor pool has a manager to tell. Of an escalation,
    `tell` is whom the level names, and `missed` who had the lead at the deadline.
    """

    holder: int | None
    by: int | None
    team_manager: int | None
    pool_manager: int | None
    others: tuple[int, ...]
    active: frozenset[int]
    tell: tuple[str, ...] = ()
    missed: int | None = None
    managers: tuple[int, ...] = ()
    marketing: tuple[int, ...] = ()
    superusers: tuple[int, ...] = ()
    lost: int | None = None
    """Who had the lead until a level gave it to somebody else: they hear of it in any case."""
    off_shift: frozenset[int] = frozenset()
    """Who of them is not at work as it escalates."""
    with_hours: frozenset[int] = frozenset()
    """Who has working hours of their own: of the others nobody knows whether they are at work."""
    in_queue: bool = False
    """Whether a level left it in a queue: whoever keeps that pool hears, and answers for it."""


def decide(kind: Notice.Kind, around: Around) -> tuple[Recipient, ...]:
    """The people to tell, each once; empty when nobody needs to be told."""
    if kind is Notice.Kind.ESCALATED:
        return _by_level(around)
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


def _by_level(around: Around) -> tuple[Recipient, ...]:
    """Whom the level names; if nobody of them is there, the first circle with somebody in it.

    A level that acts may name nobody: who lost the lead hears, and who answers for a queue.
    """
    if around.lost is not None or around.in_queue:
        asked = (*around.tell, "POOL_MANAGER") if around.in_queue else around.tell
        return _of_act(replace(around, tell=asked, lost=None, in_queue=False), around.lost)
    holder = [around.holder] if "HOLDER" in around.tell and around.holder in around.active else []
    named = [name for name in around.tell if name != "HOLDER"]
    above = _of_circles(named, around)
    if not above and (named or not holder):
        above = next(filter(None, (_of_circles([name], around) for name in WIDER)), ())
    if not above and not holder and around.holder != around.missed:
        holder = [user for user in (around.holder,) if user in around.active]
    return _told(holder, Part.HOLDER) + above


def _of_act(around: Around, lost: int | None) -> tuple[Recipient, ...]:
    told = _told([lost] if lost in around.active else [], Part.HOLDER)
    others = _by_level(around) if around.tell else ()
    return told + tuple(one for one in others if one.user != lost)


def _of_circles(names: Sequence[str], around: Around) -> tuple[Recipient, ...]:
    """Everybody of these circles who may see to it, each once."""
    circles = _circles(around)
    there = [_seen_to(circles[name], around) for name in names]
    called = {user for circle in there for user in _called(circle, around)}
    told = dict.fromkeys(user for circle in there for user in circle)
    return tuple(Recipient(user, Part.MANAGER, console_only=user not in called) for user in told)


def _circles(around: Around) -> dict[str, tuple[int | None, ...]]:
    return {
        "TEAM_MANAGER": (around.team_manager,),
        "POOL_MANAGER": (around.pool_manager,),
        "MANAGERS": around.managers,
        "MARKETING": around.marketing,
        "REVOPS": around.others,
        "SUPERUSERS": around.superusers,
    }


def _called(circle: Sequence[int], around: Around) -> Sequence[int]:
    """Those who are mailed and called: who is not off shift; all of them when nobody is at work.

    Who has no hours can be called at any time, but does not stand in for those who are off shift.
    """
    if not set(circle) & around.with_hours - around.off_shift:
        return circle
    return [user for user in circle if user not in around.off_shift]


def nobody_at_work(told: Iterable[Recipient], around: Around) -> bool:
    """Whether it escalated to people, and all who are told, the holder too, are off shift."""
    everybody = tuple(told)
    above = any(one.part is Part.MANAGER for one in everybody)
    return above and all(one.user in around.off_shift for one in everybody)


def _seen_to(users: Iterable[int | None], around: Around) -> list[int]:
    """Those of them who are there and did not miss it themselves, each once."""
    involved = {around.holder, around.missed}
    there = (user for user in users if user is not None and user in around.active - involved)
    return list(dict.fromkeys(there))


def _manager(around: Around) -> int | None:
    managers = [around.team_manager, around.pool_manager]
    return _first([user for user in managers if user != around.holder], around)


def _first(users: Iterable[int | None], around: Around) -> int | None:
    return next((user for user in users if user in around.active), None)


def _told(users: Iterable[int | None], part: Part) -> tuple[Recipient, ...]:
    return tuple(Recipient(user, part) for user in users if user is not None)
