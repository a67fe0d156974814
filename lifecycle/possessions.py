"""Reads how leads came to who holds them. A fixed number of queries for any number of leads."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from django.db.models import QuerySet

from core import steps
from leads.models import EventKind, Lead, LeadEvent
from lifecycle import causes, possession, wording
from lifecycle.models import Reassignment
from lifecycle.possession import Came, Decided, Reader
from people.models import User
from routing import pool_rights
from routing.models import Assignment, Decision, Override, Pool

OWNING = (EventKind.ASSIGNED, EventKind.QUEUED, EventKind.RELEASED)
UNREAD = ("decision__facts", "decision__place")


def of_leads(leads: Sequence[Lead]) -> dict[int, Came]:
    """By lead, how it came to where it is now; leads that never had anybody are left out.

    Two messages at most.
    """
    return asked_of(leads).read()


@steps.in_steps
def asked_of(leads: Sequence[Lead]) -> steps.Story[dict[int, Came]]:
    """As `of_leads`, asked with others."""
    known = {lead.pk: lead for lead in leads}
    rows, held = _owning(known), _held(known)
    yield rows, held
    story = _story(rows)
    last = {lead: events[-1].pk for lead, events in story.items()}
    told = yield from _told(story, held, set(last.values()))
    return {lead: _as_kept(told[event], known[lead]) for lead, event in last.items()}


def of_events(event_ids: Iterable[int]) -> dict[int, Came]:
    """By event that gave a lead to somebody, how it came to them. Five queries at most."""
    wanted = set(event_ids)
    if not wanted:
        return {}
    return _of_events(wanted).read()


@steps.in_steps
def _of_events(wanted: set[int]) -> steps.Story[dict[int, Came]]:
    found = LeadEvent.objects.filter(pk__in=wanted, kind=EventKind.ASSIGNED)
    leads = set(found.values_list("lead_id", flat=True))
    rows, held = _owning(leads), _held(leads)
    yield rows, held
    return (yield from _told(_story(rows), held, wanted))


def words_of(events: Mapping[int, User]) -> dict[int, str]:
    """By event that gave a lead to somebody, why, in the words for whoever reads of it.

    Seven queries at most, and two for each reader.
    """
    came = of_events(events)
    people = {user for one in came.values() for user in one.people}
    names = {one.pk: str(one) for one in User.objects.filter(pk__in=people)} if people else {}
    pools = dict(Pool.objects.values_list("key", "label")) if came else {}
    sights = {one.pk: pool_rights.sight_of(one) for one in {events[event] for event in came}}
    return {
        event: possession.sentence(
            one,
            Reader(
                events[event].pk,
                names,
                pools,
                functools.partial(wording.instant_in, zone=events[event].zone),
                sights[events[event].pk],
            ),
        )
        for event, one in came.items()
    }


def _owning(leads: Collection[int]) -> QuerySet[LeadEvent]:
    """Every event that changed who has these leads, in order."""
    rows = LeadEvent.objects.filter(lead__in=leads, kind__in=OWNING)
    return rows.order_by("lead_id", "sequence")


def _held(leads: Collection[int]) -> QuerySet[Assignment]:
    rows = Assignment.objects.filter(lead__in=leads)
    return rows.select_related("decision").defer(*UNREAD)


def _story(rows: Iterable[LeadEvent]) -> dict[int, list[LeadEvent]]:
    """By lead every event that changed who has it."""
    story: defaultdict[int, list[LeadEvent]] = defaultdict(list)
    for event in rows:
        story[event.lead_id].append(event)
    return dict(story)


def _told(
    story: dict[int, list[LeadEvent]], held: Iterable[Assignment], wanted: set[int]
) -> steps.Story[dict[int, Came]]:
    started: dict[int, Assignment] = {}
    ended: dict[int, Assignment] = {}
    for one in held:
        started[one.started_by_event_id] = one
        if one.ended_by_event_id is not None:
            ended[one.ended_by_event_id] = one
    undecided, acts = _waiting(story, wanted), _acts(story, wanted)
    yield undecided, acts
    waiting, reasons = {row.lead_id: row for row in undecided}, dict(acts)
    return {
        events[place].pk: replace(
            _came(events[: place + 1], started, ended, waiting),
            reason=reasons.get(events[place].because.get("reassignment") or 0, ""),
        )
        for events in story.values()
        for place in range(len(events))
        if events[place].pk in wanted
    }


def _acts(
    story: dict[int, list[LeadEvent]], wanted: set[int]
) -> QuerySet[Reassignment, tuple[int, str]]:
    """Acts that handed on many leads, and why, where one is asked for; an undo gives no reason."""
    told = (one for events in story.values() for one in events if one.pk in wanted)
    acts = {one.because["reassignment"] for one in told if one.because.get("reassignment")}
    rows = Reassignment.objects.filter(pk__in=acts).exclude(way=Reassignment.Way.BACK)
    return rows.values_list("pk", "reason")


def _waiting(story: dict[int, list[LeadEvent]], wanted: set[int]) -> QuerySet[Decision]:
    """Decisions that found nobody, the last of a lead last, where one is asked for."""
    leads = [
        lead
        for lead, events in story.items()
        if any(one.pk in wanted and one.kind == EventKind.QUEUED for one in events)
    ]
    rows = Decision.objects.filter(lead__in=leads, picked__isnull=True).defer("facts", "place")
    return rows.order_by("at", "pk")


def _came(
    events: Sequence[LeadEvent],
    started: dict[int, Assignment],
    ended: dict[int, Assignment],
    waiting: dict[int, Decision],
) -> Came:
    """How the last of these events came about."""
    last = events[-1]
    queued = _run_before(events)
    turning = [*queued, last]
    leg = next((ended[one.pk] for one in turning if one.pk in ended), None)
    ending = next((one for one in turning if one.pk in ended), None)
    mine = started.get(last.pk)
    decision = mine.decision if mine is not None else None
    if last.kind == EventKind.QUEUED and "rule" in last.because:
        decision = waiting.get(last.lead_id)
    is_queue = last.kind == EventKind.QUEUED
    return Came(
        user=last.owner_id if last.kind == EventKind.ASSIGNED else None,
        why=str(last.because.get("why") or ""),
        by=last.by_id,
        decided=_decided(decision) if decision is not None else None,
        before=leg.user_id if leg is not None else None,
        ending=leg.end_reason if leg is not None else "",
        ended_by=ending.by_id if ending is not None else None,
        misrouted_as=_misrouted_as(ending) if ending is not None else "",
        queue=last.queue if is_queue else queued[0].queue if queued else "",
        waited=last.at - queued[0].at if queued else None,
        waited_in=queued[0].queue if queued and is_queue and queued[0].queue != last.queue else "",
        is_history=bool(last.because.get("history")),
    )


def _misrouted_as(ending: LeadEvent) -> str:
    """Why whoever had it said that it was not theirs."""
    key = ending.because.get("reason")
    is_misroute = causes.MISROUTED in (ending.because.get("again"), ending.because.get("why"))
    return str(dict(Override.Why.choices).get(key, "")) if is_misroute else ""


def _run_before(events: Sequence[LeadEvent]) -> list[LeadEvent]:
    """The events by which it waited right before the last one, oldest first."""
    run: list[LeadEvent] = []
    for one in reversed(events[:-1]):
        if one.kind != EventKind.QUEUED:
            break
        run.insert(0, one)
    return run


def _decided(row: Decision) -> Decided:
    return Decided(
        tried=row.tried,
        target=row.target,
        moment=row.moment,
        pool=row.pool,
        picked=row.picked_id,
        because=row.because,
        candidates=row.candidates,
    )


def _as_kept(came: Came, lead: Lead) -> Came:
    if came.user is not None or lead.kept_for_id is None:
        return came
    return replace(came, kept_for=lead.kept_for_id, kept_until=lead.route_at)
