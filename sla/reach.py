"""Whether work can end on a calendar whenever it starts: what a kit may promise at all. Pure.

A clock may start at any time while its kit is in force, so the promise is tried from now, from
each date that differs, and from when all of those have passed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from core import work_calendar, worktime
from core.worktime import WorkCalendar

_WEEKS = worktime.SEARCH_DAYS // 7 - 2
_MOST_A_DAY = dt.timedelta(hours=26)
"""More than any day has open, a change of clocks included."""


def endless_from(calendar: WorkCalendar, work: dt.timedelta, at: dt.datetime) -> dt.datetime | None:
    """The first start from `at` on from which that much work would never end; None if it ends."""
    if _is_plenty(calendar, work):
        return None
    return next(
        (start for start in _starts(calendar, at) if not _ends(calendar, start, work)), None
    )


def _is_plenty(calendar: WorkCalendar, work: dt.timedelta) -> bool:
    """Whether the ordinary week alone holds it, whatever dates differ; settles nearly all."""
    minutes = sum(
        closes - opens
        for spans in calendar.week
        for opens, closes in map(work_calendar.extent, spans)
    )
    differing = len(calendar.closed) + len(calendar.opened)
    return work <= dt.timedelta(minutes=minutes) * _WEEKS - _MOST_A_DAY * (differing + 40)


def _starts(calendar: WorkCalendar, at: dt.datetime) -> Iterator[dt.datetime]:
    yield at
    dates = sorted({*calendar.closed, *(day for day, _ in calendar.opened)})
    for day in [one for one in dates if one >= at.date()]:
        yield dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(days=3)


def _ends(calendar: WorkCalendar, start: dt.datetime, work: dt.timedelta) -> bool:
    try:
        worktime.add(calendar, start, work)
    except worktime.NoWorkingTime:
        return False
    return True
