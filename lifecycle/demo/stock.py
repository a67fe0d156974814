"""What the demo company sells, and the exchange rates of its currencies."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from decimal import Decimal

from django.db import models

from leads.models import ExchangeRate, Product

SEAT, REPORTS, START = "desk_seat", "reports", "quick_start"
PRICES = {SEAT: 900, REPORTS: 4_800, START: 3_500}
PRODUCTS = (
    (SEAT, "Norrlund Desk, seat and year", "Desk Seat"),
    (REPORTS, "Norrlund Reports, year", "Reporting add-on"),
    (START, "Quick start", "Onboarding"),
)
"""Key, name, and what the books call it."""
RATES = {"GBP": "1.17", "USD": "0.92", "CHF": "1.05", "CAD": "0.67"}
EVERY = timedelta(days=25)
"""How often a rate is entered; one holds for a month."""
MOVES = ("0", "0.006", "-0.004", "0.009", "0.002")


def make(*, since: datetime, now: datetime) -> None:
    """Products and rates, as RevOps keeps them from the first day on."""
    for key, name, other in PRODUCTS:
        price = Decimal(PRICES[key])
        product = Product(key=key, name=name, also_called=other, list_price=price, currency="EUR")
        _keep(product, since)
    day = since.date()
    for move in itertools.cycle(MOVES):
        for currency, usual in RATES.items():
            rate = ExchangeRate(currency=currency, day=day, rate=Decimal(usual) + Decimal(move))
            rate.source = "Month's average"
            _keep(rate, since)
        day += EVERY
        if day > now.date():
            return


def _keep(row: models.Model, at: datetime) -> None:
    row._history_date = at  # type: ignore[attr-defined]  # what simple-history reads
    row.save()
