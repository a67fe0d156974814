"""Money in the base currency: which rate holds on a day, and what an opportunity is worth by it."""

from __future__ import annotations

import bisect
import datetime as dt
from collections.abc import Callable
from decimal import Decimal

from django.conf import settings

from governance import selectors as kits
from leads.ledger import Ledger
from leads.models import ExchangeRate, Opportunity

KEEPS = dt.timedelta(days=31)
"""So long a rate holds where none follows it; an older one says nothing of the day."""
FILLED = "A rate was entered"
"""Why the value of an opportunity changed that nobody touched."""
COLUMNS = ("amount_base", "rate", "rate_date")
CENT = Decimal("0.01")
MOST = Decimal(10) ** 16


class Rates:
    """The rates that one act needs; one query for each other currency, whatever the amounts."""

    def __init__(self, ledger: Ledger | None = None) -> None:
        self._known: dict[str, tuple[list[dt.date], list[Decimal]]] = {}

    def on(self, currency: str, day: dt.date) -> tuple[Decimal, dt.date] | None:
        """The newest rate on or before a day, with the day it is of; None where there is none."""
        if currency == settings.BASE_CURRENCY:
            return Decimal(1), day
        days, rates = self._of(currency)
        place = bisect.bisect_right(days, day) - 1
        if place < 0 or day - days[place] > KEEPS:
            return None
        return rates[place], days[place]

    def _of(self, currency: str) -> tuple[list[dt.date], list[Decimal]]:
        if currency not in self._known:
            rows = ExchangeRate.objects.filter(currency=currency).order_by("day")
            found = list(rows.values_list("day", "rate"))
            self._known[currency] = ([day for day, _ in found], [rate for _, rate in found])
        return self._known[currency]


def value(deal: Opportunity, day: dt.date, rates: Rates, *, by_hand: Decimal | None = None) -> None:
    """Set what the amount is worth in the base currency by the rate of a day, or one said by hand.

    Without a rate nothing is known of it: all three columns are empty, and pages say so.
    """
    deal.amount_base = deal.rate = deal.rate_date = None
    if deal.amount is None:
        return
    found = (by_hand, day) if by_hand is not None else rates.on(deal.currency, day)
    known = worth(Decimal(deal.amount), found)
    if known is not None:
        deal.amount_base, deal.rate, deal.rate_date = known


def worth(
    amount: Decimal, found: tuple[Decimal, dt.date] | None
) -> tuple[Decimal, Decimal, dt.date] | None:
    """An amount by a rate that was found: its worth, the rate and its day; None without one."""
    if found is None:
        return None
    base = (amount * found[0]).quantize(CENT)
    return (base, *found) if base < MOST else None


def missing(deal: Opportunity, now: dt.datetime | None = None) -> str:
    """What pages say of an amount of which the base value is unknown; empty where it is known.

    Of one that is open it names the day of `now`, where that is given.
    """
    if deal.amount is None or deal.amount_base is not None:
        return ""
    at = deal.closed_at or now
    return f"no rate for {deal.currency}" + (f" on {at.day} {at:%b}" if at is not None else "")


def day_of(deal: Opportunity, now: dt.datetime) -> dt.date:
    """The day whose rate counts: that of its end, else today (UTC)."""
    return (deal.closed_at or now).date()


Fill = Callable[[str, int | None, dt.datetime], object]
FURTHER: list[Fill] = []


def also(fill: Fill) -> None:
    """Have this called when a rate was entered, too. For apps above, from their `ready()`."""
    if fill not in FURTHER:
        FURTHER.append(fill)


def fill(currency: str, *, by_id: int | None, now: dt.datetime) -> int:
    """Value the opportunities in a currency for which there was no rate; returns how many.

    What has a value keeps it, with the rate and day it was computed by.
    """
    for further in FURTHER:
        further(currency, by_id, now)
    rows = Opportunity.objects.filter(
        currency=currency, amount__isnull=False, amount_base__isnull=True
    )
    deals = list(rows.order_by("pk").select_for_update(no_key=True))
    if not deals:
        return 0
    ledger = Ledger(kit=kits.active_kit(), now=now, actor="user", by_id=by_id, reason=FILLED)
    rates = Rates()
    for deal in deals:
        value(deal, day_of(deal, now), rates)
    known = [deal for deal in deals if deal.amount_base is not None]
    for deal in known:
        ledger.change(deal, *COLUMNS)
    ledger.flush()
    return len(known)
