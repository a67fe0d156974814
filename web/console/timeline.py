"""The timeline of a lead: its log, newest first, as sentences under days; few queries in all."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Any

from django.db.models import Q
from django.urls import reverse

from governance import selectors as kits
from leads import selectors
from leads.models import Account, Activity, EventKind, LeadEvent, Touch
from lifecycle.models import KitApplication, Reassignment
from people.models import User
from routing import pool_rights
from routing.models import Pool
from sla.models import ClockEvent
from web.console import pages, people_names, provider_names, proving_words, sentences, todo, words
from web.console.sentence import Known, Piece, Sentence

PAGE = 40
KINDS: dict[str, tuple[str, frozenset[str]]] = {
    "stages": (
        "Stages",
        frozenset({EventKind.STAGE, EventKind.DISPUTED, EventKind.RULED, EventKind.WAKE_UP}),
    ),
    "owner": ("Owner", frozenset({EventKind.ASSIGNED, EventKind.QUEUED, EventKind.RELEASED})),
    "clocks": (
        "Clocks",
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
    "touches": ("Touchpoints", frozenset({EventKind.TOUCHED, EventKind.SIGNALLED})),
    "score": ("Score", frozenset({EventKind.CROSSED})),
    "fields": ("Fields", frozenset({EventKind.EDITED, EventKind.ENRICHED})),
    "contact": ("Contact", frozenset({EventKind.ACTIVITY, EventKind.RETRACTED})),
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
) -> Story:
    """Up to `PAGE` entries before an event's id; an unknown kind shows all.

    With `until` only what had been written down by then; `address` is that of another page.
    What happened with the buyers of merged leads is told, too: their touchpoints and contacts.
    """
    own, *merged = selectors.with_merged(lead_id)
    whose = Q(lead_id=own)
    if merged:
        whose |= Q(lead_id__in=merged, kind__in=OF_BUYERS)
    rows = LeadEvent.objects.filter(whose).order_by("-pk")
    if kind in KINDS:
        rows = rows.filter(kind__in=KINDS[kind][1])
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if until is not None:
        rows = rows.filter(recorded_at__lte=until)
    found = list(rows[: PAGE + 1])
    events, more = found[:PAGE], len(found) > PAGE
    url = address or reverse("console:lead", args=[lead_id])
    chosen = {"kind": [kind]} if kind in KINDS else {}
    return Story(
        kinds=_kinds(url, kind),
        days=_days(events, of=lead_id, reader=reader, now=now, zone=zone),
        more_url=pages.asking(url, {**chosen, "before": [events[-1].pk]}) if more else "",
    )


def _kinds(url: str, current: str) -> tuple[Kind, ...]:
    chosen = current if current in KINDS else ""
    everything = Kind("All", url, chosen == "")
    return (
        everything,
        *(
            Kind(label, pages.asking(url, {"kind": [key]}), key == chosen)
            for key, (label, _) in KINDS.items()
        ),
    )


def _days(
    events: Sequence[LeadEvent], *, of: int, reader: User, now: datetime, zone: tzinfo
) -> tuple[Day, ...]:
    moment = functools.partial(words.moment, now=now, zone=zone)
    known = _known(events, reader=reader, moment=moment)
    ended = _clocks_ended(events)
    days = []
    for _, of_day in groupby(events, key=lambda event: event.recorded_at.astimezone(zone).date()):
        rows = list(of_day)
        label = words.day(rows[0].recorded_at, now=now, zone=zone)
        entries = tuple(
            _entry(event, known, _more(event, of, ended.get(event.pk, "")), zone) for event in rows
        )
        days.append(Day(label[:1].upper() + label[1:], entries))
    return tuple(days)


def _more(event: LeadEvent, of: int, ended: str) -> str:
    """What is said after the sentence: clocks that ended, and whose log it stands in."""
    other = f"(lead {event.lead_id})" if event.lead_id != of else ""
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


def _known(
    events: Sequence[LeadEvent], *, reader: User, moment: Callable[[datetime], str]
) -> Known:
    """Names, touches, activities, pools, kits and reasons for these events."""
    because = [event.because for event in events]
    touches = Touch.objects.in_bulk([one["touch"] for one in because if one.get("touch")])
    told = [one.get(key) for one in because for key in ("activity", "note")]
    activities = Activity.objects.in_bulk([pk for pk in told if isinstance(pk, int)])
    people = [event.by_id for event in events] + [event.owner_id for event in events]
    people += [one.get(key) for one in because for key in ("holder", "from")]
    people += [row.by_id for row in activities.values()]
    pools = {event.queue for event in events} | {str(one.get("pool") or "") for one in because}
    labels = Pool.objects.filter(key__in=pools - {""}).values_list("key", "label")
    versions = {event.kit_id for event in events if event.kit_id}
    versions |= {kit for one in because if isinstance(kit := one.get("clock_kit"), int)}
    return Known(
        names=people_names.of(people),
        pools=dict(labels),
        touches=touches,
        activities=activities,
        signals=proving_words.signals_of(because),
        kits={version: kits.kit_of(version) for version in versions},
        providers=provider_names.of(one.get("provider") for one in because),
        accounts=Account.objects.in_bulk(_accounts(because)),
        reasons=_reasons({one["application"] for one in because if one.get("application")}),
        handed=_handed({one["reassignment"] for one in because if one.get("reassignment")}),
        moment=moment,
        sight=pool_rights.sight_of(reader),
    )


def _accounts(because: Sequence[Mapping[str, Any]]) -> set[int]:
    named = (one.get("company") for one in because)
    return {one["account"] for one in named if one and one.get("account")}


def _reasons(applications: set[int]) -> dict[int, str]:
    """Why a kit was brought to leads that were there before it."""
    if not applications:
        return {}
    rows = KitApplication.objects.filter(pk__in=applications)
    return dict(rows.values_list("pk", "reason"))


def _handed(acts: set[int]) -> dict[int, str]:
    """Why many leads were handed on in one act."""
    if not acts:
        return {}
    return dict(Reassignment.objects.filter(pk__in=acts).values_list("pk", "reason"))


def _clocks_ended(events: Sequence[LeadEvent]) -> dict[int, str]:
    """What each event did to clocks: `“Accept” was met.`"""
    rows = ClockEvent.objects.filter(
        event__in=[event.pk for event in events], kind=ClockEvent.Kind.STOPPED
    ).select_related("clock")
    told: dict[int, list[str]] = {}
    for row in rows.order_by("pk"):
        met = row.at <= row.clock.due_at
        outcome = "was met in time" if met else "ended late"
        told.setdefault(row.event_id, []).append(f"The clock “{todo.label(row.clock)}” {outcome}.")
    return {event: " ".join(parts) for event, parts in told.items()}
