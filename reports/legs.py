"""What each holder owes for themselves, the first one too: the time until they handed it on.

Whoever gets a lead from somebody else has a clock of their own (scope OWNERSHIP). The first holder
has none beside the whole: theirs is the whole up to the first hand-over. It stays missed where the
deadline had passed by then, else nothing is owed of them any more.
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
    When,
)
from django.db.models.functions import Coalesce

from governance import selectors as kits
from people.models import User
from reports import clock_cuts
from reports.clock_cuts import Cut
from sla.clock import OWNERSHIP
from sla.models import Clock, ClockEvent

HOLDER = "leg_holder"
_NOTES = ClockEvent.objects.filter(clock=OuterRef("pk"))
_FIRST = _NOTES.filter(kind=ClockEvent.Kind.STARTED).values("holder_id")[:1]
_LEFT = _NOTES.filter(kind=ClockEvent.Kind.HANDED).order_by("pk")

GONE = Q(leg_left_at__isnull=False)
"""The first holder handed it on."""
GONE_LATE = GONE & Q(leg_left_at__gt=F("leg_left_due"))


def of(clocks: QuerySet[Clock]) -> QuerySet[Clock]:
    """Of these clocks the legs: those of later holders, and the first holder's part of a whole.

    A whole has such a part where its kit gives later holders a time of their own, and somebody
    held the lead when it began.
    """
    whole = Q(scope="STAGE") & _with_legs(clocks)
    found = clocks.filter(Q(scope=OWNERSHIP) | whole).annotate(
        leg_holder=Case(
            When(scope="STAGE", then=Subquery(_FIRST)),
            default=F("holder_id"),
            output_field=BigIntegerField(),
        ),
        leg_left_at=Case(When(scope="STAGE", then=Subquery(_LEFT.values("at")[:1]))),
        leg_left_due=Case(When(scope="STAGE", then=Subquery(_LEFT.values("due_at")[:1]))),
    )
    return found.filter(leg_holder__isnull=False)


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
    """How a slice groups legs: by who had them, not by who has the lead now."""
    found = clock_cuts.cuts(user)[name]
    who = User.objects.filter(pk=OuterRef(HOLDER))
    if name == "rep":
        columns = {
            "slice": F(HOLDER),
            "first": Subquery(who.values("first_name")),
            "last": Subquery(who.values("last_name")),
            "login": Subquery(who.values("username")),
        }
    elif name == "team":
        columns = {
            "slice": Subquery(who.values("team_id")),
            "team": Subquery(who.values("team__name")),
        }
    else:
        return found
    return Cut(columns, found.name, found.place, found.read)
