"""The score of one lead at an instant, with what each rule adds and why: by now, or as it was."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Q

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

    Four queries at most.
    """
    if at is None or at >= now:
        rows = ScorePart.objects.filter(lead=lead).order_by("-kit_id")
        kit_id = rows.values_list("kit_id", flat=True).first()
        return _whole(lead, score_rows.of_lead(lead.pk), kit_id, lead.band, now)
    kit_id, parts = score_rows.as_of(lead.pk, at)
    return _whole(lead, parts, kit_id, _band(lead, at), at)


def _whole(lead: Lead, parts: list[Part], kit_id: int | None, band: str, at: dt.datetime) -> Whole:
    kit = None if kit_id is None else kits.kit_of(kit_id)
    sums = scoring.points(parts, at)
    if kit is not None and not band:
        band = kit.band_of(sums.total)
    told = score_told.tell(parts, _seen(lead, at), kit, at)
    return Whole(at, sums.rounded(), band, kit, tuple(told))


def _seen(lead: Lead, at: dt.datetime) -> list[Seen]:
    """The behaviours of the buyer that we knew of at an instant."""
    heard = Signal.objects.filter(Q(touch__isnull=True) | Q(touch__received_at__lte=at), lead=lead)
    rows = heard.values_list("pk", "kind", "occurred_at", "touch_id")
    return [Seen(*row) for row in rows]


def _band(lead: Lead, at: dt.datetime) -> str:
    """The band that the lead was in; empty where nothing had been crossed by then."""
    told = LeadEvent.objects.filter(lead=lead, kind=EventKind.CROSSED, recorded_at__lte=at)
    because = told.order_by("-sequence").values_list("because", flat=True).first()
    return str((because or {}).get("to_band", ""))
