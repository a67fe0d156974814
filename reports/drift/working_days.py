"""Which days count as days of work, and in which zone days begin. Pure.

There is no calendar of its own for reports: the one on which leads are to be accepted says it.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable

from core import worktime
from core.worktime import WorkCalendar
from governance.kit import Kit

OBLIGATION = "accept"


def calendar_of(kit: Kit) -> WorkCalendar:
    """The calendar of the clock on accepting, else of the first that has one, else without rest."""
    policies = sorted(kit.policies, key=lambda one: one.obligation != OBLIGATION)
    named = (kit.calendars[one.calendar] for one in policies if one.calendar in kit.calendars)
    return next(named, worktime.ALWAYS)


def zone_of(calendar: WorkCalendar) -> zoneinfo.ZoneInfo:
    """The zone in which its days begin and end."""
    return zoneinfo.ZoneInfo(calendar.zone)


def among(days: Iterable[dt.date], calendar: WorkCalendar) -> frozenset[dt.date]:
    """Those of the days on which the calendar is open at all."""
    zone = zone_of(calendar)

    def begin(day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(), zone)

    return frozenset(
        day
        for day in days
        if worktime.elapsed(calendar, begin(day), begin(day + dt.timedelta(days=1)))
    )
