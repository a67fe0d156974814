"""Parts of a score as rows: read with the behaviours they count, and written; and as records.

A row is what a rule is worth by now; a record keeps what all of them were from an instant on.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Mapping
from typing import Any

from core import made, steps
from leads.models import Lead, ScorePart, ScoreRecord, Signal
from leads.scoring import Part, Shown

COLUMNS = (
    "category", "value", "at", "half_life_days", "cap", "within_days", "signal", "kit",
)  # fmt: skip
"""What changes of a row when its part is written."""


def of_lead(lead_id: int) -> list[Part]:
    """The parts of one lead's score. One query, two where a rule has a window."""
    return parts_of(lead_id).read()


@steps.in_steps
def parts_of(lead_id: int) -> steps.Story[list[Part]]:
    """As `of_lead`, asked with others."""
    rows = ScorePart.objects.filter(lead_id=lead_id).order_by("rule")
    yield [rows]
    kinds = {row.signal for row in rows if row.signal}
    signals = Signal.objects.filter(lead_id=lead_id, kind__in=kinds)
    shown = signals.values_list("kind", "occurred_at")
    yield [shown]
    return [part(row, shown) for row in rows]


def part(row: ScorePart, signals: Iterable[Shown]) -> Part:
    """A stored part as scoring adds it up; `signals` are the behaviours of its lead."""
    instants: tuple[dt.datetime, ...] = ()
    if row.within_days is not None:
        instants = (row.at,)
        if row.signal:
            instants = tuple(sorted(at for kind, at in signals if kind == row.signal))
    return Part(
        row.rule, row.category, row.value, row.at, row.half_life_days, row.cap, row.within_days,
        row.signal, instants,
    )  # fmt: skip


def new(lead: Lead, rule: str) -> ScorePart:
    """A row for the part of a rule, to be written."""
    return made.row(ScorePart, lead=lead, rule=rule)


def write(row: ScorePart, part: Part, *, kit: int) -> bool:
    """Have the row say what the part says, by this kit; whether anything changed.

    Sums that differ by the order they were added in alone are the same.
    """
    if _said(row) == _says(part) and math.isclose(row.value, part.value, rel_tol=1e-9):
        return False
    row.category, row.value, row.at = part.category, part.value, part.at
    row.half_life_days, row.cap = part.half_life_days, part.cap
    row.within_days, row.signal, row.kit_id = part.within_days, part.signal, kit
    return True


def empty(row: ScorePart, *, kit: int, now: dt.datetime) -> bool:
    """Have the row be worth nothing: its rule is met no more; whether anything changed."""
    if not row.value:
        return False
    row.value, row.at, row.kit_id = 0.0, now, kit
    return True


def _said(row: ScorePart) -> tuple[object, ...]:
    return (row.category, row.at, row.half_life_days, row.cap, row.within_days, row.signal)


def _says(part: Part) -> tuple[object, ...]:
    return (part.category, part.at, part.half_life_days, part.cap, part.within_days, part.signal)


@steps.in_steps
def as_of(lead_id: int, at: dt.datetime) -> steps.Story[tuple[int | None, list[Part]]]:
    """The parts that made a lead's score at a past instant, and under which kit (its id).

    Without a record from before there were none: None and no parts. One query.
    """
    records = ScoreRecord.objects.filter(lead_id=lead_id, at__lte=at)
    last = records.order_by("-at", "-id")[:1]
    yield [last]
    return (last[0].kit_id, from_document(last[0].parts)) if last else (None, [])


def document(parts: Iterable[Part]) -> dict[str, Any]:
    """Parts as records keep them; those worth nothing are left out."""
    return {
        one.rule: {
            "category": one.category,
            "value": one.value,
            "at": one.at.isoformat(),
            **{name: getattr(one, name) for name in _RARE if getattr(one, name)},
            **({"instants": [at.isoformat() for at in one.instants]} if one.instants else {}),
        }
        for one in parts
        if one.value
    }


def from_document(kept: Mapping[str, Mapping[str, Any]]) -> list[Part]:
    """The parts of a record, in the order of their rules."""
    return [
        Part(
            rule=rule,
            category=one["category"],
            value=one["value"],
            at=dt.datetime.fromisoformat(one["at"]),
            half_life_days=one.get("half_life_days"),
            cap=one.get("cap"),
            within_days=one.get("within_days"),
            signal=one.get("signal", ""),
            instants=tuple(map(dt.datetime.fromisoformat, one.get("instants", ()))),
        )
        for rule, one in sorted(kept.items())
    ]


_RARE = ("half_life_days", "cap", "within_days", "signal")
