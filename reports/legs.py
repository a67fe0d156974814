"""What each holder owes for themselves, the first one too: the time until they handed it on.

Whoever gets a lead from somebody else has a clock of their own (scope OWNERSHIP). The first holder
has none beside the whole: theirs is the whole from when it was theirs, which is later where it had
waited in a queue, up to the first hand-over. It stays missed where the deadline had passed by then,
else nothing is owed of them any more; nor is what was over before they got it.
"""

from __future__ import annotations

from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, TruncDate

from governance import selectors as kits
from people.models import User
from reports import clock_cuts, people_shown
from reports.clock_cuts import Cut
from sla.clock import OWNERSHIP
from sla.models import ENDED_AT, Clock, ClockEvent

HOLDER = "leg_holder"
SINCE = "leg_since"
_NOTES = ClockEvent.objects.filter(clock=OuterRef("pk"))
_TAKEN = _NOTES.filter(kind__in=["STARTED", "HANDED"], holder__isnull=False).order_by("pk")
_LEFT = _NOTES.filter(kind="HANDED", pk__gt=OuterRef("leg_taken")).order_by("pk")

GONE = Q(leg_left_at__isnull=False)
"""The first holder handed it on."""
GONE_LATE = GONE & Q(leg_left_at__gt=F("leg_left_due"))
THEIRS = Q(leg_was_over=False)
"""It was neither missed nor done before somebody had it for the first time."""
WHOLE = Q(leg_since=F("started_at"))
"""Whoever has it had it from the start of its clock."""


def of(clocks: QuerySet[Clock]) -> QuerySet[Clock]:
    """Of these clocks the legs: those of later holders, and the first holder's part of a whole.

    A whole has such a part where its kit gives later holders a time of their own, and somebody
    has held the lead meanwhile.
    """
    whole = Q(scope="STAGE") & _with_legs(clocks)
    found = clocks.filter(Q(scope=OWNERSHIP) | whole).annotate(
        leg_taken=_of_whole(_TAKEN, "pk"),
        leg_holder=Case(
            When(scope="STAGE", then=Subquery(_TAKEN.values("holder_id")[:1])),
            default=F("holder_id"),
            output_field=BigIntegerField(),
        ),
        leg_since=Case(
            When(scope="STAGE", then=Subquery(_TAKEN.values("at")[:1])), default=F("started_at")
        ),
        leg_left_at=_of_whole(_LEFT, "at"),
        leg_left_due=_of_whole(_LEFT, "due_at"),
    )
    over = Q(leg_since__gt=F("due_at")) | Q(leg_since__gt=ENDED_AT)
    return found.annotate(
        leg_was_over=Case(When(over, then=Value(value=True)), default=Value(value=False))
    ).filter(leg_holder__isnull=False)


def _of_whole(notes: QuerySet[ClockEvent], column: str) -> Case:
    """A column of the first of these notes; None of a clock that is a leg itself."""
    return Case(When(scope="STAGE", then=Subquery(notes.values(column)[:1])))


def _with_legs(clocks: QuerySet[Clock]) -> Q:
    """Obligations, by kit, that each holder owes for themselves."""
    some = Q(pk__in=[])
    for version in clocks.order_by().values_list("kit", flat=True).distinct():
        policies = kits.kit_of(version).policies
        owed = {one.obligation for one in policies if one.scope == OWNERSHIP}
        if owed:
            some |= Q(kit=version, obligation__in=owed)
    return some


def ended(at: Any) -> Any:
    """When a leg was over: handed on, or ended as its clock was `at`."""
    return Coalesce(F("leg_left_at"), at)


def cut(user: User, name: str) -> Cut:
    """How a slice groups legs: by who had them, since when, not by who has the lead now."""
    found = clock_cuts.cuts(user)[name]
    who = User.objects.filter(pk=OuterRef(HOLDER))
    if name == "rep":
        columns = {
            "slice": people_shown.column(user, HOLDER),
            "first": people_shown.words(user, HOLDER, Subquery(who.values("first_name"))),
            "last": people_shown.words(user, HOLDER, Subquery(who.values("last_name"))),
            "login": people_shown.words(user, HOLDER, Subquery(who.values("username"))),
        }
    elif name == "team":
        columns = {
            "slice": Subquery(who.values("team_id")),
            "team": Subquery(who.values("team__name")),
        }
    elif name == "day":
        columns = {"slice": TruncDate(SINCE, tzinfo=user.zone)}
    else:
        return found
    return Cut(columns, found.name, found.place, found.read)
