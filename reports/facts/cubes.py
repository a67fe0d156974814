"""What facts are counted by day: which rows, on which of their days, by which slices, what of them.

A cube is one kind of fact on one of its instants: passes by when they became MQL, or by when they
were accepted. Its measures are what can be added up.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Case, Count, F, FloatField, Model, Q, QuerySet, Sum, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Extract

from leads import selectors as leads
from people.models import User
from reports import attribution
from reports.facts import weekdays
from reports.models import ClockFact, CreditFact, DealFact, LeadFact, PassFact, VisitFact

DIMENSIONS: Mapping[str, str] = {
    "source": "category",
    "medium": "medium",
    "channel": "channel",
    "campaign": "campaign",
    "segment": "segment",
    "rep": "rep_id",
    "team": "team_id",
    "kit": "kit_id",
}
"""The slices that every fact has, and their columns."""

ACCEPTED, REJECTED = PassFact.Decision.ACCEPTED, PassFact.Decision.REJECTED


@dataclass(frozen=True)
class Cube:
    """One kind of fact on one of its instants.

    A measure counts those that fulfil a condition, or adds up a column. `spans` are durations in
    seconds, by name. What is not `summed` is few, and counted one by one always.
    """

    key: str
    model: type[Model]
    at: str
    measures: Mapping[str, Q | Combinable]
    dimensions: Mapping[str, str]
    spans: Mapping[str, Any]
    summed: bool = True

    def rows(self) -> QuerySet[Any]:
        """All facts that it counts, of all days."""
        return self.model._default_manager.filter(**{f"{self.at}__isnull": False})

    def seen_by(self, user: User) -> Q:
        """The facts that count for somebody who does not see all: of leads they see."""
        seen = Q(lead__in=leads.counted_for(user).values("pk"))
        return seen | Q(rep=user) if self.model is DealFact else seen

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Its measures in the order in which sums are kept."""
        return tuple(self.measures)

    def aggregates(self) -> dict[str, Any]:
        """Each measure as an aggregate of the facts."""
        return {name: _aggregate(what) for name, what in self.measures.items()}


def _aggregate(what: Q | Combinable) -> Any:
    if isinstance(what, Q):
        return Count("pk", filter=what) if what else Count("pk")
    return Sum(what)


def _took(*names: str) -> dict[str, Q]:
    return {name: Q(**{f"{name}_at__isnull": False}) for name in names}


def _seconds(until: str, since: str) -> Any:
    return Extract(F(until) - F(since), "epoch")


_HERE = Q(historical=False)
_OURS = Q(self_sourced_at__isnull=False, mql_at__isnull=True)

LEADS = Cube(
    "leads",
    LeadFact,
    "came_at",
    {
        "n": Q(),
        "inbound": ~_OURS,
        **_took("mql", "accepted", "self_sourced", "sql", "opportunity", "won", "lost",
                "rejected", "disqualified", "contacted"),
        "worked": Q(accepted_at__isnull=False) | Q(self_sourced_at__isnull=False),
    },
    {**DIMENSIONS, "nurtured": "nurtured"},
    {"to_won": _seconds("won_at", "came_at"), "to_mql": _seconds("mql_at", "came_at")},
)  # fmt: skip
HORIZONS = (30, 60, 90, 180, 360)
"""Days after which cohorts are looked at."""
STEPS = ("mql", "sql", "opportunity", "won")


def _within(step: str, days: int) -> Q:
    return Q(**{f"{step}_at__lte": F("came_at") + dt.timedelta(days=days)})


AGES = Cube(
    "ages",
    LeadFact,
    "came_at",
    {
        "n": Q(),
        **{f"{step}_{days}": _within(step, days) for step in STEPS for days in HORIZONS},
    },
    {name: DIMENSIONS[name] for name in ("source", "medium", "channel", "campaign", "segment")},
    {},
)
MQLS = Cube(
    "mqls",
    PassFact,
    "mql_at",
    {
        "n": Q(),
        **_took("sal", "sql", "opportunity", "won"),
        "here": _HERE,
        "accepted": _HERE & Q(decision=ACCEPTED),
        "rejected": _HERE & Q(decision=REJECTED),
        "undecided": _HERE & Q(decision=""),
        "decided": _HERE & ~Q(decision=""),
        "final_decided": _HERE & ~Q(final=""),
        "final_accepted": _HERE & Q(final=ACCEPTED),
        "final_rejected": _HERE & Q(final=REJECTED),
    },
    {**DIMENSIONS, "reason": "reason", "criterion": "criterion"},
    {"to_decision": _seconds("decided_at", "mql_at")},
)
SALS = Cube(
    "sals", PassFact, "sal_at", {"n": Q(), **_took("sql", "opportunity", "won")}, DIMENSIONS, {}
)
SQLS = Cube("sqls", PassFact, "sql_at", {"n": Q(), **_took("opportunity", "won")}, DIMENSIONS, {})
OPPORTUNITIES = Cube(
    "opps", PassFact, "opportunity_at", {"n": Q(), **_took("won", "lost")}, DIMENSIONS, {}
)


def _after_contact(span: Any) -> Case:
    """Of those whom somebody contacted before the win."""
    return Case(When(contacted_at__lte=F("won_at"), then=span), output_field=FloatField())


WINS = Cube(
    "wins",
    LeadFact,
    "won_at",
    {"n": Q()},
    DIMENSIONS,
    {
        "cycle": _seconds("won_at", "came_at"),
        "cycle_weekdays": weekdays.seconds("won_at", "came_at"),
        "from_contact": _after_contact(_seconds("won_at", "contacted_at")),
        "from_contact_weekdays": _after_contact(weekdays.seconds("won_at", "contacted_at")),
    },
)
VISITS = Cube(
    "visits",
    VisitFact,
    "left_at",
    {"n": Q()},
    {**DIMENSIONS, "stage": "stage"},
    {"stay": _seconds("left_at", "entered_at")},
)

STAYING = (30, 60, 90)
"""Days after which it is looked at who is still with us."""
_OUT = Q(to_stage__in=["NURTURE", "DISQUALIFIED", "LOST"])


def _out_within(days: int) -> Q:
    return _OUT & Q(left_at__lte=F("entered_at") + dt.timedelta(days=days))


class _Entered(Cube):
    """Stays by when they began, at stages where a lead can still be lost."""

    def rows(self) -> QuerySet[Any]:
        """All of them."""
        return super().rows().exclude(stage__in=["DISQUALIFIED", "LOST", "MERGED", "WON"])


ENTERED = _Entered(
    "entered",
    VisitFact,
    "entered_at",
    {
        "n": Q(),
        **{f"lost_{days}": _out_within(days) for days in STAYING},
        **{f"kept_{days}": Q(left_at__isnull=True) | ~_out_within(days) for days in STAYING},
    },
    {**DIMENSIONS, "stage": "stage"},
    {},
)
_OUTCOME = ClockFact.Outcome
_COUNTED = Q(counts=True)


def _ended(*outcomes: str) -> Q:
    return _COUNTED & Q(outcome__in=outcomes)


def _part(column: str) -> Case:
    return Case(When(first_contact=True, answered__isnull=False, then=F(column)))


_ANSWERED = Q(first_contact=True, answered__isnull=False)
_FIRST = Case(When(_ANSWERED, then=F("answered")))
CLOCKS = Cube(
    "clocks",
    ClockFact,
    "started_at",
    {
        "met": _ended(_OUTCOME.MET),
        "late": _ended(_OUTCOME.LATE),
        "breached": _ended(_OUTCOME.BREACHED),
        "running": _ended(_OUTCOME.RUNNING),
        "cancelled": _ended(_OUTCOME.CANCELLED, _OUTCOME.CANCELLED_LATE),
        "cancelled_late": _ended(_OUTCOME.CANCELLED_LATE),
        "decided": _ended(_OUTCOME.MET, _OUTCOME.LATE, _OUTCOME.BREACHED),
        "answered": _ANSWERED,
        "waiting": Q(first_contact=True, outcome__in=[_OUTCOME.RUNNING, _OUTCOME.BREACHED]),
        "verified": _ANSWERED & Q(verified=True),
        **{cause: _part(cause) for cause in (
            "intake", "routing", "promised", "queue", "off_shift", "with_rep", "customer")},
    },
    {**DIMENSIONS, "obligation": "obligation", "policy": "policy", "stage": "stage"},
    {
        "elapsed": Case(When(_COUNTED, then=F("elapsed"))),
        "working": Case(When(_COUNTED, then=F("working"))),
        "answered": _FIRST,
        "answered_working": Case(When(_ANSWERED, then=F("answered_working"))),
        "response": Case(When(answer=True, then=F("answered"))),
        "response_working": Case(When(answer=True, then=F("answered_working"))),
    },
)  # fmt: skip

_WON, _LOST = Q(status="WON"), Q(status="LOST")
_SOURCED, _INFLUENCED = Q(partner_role="SOURCED"), Q(partner_role="INFLUENCED")
OF_DEALS: Mapping[str, str] = {**DIMENSIONS, "partner": "partner_id", "reason": "reason"}


def _worth(which: Q) -> Case:
    return Case(When(which, then=F("value")))


CLOSED = Cube(
    "closed",
    DealFact,
    "closed_at",
    {
        "n": Q(),
        "won": _WON,
        "lost": _LOST,
        "valued": _WON & Q(value__isnull=False),
        "value": _worth(_WON),
        "open_seconds": Case(When(_WON, then=_seconds("closed_at", "opened_at"))),
        "partner_won": _WON & Q(partner__isnull=False),
        "sourced": _WON & _SOURCED,
        "influenced": _WON & _INFLUENCED,
        "sourced_value": _worth(_WON & _SOURCED),
        "influenced_value": _worth(_WON & _INFLUENCED),
    },
    OF_DEALS,
    {
        "to_close": Case(When(_WON, then=_seconds("closed_at", "first_touch_at"))),
        "open": Case(When(_WON, then=_seconds("closed_at", "opened_at"))),
    },
    summed=False,
)
OPENED = Cube("opened", DealFact, "opened_at", {"n": Q()}, OF_DEALS, {}, summed=False)
CREDITED = Cube(
    "credited",
    CreditFact,
    "closed_at",
    {model: F("value") * F(model) for model in attribution.MODELS},
    {name: DIMENSIONS[name] for name in ("source", "medium", "channel", "campaign")},
    {},
    summed=False,
)

ALL: Mapping[str, Cube] = {
    one.key: one
    for one in (
        LEADS,
        AGES,
        MQLS,
        SALS,
        SQLS,
        OPPORTUNITIES,
        WINS,
        VISITS,
        ENTERED,
        CLOCKS,
        CLOSED,
        OPENED,
        CREDITED,
    )
}


def of_model(model: type[Model]) -> tuple[Cube, ...]:
    """The cubes that facts of this kind are summed up in."""
    return tuple(one for one in ALL.values() if one.model is model and one.summed)


def summed() -> tuple[Cube, ...]:
    """The cubes that are summed up by day."""
    return tuple(one for one in ALL.values() if one.summed)
