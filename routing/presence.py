"""Who of a pool can take leads now, and whose a lead is that comes while nobody works. Pure.

Everything here asks `people.availability`, which alone knows when somebody is at work. What a pool
does while nobody works is its own setting:

* FIRST_BACK: the lead waits; whoever is back first and has room takes it.
* SPREAD: the lead is held for one rep of the pool's next working day, chosen at once by weight: who
  lies furthest behind their share of all that is held. It is theirs when they start, so the first
  to log in on Monday finds their own part of the weekend and no more, and nobody's part waits for
  the last to come. The rotation of the pool is left alone: held leads neither earn nor cost credit,
  they are shared by their own count. Nobody is kept more than their caps of that day allow, with
  all that is kept for them in any pool. Whoever cannot take theirs when the time has come leaves it
  to those who are at work then. As long as nobody of that date has started, what is kept is shared
  anew whenever it is no longer shared by weight among those who work then (`fair_shares`), so it
  does not matter who was on leave, away or in the pool in between; once somebody has, what is kept
  for the others stays theirs. A lead is kept for that one working day only: when somebody works
  on an earlier date after all (they join, end their leave, get other shifts), it is theirs as they
  have room, as if they had been there when it came. It is looked at anew, too, when the rep leaves
  the pool, works no leads any more or will not be there, and when the pool gets another policy.
* ON_CALL: members who are on call and only off shift, neither on leave nor away, take it now.

The next working day is the date on which the first of the pool starts, each member in their zone:
who works on Monday shares the weekend, in Berlin and in Boston.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from core import worktime
from people import availability
from people.availability import Availability, Kind, Unavailable

SPREAD = "SPREAD"
ON_CALL = "ON_CALL"

NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)

CALLED = "on call while nobody works"
KEPT = "kept for them while nobody worked"
"""Why somebody got a lead in idle hours, or out of them; decision records tell it so."""


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a pool, as far as it concerns when they take leads."""

    user: int
    hours: Availability
    weight: int = 1
    on_call: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """A member who works on the next working day, and from when on they may be given leads.

    `date` is that day, each in their own zone.
    """

    member: Member
    since: dt.datetime
    date: dt.date


@dataclass(frozen=True, slots=True)
class Presence:
    """Who can take leads at an instant; `held` says why each of the others cannot.

    `is_staffed`: somebody is at work, or will be within the look-ahead. `called` take leads only
    because they are on call.
    """

    held: Mapping[int, Unavailable | None]
    is_staffed: bool
    called: frozenset[int] = frozenset()


def look(
    members: Iterable[Member], *, at: dt.datetime, look_ahead: dt.timedelta, off_shift: str
) -> Presence:
    """Who of these can take a lead at an instant, under the pool's policy for idle hours."""
    everybody = list(members)
    whys = {one.user: held(one.hours, at=at, look_ahead=look_ahead) for one in everybody}
    is_staffed = any(why is None for why in whys.values())
    if is_staffed or off_shift != ON_CALL:
        return Presence(whys, is_staffed)
    called = {
        one.user
        for one in everybody
        if one.on_call and held(one.hours, at=at, look_ahead=look_ahead, on_call=True) is None
    }
    return Presence(whys | dict.fromkeys(called), is_staffed, frozenset(called))


def held(
    hours: Availability, *, at: dt.datetime, look_ahead: dt.timedelta, on_call: bool = False
) -> Unavailable | None:
    """Why somebody cannot take a lead; None when they can. Being on call bridges off shift only."""
    if availability.available_within(hours, at, look_ahead):
        return None
    why = availability.reason(hours, at)
    return None if on_call and why is not None and why.kind is Kind.OFF_SHIFT else why


def returns(
    members: Iterable[Member], *, at: dt.datetime, look_ahead: dt.timedelta
) -> dict[int, dt.datetime]:
    """From when on each of these may be given leads; `at` for those who may now.

    Who is not back within sixty days is left out.
    """
    found = {}
    for one in members:
        if availability.available_within(one.hours, at, look_ahead):
            found[one.user] = at
        elif (start := availability.next_available(one.hours, at)) is not None:
            found[one.user] = _from(one.hours, start, at, look_ahead)
    return found


def keep_for(
    members: Sequence[Member],
    kept: Mapping[int, int],
    *,
    at: dt.datetime,
    look_ahead: dt.timedelta,
    full: frozenset[int] = frozenset(),
) -> tuple[int, dt.datetime] | None:
    """Whose a lead is that comes while nobody works, and from when on; None if nobody comes.

    See `next_day` and `share`.
    """
    return share(next_day(members, at=at, look_ahead=look_ahead), kept, full=full)


def next_day(
    members: Sequence[Member], *, at: dt.datetime, look_ahead: dt.timedelta
) -> tuple[Coming, ...]:
    """Who works on the next date on which anybody does, each from when on; none if nobody comes."""
    starts = {
        one.user: start
        for one in members
        if (start := availability.next_available(one.hours, at)) is not None
    }
    if not starts:
        return ()
    dates = {
        one.user: starts[one.user].astimezone(zoneinfo.ZoneInfo(one.hours.hours.zone)).date()
        for one in members
        if one.user in starts
    }
    first = min(starts, key=lambda user: (starts[user], user))
    return tuple(
        Coming(one, _from(one.hours, starts[one.user], at, look_ahead), dates[first])
        for one in members
        if dates.get(one.user) == dates[first]
    )


def has_begun(
    members: Iterable[Member], date: dt.date, *, at: dt.datetime, look_ahead: dt.timedelta
) -> bool:
    """Whether the first shift of the date had come for one of these by `at`, each in their zone.

    A shift that goes on from the day before is not of that date. Whoever is away now may have
    started before, so their shift counts; leave that is known does not.
    """
    return any(_starts(one.hours, date, look_ahead) <= at for one in members)


def _starts(hours: Availability, date: dt.date, look_ahead: dt.timedelta) -> dt.datetime:
    """When somebody can first be given leads of a date, but for being away."""
    zone = zoneinfo.ZoneInfo(hours.hours.zone)
    midnight = dt.datetime.combine(date, dt.time.min, zone).astimezone(dt.UTC)
    planned, begins = replace(hours, away_until=None), midnight
    before = midnight - dt.datetime.resolution
    if availability.is_available(planned, midnight) and availability.is_available(planned, before):
        begins = worktime.closes_at(hours.hours, midnight) or midnight
    found = availability.next_available(planned, begins)
    return NEVER if found is None else found - look_ahead


def share(
    day: Iterable[Coming], kept: Mapping[int, int], *, full: frozenset[int] = frozenset()
) -> tuple[int, dt.datetime] | None:
    """Who of these lies furthest behind their share by weight of what is kept, and from when on.

    `kept` counts what is kept for each already, `full` names who has no room for more. Of several
    who lie equally far behind, the lower id; None when nobody has room.
    """
    working = [one for one in day if one.member.user not in full]
    if not working:
        return None
    whole = sum(one.member.weight for one in working)
    shared = 1 + sum(kept.get(one.member.user, 0) for one in working)

    def behind(one: Coming) -> tuple[int, int]:
        mine = kept.get(one.member.user, 0)
        return one.member.weight * shared - mine * whole, -one.member.user

    chosen = max(working, key=behind)
    return chosen.member.user, chosen.since


def _from(
    hours: Availability, start: dt.datetime, at: dt.datetime, look_ahead: dt.timedelta
) -> dt.datetime:
    """When somebody who starts then may first be given a lead: before, where the pool looks ahead.

    Leave and being away are not looked past, so nobody is given anything before those end.
    """
    early = max(at, start - look_ahead)
    ends = [until for _, until in hours.leaves if until <= start]
    if hours.away_until is not None and hours.away_until <= start:
        ends.append(hours.away_until)
    return max([early, *(one for one in ends if one > early)])
