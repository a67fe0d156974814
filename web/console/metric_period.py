"""The period that a metric's page speaks of, and the one it is held against. Whole company days."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from core import errors
from core.errors import FieldError
from core.texts import _, lazy
from reports import periods
from reports.facts import company_days
from reports.periods import Period

DAY = dt.timedelta(days=1)
USUAL = "30"
CHOICES = (
    ("7", lazy("Last 7 days")),
    ("30", lazy("Last 30 days")),
    ("90", lazy("Last 90 days")),
    ("month", lazy("This month")),
    ("last-month", lazy("Last month")),
    ("quarter", lazy("This quarter")),
    ("last-quarter", lazy("Last quarter")),
    ("year", lazy("This year")),
)
BEFORE, YEAR, NONE = "before", "year", "none"
COMPARED = (
    (BEFORE, lazy("The time before")),
    (YEAR, lazy("The same a year ago")),
    (NONE, lazy("Nothing")),
)


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, both included."""

    first: dt.date
    last: dt.date
    chosen: str = ""
    """Which of the choices it is; empty: dates of one's own."""

    @property
    def period(self) -> Period:
        """The same as instants."""
        return company_days.between(self.first, self.last)

    @property
    def days(self) -> int:
        """How many."""
        return (self.last - self.first).days + 1

    @property
    def query(self) -> dict[str, str]:
        """The same in an address."""
        return {"from": self.first.isoformat(), "to": self.last.isoformat()}

    def words(self) -> str:
        """“1 to 30 Nov 2026”."""
        end = f"{self.last.day} {self.last:%b %Y}"
        if self.first == self.last:
            return end
        same = (self.first.year, self.first.month) == (self.last.year, self.last.month)
        begin = f"{self.first.day}" if same else f"{self.first.day} {self.first:%b}"
        if self.first.year != self.last.year:
            begin = f"{begin} {self.first.year}"
        return _("{begin} to {end}").format(begin=begin, end=end)


def read(query: Mapping[str, str], *, now: dt.datetime) -> Span:
    """The days an address asks for. Raises InvalidInput naming `period`, `from` or `to`."""
    if query.get("from") or query.get("to"):
        zone = company_days.zone()
        told = periods.read(query.get("from", ""), query.get("to", ""), now=now, zone=zone)
        return Span(
            company_days.of(told.start), company_days.of(told.end - dt.timedelta.resolution)
        )
    chosen = query.get("period") or query.get("days") or USUAL
    today = company_days.of(now)
    if chosen.isdecimal() and chosen in dict(CHOICES):
        return Span(today - DAY * (int(chosen) - 1), today, chosen)
    if chosen not in dict(CHOICES):
        known = ", ".join(key for key, _label in CHOICES)
        message = _("“{chosen}” is no period; use one of {known}, or from and to.").format(
            chosen=chosen[:40], known=known
        )
        raise errors.InvalidInput(message, errors=[FieldError("period", message, "choice")])
    return _named(chosen, today)


def _named(chosen: str, today: dt.date) -> Span:
    month = today.replace(day=1)
    quarter = month.replace(month=3 * ((month.month - 1) // 3) + 1)
    begins = {"month": month, "quarter": quarter, "year": today.replace(month=1, day=1)}
    if chosen in begins:
        return Span(begins[chosen], today, chosen)
    end, months = (month, 1) if chosen == "last-month" else (quarter, 3)
    return Span(_months_on(end, -months), end - DAY, chosen)


def compared(query: Mapping[str, str]) -> str:
    """What to hold it against. Raises InvalidInput for what is no choice."""
    chosen = query.get("compare") or BEFORE
    if chosen not in dict(COMPARED):
        known = ", ".join(key for key, _label in COMPARED)
        message = _("“{chosen}” is nothing to compare with; use one of {known}.").format(
            chosen=chosen[:40], known=known
        )
        raise errors.InvalidInput(message, errors=[FieldError("compare", message, "choice")])
    return chosen


def beside(span: Span, chosen: str) -> Span | None:
    """The days it is held against: whole months against as many before, others against as many
    days before, or the same dates a year ago.
    """
    if chosen == NONE:
        return None
    if chosen == YEAR:
        return Span(_months_on(span.first, -12), _months_on(span.last, -12))
    after = span.last + DAY
    if span.first.day == after.day == 1:
        months = 12 * (after.year - span.first.year) + after.month - span.first.month
        return Span(_months_on(span.first, -months), span.first - DAY)
    return Span(span.first - DAY * span.days, span.first - DAY)


def _months_on(day: dt.date, months: int) -> dt.date:
    """The same day some months on; the last of a month that is shorter."""
    place = 12 * day.year + day.month - 1 + months
    first = dt.date(place // 12, place % 12 + 1, 1)
    following = dt.date((place + 1) // 12, (place + 1) % 12 + 1, 1)
    return min(first + DAY * (day.day - 1), following - DAY)


def trend(span: Span, *, by_week: bool = True) -> tuple[str, Span]:
    """By what its course is told, and over which days: weeks, at least twelve; of long ones months.

    It begins with a whole week or month, so that no point is of a part of one but the last.
    """
    if by_week and span.days <= 26 * 7:
        first = min(span.first, span.last - DAY * (12 * 7 - 1))
        return "week", Span(first - DAY * first.weekday(), span.last)
    return "month", Span(min(span.first, _months_on(span.last, -11)).replace(day=1), span.last)
