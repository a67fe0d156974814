"""Leads as MQLs, pass by pass, and what their owners decided: before disputes, and after them.

A pass begins when a lead qualifies and ends when it qualifies again; what was taken back did not
happen. Before disputes the first decision counts, afterwards the first that was not overturned.
"""

from __future__ import annotations

from typing import Any

from django.db.models import (
    Case,
    F,
    FloatField,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    Value,
    When,
)
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce

from governance.kit import Kit
from leads import selectors as leads
from leads.models import LeadEvent
from leads.stages import Stage
from lifecycle.models import RejectionDispute
from people.models import User
from reports import measures, people_shown
from reports.periods import Period
from routing.models import Assignment, Decision

"""In place of a person, for readers who do not lead them: all others together."""
DECISIONS = ("accept", "reject")
_TEXT, _NUMBER = TextField(), IntegerField()
_LAST = 2**31 - 1
_OVERTURNED = RejectionDispute.State.OVERTURNED


def selected(user: User, *, period: Period) -> QuerySet[LeadEvent]:
    """The passes that began in the period, of leads the user sees, each with its decisions.

    Leads of imported history are left out: nobody decided about them here.
    """
    again = (
        measures.taken()
        .filter(lead=OuterRef("lead"), transition="qualify", sequence__gt=OuterRef("sequence"))
        .order_by("sequence")
    )
    rows = (
        measures.taken()
        .filter(
            to_stage=Stage.MQL.value,
            transition="qualify",
            at__gte=period.start,
            at__lt=period.end,
            lead__in=leads.counted_for(user).values("pk"),
        )
        .exclude(because__has_key="history")
    )
    rows = rows.annotate(
        ends=Coalesce(Subquery(again.values("sequence")[:1]), Value(_LAST), output_field=_NUMBER)
    )
    first, final = _decisions(), _decisions().exclude(dispute__state=_OVERTURNED)
    rule = KeyTextTransform("rule", KeyTransform("-1", "tried"))
    points = Cast(KeyTextTransform("score.total", "facts"), FloatField())
    rows = rows.annotate(
        first=Subquery(first.values("transition")[:1]),
        final=Subquery(final.values("transition")[:1]),
        decided_in=Coalesce(
            Subquery(first.values("sequence")[:1]), F("ends"), output_field=_NUMBER
        ),
        reason=_told(first, KeyTextTransform("reason", "because")),
        criterion=_told(first, KeyTextTransform("criterion", "because")),
        contestable=_told(first, KeyTextTransform("contestable", "because")),
        disputed=Subquery(first.values("dispute__state")[:1], output_field=_TEXT),
    )
    return rows.annotate(
        held_by=_held(),
        rule=Subquery(_routed().annotate(told=rule).values("told")[:1], output_field=_TEXT),
        points=Subquery(_routed().annotate(told=points).values("told")[:1]),
    )


def _decisions() -> QuerySet[LeadEvent]:
    return (
        measures.taken()
        .filter(
            lead=OuterRef("lead"),
            transition__in=DECISIONS,
            sequence__gt=OuterRef("sequence"),
            sequence__lt=OuterRef("ends"),
        )
        .order_by("sequence")
    )


def _told(rows: QuerySet[LeadEvent], what: Any) -> Subquery:
    return Subquery(rows.annotate(told=what).values("told")[:1], output_field=_TEXT)


def _held() -> Subquery:
    """Who held it when it was decided, or holds it undecided."""
    legs = Assignment.objects.filter(
        Q(ended_at=None) | Q(ended_at__gte=OuterRef("at")),
        lead=OuterRef("lead"),
        started_by_event__sequence__lt=OuterRef("decided_in"),
    )
    return Subquery(legs.order_by("-started_by_event__sequence").values("user")[:1])


def _routed() -> QuerySet[Decision]:
    """How the rules gave it to somebody in this pass, the first time."""
    decisions = Decision.objects.filter(lead=OuterRef("lead"), picked__isnull=False)
    return decisions.filter(at__gte=OuterRef("at")).order_by("pk")


def rep(user: User) -> Any:
    """Whose decision it was, or is to be, as this reader is told it."""
    return people_shown.column(user, "held_by")


def band(kit: Kit) -> Any:
    """The band of the score with which the lead was routed, as this kit draws them."""
    whens = [When(points__gte=one.at_least, then=Value(one.key)) for one in kit.bands]
    return Case(*whens, output_field=_TEXT) if whens else Value(None, output_field=_TEXT)
