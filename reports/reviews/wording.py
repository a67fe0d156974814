"""Figures of a review in words, the same on the page and in the pack. Pure."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core import phrases

DASH = "\N{EN DASH}"
MINUS = "\N{MINUS SIGN}"
READ = frozenset({"text", "lines", "instant"})
"""Units of columns that are read, not compared by their digits."""


def cell(value: Any, unit: str) -> str:
    """One value as its column's unit says: `62.5 %`, `3 h 20 min`, `2026-10-05 09:30 UTC`."""
    if value is None or value == "":
        return DASH
    if isinstance(value, str):
        return moment(value) if unit == "instant" else value
    if unit == "share":
        return f"{100 * value:.1f} %"
    if unit == "seconds":
        return phrases.span(dt.timedelta(seconds=float(value)))
    return number(value)


def number(value: float) -> str:
    """Thousands apart, two decimals at most, a real minus."""
    told = f"{value:,.0f}" if float(value).is_integer() else f"{value:,.2f}".rstrip("0")
    return told.replace("-", MINUS)


def moment(iso: str) -> str:
    """An instant as it is kept, for people: in UTC, so that it is the same for everybody."""
    at = dt.datetime.fromisoformat(iso).astimezone(dt.UTC)
    return f"{at:%Y-%m-%d %H:%M} UTC"
