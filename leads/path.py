"""The path of a lead: its touchpoints in order, each with where it came from. Reads only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models.fields.json import KeyTextTransform

from core import reading, steps
from leads import selectors
from leads.models import EventKind, LeadEvent, Touch, TouchStatus

LATEST = 40
"""How many of the latest touchpoints are read, beside the first."""

COLUMNS = (
    "pk", "occurred_at", "channel", "category", "attribution", "medium", "campaign", "utm_source",
    "referrer_host",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One touchpoint; `rule` is the key of the attribution rule of kit `kit_id` that named it."""

    touch: int
    at: datetime
    channel: str
    category: str
    rule: str
    medium: str
    campaign: str
    source: str
    referrer: str
    stated: bool
    kit_id: int | None


@dataclass(frozen=True, slots=True)
class Path:
    """The first touchpoint and the latest ones, oldest first; `left_out` of those between."""

    steps: tuple[Step, ...]
    left_out: int


def of_lead(lead_id: int) -> Path:
    """Two messages; three for a lead with very many touchpoints. Those of merged leads count."""
    return asked_of(lead_id).read()


@steps.in_steps
def asked_of(lead_id: int) -> steps.Story[Path]:
    """As `of_lead`, asked with others."""
    merged = selectors.merged_into(lead_id)
    yield [merged]
    ids = [lead_id, *merged]
    stand = Touch.objects.filter(lead_id__in=ids).exclude(status=TouchStatus.WITHDRAWN)
    rows = stand.annotate(said=KeyTextTransform("category", KeyTextTransform("source", "payload")))
    latest = rows.order_by("-occurred_at", "-pk").values(*COLUMNS, "said")[: LATEST + 1]
    told = LeadEvent.objects.filter(lead_id__in=ids, kind=EventKind.TOUCHED)
    versions = told.order_by("pk").values_list("because__touch", "kit_id")
    yield latest, versions
    found, left_out = list(latest)[::-1], 0
    if len(found) > LATEST:
        first = rows.order_by("occurred_at", "pk").values(*COLUMNS, "said")[:1]
        whole = reading.count_of(stand)
        yield first, whole
        found[0] = first[0]
        left_out = whole.found[0] - len(found)
    kits = dict(versions)
    listed = tuple(
        Step(
            touch=row["pk"],
            at=row["occurred_at"],
            channel=row["channel"],
            category=row["category"],
            rule=row["attribution"],
            medium=row["medium"],
            campaign=row["campaign"],
            source=row["utm_source"],
            referrer=row["referrer_host"],
            stated=bool(row["said"]),
            kit_id=kits.get(row["pk"]),
        )
        for row in found
    )
    return Path(listed, max(left_out, 0))
