"""Costs and quotas in words: spans, amounts, marks, and what a row changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings

from core.texts import _, lazy, plural
from leads.models import Channel, SourceCategory
from reports import quotas, spreading, statements
from reports.models import CostEntry, QuotaEntry
from reports.models.statement import Kind, Statement, Via
from web.console import words

KINDS = {
    Kind.ENTERED: (lazy("Entered"), "plus"),
    Kind.CORRECTED: (lazy("Corrected"), "pencil"),
    Kind.WITHDRAWN: (lazy("Withdrawn"), "x-circle"),
    Kind.UNDONE: (lazy("Taken back"), "undo"),
    Kind.VALUED: (lazy("Valued by a rate entered later"), "coin"),
}
VIAS = {Via.PAGE: "", Via.FILE: lazy("from a file"), Via.API: lazy("by the API")}
SOURCES: dict[str, str] = {key: lazy(label) for key, label in SourceCategory.choices}
CHANNELS: dict[str, str] = {key: lazy(label) for key, label in Channel.choices}
COST_LABELS = {
    "first_day": lazy("First day"),
    "last_day": lazy("Last day"),
    "source": lazy("Source"),
    "channel": lazy("Channel"),
    "campaign": lazy("Campaign"),
    "label": lazy("Vendor or purpose"),
    "amount": lazy("Amount"),
    "currency": lazy("Currency"),
    "amount_base": lazy("Worth"),
    "external_id": lazy("Invoice or booking number"),
    "note": lazy("Note"),
}
QUOTA_LABELS = {
    "party": lazy("Whose"),
    "first_day": lazy("First day"),
    "last_day": lazy("Last day"),
    "amount": lazy("Amount"),
    "deals": lazy("Opportunities to win"),
    "sqls": lazy("SQLs to reach"),
    "external_id": lazy("Number elsewhere"),
    "note": lazy("Note"),
}


@dataclass(frozen=True, slots=True)
class Mark:
    """Something to know of an entry, as icon, word and colour."""

    text: str
    icon: str
    tone: str


def span(first: dt.date, last: dt.date) -> str:
    """Such as October 2026, Q4 2026, 2026 or 3 – 17 Oct 2026."""
    if first.day == 1 and last == spreading.last_of_month(last):
        whole = (last.year - first.year) * 12 + last.month - first.month + 1
        if whole == 1:
            return f"{first:%B %Y}"
        if whole == 3 and first.month % 3 == 1:
            return f"Q{(first.month + 2) // 3} {first.year}"
        if whole == 12 and first.month == 1:
            return str(first.year)
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day} – {last.day} {last:%b %Y}"
    begin = f"{first.day} {first:%b}" if first.year == last.year else day(first)
    return f"{begin} – {day(last)}"


def day(one: dt.date) -> str:
    """Such as 3 Oct 2026."""
    return f"{one.day} {one:%b %Y}"


def money(amount: Decimal | None, currency: str = "") -> str:
    """Such as 12,500 EUR; a dash where it is not known."""
    if amount is None:
        return words.DASH
    return f"{amount:,.2f}".removesuffix(".00") + f" {currency or settings.BASE_CURRENCY}"


def change(amount: Decimal | None) -> str:
    """Such as +1,200 EUR."""
    if amount is None:
        return words.DASH
    return ("+" if amount > 0 else "") + money(amount)


def worth(entry: CostEntry) -> str:
    """What it is worth in the base currency, or why that is not known; empty if it is in it."""
    if entry.amount_base is None:
        return _("no rate for {currency}").format(currency=entry.currency)
    return "" if entry.currency == settings.BASE_CURRENCY else money(entry.amount_base)


def marks(entry: Statement) -> tuple[Mark, ...]:
    """What people should know before they trust the number."""
    found = []
    if entry.withdrawn:
        found.append(Mark(_("Withdrawn"), "x-circle", "none"))
    if isinstance(entry, CostEntry) and entry.amount_base is None:
        told = _("No rate for {currency}").format(currency=entry.currency)
        found.append(Mark(told, "alert", "late"))
    if spreading.is_late(entry.last_day, entry.recorded_at):
        found.append(Mark(_("Late"), "alarm", "warn"))
    if entry.version > 1:
        found.append(Mark(plural(entry.version - 1, "change"), "repeat", "info"))
    return tuple(found)


def changes(row: Statement) -> list[str]:
    """What a row says otherwise than the one before it, field by field."""
    before = statements.before(row)
    if before is None or row.kind == Kind.WITHDRAWN:
        return []
    labels = COST_LABELS if isinstance(row, CostEntry) else QUOTA_LABELS
    told = []
    for name, label in labels.items():
        old, new = value(before, name), value(row, name)
        if old != new:
            told.append(
                _("{label}: {old} → {new}").format(
                    label=label, old=old or words.DASH, new=new or words.DASH
                )
            )
    return told


def value(entry: Statement, name: str) -> str:
    """One field of an entry in words; empty where nothing is said."""
    shown: dict[str, Callable[[Any], str]] = {
        "source": lambda one: str(SOURCES[one.source]),
        "channel": lambda one: str(CHANNELS[one.channel]) if one.channel else "",
        "party": quotas.party_name,
        "first_day": lambda one: day(one.first_day),
        "last_day": lambda one: day(one.last_day),
        "amount": lambda one: money(one.amount, getattr(one, "currency", "")),
        "amount_base": worth,
    }
    if name in shown:
        return shown[name](entry)
    said = getattr(entry, name)
    return f"{said:,}" if isinstance(said, int) else str(said or "")


def counts(entry: QuotaEntry) -> str:
    """Such as 9 opportunities · 30 SQLs."""
    told = []
    if entry.deals is not None:
        told.append(plural(entry.deals, "opportunity", "opportunities"))
    if entry.sqls is not None:
        told.append(plural(entry.sqls, "SQL"))
    return " · ".join(told)
