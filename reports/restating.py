"""What was put right after the fact: each row written after an instant, and what it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Generic, TypeVar

from django.conf import settings
from django.db.models import Q

from core.texts import _
from leads.models import SourceCategory
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


def late_within(
    model: type[Row], period: Period, zone: dt.tzinfo = dt.UTC
) -> list[Restatement[Row]]:
    """The rows written in a period when their days, or those of the row before, were long over.

    Their deltas are of the whole entries.
    """
    rows = model._default_manager.filter(recorded_at__gte=period.start, recorded_at__lt=period.end)
    people = ("rep", "team") if model is QuotaEntry else ()
    rows = rows.select_related("by", "replaces", *people).order_by("recorded_at", "pk")
    told = [_told(row, statements.before(row), _whole, dt.date.max, zone) for row in rows]
    return [one for one in told if one.late]


def in_words(one: Restatement[Row], zone: dt.tzinfo = dt.UTC) -> str:
    """Such as “Corrected on 3 May by Fiona: +1,200 EUR for Paid, because the invoice came”."""
    at = one.at.astimezone(zone)
    told = _("{done} on {day} by {who}: {change} for {whom}").format(
        done=one.kind.label,
        day=f"{at.day} {at:%b}",
        who=one.by or _("the worker"),
        change=_("an amount without a rate")
        if one.delta is None
        else f"{one.delta:+,.2f}".removesuffix(".00") + f" {settings.BASE_CURRENCY}",
        whom=_whom(one.entry),
    )
    return (
        f"{told}, {_('because')} {one.reason}" if one.reason not in ("", statements.BACK) else told
    )


def _whom(entry: Statement) -> str:
    """What a statement is about, in words."""
    if isinstance(entry, QuotaEntry):
        return quotas.party_name(entry)
    return str(SourceCategory(entry.source).label)  # type: ignore[attr-defined]


def _whole(entry: Statement) -> Decimal | None:
    """What an entry is worth altogether, in the base currency."""
    worth: Decimal | None = (
        entry.amount_base if isinstance(entry, CostEntry) else entry.amount  # type: ignore[attr-defined]
    )
    return worth


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
