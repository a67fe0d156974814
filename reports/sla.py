"""SLA attainment: what became of every obligation that began in the period.

Clocks whose end was undone are left out: their successors run on and are counted. Cancelled ones
stand apart, because nobody could meet them any more; so do those cancelled past their deadline,
because a lead that leaves its stage must not hide a breach.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    Count,
    DateTimeField,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
)
from django.db.models.functions import Extract, TruncDate

from core import database
from governance import selectors as kits
from governance.kit import Kit
from leads import selectors as leads
from leads import stages
from leads.models import Channel, EventKind, LeadEvent, SourceCategory
from people.models import Role, User
from reports import intervals, measures
from reports.declaration import Column, Declaration, Slice
from reports.declaration import Value as Figure
from reports.periods import Period
from sla.models import OPEN, Clock, ClockEvent, ClockState

DECLARATION = Declaration(
    key="sla",
    name="SLA attainment",
    meaning=(
        "How many of the obligations that began in the period were met by their deadline, and "
        "how long they took. Each clock counts once, for whoever held the lead at its end."
    ),
    formula=(
        "Attainment = met ÷ (met + late + breached and open). Met: stopped by its deadline. "
        "Late: stopped after it. Breached and open: still runs past it. Running and cancelled "
        "clocks are shown apart, clocks whose end was undone are left out. Times are medians and "
        "90th percentiles of the stopped clocks, elapsed and on their calendar. The interval is "
        "Wilson's at 95 %."
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
_ELAPSED = Extract(F("stopped_at") - F("started_at"), "epoch")


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


@dataclass(frozen=True, slots=True)
class Report:
    """The rows and their total; `kits` are the versions that the counted clocks ran under."""

    declaration: Declaration
    by: Slice
    period: Period
    rows: tuple[Row, ...]
    totals: Row
    kit_version: int | None
    kits: tuple[int, ...]
    generated_at: dt.datetime


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
    chosen = DECLARATION.slice(by)
    at = now or database.now()
    kit = _kit()
    clocks = selected(user, period=period, only=only)
    cut = _cuts(user)[chosen.key]
    found = measures.rows(clocks, dict(cut.columns), **_figures(at))
    total = clocks.aggregate(
        **_figures(at), kits=ArrayAgg("kit__number", distinct=True, default=Value([]))
    )
    rows = [_row(*cut.name(group), group) for group in found]
    return Report(
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
    user: User, *, period: Period, only: Mapping[str, str] | None = None
) -> QuerySet[Clock]:
    """The clocks that the report counts: visible to the user, begun in the period, not void.

    Raises InvalidInput when `only` names an unknown slice.
    """
    clocks = visible_to(user).filter(
        void=False, started_at__gte=period.start, started_at__lt=period.end
    )
    cuts = _cuts(user)
    for name, value in (only or {}).items():
        cut = cuts[DECLARATION.slice(name).key]
        wanted = {f"only_{name}": cut.read(value)}
        if wanted[f"only_{name}"] is None:
            wanted = {f"only_{name}__isnull": True}
        clocks = clocks.annotate(**{f"only_{name}": next(iter(cut.columns.values()))})
        clocks = clocks.filter(**wanted)
    return clocks


def visible_to(user: User) -> QuerySet[Clock]:
    """The clocks this person may see in reports.

    Reps see those they hold or held to the end; managers those of their teams and of the members
    of their pools, and unheld ones of leads they see; Marketing, RevOps and systems all.
    """
    clocks = Clock.objects.all()
    if not user.is_active:
        return clocks.none()
    if user.is_superuser or user.role in leads.SEES_ALL:
        return clocks
    own = Q(holder=user)
    if user.role == Role.MANAGER:
        pools = user.managed_pools.values("pk")
        team = User.objects.filter(
            Q(team__manager=user) | Q(pool_memberships__pool__in=pools)
        ).values("pk")
        unheld = Q(holder__isnull=True, lead__in=leads.visible_to(user).values("pk"))
        own |= Q(holder__in=team) | unheld
    return clocks.filter(own)


def _figures(now: dt.datetime) -> dict[str, Any]:
    at = ExpressionWrapper(Value(now), output_field=DateTimeField())
    # Met and late are told from the times themselves, not from whether a sweep has been by.
    overdue = _OPEN & (_PAST | Q(state=ClockState.RUNNING, due_at__lt=at))
    met = Q(stopped_at__lte=F("due_at"))
    return {
        "met": Count("pk", filter=_STOPPED & met),
        "late": Count("pk", filter=_STOPPED & ~met),
        "breached": Count("pk", filter=overdue),
        "running": Count("pk", filter=_OPEN & ~overdue),
        "cancelled": Count("pk", filter=_CANCELLED),
        "cancelled_late": Count("pk", filter=_CANCELLED & _PAST),
        "elapsed_median": measures.Percentile(_ELAPSED, 0.5, filter=_STOPPED),
        "elapsed_p90": measures.Percentile(_ELAPSED, 0.9, filter=_STOPPED),
        "working_median": measures.Percentile("working_seconds", 0.5, filter=_STOPPED),
        "working_p90": measures.Percentile("working_seconds", 0.9, filter=_STOPPED),
    }


def _row(key: str, label: str, figures: Mapping[str, Any]) -> Row:
    counted = {name: figures[name] for name in Row.__slots__ if name not in ("key", "label")}
    return Row(key=key, label=label, **counted)


def _kit() -> Kit | None:
    try:
        return kits.active_kit()
    except kits.NoActiveKit:
        return None


Group = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class _Cut:
    """How a slice groups: its columns (the first is the key), its words, its order."""

    columns: Mapping[str, Any]
    name: Callable[[Group], tuple[str, str]]
    place: Callable[[Row, Kit | None], tuple[Any, ...]] = lambda row, _: (
        row.key == "",
        row.label.casefold(),
        row.key,
    )
    read: Callable[[str], Any] = lambda text: text


def _cuts(user: User) -> dict[str, _Cut]:
    return {
        "obligation": _Cut({"slice": F("obligation")}, _plain, _by_policy),
        "policy": _Cut({"slice": F("policy")}, _plain, _by_policy),
        "stage": _Cut({"slice": _stage_at_start()}, _named(dict(stages.CHOICES)), _by_stage),
        "rep": _Cut(
            {
                "slice": F("holder_id"),
                "first": F("holder__first_name"),
                "last": F("holder__last_name"),
                "login": F("holder__username"),
            },
            _rep,
            read=_id,
        ),
        "team": _Cut(
            {"slice": F("holder__team_id"), "team": F("holder__team__name")}, _team, read=_id
        ),
        "channel": _Cut({"slice": F("channel")}, _named(dict(Channel.choices))),
        "source": _Cut({"slice": F("lead__category")}, _named(dict(SourceCategory.choices))),
        "kit": _Cut({"slice": F("kit__number")}, _version, lambda row, _: (int(row.key),), _id),
        "day": _Cut(
            {"slice": TruncDate("started_at", tzinfo=user.zone)},
            lambda group: (str(group["slice"]), str(group["slice"])),
        ),
    }


def _stage_at_start() -> Subquery:
    """Where the lead stood when the clock began: its last stage event up to the starting one."""
    started = ClockEvent.objects.filter(clock=OuterRef(OuterRef("pk")), kind="STARTED")
    before = LeadEvent.objects.filter(
        lead=OuterRef("lead"),
        kind=EventKind.STAGE,
        sequence__lte=Subquery(started.values("event__sequence")[:1]),
    )
    return Subquery(before.order_by("-sequence").values("to_stage")[:1])


def _plain(group: Group) -> tuple[str, str]:
    key = str(group["slice"])
    return key, key.replace("_", " ").replace(".", ": ").capitalize()


def _named(words: Mapping[str, str]) -> Callable[[Group], tuple[str, str]]:
    def name(group: Group) -> tuple[str, str]:
        key = group["slice"] or ""
        return key, str(words.get(key, key or "Unknown"))

    return name


def _rep(group: Group) -> tuple[str, str]:
    if group["slice"] is None:
        return "", "Nobody"
    full = f"{group['first']} {group['last']}".strip()
    return str(group["slice"]), full or group["login"]


def _team(group: Group) -> tuple[str, str]:
    return ("", "No team") if group["slice"] is None else (str(group["slice"]), group["team"])


def _version(group: Group) -> tuple[str, str]:
    return str(group["slice"]), f"Kit v{group['slice']}"


def _id(text: str) -> int | None:
    # No row has the id 0, so what is no number selects nothing; empty text means "none".
    return (int(text) if text.isdecimal() and len(text) < 10 else 0) if text else None


def _by_policy(row: Row, kit: Kit | None) -> tuple[Any, ...]:
    names = [name for one in (kit.policies if kit else ()) for name in (one.obligation, one.key)]
    return (names.index(row.key) if row.key in names else len(names), row.key)


def _by_stage(row: Row, _: Kit | None) -> tuple[Any, ...]:
    order = [stage.value for stage in stages.Stage]
    return (order.index(row.key) if row.key in order else len(order),)
