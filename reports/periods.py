"""The time a report speaks of. Pure."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from core import errors
from core.errors import FieldError

USUAL_DAYS = 30
YEARS = range(1970, 9000)
LONGEST = dt.timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Period:
    """From `start` up to, not including, `end`; both aware."""

    start: dt.datetime
    end: dt.datetime

    @classmethod
    def of_days(cls, first: dt.date, last: dt.date, zone: dt.tzinfo) -> Period:
        """Whole days, both included, as the zone counts them."""
        return cls(_midnight(first, zone), _midnight(last + dt.timedelta(days=1), zone))


def read(first: str, last: str, *, now: dt.datetime, zone: dt.tzinfo) -> Period:
    """The period two texts mean: dates, both included, or instants, the second excluded.

    Left out, `last` is today and `first` makes it thirty days. Raises InvalidInput naming
    `from` or `to`.
    """
    faults: list[FieldError] = []
    start = _read("from", first, zone, faults, day_after=False) if first else None
    end = _read("to", last, zone, faults, day_after=True) if last else None
    if faults:
        told = " ".join(f"“{one.field}”: {one.message}" for one in faults)
        raise errors.InvalidInput(f"The period cannot be read. {told}", errors=faults)
    end = end or _midnight(now.astimezone(zone).date() + dt.timedelta(days=1), zone)
    start = start or _midnight(end.astimezone(zone).date() - dt.timedelta(days=USUAL_DAYS), zone)
    if start >= end:
        raise _refused("from", "The period must begin before it ends.")
    if end - start > LONGEST:
        raise _refused("from", "Ask for three years at most.")
    return Period(start, end)


def _read(
    name: str, text: str, zone: dt.tzinfo, faults: list[FieldError], *, day_after: bool
) -> dt.datetime | None:
    try:
        whole_day = len(text) <= len("2026-01-31")
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        faults.append(FieldError(name, "Write a date such as 2026-01-31.", "date"))
        return None
    if at.year not in YEARS:
        faults.append(FieldError(name, "This date is out of range.", "date"))
        return None
    if whole_day:
        return _midnight(at.date() + dt.timedelta(days=1 if day_after else 0), zone)
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(dt.UTC)


def _midnight(day: dt.date, zone: dt.tzinfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone).astimezone(dt.UTC)


def _refused(name: str, message: str) -> errors.InvalidInput:
    return errors.InvalidInput(message, errors=[FieldError(name, message)])
