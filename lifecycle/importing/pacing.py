"""When the rows of a held list are released: so many a rep and day, at the start of their shift.

Pure. A rep's day is the day of the rep's own zone. A day that a rep is not at work has no share,
and what was not released on its day is not made up for: nobody gets more than a day's share.
"""

from __future__ import annotations

import datetime as dt
import heapq
import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from people import availability
from people.availability import Availability

HORIZON = dt.timedelta(days=365)
"""Nothing is planned beyond."""
MOST_PER_REP = 1_000


@dataclass(frozen=True, slots=True)
class Pace:
    """So many rows a day to each rep of a pool."""

    per_rep: int
    pool: str


@dataclass(frozen=True, slots=True, order=True)
class Share:
    """What one rep's day releases: when, and how many rows."""

    at: dt.datetime
    rep: int
    day: dt.date
    count: int


def plan(
    count: int,
    *,
    per_rep: int,
    reps: Mapping[int, Availability],
    given: Mapping[int, dt.date],
    now: dt.datetime,
) -> list[Share]:
    """The shares that release `count` rows, in order; fewer rows when nobody is in sight.

    `given` is the last day of each rep whose share is out already. Shares due at `now` are at
    `now`: of reps who are at work, also late in their shift.
    """
    days = (_days(pk, one, given.get(pk), now) for pk, one in sorted(reps.items()))
    shares, left = [], count
    for at, rep, day in heapq.merge(*days):
        if left <= 0:
            break
        shares.append(Share(at, rep, day, min(per_rep, left)))
        left -= per_rep
    return shares


def instants(shares: list[Share], count: int, *, beyond: dt.datetime) -> list[dt.datetime]:
    """The instant of each of `count` rows, in order; `beyond` for those no share releases."""
    planned = itertools.chain.from_iterable(itertools.repeat(s.at, s.count) for s in shares)
    return list(itertools.islice(itertools.chain(planned, itertools.repeat(beyond)), count))


def _days(
    rep: int, hours: Availability, given: dt.date | None, now: dt.datetime
) -> Iterator[tuple[dt.datetime, int, dt.date]]:
    """When this rep begins to work on each day after `given`, from now on."""
    zone = ZoneInfo(hours.hours.zone)
    moment = now
    if given is not None:
        moment = max(now, _begins(given + dt.timedelta(days=1), zone))
    while (at := availability.next_available(hours, moment)) is not None and at < now + HORIZON:
        day = at.astimezone(zone).date()
        yield at, rep, day
        moment = _begins(day + dt.timedelta(days=1), zone)


def _begins(day: dt.date, zone: ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(0), zone).astimezone(dt.UTC)
