"""Leads with a score as it stood at one moment, and what became of them.

Scores of the past are read from the records of what they were made of, so nothing that came after
the moment is known to them. Every number is of the newest leads of a period, `MOST` of them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from django.db.models import (
    DateTimeField,
    Exists,
    F,
    IntegerField,
    JSONField,
    OuterRef,
    QuerySet,
    Subquery,
)

from governance import selectors as kits
from leads import score_rows, scoring
from leads.models import Lead, LeadEvent, ScoreRecord
from leads.scoring import Part
from leads.stages import Stage
from reports import measures
from reports.cohort import Cut
from reports.ranking import Case

MOST = 10_000


class Moment(StrEnum):
    """As of when a score is looked at."""

    ENTRY = "entry"
    QUALIFIED = "qualified"
    NOW = "now"


class Outcome(StrEnum):
    """What is hoped for of a lead."""

    ACCEPTED = "accepted"
    CONVERTED = "converted"
    WON = "won"


@dataclass(frozen=True, slots=True)
class Scored:
    """One lead: what its score was made of at an instant, its points then, and what became of it.

    `accepted` is None where Sales has not decided yet; `kit` is the id of the version that scored.
    """

    lead: int
    slice: Any
    stage: str
    at: dt.datetime
    kit: int | None
    parts: tuple[Part, ...]
    points: float
    accepted: bool | None
    converted: bool
    won: bool

    def came_to(self, outcome: Outcome) -> bool | None:
        """Whether it came to it; None where that is not decided."""
        return {
            Outcome.ACCEPTED: self.accepted,
            Outcome.CONVERTED: self.converted,
            Outcome.WON: self.won,
        }[outcome]


@dataclass(frozen=True, slots=True)
class Sample:
    """The newest leads of a period with their scores, of `leads` that there are."""

    moment: Moment
    leads: int
    scored: tuple[Scored, ...]

    def cases(self, outcome: Outcome) -> list[Case]:
        """See `cases`."""
        return cases(self.scored, outcome)

    @property
    def kits(self) -> tuple[int, ...]:
        """Ids of the versions that scored them."""
        return tuple(sorted({one.kit for one in self.scored if one.kit is not None}))


def cases(leads: Iterable[Scored], outcome: Outcome) -> list[Case]:
    """Scores of the leads of which it is known whether they came to it."""
    told = ((one.points, one.came_to(outcome)) for one in leads)
    return [(points, came) for points, came in told if came is not None]


def sample(
    leads: QuerySet[Lead], moment: Moment, *, now: dt.datetime, cut: Cut | None = None
) -> Sample:
    """The newest of these leads with their scores, and with the slice of each that is cut.

    Of `Moment.QUALIFIED` those that became MQL, at the first time. Merged leads are left out. Two
    queries.
    """
    found = leads.exclude(stage=Stage.MERGED.value)
    steps = measures.taken().filter(lead=OuterRef("pk"))
    found = found.annotate(looked_at=_instant(moment, steps, now))
    if moment is Moment.QUALIFIED:
        found = found.filter(looked_at__isnull=False)
    records = ScoreRecord.objects.filter(lead=OuterRef("pk"))
    if moment is Moment.ENTRY:
        records = records.order_by("at", "id")
    else:
        records = records.filter(at__lte=OuterRef("looked_at")).order_by("-at", "-id")
    rows = found.annotate(
        slice=measures.EMPTY if cut is None else cut.column,
        parts=Subquery(records.values("parts")[:1], output_field=JSONField()),
        scored_at=Subquery(records.values("at")[:1], output_field=DateTimeField()),
        scored_by=Subquery(records.values("kit")[:1], output_field=IntegerField()),
        **{name: Exists(steps.filter(transition=step)) for name, step in _STEPS.items()},
    )
    newest = rows.order_by("-created_at", "-pk").values(*_COLUMNS)[:MOST]
    return Sample(moment, found.count(), tuple(_scored(row) for row in newest))


def _instant(moment: Moment, steps: QuerySet[LeadEvent], now: dt.datetime) -> Any:
    if moment is Moment.QUALIFIED:
        first = steps.filter(to_stage=Stage.MQL.value).order_by("at", "id")
        return Subquery(first.values("at")[:1], output_field=DateTimeField())
    return measures.instant(now) if moment is Moment.NOW else F("created_at")


_STEPS = {"accepts": "accept", "rejects": "reject", "converts": "convert", "wins": "win"}
_COLUMNS = ("pk", "slice", "stage", "looked_at", "parts", "scored_at", "scored_by", *_STEPS)


def _scored(row: Mapping[str, Any]) -> Scored:
    parts = tuple(score_rows.from_document(row["parts"] or {}))
    at = max(row["looked_at"], row["scored_at"] or row["looked_at"])
    went_on = row["accepts"] or row["converts"] or row["wins"]
    return Scored(
        lead=row["pk"],
        slice=row["slice"],
        stage=row["stage"],
        at=at,
        kit=row["scored_by"],
        parts=parts,
        points=_points(parts, at),
        accepted=True if went_on else False if row["rejects"] else None,
        converted=row["converts"] or row["wins"],
        won=row["wins"],
    )


def _points(parts: Sequence[Part], at: dt.datetime) -> float:
    return scoring.points(parts, at).rounded()["total"]


def supposed(found: Sample, rule: str, more: float) -> Sample:
    """The same leads, had the rule been worth so many points more wherever it counted.

    What it was worth each time is that of the kit that scored the lead; where that kit had no such
    rule, or it did not hold, nothing changes. A cap stays.
    """
    worth = {
        kit: next((one.points for one in kits.kit_of(kit).score_rules if one.key == rule), None)
        for kit in found.kits
    }
    return replace(
        found,
        scored=tuple(_supposed(one, rule, worth.get(one.kit or 0), more) for one in found.scored),
    )


def _supposed(one: Scored, rule: str, worth: float | None, more: float) -> Scored:
    if not worth or all(part.rule != rule for part in one.parts):
        return one
    parts = tuple(
        replace(part, value=part.value * (worth + more) / worth) if part.rule == rule else part
        for part in one.parts
    )
    return replace(one, parts=parts, points=_points(parts, one.at))
