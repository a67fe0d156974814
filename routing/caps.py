"""How many leads a rep may get in a day, a week, a month. Pure.

The caps of a day and of a week hold as they are, from midnight and from Monday in the rep's zone.
The cap of a month is spread over the days the rep works in it, and what a day leaves over is not
lost: by the d-th of D working days

    allowed(d) = ⌈cap · d / D⌉        (d is 1 before the first of them)

leads may have been received since the first of the month. So 14 a month on 21 working days are one
on the first day, two by the second, three by the fourth … and 14 by the last; whoever was away, at
the cap or without demand for some days gets what was left over later in the month. The allowance
never passes the cap, and reaches it on the last working day.

Who joins within the month begins with their first day: the days before leave nothing over. On the
d-th working day since they joined ⌈cap · d / D⌉ may have come besides what came before they did.
"""

from __future__ import annotations

import datetime as dt
import functools
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from core.work_calendar import WorkCalendar

DAY = dt.timedelta(days=1)
WORDS = {"DAY": "today", "WEEK": "this week", "MONTH": "this month"}
PERIODS = tuple(WORDS)


@dataclass(frozen=True, slots=True)
class Limit:
    """What a rep received in one period, and how much that may come to by now."""

    period: str
    received: int
    allowed: int
    cap: int
    until: str
    """When more is allowed, ISO 8601 in UTC."""

    @property
    def reached(self) -> str | None:
        """Why nothing more can be given, in words; None if something can."""
        if self.received < self.allowed:
            return None
        words = f"at the cap: {self.received} of {self.allowed} leads {WORDS[self.period]}"
        return words if self.allowed == self.cap else f"{words} so far ({self.cap} in all)"

    def plus(self, times: int) -> Limit:
        """After so many more leads were given."""
        return replace(self, received=self.received + times)

    def as_data(self) -> dict[str, Any]:
        """For the decision record."""
        return {
            "period": self.period,
            "received": self.received,
            "allowed": self.allowed,
            "cap": self.cap,
            "until": self.until,
        }


@dataclass(frozen=True, slots=True)
class Joined:
    """Since when somebody keeps to a month's cap, and what came before that in the same month."""

    at: dt.datetime
    before: int = 0


def of_data(kept: Mapping[str, Any]) -> Limit:
    """A limit as the record holds it."""
    return Limit(kept["period"], kept["received"], kept["allowed"], kept["cap"], kept["until"])


def allowance(cap: int, *, day: int, days: int) -> int:
    """How many of a month's `cap` may have come by the `day`-th of its `days` working days."""
    if days <= 0:
        return cap
    return min(cap, -(-cap * min(max(day, 1), days) // days))


def begins(period: str, hours: WorkCalendar, at: dt.datetime) -> dt.datetime:
    """When the day, week or month that holds `at` began in the zone of these hours, in UTC."""
    return _midnight(hours.zone, _first(period, _local(hours.zone, at)))


def limits(
    hours: WorkCalendar,
    at: dt.datetime,
    *,
    caps: Mapping[str, int | None],
    received: Mapping[str, int],
    joined: Joined | None = None,
) -> tuple[Limit, ...]:
    """The limits of a rep with these working hours, for the periods that have a cap."""
    if not any(cap is not None for cap in caps.values()):
        return ()
    today = _local(hours.zone, at)
    return tuple(
        _limit(hours, today, period, cap, received.get(period, 0), joined)
        for period in PERIODS
        if (cap := caps.get(period)) is not None
    )


def _limit(
    hours: WorkCalendar,
    today: dt.date,
    period: str,
    cap: int,
    received: int,
    joined: Joined | None,
) -> Limit:
    allowed, until = cap, _next(period, today)
    if period == "MONTH":
        day, days = working_day(hours, today)
        allowed = allowance(cap, day=day, days=days)
        since = _local(hours.zone, joined.at) if joined is not None else today.replace(day=1)
        if joined is not None and since > today.replace(day=1):
            missed, _ = working_day(hours, since - DAY)
            part = allowance(cap, day=day - missed, days=days)
            allowed = min(allowed, joined.before + part)
        if allowed < cap:
            until = today + DAY
    ends = _midnight(hours.zone, until)
    return Limit(period, received, allowed, cap, ends.isoformat())


@functools.lru_cache(maxsize=4096)
def working_day(hours: WorkCalendar, today: dt.date) -> tuple[int, int]:
    """The how-many-th working day of its month a date is, and how many there are.

    Leave does not count: it is taken off nobody's cap. Whoever has no hours works every day.
    """
    first = today.replace(day=1)
    every = [first + place * DAY for place in range((_next("MONTH", today) - first).days)]
    works = [day for day in every if _works(hours, day)] or every
    return sum(day <= today for day in works), len(works)


def _works(hours: WorkCalendar, day: dt.date) -> bool:
    opened = dict(hours.opened)
    if day in opened:
        return bool(opened[day])
    return day not in hours.closed and bool(hours.week[day.weekday()])


def _local(zone: str, at: dt.datetime) -> dt.date:
    return at.astimezone(zoneinfo.ZoneInfo(zone)).date()


def _midnight(zone: str, day: dt.date) -> dt.datetime:
    local = dt.datetime.combine(day, dt.time(), zoneinfo.ZoneInfo(zone))
    return local.astimezone(dt.UTC)


def _first(period: str, day: dt.date) -> dt.date:
    if period == "MONTH":
        return day.replace(day=1)
    return day - day.weekday() * DAY if period == "WEEK" else day


def _next(period: str, day: dt.date) -> dt.date:
    if period == "MONTH":
        return (day.replace(day=28) + 4 * DAY).replace(day=1)
    return _first(period, day) + (7 * DAY if period == "WEEK" else DAY)
