"""How long customers stay: periods from their logs, and cohorts by the month they were won in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from leads.models import Customer, CustomerStep

ACTIVE = Customer.Status.ACTIVE
KIND = CustomerStep.Kind
MOVING = (KIND.BECAME, KIND.CHURNED, KIND.WITHDRAWN, KIND.TAKEN_BACK)


@dataclass(frozen=True, slots=True)
class Period:
    """A company was a customer from an instant to another; `until` is empty while it is one."""

    customer: int
    since: dt.datetime
    until: dt.datetime | None

    def covers(self, at: dt.datetime) -> bool:
        """Whether it was a customer at that instant."""
        return self.since <= at and (self.until is None or at < self.until)


@dataclass(frozen=True, slots=True)
class Cohort:
    """Customers won in one month (UTC), and how many of them were customers n months later.

    `staying[n]` counts at the end of the n-th month after it; months that are not over are left
    out, so that every figure stands.
    """

    month: dt.date
    customers: int
    staying: tuple[int, ...]


def periods() -> list[Period]:
    """Every period of every customer, by customer and time; what was taken back counts nowhere.

    Two queries.
    """
    undone = {
        (customer, told["undone"])
        for customer, told in CustomerStep.objects.filter(kind=KIND.TAKEN_BACK).values_list(
            "customer_id", "because"
        )
        if "undone" in told
    }
    rows = CustomerStep.objects.filter(kind__in=MOVING).order_by("customer_id", "sequence")
    steps = rows.values_list("customer_id", "sequence", "kind", "at")
    return [
        period
        for customer, own in groupby(steps.iterator(), key=lambda row: row[0])
        for period in _of(customer, [row for row in own if (customer, row[1]) not in undone])
    ]


def cohorts(now: dt.datetime, *, months: int = 12) -> list[Cohort]:
    """The cohorts of the last `months` months that have any customers, oldest first."""
    first: dict[int, list[Period]] = {}
    for period in periods():
        first.setdefault(period.customer, []).append(period)
    by_month: dict[dt.date, list[list[Period]]] = {}
    for own in first.values():
        by_month.setdefault(own[0].since.date().replace(day=1), []).append(own)
    oldest = _later(now.date().replace(day=1), 1 - months)
    return [
        Cohort(month, len(members), tuple(_staying(members, month, now)))
        for month, members in sorted(by_month.items())
        if month >= oldest
    ]


def _of(customer: int, steps: Iterable[Sequence[Any]]) -> Iterator[Period]:
    """The periods that a customer's own steps make; withdrawn ones never were."""
    since: dt.datetime | None = None
    for _, _, kind, at in steps:
        if kind == KIND.BECAME and since is None:
            since = at
        elif kind == KIND.CHURNED and since is not None:
            yield Period(customer, since, at)
            since = None
        elif kind == KIND.WITHDRAWN:
            since = None
    if since is not None:
        yield Period(customer, since, None)


def _staying(members: list[list[Period]], month: dt.date, now: dt.datetime) -> Iterator[int]:
    after = _later(month, 1)
    while (end := dt.datetime.combine(after, dt.time(), dt.UTC)) <= now:
        yield sum(any(one.covers(end) for one in own) for own in members)
        after = _later(after, 1)


def _later(month: dt.date, count: int) -> dt.date:
    years, place = divmod(month.month - 1 + count, 12)
    return month.replace(year=month.year + years, month=place + 1)
