"""The months that reviews are about. Asks no database."""

from __future__ import annotations

import datetime as dt
import re

from core import errors
from reports.facts import company_days
from reports.periods import Period

_NUMBER = re.compile(r"(\d{4})-(0[1-9]|1[0-2])\Z")


def zone() -> dt.tzinfo:
    """Whose days a month is made of: the company's, as reports count."""
    return company_days.zone()


def today(now: dt.datetime) -> dt.date:
    """The company's day."""
    return company_days.of(now)


def after(month: dt.date) -> dt.date:
    """The first day of the next month."""
    return (month.replace(day=28) + dt.timedelta(days=4)).replace(day=1)


def before(month: dt.date) -> dt.date:
    """The first day of the month before."""
    return (month.replace(day=1) - dt.timedelta(days=1)).replace(day=1)


def period(month: dt.date) -> Period:
    """The whole month."""
    return Period.of_days(month, after(month) - dt.timedelta(days=1), zone())


def last_over(now: dt.datetime) -> dt.date:
    """The last month that is over."""
    return before(today(now))


def due(last: dt.date | None, *, begun: dt.datetime | None, now: dt.datetime) -> list[dt.date]:
    """The months to be reviewed now, the oldest first.

    After `last`, the last one that was opened, none is left out. The first review of a company is
    of the last month, where a kit was in force by its end: `begun` is when the first one was.
    """
    end = last_over(now)
    if last is None:
        return [end] if begun is not None and begun < period(end).end else []
    found = []
    month = after(last)
    while month <= end:
        found.append(month)
        month = after(month)
    return found


def read(number: str) -> dt.date:
    """The month of a number such as `2026-10`. Raises NotFound."""
    found = _NUMBER.match(number)
    if found is None or int(found[1]) < dt.MINYEAR:
        raise errors.NotFound(f"There is no review “{number[:20]}”; write one as 2026-10.")
    return dt.date(int(found[1]), int(found[2]), 1)


def name(month: dt.date) -> str:
    """`October 2026`."""
    return f"{_NAMES[month.month - 1]} {month.year}"


_NAMES = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
          "October", "November", "December")  # fmt: skip
