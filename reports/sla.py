"""SLA attainment: what became of every obligation that began in the period.

Clocks whose end was undone are left out: their successors run on and are counted. Cancelled ones
stand apart, because nobody could meet them any more; so do those cancelled past their deadline,
because a lead that leaves its stage must not hide a breach.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    Count,
    DateTimeField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Value,
)
from django.db.models.functions import Extract
from django.db.models.lookups import LessThanOrEqual

from core import database, steps
from governance import selectors as kits
from leads import selectors as leads
from people import teams
from people.models import Role, User
from reports import clock_cuts, intervals, legs, measures, people_shown
from reports.declaration import Column, Declaration, Made, Slice
from reports.declaration import Value as Figure
from reports.periods import Period
from sla.clock import OWNERSHIP
from sla.models import ENDED_AT, OPEN, Clock, ClockState

DECLARATION = Declaration(
    key="sla",
    name="SLA attainment",
    meaning=(
        "How many of the obligations that began in the period were met by their deadline, and "
        "how long they took."
    ),
    formula=(
        "Each clock counts once, for whoever held the lead at its end; owed "
        "by each holder for themselves it counts for everybody who had the lead, from when it was "
        "theirs until they handed it on: missed if its deadline passed while they had it, else "
        "cancelled. By clock policy and by whom it is owed there are rows of both; all together "
        "counts what each holder owes only where nobody owes the whole, so that no lead counts "
        "twice. Attainment = met ÷ (met + late + breached and open). Met: stopped by its deadline. "
        "Late: stopped after it. Breached and open: still runs past it. Running and cancelled "
        "clocks are shown apart, clocks whose end was undone are left out. Times are medians and "
        "90th percentiles of the stopped clocks, elapsed and on their calendar; of a holder who "
        "took the lead from a queue only elapsed. The interval is Wilson's at 95 %."
    ),
    owner_role="Sales manager",
    unit="share",
    slices=(
        Slice("obligation", "Obligation"),
        Slice("policy", "Clock policy"),
        Slice("stage", "Stage"),
        Slice("rep", "Rep"),
        Slice("team", "Team"),
        Slice("channel", "Channel"),
        Slice("source", "Source"),
        Slice("kit", "Kit version"),
        Slice("day", "Day"),
        Slice("scope", "Owed by"),
        Slice("proof", "Evidence"),
    ),
    columns=(
        Column("met", "Met"),
        Column("late", "Late"),
        Column("breached", "Breached and open"),
        Column("running", "Running"),
        Column("cancelled", "Cancelled"),
        Column("cancelled_late", "Cancelled past the deadline"),
        Column("n", "Decided"),
        Column("attainment", "Attainment", "share"),
        Column("attainment_low", "Lower bound", "share"),
        Column("attainment_high", "Upper bound", "share"),
        Column("elapsed_median", "Median time", "seconds"),
        Column("elapsed_p90", "90th percentile time", "seconds"),
        Column("working_median", "Median working time", "seconds"),
        Column("working_p90", "90th percentile working time", "seconds"),
    ),
)

_OPEN = Q(state__in=OPEN)
_STOPPED = Q(state=ClockState.STOPPED)
_CANCELLED = Q(state=ClockState.CANCELLED)
_PAST = Q(breached_at__isnull=False)
_WHOLE = Clock.objects.filter(
    lead=OuterRef("lead"), obligation=OuterRef("obligation"), scope="STAGE", void=False
)
_IN_THE_TOTAL = Q(scope="OWNERSHIP") & Q(Exists(_WHOLE))


@dataclass(frozen=True, slots=True)
class Row:
    """One line. Times are seconds of the stopped clocks; None where none was stopped."""

    key: str
    label: str
    met: int
    late: int
    breached: int
    running: int
    cancelled: int
    cancelled_late: int
    elapsed_median: float | None
    elapsed_p90: float | None
    working_median: float | None
    working_p90: float | None

    @property
    def n(self) -> int:
        """The clocks that are decided: what attainment is a share of."""
        return self.met + self.late + self.breached

    @property
    def attainment(self) -> float | None:
        """The share of the decided clocks that were met; None of nothing."""
        return self.met / self.n if self.n else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's 95 % interval of the attainment; None of nothing."""
        return intervals.wilson(self.met, self.n)

    def figures(self) -> Mapping[str, Figure]:
        """The values of the declared columns."""
        low, high = self.interval or (None, None)
        derived = {"attainment_low": low, "attainment_high": high}
        return {
            column.key: derived[column.key] if column.key in derived else getattr(self, column.key)
            for column in DECLARATION.columns
        }


Report: TypeAlias = Made[Row]
"""`kits` are the versions that the counted clocks ran under."""


def build(
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> Report:
    """The report as this user may see it, broken down `by` one slice (the obligation).

    `only` keeps to one value of other slices, as `{"channel": "FORM"}`. Raises InvalidInput when
    a slice is unknown. `now` says what is past its deadline; the database's clock unless given.
    """
    return asked_of(user, period=period, by=by, only=only, now=now or database.now()).read()


@steps.in_steps
def asked_of(
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime,
) -> steps.Story[Report]:
    """As `build`, asked with others."""
    chosen, at, active = DECLARATION.slice(by), now, kits.in_force_or_none()
    own = _of_each(only)
    clocks = selected(user, period=period, only=only, by=chosen.key)
    cut = legs.cut(user, chosen.key) if own else clock_cuts.cuts(user)[chosen.key]
    apart = chosen.key == "scope" and not own
    legs_of: QuerySet[Any, Any] = Clock.objects.none()
    if apart:
        each = selected(user, period=period, only={**(only or {}), "scope": OWNERSHIP})
        legs_of = measures.total(each, **_figures(at, own=True), count=Count("pk"))
    counted = clocks.exclude(scope=OWNERSHIP) if apart else clocks
    groups = measures.grouped(counted, dict(cut.columns), **_figures(at, own=own))
    if chosen.key in ("scope", "policy") and not own and not {"scope", "policy"} & {*(only or {})}:
        clocks = clocks.exclude(_IN_THE_TOTAL)  # their rows tell both, all together one
    figures = _figures(at, own=own)
    figures["kits"] = ArrayAgg("kit__number", distinct=True, default=Value([]))
    totals = measures.total(clocks, **figures)
    yield active, groups, legs_of, totals
    kit, found = active.found, [*groups, *_of_legs(legs_of)]
    total = totals[0] if totals else clocks.none().aggregate(**figures)
    rows = [_row(*cut.name(group), group) for group in found]
    return Made(
        declaration=DECLARATION,
        by=chosen,
        period=period,
        rows=tuple(sorted(rows, key=lambda row: cut.place(row, kit))),
        totals=_row("", "All", total),
        kit_version=kit.number if kit else None,
        kits=tuple(sorted(total["kits"])),
        generated_at=at,
    )


def selected(
    user: User, *, period: Period, only: Mapping[str, str] | None = None, by: str = ""
) -> QuerySet[Clock]:
    """The clocks that the report counts: visible to the user, begun in the period, not void.

    What a holder owes for themselves is counted beside the whole only where the two are told
    apart, `by` policy or scope or in one of them: elsewhere a lead would count twice. Raises
    InvalidInput when `only` names an unknown slice.
    """
    begun = Q(void=False, started_at__gte=period.start, started_at__lt=period.end)
    own = _of_each(only)
    clocks = visible_to(user, own=own, begun=begun)
    only = {name: value for name, value in (only or {}).items() if not own or name != "scope"}
    if own:
        pass
    elif by not in ("scope", "policy") and not {"scope", "policy"} & {*(only or {})}:
        clocks = clocks.exclude(_IN_THE_TOTAL)
    for name, value in only.items():
        key = DECLARATION.slice(name).key
        cut = legs.cut(user, key) if own else clock_cuts.cuts(user)[key]
        wanted = {f"only_{name}": cut.read(value)}
        if wanted[f"only_{name}"] is None:
            wanted = {f"only_{name}__isnull": True}
        clocks = clocks.annotate(**{f"only_{name}": next(iter(cut.columns.values()))})
        clocks = clocks.filter(**wanted)
    return clocks


def _of_each(only: Mapping[str, str] | None) -> bool:
    """Whether it is about what each holder owes for themselves."""
    return (only or {}).get("scope") == OWNERSHIP


def visible_to(user: User, *, own: bool = False, begun: Q | None = None) -> QuerySet[Clock]:
    """The clocks this person may see in reports, as far as they are `begun`; with `own` the legs.

    Reps see those they hold or held to the end, and where the company has chosen so those of their
    team; managers those of their teams and of the members
    of their pools, and unheld ones of leads they see; who may count all leads all.
    """
    clocks = Clock.objects.filter(begun or Q())
    holder = "holder"
    if own:
        clocks, holder = legs.of(clocks), legs.HOLDER
    if not user.is_active:
        return clocks.none()
    if leads.counts_all(user):
        return clocks
    mine = Q(**{holder: user.pk}) | Q(**{f"{holder}__in": people_shown.told(user).values("pk")})
    if user.plays(Role.MANAGER):
        pools = user.managed_pools.values("pk")
        team = User.objects.filter(
            Q(team__in=teams.led_by(user)) | Q(pool_memberships__pool__in=pools)
        ).values("pk")
        unheld = Q(holder__isnull=True, lead__in=leads.visible_to(user).values("pk"))
        mine |= Q(**{f"{holder}__in": team}) | (Q() if own else unheld)
    return clocks.filter(mine)


def _of_legs(found: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The row of what each holder owes for themselves; none where nobody did."""
    return [{"slice": OWNERSHIP, **figures} for figures in found if figures["count"]]


def _figures(now: dt.datetime, *, own: bool = False) -> dict[str, Any]:
    at = ExpressionWrapper(Value(now), output_field=DateTimeField())
    # Met and late are told from the times themselves, not from whether a sweep has been by.
    overdue = _OPEN & (_PAST | Q(state=ClockState.RUNNING, due_at__lt=at))
    met = Q(LessThanOrEqual(ENDED_AT, F("due_at")))
    here, ended_at, since, all_of_it = Q(), ENDED_AT, "started_at", Q()
    if own:
        here, since, all_of_it = ~legs.GONE & legs.THEIRS, legs.SINCE, legs.WHOLE
        ended_at = legs.ended(ENDED_AT)
    late, over = _STOPPED & ~met & here, _CANCELLED & here
    if own:
        late |= legs.GONE_LATE & legs.THEIRS
        over |= (legs.GONE & ~legs.GONE_LATE) | ~legs.THEIRS
    stopped = (_STOPPED & met & here) | late
    elapsed = Extract(ended_at - F(since), "epoch")
    worked = _STOPPED & here & all_of_it
    return {
        "met": Count("pk", filter=_STOPPED & met & here),
        "late": Count("pk", filter=late),
        "breached": Count("pk", filter=overdue & here),
        "running": Count("pk", filter=_OPEN & ~overdue & here),
        "cancelled": Count("pk", filter=over),
        "cancelled_late": Count("pk", filter=_CANCELLED & _PAST & here),
        "elapsed_median": measures.Percentile(elapsed, 0.5, filter=stopped),
        "elapsed_p90": measures.Percentile(elapsed, 0.9, filter=stopped),
        "working_median": measures.Percentile("working_seconds", 0.5, filter=worked),
        "working_p90": measures.Percentile("working_seconds", 0.9, filter=worked),
    }


def _row(key: str, label: str, figures: Mapping[str, Any]) -> Row:
    counted = {name: figures[name] for name in Row.__slots__ if name not in ("key", "label")}
    return Row(key=key, label=label, **counted)
