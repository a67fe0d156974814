"""What was put right after the fact: each row written after an instant, and what it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from django.db.models import Q

from people.models import User
from reports import costs, quotas, spreading, statements
from reports.models import CostEntry, QuotaEntry
from reports.models.statement import Kind, Statement
from reports.periods import Period

Row = TypeVar("Row", bound=Statement)
NOUGHT = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Restatement(Generic[Row]):
    """One row written after an instant: who, when, why, and by how much a period changed.

    `delta` is in the base currency, None where the worth before or after is not known. `late`
    says that the span, or the period, and the days of grace were over by then.
    """

    entry: Row
    before: Row | None
    delta: Decimal | None
    late: bool

    @property
    def at(self) -> dt.datetime:
        """When it was written down."""
        return self.entry.recorded_at

    @property
    def by(self) -> User | None:
        """Who did it; None for the worker."""
        return self.entry.by

    @property
    def kind(self) -> Kind:
        """What was done."""
        return Kind(self.entry.kind)

    @property
    def reason(self) -> str:
        """Why; empty for what was entered anew."""
        return self.entry.reason


def restated_since(
    at: dt.datetime, period: Period, *, zone: dt.tzinfo = dt.UTC, source: str = ""
) -> list[Restatement[CostEntry]]:
    """What was entered, changed or withdrawn of costs after an instant, for a period.

    The deltas add up to the difference between what is known now and what was known then.
    """
    first, last = costs.days_of(period, zone)
    touching = _touching(first, last)
    rows = CostEntry.objects.filter(touching, recorded_at__gt=at)
    if source:
        rows = rows.filter(Q(source=source) | Q(replaces__source=source))
    rows = rows.select_related("by", "replaces").order_by("recorded_at", "pk")

    def share(entry: CostEntry) -> Decimal | None:
        if source and entry.source != source:
            return NOUGHT
        return costs.share_of(entry, period, zone)

    return [_told(row, statements.before(row), share, last, zone) for row in rows]


def quotas_restated_since(
    at: dt.datetime, period: Period, *, zone: dt.tzinfo = dt.UTC
) -> list[Restatement[QuotaEntry]]:
    """What was set, changed or withdrawn of quotas after an instant, for a period."""
    first, last = costs.days_of(period, zone)
    rows = QuotaEntry.objects.filter(_touching(first, last), recorded_at__gt=at)
    rows = rows.select_related("by", "replaces", "rep", "team").order_by("recorded_at", "pk")

    def share(entry: QuotaEntry) -> Decimal | None:
        return quotas.share_of(entry, period, zone)

    return [_told(row, statements.before(row), share, last, zone) for row in rows]


def _touching(first: dt.date, last: dt.date) -> Q:
    return costs.touching(first, last) | Q(
        replaces__first_day__lte=last, replaces__last_day__gte=first
    )


def _told(
    row: Row,
    before: Row | None,
    share: Callable[[Row], Decimal | None],
    last: dt.date,
    zone: dt.tzinfo,
) -> Restatement[Row]:
    now = NOUGHT if row.withdrawn else share(row)
    then = NOUGHT if before is None or before.withdrawn else share(before)
    delta = None if now is None or then is None else now - then
    ends = min(row.last_day, before.last_day if before is not None else row.last_day, last)
    return Restatement(row, before, delta, spreading.is_late(ends, row.recorded_at, zone))
