"""Who can take a lead now: the one truth, pure. It reads no rows and no clock."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core import worktime

SEARCH = timedelta(days=60)  # somebody away for longer is nobody to wait for


class Kind(StrEnum):
    """Why somebody cannot take a lead; the first that holds, in this order, is the one told."""

    INACTIVE = "INACTIVE"
    NO_LEADS = "NO_LEADS"
    ON_LEAVE = "ON_LEAVE"
    AWAY = "AWAY"
    OFF_SHIFT = "OFF_SHIFT"


_WORDS = {
    Kind.INACTIVE: "inactive",
    Kind.NO_LEADS: "works no leads",
    Kind.ON_LEAVE: "on leave",
    Kind.AWAY: "away",
    Kind.OFF_SHIFT: "off shift",
}


@dataclass(frozen=True, slots=True)
class Unavailable:
    """A reason, and the instant it ends by itself; None when it does not, or not in sight."""

    kind: Kind
    until: datetime | None

    @property
    def words(self) -> str:
        """The reason alone, without when it ends."""
        return _WORDS[self.kind]

    def __str__(self) -> str:
        words = self.words
        return f"{words} until {self.until:%Y-%m-%d %H:%M %Z}" if self.until else words


@dataclass(frozen=True, slots=True)
class Availability:
    """What decides on one person: all instants aware, leaves half-open [from, to)."""

    active: bool
    hours: worktime.WorkCalendar
    leaves: tuple[tuple[datetime, datetime], ...] = ()
    away_until: datetime | None = None
    works_leads: bool = True


def reason(a: Availability, at: datetime) -> Unavailable | None:
    """Say why the person cannot take a lead at an instant; None when they can."""
    if not a.active:
        return Unavailable(Kind.INACTIVE, None)
    if not a.works_leads:
        return Unavailable(Kind.NO_LEADS, None)
    back = _back_from_leave(a, at)
    if back > at:
        return Unavailable(Kind.ON_LEAVE, back)
    if a.away_until is not None and at < a.away_until:
        return Unavailable(Kind.AWAY, a.away_until)
    if not worktime.is_open(a.hours, at):
        return Unavailable(Kind.OFF_SHIFT, worktime.next_open(a.hours, at))
    return None


def absence(a: Availability, at: datetime) -> Unavailable | None:
    """As `reason`, but who is off shift is told to be until they are at work again, leave and all.

    Without `until` they have no hours in sight.
    """
    held = reason(a, at)
    if held is None or held.kind != Kind.OFF_SHIFT:
        return held
    return Unavailable(held.kind, next_available(a, at))


def is_available(a: Availability, at: datetime) -> bool:
    """Say whether the person is active, on shift, and neither on leave nor away."""
    return reason(a, at) is None


def next_available(a: Availability, at: datetime) -> datetime | None:
    """Return `at` when available, else the first instant they will be; None if not in 60 days."""
    if not (a.active and a.works_leads):
        return None
    moment: datetime | None = at if a.away_until is None else max(at, a.away_until)
    while moment is not None and moment <= at + SEARCH:
        back = _back_from_leave(a, moment)
        opens = worktime.next_open(a.hours, back)
        if opens == moment:
            return moment
        moment = opens
    return None


def available_within(a: Availability, at: datetime, look_ahead: timedelta) -> bool:
    """Say whether a lead may be given now to somebody who is available by `at + look_ahead`.

    Only being off shift is bridged: who is inactive, on leave or away at `at` gets nothing,
    however soon they are back.
    """
    held = reason(a, at)
    if held is None:
        return True
    if held.kind != Kind.OFF_SHIFT:
        return False
    moment = next_available(a, at)
    return moment is not None and moment <= at + look_ahead


def leave_around(
    leaves: Iterable[tuple[datetime, datetime]], at: datetime
) -> tuple[datetime, datetime]:
    """Begin and end of the leave that holds `at`, adjoining ones ahead taken as one; else `at`."""
    known = sorted(leaves)
    since = next((begins for begins, ends in known if begins <= at < ends), at)
    until = at
    for begins, ends in known:
        if begins <= until < ends:
            until = ends
    return since, until


def _back_from_leave(a: Availability, at: datetime) -> datetime:
    """Return the end of the leave that holds `at`, adjoining leaves taken as one; else `at`."""
    for begins, ends in sorted(a.leaves):
        if begins <= at < ends:
            at = ends
    return at
