"""The timeline of a lead: its log, newest first, as sentences under days; few queries in all."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from django.urls import reverse

from core import steps
from core.texts import _, lazy
from governance import selectors as kits
from leads import selectors
from leads.models import Account, Activity, EventKind, LeadEvent, Touch
from lifecycle.models import KitApplication, Reassignment
from people.models import User
from routing import pool_rights
from routing.discretion import Sight
from routing.models import Pool
from sla.models import ClockEvent
from web.console import pages, people_names, provider_names, proving_words, sentences, todo, words
from web.console.sentence import Known, Piece, Sentence

M = TypeVar("M", bound=Model)
PAGE = 40
KINDS: dict[str, tuple[str, frozenset[str]]] = {
    "stages": (
        lazy("Stages"),
        frozenset({EventKind.STAGE, EventKind.DISPUTED, EventKind.RULED, EventKind.WAKE_UP}),
    ),
    "owner": (lazy("Owner"), frozenset({EventKind.ASSIGNED, EventKind.QUEUED, EventKind.RELEASED})),
    "clocks": (
        lazy("Clocks"),
        frozenset(
            {
                EventKind.WARNED,
                EventKind.BREACHED,
                EventKind.ESCALATED,
                EventKind.MOVED,
                EventKind.PAUSED,
                EventKind.RESUMED,
                EventKind.CORRECTED,
                EventKind.RECALCULATED,
                EventKind.NEXT_STEP,
            }
        ),
    ),
    "touches": (lazy("Touchpoints"), frozenset({EventKind.TOUCHED, EventKind.SIGNALLED})),
    "score": (lazy("Score"), frozenset({EventKind.CROSSED})),
    "fields": (lazy("Fields"), frozenset({EventKind.EDITED, EventKind.ENRICHED})),
    "contact": (lazy("Contact"), frozenset({EventKind.ACTIVITY, EventKind.RETRACTED})),
}
OF_BUYERS = (EventKind.TOUCHED, EventKind.SIGNALLED, EventKind.ACTIVITY, EventKind.RETRACTED)
"""What is told of leads that were merged into this one."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One filter of the timeline."""

    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line: its sentence, time of day and kit."""

    icon: str
    tone: str
    pieces: tuple[Piece, ...]
    note: str
    time: str
    kit: int | None


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one day in the reader's zone."""

    label: str
    events: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Story:
    """One page of a timeline."""

    kinds: tuple[Kind, ...]
    days: tuple[Day, ...]
    more_url: str


@steps.in_steps
def of_lead(
    lead_id: int,
    *,
    reader: User,
    now: datetime,
    zone: tzinfo,
    kind: str = "",
    before: int | None = None,
    until: datetime | None = None,
    address: str = "",
) -> steps.Story[Story]:
    """Up to `PAGE` entries before an event's id; an unknown kind shows all.

    With `until` only what had been written down by then; `address` is that of another page.
    What happened with the buyers of merged leads is told, too: their touchpoints and contacts.
    """
    merged, seeing = selectors.merged_into(lead_id), pool_rights.sight(reader)
    yield merged, seeing
    whose = Q(lead_id=lead_id)
    if merged:
        whose |= Q(lead_id__in=list(merged), kind__in=OF_BUYERS)
    rows = LeadEvent.objects.filter(whose).order_by("-pk")
    if kind in KINDS:
        rows = rows.filter(kind__in=KINDS[kind][1])
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if until is not None:
        rows = rows.filter(recorded_at__lte=until)
    found = rows[: PAGE + 1]
    yield [found]
    events, more = list(found)[:PAGE], len(found) > PAGE
    moment = functools.partial(words.moment, now=now, zone=zone)
    asked, ended = _known(events, sight=seeing.found, moment=moment), _clocks_ended(events)
    yield asked, ended
    url = address or reverse("console:lead", args=[lead_id])
    chosen = {"kind": [kind]} if kind in KINDS else {}
    return Story(
        kinds=_kinds(url, kind),
        days=_days(events, asked.found, _outcomes(ended), of=lead_id, now=now, zone=zone),
        more_url=pages.asking(url, {**chosen, "before": [events[-1].pk]}) if more else "",
    )


def _kinds(url: str, current: str) -> tuple[Kind, ...]:
    chosen = current if current in KINDS else ""
    everything = Kind(_("All"), url, chosen == "")
    return (
        everything,
        *(
            Kind(label, pages.asking(url, {"kind": [key]}), key == chosen)
            for key, (label, _rest) in KINDS.items()
        ),
    )


def _days(
    events: Sequence[LeadEvent],
    known: Known,
    ended: Mapping[int, str],
    *,
    of: int,
    now: datetime,
    zone: tzinfo,
) -> tuple[Day, ...]:
    days = []
    for _rest, of_day in groupby(
        events, key=lambda event: event.recorded_at.astimezone(zone).date()
    ):
        rows = list(of_day)
        label = words.day(rows[0].recorded_at, now=now, zone=zone)
        entries = tuple(
            _entry(event, known, _more(event, of, ended.get(event.pk, "")), zone) for event in rows
        )
        days.append(Day(label[:1].upper() + label[1:], entries))
    return tuple(days)


def _more(event: LeadEvent, of: int, ended: str) -> str:
    """What is said after the sentence: clocks that ended, and whose log it stands in."""
    other = _("(lead {lead_id})").format(lead_id=event.lead_id) if event.lead_id != of else ""
    return " ".join(filter(None, (ended, other)))


def _entry(event: LeadEvent, known: Known, ended: str, zone: tzinfo) -> Entry:
    told: Sentence = sentences.tell(event, known)
    pieces = (*told.pieces, Piece(f" {ended}")) if ended else told.pieces
    kit = known.kits.get(event.kit_id or 0)
    return Entry(
        told.icon,
        told.tone,
        pieces,
        told.note,
        _when(event, known, zone),
        kit.number if kit else None,
    )


def _when(event: LeadEvent, known: Known, zone: tzinfo) -> str:
    """The time of its day; with the date where it was written down on another one."""
    at = event.at.astimezone(zone)
    if at.date() == event.recorded_at.astimezone(zone).date():
        return f"{at:%H:%M}"
    return known.moment(event.at)


@steps.in_steps
def _known(
    events: Sequence[LeadEvent], *, sight: Sight, moment: Callable[[datetime], str]
) -> steps.Story[Known]:
    """Names, touches, activities, pools, kits and reasons for these events. Two messages."""
    because = [event.because for event in events]
    touches = Touch.objects.filter(pk__in=[one["touch"] for one in because if one.get("touch")])
    told = [one.get(key) for one in because for key in ("activity", "note")]
    activities = Activity.objects.filter(pk__in=[pk for pk in told if isinstance(pk, int)])
    pools = {event.queue for event in events} | {str(one.get("pool") or "") for one in because}
    labels = Pool.objects.filter(key__in=pools - {""}).values_list("key", "label")
    signals, accounts = proving_words.signals_of(because), _accounts(because)
    providers = provider_names.of(one.get("provider") for one in because)
    reasons = _reasons({one["application"] for one in because if one.get("application")})
    handed = _handed({one["reassignment"] for one in because if one.get("reassignment")})
    yield touches, activities, labels, signals, accounts, providers, reasons, handed
    people = [event.by_id for event in events] + [event.owner_id for event in events]
    people += [one.get(key) for one in because for key in ("holder", "from")]
    people += [row.by_id for row in activities]
    names = people_names.asked(people)
    yield [names]
    versions = {event.kit_id for event in events if event.kit_id}
    versions |= {kit for one in because if isinstance(kit := one.get("clock_kit"), int)}
    return Known(
        names=names.found,
        pools=dict(labels),
        touches=_by_number(touches),
        activities=_by_number(activities),
        signals=_by_number(signals),
        kits={version: kits.kit_of(version) for version in versions},
        providers=dict(providers),
        accounts=_by_number(accounts),
        reasons=dict(reasons),
        handed=dict(handed),
        moment=moment,
        sight=sight,
    )


def _by_number(rows: Iterable[M]) -> dict[int, M]:
    return {row.pk: row for row in rows}


def _accounts(because: Sequence[Mapping[str, Any]]) -> QuerySet[Account]:
    named = (one.get("company") for one in because)
    found = {one["account"] for one in named if one and one.get("account")}
    return Account.objects.filter(pk__in=found)


def _reasons(applications: set[int]) -> QuerySet[KitApplication, tuple[int, str]]:
    """Why a kit was brought to leads that were there before it."""
    return KitApplication.objects.filter(pk__in=applications).values_list("pk", "reason")


def _handed(acts: set[int]) -> QuerySet[Reassignment, tuple[int, str]]:
    """Why many leads were handed on in one act."""
    return Reassignment.objects.filter(pk__in=acts).values_list("pk", "reason")


def _clocks_ended(events: Sequence[LeadEvent]) -> QuerySet[ClockEvent]:
    """The clocks that these events ended."""
    rows = ClockEvent.objects.filter(
        event__in=[event.pk for event in events], kind=ClockEvent.Kind.STOPPED
    ).select_related("clock")
    return rows.order_by("pk")


def _outcomes(ended: Iterable[ClockEvent]) -> dict[int, str]:
    """What each event did to clocks: `“Accept” was met.`"""
    told: dict[int, list[str]] = {}
    for row in ended:
        met = row.at <= row.clock.due_at
        outcome = _("was met in time") if met else _("ended late")
        told.setdefault(row.event_id, []).append(
            _("The clock “{label}” {outcome}.").format(label=todo.label(row.clock), outcome=outcome)
        )
    return {event: " ".join(parts) for event, parts in told.items()}
