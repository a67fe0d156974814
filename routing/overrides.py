"""Which overrides still stand. Whoever overrode a rule may undo it: then it overrides nothing."""

from __future__ import annotations

from django.db.models import BigIntegerField, Exists, OuterRef, QuerySet, Subquery
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast
from django.db.models.lookups import Exact

from leads.models import EventKind, LeadEvent
from routing.models import Override


def standing() -> QuerySet[Override]:
    """Those that nobody took back."""
    return Override.objects.filter(~Exists(_undoing()))


def told() -> QuerySet[Override]:
    """All of them, oldest first, with `taken_back_at` and `taken_back_by` (a user's id).

    Both are None where it stands.
    """
    undone = _undoing().order_by("sequence")
    return (
        Override.objects.select_related("by")
        .annotate(
            taken_back_at=Subquery(undone.values("at")[:1]),
            taken_back_by=Subquery(undone.values("by")[:1]),
        )
        .order_by("at", "pk")
    )


def _undoing() -> QuerySet[LeadEvent]:
    """Of an override the step that gave the lead back to whom or what it was taken from."""
    kinds = (EventKind.ASSIGNED, EventKind.QUEUED)
    steps = LeadEvent.objects.filter(lead=OuterRef("lead"), kind__in=kinds)
    which = Cast(KeyTextTransform("overrode", "because"), BigIntegerField())
    return steps.filter(Exact(which, OuterRef("pk")))
