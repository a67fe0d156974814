"""Disputes whose lead went on by itself end as overtaken: a step of the sweep."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet

from core import database
from governance import selectors as kits
from governance.kit import Kit
from leads import stages
from leads.models import EventKind, Lead, LeadEvent
from lifecycle import acts, detours, disputes
from lifecycle.models import RejectionDispute

BATCH = 100


def overtaken(*, kit: Kit, now: dt.datetime) -> QuerySet[RejectionDispute]:
    """Open disputes of leads that took another step since, or whose buyer was erased.

    That an exclusion takes a lead out and lets it in again is no step of its own; a person's counts
    once they can undo it no more.
    """
    later = Q(lead=OuterRef("lead"), sequence__gt=OuterRef("at_sequence"))
    own = Q(by__isnull=False, transition__in=stages.HUMAN)
    followed = Q(cause__by__isnull=False, cause__transition__in=stages.HUMAN)
    fresh = (own | followed) & Q(recorded_at__gt=now - kit.general.undo)
    rows = RejectionDispute.objects.filter(state=disputes.State.OPEN)
    return rows.annotate(at_sequence=F("rejection__sequence")).filter(
        Exists(detours.lasting().filter(later).exclude(fresh))
        | Exists(LeadEvent.objects.filter(later, kind=EventKind.ERASED))
        | ~Exists(detours.lasting().filter(pk=OuterRef("rejection")))
    )


@transaction.atomic
def run(*, now: dt.datetime | None = None, limit: int = BATCH) -> int:
    """End up to `limit` of them; returns how many."""
    kit, at = kits.active_kit(), now or database.now()
    found = overtaken(kit=kit, now=at)
    ids = list(found.order_by("pk").values_list("lead_id", flat=True)[:limit])
    if not ids:
        return 0
    leads = list(
        Lead.objects.filter(pk__in=ids)
        .order_by("pk")
        .select_for_update(skip_locked=True, no_key=True)
    )
    rows = {row.lead_id: row for row in found.filter(lead__in=leads)}
    with acts.on_many(leads, by=None, now=at, kit=kit, actor="disputes") as all_acts:
        for act in all_acts:
            if act.lead.pk in rows:
                disputes.overtake(act, rows[act.lead.pk])
    return len(rows)
