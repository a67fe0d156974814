"""What a statement of costs or quotas may say: days, amounts, texts. Pure; returns every fault."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from core.errors import FieldError
from core.texts import _

CENT = Decimal("0.01")
MOST = Decimal(10) ** 14
"""Amounts stay below it, so that their worth in another currency has room."""
LONGEST = dt.timedelta(days=366)
EARLIEST = dt.date(2000, 1, 1)
LATEST = dt.date(2100, 1, 1)


def faults(first: dt.date, last: dt.date) -> list[FieldError]:
    """What is wrong with a span of days, both included."""
    if not EARLIEST <= first < LATEST:
        return [FieldError("first_day", _("This day is out of range: use one from 2000 to 2099."))]
    if not EARLIEST <= last < LATEST:
        return [FieldError("last_day", _("This day is out of range: use one from 2000 to 2099."))]
    if last < first:
        return [FieldError("last_day", _("The last day must not lie before the first."))]
    if last - first >= LONGEST:
        return [FieldError("last_day", _("A span is a year at most: split a longer one."))]
    return []


def faults_of_amount(field: str, amount: Decimal) -> list[FieldError]:
    """What is wrong with an amount of money."""
    if not amount.is_finite() or abs(amount) >= MOST:
        return [FieldError(field, _("This amount is out of range."))]
    if amount < 0:
        told = _("An amount is not below 0: for money that came back, correct the entry it is of.")
        return [FieldError(field, told)]
    if amount != amount.quantize(CENT):
        return [FieldError(field, _("Amounts have two digits after the point at most."))]
    return []


def faults_of_texts(texts: Mapping[str, tuple[str, int]]) -> list[FieldError]:
    """Which texts are too long, or hold what no text may."""
    found = []
    for field, (text, most) in texts.items():
        if len(text) > most:
            told = _("Use {most} characters at most.").format(most=most)
            found.append(FieldError(field, told))
        elif "\x00" in text:
            found.append(FieldError(field, _("This text holds a sign that cannot be stored.")))
    return found
