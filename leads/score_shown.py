"""The score of one lead at an instant, with what each rule adds and why: by now, or as it was."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from core import steps
from governance import selectors as kits
from governance.kit import Kit
from leads import score_rows, score_told, scoring
from leads.models import EventKind, Lead, LeadEvent, ScorePart, Signal
from leads.score_told import Seen, Told
from leads.scoring import Part


@dataclass(frozen=True, slots=True)
class Whole:
    """A score at `at`: `sums` by category with their total, the band, and what each rule adds.

    `kit` is the version that judged it; None where nothing was recorded by then.
    """

    at: dt.datetime
    sums: dict[str, float]
    band: str
    kit: Kit | None
    told: tuple[Told, ...]


def of_lead(lead: Lead, *, now: dt.datetime, at: dt.datetime | None = None) -> Whole:
    """The score of a lead at `now`, or as it was shown at the past instant `at`.

    Two messages at most.
    """
    return asked_of(lead, now=now, at=at).read()


@steps.in_steps
def asked_of(lead: Lead, *, now: dt.datetime, at: dt.datetime | None = None) -> steps.Story[Whole]:
    """As `of_lead`, asked with others."""
    if at is None or at >= now:
        rows = ScorePart.objects.filter(lead=lead).order_by("-kit_id")
        kits_of, parts = rows.values_list("kit_id", flat=True)[:1], score_rows.parts_of(lead.pk)
        seen = _seen(lead, now)
        yield kits_of, parts, seen
        return _whole(parts.found, kits_of[0] if kits_of else None, lead.band, seen, now)
    then, band, seen = score_rows.as_of(lead.pk, at), _crossed(lead, at), _seen(lead, at)
    yield then, band, seen
    kit_id, kept = then.found
    told = (band[0] if band else None) or {}
    return _whole(kept, kit_id, str(told.get("to_band", "")), seen, at)


def _whole(
    parts: list[Part], kit_id: int | None, band: str, seen: Iterable[Any], at: dt.datetime
) -> Whole:
    kit = None if kit_id is None else kits.kit_of(kit_id)
    sums = scoring.points(parts, at)
    if kit is not None and not band:
        band = kit.band_of(sums.total)
    told = score_told.tell(parts, [Seen(*row) for row in seen], kit, at)
    return Whole(at, sums.rounded(), band, kit, tuple(told))


def _seen(lead: Lead, at: dt.datetime) -> QuerySet[Signal, Any]:
    """The behaviours of the buyer that we knew of at an instant."""
    heard = Signal.objects.filter(Q(touch__isnull=True) | Q(touch__received_at__lte=at), lead=lead)
    return heard.values_list("pk", "kind", "occurred_at", "touch_id")


def _crossed(lead: Lead, at: dt.datetime) -> QuerySet[LeadEvent, Any]:
    """The event by which the lead came to its band; nothing where none was crossed by then."""
    told = LeadEvent.objects.filter(lead=lead, kind=EventKind.CROSSED, recorded_at__lte=at)
    return told.order_by("-sequence").values_list("because", flat=True)[:1]
