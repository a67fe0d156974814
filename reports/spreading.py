"""An amount over days: evenly, and to the cent however a span is cut. Pure."""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal

from reports.periods import Period

CENT = Decimal("0.01")
GRACE = dt.timedelta(days=5)
"""So long after its span an entry still comes in time; later it restates what was told."""
_DAY = dt.timedelta(days=1)


def share(
    amount: Decimal, first_day: dt.date, last_day: dt.date, period: Period, zone: dt.tzinfo = dt.UTC
) -> Decimal:
    """What of an amount for these days, both included, falls into a period.

    A day belongs to the period that its midnight in the zone lies in, so that periods which meet
    share out every day once. What has fallen due by a day is rounded, and a period gets what fell
    due within it: the parts of a span add up to the whole.
    """
    days = (last_day - first_day).days + 1
    before = _days_before(period.start, first_day, days, zone)
    until = _days_before(period.end, first_day, days, zone)
    return _due(amount, until, days) - _due(amount, before, days)


def is_late(last_day: dt.date, recorded_at: dt.datetime, zone: dt.tzinfo = dt.UTC) -> bool:
    """Whether something was entered when its span was over, and the days of grace, too."""
    return recorded_at.astimezone(zone).date() > last_day + GRACE


def months(first_day: dt.date, last_day: dt.date) -> list[dt.date]:
    """The first day of every month that a span touches."""
    found = [first_day.replace(day=1)]
    while (following := _next_month(found[-1])) <= last_day:
        found.append(following)
    return found


def month_of(first_of_month: dt.date, zone: dt.tzinfo = dt.UTC) -> Period:
    """A month as a period."""
    return Period.of_days(first_of_month, _next_month(first_of_month) - _DAY, zone)


def last_of_month(day: dt.date) -> dt.date:
    """The last day of the month a day lies in."""
    return _next_month(day.replace(day=1)) - _DAY


def _days_before(instant: dt.datetime, first_day: dt.date, days: int, zone: dt.tzinfo) -> int:
    """How many days of a span have begun before an instant."""
    local = instant.astimezone(zone)
    begun = (local.date() - first_day).days + (1 if _past_midnight(instant, zone) else 0)
    return max(0, min(days, begun))


def _past_midnight(instant: dt.datetime, zone: dt.tzinfo) -> bool:
    day = instant.astimezone(zone).date()
    midnight = Period.of_days(day, day, zone).start
    return instant > midnight


def _due(amount: Decimal, days: int, of: int) -> Decimal:
    return (amount * days / of).quantize(CENT, ROUND_HALF_UP)


def _next_month(first_of_month: dt.date) -> dt.date:
    return (first_of_month + 31 * _DAY).replace(day=1)
