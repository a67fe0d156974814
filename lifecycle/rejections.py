"""Rejections as lists show them, with what the facts say against them and what became of them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from django.db.models import BigIntegerField, DateTimeField, Exists, F, OuterRef, Q, QuerySet
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from leads import selectors
from leads.models import EventKind, LeadEvent
from leads.stages import UNDO
from lifecycle.models import RejectionDispute
from people.models import User

State = RejectionDispute.State


class Standing(StrEnum):
    """How far a rejection is, between Sales and Marketing."""

    CONTESTABLE = "contestable"
    DISPUTED = "disputed"
    OVERDUE = "overdue"
    UPHELD = "upheld"
    OVERTURNED = "overturned"
    OVERTAKEN = "overtaken"
    UNDISPUTED = "undisputed"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rejections are asked for; empty values ask for all."""

    standing: Standing | None = None
    reason: str = ""
    criterion: str = ""
    source: str = ""
    by: int | None = None


def visible_to(user: User) -> QuerySet[LeadEvent]:
    """The rejections of leads this person sees that were not taken back, with their disputes."""
    undone = Cast(KeyTextTransform("undone", "because"), BigIntegerField())
    back = LeadEvent.objects.filter(lead=OuterRef("lead"), kind=EventKind.STAGE, transition=UNDO)
    rows = LeadEvent.objects.filter(
        ~Exists(back.annotate(undone=undone).filter(undone=OuterRef("pk"))),
        kind=EventKind.STAGE,
        transition="reject",
        lead__in=selectors.listed_to(user).values("pk"),
    )
    return rows.annotate(
        reason=KeyTextTransform("reason", "because"),
        criterion=KeyTextTransform("criterion", "because"),
        state=F("dispute__state"),
        until_text=KeyTextTransform("disputable_until", "because"),
        until=Cast(KeyTextTransform("disputable_until", "because"), DateTimeField()),
    )


def narrow(rows: QuerySet[LeadEvent], wanted: Wanted, *, now: dt.datetime) -> QuerySet[LeadEvent]:
    """Those that are asked for."""
    if wanted.standing is not None:
        rows = rows.filter(_stands(wanted.standing, now))
    for name, value in (
        ("reason", wanted.reason),
        ("criterion", wanted.criterion),
        ("lead__category", wanted.source),
        ("by", wanted.by),
    ):
        if value:
            rows = rows.filter(**{name: value})
    return rows


def _stands(standing: Standing, now: dt.datetime) -> Q:
    contestable = Q(because__has_key="contestable")
    match standing:
        case Standing.CONTESTABLE:
            # Days as text, with one to spare, find them by an index; the instant is exact.
            first = (now.astimezone(dt.UTC) - dt.timedelta(days=1)).date().isoformat()
            still = Q(until_text__gte=first) & Q(until__gte=now)
            return Q(state=None) & still & contestable
        case Standing.DISPUTED:
            return Q(state=State.OPEN)
        case Standing.OVERDUE:
            return Q(state=State.OPEN, dispute__due_at__lt=now)
        case Standing.UNDISPUTED:
            return Q(state=None)
        case _:
            return Q(state=standing.value.upper())
