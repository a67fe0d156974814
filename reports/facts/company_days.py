"""The days that figures are counted by: those of the company, the same for every reader. Pure."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings

from reports.periods import Period

DAY = dt.timedelta(days=1)


def zone() -> zoneinfo.ZoneInfo:
    """The zone in which the company counts its days (`LEADGOV_REPORT_ZONE`)."""
    return zoneinfo.ZoneInfo(settings.REPORT_ZONE)


def of(at: dt.datetime) -> dt.date:
    """The day on which an instant lies."""
    return at.astimezone(zone()).date()


def begin(day: dt.date) -> dt.datetime:
    """The instant at which a day begins, UTC."""
    return dt.datetime.combine(day, dt.time(), zone()).astimezone(dt.UTC)


def between(first: dt.date, last: dt.date) -> Period:
    """Whole days, both included."""
    return Period(begin(first), begin(last + DAY))


@dataclass(frozen=True, slots=True)
class Cut:
    """A period as whole days, `first` until before `end`, and what is left at its edges."""

    first: dt.date
    end: dt.date
    edges: tuple[Period, ...]

    def days(self) -> Iterator[dt.date]:
        """The whole days."""
        day = self.first
        while day < self.end:
            yield day
            day += DAY


def cut(period: Period) -> Cut:
    """Divide a period into whole days and edges: together they are just the period."""
    first, end = of(period.start), of(period.end)
    if begin(first) < period.start:
        first += DAY
    if first >= end:
        return Cut(first, first, (period,))
    edges = (Period(period.start, begin(first)), Period(begin(end), period.end))
    return Cut(first, end, tuple(one for one in edges if one.start < one.end))
