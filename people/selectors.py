"""Reads of people data."""

from __future__ import annotations

import contextlib
import dataclasses
import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Iterable, Sequence

from core import holidays_source, reading, steps, work_calendar
from core.errors import InvalidInput
from core.work_calendar import WorkCalendar
from people import availability, holders
from people.availability import Availability, Unavailable
from people.models import User

MIDNIGHT = 24 * 60
WEEK = 7 * MIDNIGHT

ShiftRow = tuple[int, int, dt.time, dt.time]
"""Whose shift it is, on which weekday, from when to when."""

LeaveRow = tuple[int, dt.datetime, dt.datetime]
"""Whose leave it is, from when to when."""

SHIFT = ("user_id", "weekday", "starts", "ends")


def availabilities(
    user_ids: Iterable[int], *, at: dt.datetime, told: Iterable[ShiftRow] | None = None
) -> dict[int, Availability]:
    """When each of these people works, in two messages. Leave that is over is left out.

    `told` are the shifts to go by; those of today unless given.
    """
    ids = list(user_ids)
    shifts, leaves = shifts_of(ids), leaves_of(ids, at=at)
    reading.ask(*([shifts] if told is None else []), leaves)
    users = User.objects.filter(pk__in=ids)
    return hours_of(users, shifts.found if told is None else told, leaves.found, at=at)


@steps.in_steps
def not_at_work(users: Sequence[User], *, at: dt.datetime) -> steps.Story[dict[int, Unavailable]]:
    """Why those of these people who are not at work are not, and until when; one message.

    Whether their role gets leads by itself does not matter.
    """
    ids = [user.pk for user in users]
    shifts, leaves = shifts_of(ids), leaves_of(ids, at=at)
    if users:
        yield shifts, leaves
    told = {
        pk: availability.absence(dataclasses.replace(works, works_leads=True), at)
        for pk, works in hours_of(users, shifts.found, leaves.found, at=at).items()
    }
    return {pk: why for pk, why in told.items() if why is not None}


def absent(users: Iterable[User], *, at: dt.datetime) -> dict[int, Unavailable]:
    """Who of these is inactive, on leave or away, off shift apart; one message."""
    there = {user.pk: user for user in users}
    if not there:
        return {}
    told = leaves_of(list(there), at=at)
    reading.ask(told)
    leaves: dict[int, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
    for user_id, starts_at, ends_at in told.found:
        leaves[user_id].append((starts_at, ends_at))
    whys = {
        pk: availability.reason(
            Availability(user.is_active, work_calendar.ALWAYS, tuple(leaves[pk]), user.away_until),
            at,
        )
        for pk, user in there.items()
    }
    return {pk: why for pk, why in whys.items() if why is not None}


def shifts_of(user_ids: Sequence[int]) -> reading.Question[ShiftRow]:
    """The question for these people's shifts."""
    sql = "SELECT user_id, weekday, starts, ends FROM people_shift WHERE user_id = ANY(%s)"
    return reading.plain(sql, list(user_ids))


def leaves_of(user_ids: Sequence[int], *, at: dt.datetime) -> reading.Question[LeaveRow]:
    """The question for these people's leave that is not over at `at`."""
    sql = (
        "SELECT user_id, starts_at, ends_at FROM people_leave "
        "WHERE user_id = ANY(%s) AND ends_at > %s ORDER BY user_id, starts_at"
    )
    return reading.plain(sql, list(user_ids), at)


def hours_of(
    users: Iterable[User],
    told_shifts: Iterable[ShiftRow],
    told_leaves: Iterable[LeaveRow],
    *,
    at: dt.datetime,
) -> dict[int, Availability]:
    """When each of these people works, by their shifts and leaves."""
    shifts: dict[int, list[tuple[int, int, int]]] = defaultdict(list)
    for user_id, weekday, starts, ends in sorted(told_shifts):
        opens, closes = _minute(starts), _minute(ends) or MIDNIGHT
        if opens != closes:
            shifts[user_id].append((weekday, opens, closes))
    leaves: dict[int, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
    for user_id, starts_at, ends_at in told_leaves:
        leaves[user_id].append((starts_at, ends_at))
    return {
        user.pk: Availability(
            active=user.is_active,
            hours=_hours(
                user.time_zone,
                tuple(shifts[user.pk]),
                user.holiday_country,
                user.holiday_subdivision,
                at.year,
            ),
            leaves=tuple(leaves[user.pk]),
            away_until=user.away_until,
            works_leads=user.plays(*holders.ROLES),
        )
        for user in users
    }


def _minute(time: dt.time) -> int:
    return time.hour * 60 + time.minute


@functools.lru_cache(maxsize=2048)
def _hours(
    zone: str,
    shifts: tuple[tuple[int, int, int], ...],
    country: str,
    subdivision: str,
    year: int,
) -> WorkCalendar:
    """Whatever was entered makes a calendar: nobody's odd hours keep a pool from being routed."""
    week = _apart(shifts)
    closed: frozenset[dt.date] = frozenset()
    if country:
        years = range(year - 1, year + 3)
        with contextlib.suppress(InvalidInput):
            closed = frozenset(holidays_source.holiday_dates(country, subdivision or None, years))
    return WorkCalendar(zone=zone, week=week, closed=closed)


def _apart(shifts: Iterable[tuple[int, int, int]]) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Seven days of spans that do not overlap: where two do, the later one begins when the other
    ends, over midnight and from Sunday to Monday too.
    """
    line = sorted(
        (day * MIDNIGHT + opens, day * MIDNIGHT + work_calendar.extent((opens, closes))[1])
        for day, opens, closes in shifts
    )
    busy = max((until for _, until in line), default=0) - WEEK
    week: list[list[tuple[int, int]]] = [[] for _ in range(7)]
    for since, until in line:
        opens = max(since, busy)
        busy = max(busy, until)
        day = since // MIDNIGHT
        if opens >= until or opens >= (day + 1) * MIDNIGHT:
            continue
        week[day].append((opens - day * MIDNIGHT, (until - day * MIDNIGHT - 1) % MIDNIGHT + 1))
    return tuple(map(tuple, week))
