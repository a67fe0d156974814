"""What a report's slice may be kept to: a value that none of its rows can have is no answer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from core.errors import FieldError
from leads.models import Channel, SourceCategory
from leads.stages import Stage
from reports.clock_cuts import PROOFS, SCOPES
from reports.facts.cubes import STEPS
from web.api.filters import BadFilter

NUMBERS = ("rep", "team", "kit", "by")
DAYS = ("day", "week", "month")
CHOICES: dict[str, Iterable[str]] = {
    "channel": Channel.values,
    "source": SourceCategory.values,
    "stage": [one.value for one in Stage],
    "proof": [one for one in PROOFS if one],
    "scope": SCOPES,
    "step": STEPS,
}


def require_possible(key: str, value: str) -> str:
    """The value. Raises BadFilter where no row can have it; empty stands for rows without one."""
    fault = _fault(key, value) if value else ""
    if fault:
        raise BadFilter(f"{key}: {fault}", errors=[FieldError(key, fault, "choice")])
    return value


def _fault(key: str, value: str) -> str:
    if not value.isprintable():
        return "This is no value of it."
    if key in NUMBERS and not (value.isascii() and value.isdigit() and len(value) < 19):
        return f"“{value[:40]}” is no number; take the key of a row of this report."
    if key in DAYS:
        try:
            dt.date.fromisoformat(value)
        except ValueError:
            return f"“{value[:40]}” is no day; write one as 2026-11-02."
    if value not in CHOICES.get(key, [value]):
        return f"“{value[:40]}” is none of {', '.join(CHOICES[key])}."
    return ""
