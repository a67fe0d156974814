"""Which decision records somebody may see and asks for. The console and the API ask alike."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef, Prefetch, QuerySet

from leads import selectors as leads
from people.models import User
from routing import overrides
from routing.models import Decision, PoolSnapshot
from routing.models.decision import RULE
from routing.rules import QUEUE

GIVEN, NOBODY, LEFT = "GIVEN", "NOBODY", "QUEUE"
OUTCOMES = (
    (GIVEN, "Somebody got it"),
    (NOBODY, "Nobody could take it"),
    (LEFT, "Left in a queue by rule"),
)
BULKY = ("facts", "candidates", "place")
"""Columns that lists leave where they are."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for; what is empty filters nothing. `since` counts in, `until` does not.

    `overridden` goes by what still stands: what was taken back overrides nothing.
    """

    picked: int | None = None
    pool: str = ""
    rule: str = ""
    moment: str = ""
    outcome: str = ""
    overridden: bool | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    kit: int | None = None
    lead: int | None = None


def visible_to(user: User) -> QuerySet[Decision]:
    """The decisions this person may see: those about leads they may see."""
    if leads.sees_all(user):
        return Decision.objects.all()
    return Decision.objects.filter(lead__in=leads.visible_to(user))


def listed_to(user: User) -> QuerySet[Decision]:
    """The same for lists; as `leads.selectors.listed_to`."""
    if leads.sees_all(user):
        return Decision.objects.all()
    return Decision.objects.filter(lead__in=leads.listed_to(user))


def narrow(rows: QuerySet[Decision], wanted: Wanted) -> QuerySet[Decision]:
    """Of these, the ones that are asked for."""
    plain = {
        "picked": wanted.picked,
        "pool": wanted.pool,
        "moment": wanted.moment,
        "at__gte": wanted.since,
        "at__lt": wanted.until,
        "kit__number": wanted.kit,
        "lead": wanted.lead,
    }
    rows = rows.filter(**{name: value for name, value in plain.items() if value not in (None, "")})
    if wanted.rule:
        rows = rows.alias(rule=RULE).filter(rule=wanted.rule)
    if wanted.outcome == GIVEN:
        rows = rows.filter(picked__isnull=False)
    elif wanted.outcome == NOBODY:
        rows = rows.filter(picked__isnull=True).exclude(target=QUEUE)
    elif wanted.outcome == LEFT:
        rows = rows.filter(picked__isnull=True, target=QUEUE)
    if wanted.overridden is None:
        return rows
    overridden = Exists(overrides.standing().filter(decision=OuterRef("pk")))
    return rows.filter(overridden if wanted.overridden else ~overridden)


def for_lists(rows: QuerySet[Decision]) -> QuerySet[Decision]:
    """With what a row of a list shows, and whether a person overrode it, in two queries."""
    return (
        rows.select_related("lead__person", "lead__account", "picked", "kit")
        .defer(*BULKY, "kit__document")
        .prefetch_related(Prefetch("overrides", overrides.told()))
    )


def in_full(rows: QuerySet[Decision]) -> QuerySet[Decision]:
    """With what the whole record shows; decisions of one snapshot share one copy of it."""
    return (
        rows.select_related("lead__person", "lead__account", "picked", "kit")
        .defer("kit__document")
        .prefetch_related(
            Prefetch("snapshot", PoolSnapshot.objects.all()),
            Prefetch("overrides", overrides.told()),
        )
    )
