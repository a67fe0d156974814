"""Reads of people data."""

from __future__ import annotations

import datetime as dt
import functools
from collections import defaultdict
from collections.abc import Iterable

from core import holidays_source, work_calendar
from core.work_calendar import WorkCalendar
from people.availability import Availability
from people.models import Leave, Shift, User

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


ShiftRow = tuple[int, int, dt.time, dt.time]
"""Whose shift it is, on which weekday, from when to when."""

SHIFT = ("user_id", "weekday", "starts", "ends")


def availabilities(
    user_ids: Iterable[int], *, at: dt.datetime, told: Iterable[ShiftRow] | None = None
) -> dict[int, Availability]:
    """When each of these people works, in three queries. Leave that is over is left out.

    `told` are the shifts to go by; those of today unless given.
    """
    ids = list(user_ids)
    rows = Shift.objects.filter(user_id__in=ids).values_list(*SHIFT) if told is None else told
    shifts: dict[int, list[tuple[int, str, str]]] = defaultdict(list)
    for user_id, weekday, starts, ends in sorted(rows):
        end = "24:00" if ends == dt.time(0) else f"{ends:%H:%M}"
        shifts[user_id].append((weekday, f"{starts:%H:%M}", end))
    leaves: dict[int, list[tuple[dt.datetime, dt.datetime]]] = defaultdict(list)
    for user_id, starts_at, ends_at in (
        Leave.objects.filter(user_id__in=ids, ends_at__gt=at)
        .order_by("user_id", "starts_at")
        .values_list("user_id", "starts_at", "ends_at")
    ):
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
        )
        for user in User.objects.filter(pk__in=ids)
    }


@functools.lru_cache(maxsize=2048)
def _hours(
    zone: str,
    shifts: tuple[tuple[int, str, str], ...],
    country: str,
    subdivision: str,
    year: int,
) -> WorkCalendar:
    week: dict[str, list[list[str]]] = {}
    for weekday, starts, ends in shifts:
        week.setdefault(DAYS[weekday], []).append([starts, ends])
    closed: list[str] = []
    if country:
        years = range(year - 1, year + 3)
        named = holidays_source.holiday_dates(country, subdivision or None, years)
        closed = sorted(day.isoformat() for day in named)
    return work_calendar.from_document({"zone": zone, "week": week, "closed": closed, "opened": {}})
