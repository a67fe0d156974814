"""What sources cost: which entries count, what of them falls into a period. Reads only."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Q, QuerySet

from reports import spreading, statements
from reports.models import CostEntry
from reports.periods import Period

SLICES: dict[str, Callable[[CostEntry], str]] = {
    "source": lambda entry: entry.source,
    "channel": lambda entry: entry.channel,
    "campaign": lambda entry: entry.campaign,
}
NOUGHT = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Spent:
    """What was spent in a period, in the base currency.

    `unvalued` are the numbers of entries that no rate is known for: they are missing in `amount`.
    `late` are those that were entered, or put right, when their span was long over.
    """

    amount: Decimal = NOUGHT
    entries: tuple[int, ...] = ()
    unvalued: tuple[int, ...] = ()
    late: tuple[int, ...] = ()


def entries_as_of(known: dt.datetime | None = None) -> QuerySet[CostEntry]:
    """The entries that count, or that counted by what was known at an instant."""
    return statements.as_of(CostEntry, known)


def share_of(entry: CostEntry, period: Period, zone: dt.tzinfo = dt.UTC) -> Decimal | None:
    """What of an entry falls into a period, in the base currency; None without a rate.

    Exact to the cent over the whole: see `spreading.share`.
    """
    if entry.amount_base is None:
        return None
    return spreading.share(entry.amount_base, entry.first_day, entry.last_day, period, zone)


def within(
    rows: QuerySet[CostEntry], period: Period, zone: dt.tzinfo = dt.UTC
) -> QuerySet[CostEntry]:
    """Those whose span has a day in a period."""
    first, last = days_of(period, zone)
    return rows.filter(touching(first, last))


def touching(first: dt.date, last: dt.date) -> Q:
    """That a span has a day among these."""
    return Q(first_day__lte=last, last_day__gte=first)


def days_of(period: Period, zone: dt.tzinfo = dt.UTC) -> tuple[dt.date, dt.date]:
    """The first and the last day that a period touches."""
    last = (period.end - dt.timedelta(microseconds=1)).astimezone(zone).date()
    return period.start.astimezone(zone).date(), last


def spent(
    period: Period,
    *,
    by: str = "source",
    zone: dt.tzinfo = dt.UTC,
    known: dt.datetime | None = None,
) -> dict[str, Spent]:
    """What was spent in a period by source, channel or campaign; by what was known at an instant.

    A key that is missing has no entry at all: nothing is known of its cost, which is not nought.
    """
    rows = within(entries_as_of(known), period, zone)
    return summed(rows, period, key=SLICES[by], zone=zone)


def summed(
    entries: Iterable[CostEntry],
    period: Period,
    *,
    key: Callable[[CostEntry], str],
    zone: dt.tzinfo = dt.UTC,
) -> dict[str, Spent]:
    """The shares of entries in a period, by a key of theirs."""
    found: dict[str, list[tuple[CostEntry, Decimal | None]]] = defaultdict(list)
    for entry in entries:
        found[key(entry)].append((entry, share_of(entry, period, zone)))
    return {
        one: Spent(
            sum((share for _, share in rows if share is not None), NOUGHT),
            tuple(sorted(entry.number for entry, _ in rows)),
            tuple(sorted(entry.number for entry, share in rows if share is None)),
            tuple(sorted(entry.number for entry, _ in rows if is_late(entry, zone))),
        )
        for one, rows in found.items()
    }


def is_late(entry: CostEntry, zone: dt.tzinfo = dt.UTC) -> bool:
    """Whether it was written down when its span and the days of grace were over."""
    return spreading.is_late(entry.last_day, entry.recorded_at, zone)


def day_of_rate(last_day: dt.date, now: dt.datetime) -> dt.date:
    """The day whose rate counts: the last one of the span, of one that goes on today (UTC)."""
    return min(last_day, now.astimezone(dt.UTC).date())


def unvalued() -> QuerySet[CostEntry]:
    """The entries that count and whose worth is not known."""
    return entries_as_of().filter(amount_base=None)
