"""What waiting costs: how often buyers reply or convert, by how long nobody contacted them.

A cohort by when leads came in, of those whom the kit had somebody contact: a clock of the first
contact ran. Each lies in the span in which that contact fell, counted from what the buyer did; who
was never contacted, in the span they have waited so far, or until nobody was to contact them.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db.models import (
    Case,
    Count,
    DateTimeField,
    Exists,
    F,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce

from core import database
from governance import selectors as kits
from governance.models import KitStatus, KitVersion
from leads.models import Activity, Lead, LeadEvent, Touch, TouchStatus
from leads.stages import RESTING, Stage
from lifecycle import turns
from people.models import User
from reports import cohort, intervals, measures, speed
from reports.cohort import Cut
from reports.declaration import Column, Declaration, Made, Slice
from reports.declaration import Value as Figure
from reports.periods import Period
from sla.models import Clock

SPANS: tuple[tuple[int, str], ...] = (
    (0, "Up to 5 min"),
    (5, "5 to 15 min"),
    (15, "15 min to 1 h"),
    (60, "1 to 4 h"),
    (240, "4 to 8 h"),
    (480, "8 to 24 h"),
    (1_440, "1 to 2 days"),
    (2_880, "2 to 4 days"),
    (5_760, "4 to 7 days"),
    (10_080, "Over 7 days"),
)
"""From how many minutes on each span counts, elapsed, and its words; the end is the next one's."""
WAITED = "waited"
_MOMENT = DateTimeField()
_RAN = (KitStatus.ACTIVE, KitStatus.RETIRED)
"""Versions that are or were in force."""

DECLARATION = Declaration(
    key="uncontacted",
    name="Uncontacted leads",
    meaning=(
        "How often buyers who came in during the period and were to be contacted replied or "
        "converted, by how long nobody had done so. Young leads may still do so."
    ),
    formula=(
        "A lead lies in the span from what its buyer did, when the clock of the first contact "
        "began, to that contact; elapsed. Who was never contacted lies in the span until now, or "
        "until the lead was closed or went to nurture. Replied: "
        "the buyer wrote, called or came back after that contact. Converted: the lead became an "
        "opportunity, and that was not taken back. Rate = replied or converted ÷ contacted, with "
        "Wilson's interval at 95 %. Still uncontacted: the leads that had waited at least as long "
        "as the span begins; their rate is the decay curve. Merged leads are left out."
    ),
    owner_role="RevOps",
    unit="share",
    slices=(Slice(WAITED, "Time to first contact"), *cohort.SLICES),
    columns=(
        Column("still", "Still uncontacted"),
        Column("still_rate", "Reply or convert from there", "share"),
        Column("contacted", "Contacted then"),
        Column("replied", "Replied"),
        Column("converted", "Converted"),
        Column("rate", "Rate", "share"),
        Column("rate_low", "Lower bound", "share"),
        Column("rate_high", "Upper bound", "share"),
        Column("never", "Never contacted"),
    ),
)


@dataclass(frozen=True, slots=True)
class Counts:
    """Leads of one span, or of several: those contacted, what became of them, and the others.

    `either` replied or converted, or both; `gained` did so without any contact.
    """

    contacted: int = 0
    replied: int = 0
    converted: int = 0
    either: int = 0
    never: int = 0
    gained: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(*(getattr(self, one) + getattr(other, one) for one in _NAMES))

    @property
    def leads(self) -> int:
        """All of them."""
        return self.contacted + self.never


_NAMES = ("contacted", "replied", "converted", "either", "never", "gained")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: the leads of it, and those that had waited at least as long."""

    key: str
    label: str
    here: Counts
    still: Counts

    def figures(self) -> Mapping[str, Figure]:
        """The values of the declared columns."""
        here, still = self.here, self.still
        low, high = intervals.wilson(here.either, here.contacted) or (None, None)
        return {
            "still": still.leads,
            "still_rate": measures.share(still.either + still.gained, still.leads),
            "contacted": here.contacted,
            "replied": here.replied,
            "converted": here.converted,
            "rate": measures.share(here.either, here.contacted),
            "rate_low": low,
            "rate_high": high,
            "never": here.never,
        }


Report: TypeAlias = Made[Row]
"""`kits` are the versions under which something happened to the leads."""


def build(
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> Report:
    """The report of the leads this user may see, by how long they waited or another slice.

    `only` keeps to one value of other slices, as `{"source": "PAID"}`, and may name a span by the
    minutes it begins with. Raises InvalidInput when a slice is unknown.
    """
    chosen, at = DECLARATION.slice(by), now or database.now()
    leads = _leads(user, period=period, only=only, now=at)
    active = kits.active_version()
    if chosen.key == WAITED:
        rows = _curve(measures.rows(leads, {"slice": F("span")}, **_FIGURES))
    else:
        cut = cohort.cuts(user)[chosen.key]
        groups = measures.rows(leads, {"slice": cut.column}, **_FIGURES)
        rows = sorted((_of_group(cut, one) for one in groups), key=_place)
    whole = sum((row.here for row in rows), Counts())
    under = LeadEvent.objects.filter(lead__in=leads.values("pk"), kit__isnull=False)
    numbers = under.order_by("kit__number").values_list("kit__number", flat=True).distinct()
    return Made(
        declaration=DECLARATION,
        by=chosen,
        period=period,
        rows=tuple(rows),
        totals=Row("", "All", whole, whole),
        kit_version=active.number if active else None,
        kits=tuple(number for number in numbers if number is not None),
        generated_at=at,
    )


def _of_group(cut: Cut, group: Mapping[str, Any]) -> Row:
    key, found = cut.key(group["slice"]), _counts(group)
    return Row(key, cut.label(key), found, found)


def _place(row: Row) -> tuple[bool, str, str]:
    return cohort.place(row.key, row.label)


def _counts(group: Mapping[str, Any]) -> Counts:
    return Counts(**{name: group[f"n_{name}"] for name in _NAMES})


def _curve(groups: Iterable[Mapping[str, Any]]) -> list[Row]:
    """Every span in order, each with all that waited at least as long; none where nobody came."""
    found = {group["slice"]: _counts(group) for group in groups}
    if not found:
        return []
    rows, still = [], Counts()
    for begins, label in reversed(SPANS):
        here = found.get(begins, Counts())
        still += here
        rows.append(Row(str(begins), label, here, still))
    return rows[::-1]


def _leads(
    user: User, *, period: Period, only: Mapping[str, str] | None, now: dt.datetime
) -> QuerySet[Lead]:
    """The cohort, each lead with its span and what became of it."""
    kept = dict(only or {})
    span = kept.pop(WAITED, None)
    found = cohort.selected(user, declaration=DECLARATION, period=period, only=kept)
    found = found.exclude(stage=Stage.MERGED.value)
    found = found.annotate(asked=Subquery(_asked(), output_field=_MOMENT))
    contacts = Activity.objects.contacts().filter(lead=OuterRef("pk"), at__gte=OuterRef("asked"))
    first = contacts.order_by().values("lead").annotate(first=Min("at")).values("first")
    rests = When(stage__in=[*RESTING], then=F("entered_stage_at"))
    found = found.filter(asked__isnull=False).annotate(first=Subquery(first, output_field=_MOMENT))
    found = found.annotate(
        until=Coalesce(
            F("first"), Case(rests, output_field=_MOMENT), Value(now, output_field=_MOMENT)
        ),
        replied=_replied(),
        converted=Exists(measures.taken().filter(lead=OuterRef("pk"), transition="convert")),
    )
    found = found.annotate(span=_span())
    if span is not None:
        found = found.annotate(span_text=Cast("span", measures.TEXT)).filter(span_text=span)
    return found


def _asked() -> QuerySet[Any, Any]:
    """When a buyer did what had somebody contact them: the first time, of a lead."""
    wanted = Q(pk__in=[])
    for version in KitVersion.objects.filter(status__in=_RAN).only("pk"):
        legs = [one.key for one in kits.kit_of(version.pk).policies if speed.is_leg(one)]
        wanted |= Q(kit_id=version.pk, policy__in=legs)
    clocks = Clock.objects.filter(wanted, lead=OuterRef("pk"), scope="STAGE", void=False)
    since = Min(Coalesce("event_at", "started_at"))
    return clocks.order_by().values("lead").annotate(since=since).values("since")


def _replied() -> Q:
    """Whether the buyer wrote, called or came back after the first contact."""
    later = {"lead": OuterRef("pk")}
    words = Activity.objects.standing().filter(
        **later, direction=Activity.Direction.INBOUND, automatic=False, at__gt=OuterRef("first")
    )
    touches = Touch.objects.filter(
        **later, historical=False, occurred_at__gt=OuterRef("first")
    ).exclude(channel__in=[*turns.OURS, *turns.TOLD])
    return Q(Exists(words)) | Q(Exists(touches.exclude(status=TouchStatus.WITHDRAWN)))


def _span() -> Case:
    """The span of a lead, by the minutes it begins with."""
    ends = [minutes for minutes, _ in SPANS[1:]]
    return Case(
        *(
            When(until__lt=F("asked") + dt.timedelta(minutes=end), then=Value(begins))
            for (begins, _), end in zip(SPANS, ends, strict=False)
        ),
        default=Value(SPANS[-1][0]),
        output_field=IntegerField(),
    )


_CONTACTED, _GAINED = Q(first__isnull=False), Q(replied=True) | Q(converted=True)
_FIGURES: dict[str, Any] = {
    "n_contacted": Count("pk", filter=_CONTACTED),
    "n_replied": Count("pk", filter=_CONTACTED & Q(replied=True)),
    "n_converted": Count("pk", filter=_CONTACTED & Q(converted=True)),
    "n_either": Count("pk", filter=_CONTACTED & _GAINED),
    "n_never": Count("pk", filter=~_CONTACTED),
    "n_gained": Count("pk", filter=~_CONTACTED & _GAINED),
}
