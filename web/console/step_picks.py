"""Days on which somebody may do the next step, in their own working hours. Pure."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator

from django.utils.translation import gettext as _

from people import availability
from people.availability import Availability

OPENS = dt.time(9)
"""When the day begins of who has no working hours in sight."""
WEEKEND = 5


@dataclasses.dataclass(frozen=True, slots=True)
class Pick:
    """One day with its hour, and what it is called."""

    label: str
    at: dt.datetime


def of(works: Availability, now: dt.datetime, zone: dt.tzinfo) -> list[Pick]:
    """Tomorrow, in three days, next week: each when they are at work first, none twice."""
    found: dict[dt.datetime, Pick] = {}
    today = now.astimezone(zone).date()
    for pick in _wanted(works, today, zone):
        found.setdefault(pick.at, pick)
    return list(found.values())


def _wanted(works: Availability, today: dt.date, zone: dt.tzinfo) -> Iterator[Pick]:
    in_three = today + dt.timedelta(days=3)
    monday = today + dt.timedelta(days=7 - today.weekday())
    tomorrow = today + dt.timedelta(days=1)
    at = _first(works, tomorrow, zone)
    is_tomorrow = at.astimezone(zone).date() == tomorrow
    yield Pick(_("Tomorrow") if is_tomorrow else _("Next working day"), at)
    yield Pick(_("In 3 days"), _first(works, in_three, zone))
    yield Pick(_("Next week"), _first(works, monday, zone))


def _first(works: Availability, day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """The first instant of a day, or after it, at which somebody is at work."""
    midnight = dt.datetime.combine(day, dt.time(), zone)
    there = dataclasses.replace(works, works_leads=True, active=True)
    morning = dt.datetime.combine(day, OPENS, zone)
    at = availability.next_available(there, midnight)
    if at == midnight and availability.is_available(there, morning):
        return morning  # who works around the clock need not be called at midnight
    if at is not None:
        return at
    while day.weekday() >= WEEKEND:
        day += dt.timedelta(days=1)
    return dt.datetime.combine(day, OPENS, zone)
