"""Speed to lead: from what the buyer did to the first contact, and where that time went.

Each leg counts once: a clock of the whole (not of one holder) that a contact stops. How long it
took goes by the earliest evidence; cut by cause, the time of a row adds up to the second.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias

from django.db.models import Count, Q, QuerySet

from core import database, worktime
from governance import selectors as kits
from governance.moments import Moment
from governance.terms import Policy
from leads import selectors as leads
from people.models import User
from reports import clock_cuts, measures, sla
from reports.declaration import Column, Declaration, Made, Slice, Value
from reports.periods import Period
from sla import clock as clocks
from sla import evidence, selectors, spent
from sla.evidence import VERIFIED
from sla.models import OPEN, Clock, ClockState
from sla.services import ACTIVITY
from sla.split import Cause

MOST = 10_000
"""So many answered legs are measured, the latest; a period with more says so."""
WENT = "Where the time went"

DECLARATION = Declaration(
    key="speed",
    name="Speed to lead",
    meaning=(
        "How long buyers waited for the first contact, from what they did, among the clocks that "
        "began in the period; by obligation also for an answer when they came back."
    ),
    formula=(
        "Elapsed: from what the buyer did to the earliest contact that counts; working: the open "
        "time of the clock's calendar in it, less its pauses. Answered: a contact stopped the "
        "clock. Verified: the share of those that another system reports. The time by cause is "
        "the sum over the answered ones; to the second it adds up, here it is shortened. Off "
        "shift is by the hours of whoever held the lead."
    ),
    owner_role="Sales manager",
    unit="seconds",
    slices=(
        Slice("channel", "Channel"),
        Slice("rep", "Rep"),
        Slice("team", "Team"),
        Slice("obligation", "Obligation"),
        Slice("proof", "Evidence"),
        Slice("day", "Day"),
    ),
    columns=(
        Column("answered", "Answered"),
        Column("waiting", "Waiting"),
        Column("unanswered", "Ended unanswered"),
        Column("verified", "Verified", "share"),
        Column("elapsed_median", "Median elapsed", "seconds"),
        Column("elapsed_p90", "90th percentile elapsed", "seconds"),
        Column("working_median", "Median working time", "seconds"),
        Column("working_p90", "90th percentile working time", "seconds"),
        Column("total", "Time in all", "seconds", WENT),
        Column("intake", "On its way to us", "seconds", WENT),
        Column("routing", "Being taken in", "seconds", WENT),
        Column("promised", "Until the promised time", "seconds", WENT),
        Column("queue", "Waiting for somebody", "seconds", WENT),
        Column("off_shift", "Off shift", "seconds", WENT),
        Column("rep", "With somebody at work", "seconds", WENT),
        Column("customer", "Waiting for the customer", "seconds", WENT),
    ),
)

_ANSWERED = Q(state=ClockState.STOPPED, evidence=ACTIVITY)
OF = {
    "answered": _ANSWERED,
    "waiting": Q(state__in=OPEN),
    "unanswered": ~Q(state__in=OPEN) & ~_ANSWERED,
}
"""What became of a leg."""


@dataclass(frozen=True, slots=True)
class Leg:
    """One answered leg: how long it took, in seconds, and its whole seconds by cause."""

    elapsed: float
    working: float
    verified: bool
    seconds: Mapping[Cause, int]


@dataclass(frozen=True, slots=True)
class Row:
    """One line, of all its answered legs and the numbers of the others."""

    key: str
    label: str
    waiting: int = 0
    unanswered: int = 0
    legs: Sequence[Leg] = field(default=(), repr=False)

    @property
    def answered(self) -> int:
        """How many were answered."""
        return len(self.legs)

    def figures(self) -> Mapping[str, Value]:
        """The values of the declared columns."""
        elapsed = sorted(leg.elapsed for leg in self.legs)
        working = sorted(leg.working for leg in self.legs)
        went = {cause: sum(leg.seconds[cause] for leg in self.legs) for cause in Cause}
        verified = sum(leg.verified for leg in self.legs)
        return {
            "answered": self.answered,
            "waiting": self.waiting,
            "unanswered": self.unanswered,
            "verified": verified / self.answered if self.legs else None,
            "elapsed_median": quantile(elapsed, 0.5),
            "elapsed_p90": quantile(elapsed, 0.9),
            "working_median": quantile(working, 0.5),
            "working_p90": quantile(working, 0.9),
            "total": sum(went.values()),
            **{cause.value.lower(): seconds for cause, seconds in went.items()},
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
    """The report as this user may see it, broken down `by` one slice (the channel).

    `only` keeps to one value of other slices, as `{"rep": "7"}`. Raises InvalidInput when a slice
    is unknown. A fixed number of queries.
    """
    chosen = DECLARATION.slice(by)
    at = now or database.now()
    cut = clock_cuts.cuts(user)[chosen.key]
    numbers, some = _selected(user, period=period, only=only, by=chosen.key)
    found: dict[str, Row] = {}
    counts = {name: Count("pk", filter=OF[name]) for name in ("waiting", "unanswered")}
    for group in measures.rows(some, dict(cut.columns), **counts):
        key, label = cut.name(group)
        found[key] = Row(key, label, group["waiting"], group["unanswered"])
    answered = some.filter(_ANSWERED).annotate(**cut.columns).order_by("-started_at", "-pk")
    measured = list(answered[: MOST + 1])
    legs = _legs(measured[:MOST], at)
    by_key: dict[str, list[Leg]] = defaultdict(list)
    for clock, leg in zip(measured, legs, strict=False):
        by_key[cut.name({name: getattr(clock, name) for name in cut.columns})[0]].append(leg)
    rows = [replace(row, legs=by_key[row.key]) for row in found.values()]
    kit = kits.active_version()
    in_force = kits.kit_of(kit.pk) if kit else None
    return Made(
        declaration=DECLARATION if len(measured) <= MOST else _cut_short(),
        by=chosen,
        period=period,
        rows=tuple(sorted(rows, key=lambda row: cut.place(row, in_force))),
        totals=Row(
            "", "All", sum(row.waiting for row in rows), sum(row.unanswered for row in rows), legs
        ),
        kit_version=kit.number if kit else None,
        kits=tuple(sorted(number for number in numbers if number)),
        generated_at=at,
    )


def chosen(
    user: User,
    *,
    period: Period,
    by: str,
    key: str,
    of: str,
    only: Mapping[str, str] | None = None,
) -> QuerySet[Clock]:
    """The legs behind one figure, latest first: of the row `key`, of all where that is empty.

    `of` says what became of them. Only those of leads that the user may open.
    """
    name = DECLARATION.slice(by).key
    kept = {**(only or {}), **({name: key} if key else {})}
    _, some = _selected(user, period=period, only=kept, by=name)
    some = some.filter(OF.get(of, _ANSWERED), lead__in=leads.visible_to(user).values("pk"))
    return some.order_by("-started_at", "-pk")


def _selected(
    user: User, *, period: Period, only: Mapping[str, str] | None, by: str
) -> tuple[set[int | None], QuerySet[Clock]]:
    """The kits in play, and the legs: first contacts, by obligation also the answers after them."""
    every = by == "obligation" or "obligation" in (only or {})
    some = sla.selected(user, period=period, only=only, by="policy").filter(scope="STAGE")
    versions = dict(some.order_by().values_list("kit_id", "kit__number").distinct())
    wanted = Q(pk__in=[])
    for kit_id in versions:
        legs = [one.key for one in kits.kit_of(kit_id).policies if is_leg(one, every=every)]
        wanted |= Q(kit_id=kit_id, policy__in=legs)
    return set(versions.values()), some.filter(wanted)


def is_leg(policy: Policy, *, every: bool = False) -> bool:
    """Whether a contact ends it; an answer to who comes back only where `every` one is meant."""
    first = bool({Moment.HAND_RAISED, Moment.ASSIGNED} & policy.starts_on)
    return Moment.CONTACTED in policy.stopped_by and (every or first)


def _legs(some: Sequence[Clock], now: dt.datetime) -> list[Leg]:
    selectors.with_pins(some)
    whole = spent.read(some, now=now)
    return [_leg(clock, whole[clock.pk].split.seconds) for clock in some]


def _leg(clock: Clock, seconds: Mapping[Cause, int]) -> Leg:
    asked, ended = evidence.asked_at(clock), clock.ended_at or clock.started_at
    kit = kits.kit_of(clock.kit_id)
    hours = clocks.hours(kit, kit.policy(clock.policy))
    before = worktime.elapsed(hours, asked, clock.started_at).total_seconds()
    return Leg(
        elapsed=(ended - asked).total_seconds(),
        working=before + (clock.working_seconds or 0.0),
        verified=clock.proof == VERIFIED,
        seconds=seconds,
    )


def quantile(ordered: Sequence[float], share: float) -> float | None:
    """The value that `share` of these do not exceed, interpolated; None of nothing."""
    if not ordered:
        return None
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def _cut_short() -> Declaration:
    told = f"{DECLARATION.meaning} The latest {MOST:,} answered ones are measured."
    return replace(DECLARATION, meaning=told)
