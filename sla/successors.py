"""Clocks that run on in the place of void ones: after an undo, a merge, another kit.

A successor has the start and the course of the clock it follows: who held it, when it stood still.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from core import made
from leads.ledger import Ledger
from leads.models import Lead, LeadEvent
from sla import moves, notes, segments, selectors, services
from sla.clock import Due, Fate
from sla.models import Clock, ClockEvent
from sla.pins import Pins
from sla.retracing import Step
from sla.services import CARRIED, RECALCULATED, Evidence


def resume(
    clock: Clock,
    lead: Lead,
    *,
    ledger: Ledger,
    event: LeadEvent,
    past: Sequence[ClockEvent] | None = None,
) -> Clock:
    """What ended this clock was undone: void it and let a successor run to the same deadline.

    `past` are its notes so far; they are read where they are not given.
    """
    _void(clock, ledger=ledger, event=event)
    return again(clock, lead, ledger=ledger, event=event, past=past)


def forget(clock: Clock, *, ledger: Ledger, event: LeadEvent) -> None:
    """What began this clock was undone, and so was its end: it is void, and nothing is owed."""
    if not clock.void:
        _void(clock, ledger=ledger, event=event)


def carry(
    clock: Clock, lead: Lead, to: Lead, *, ledger: Ledger, left: LeadEvent, joined: LeadEvent
) -> Clock:
    """An open obligation on one lead is owed on another from now on, to the same deadline.

    `left` and `joined` are the events of the two leads; a deadline that has passed unseen is
    breached where the clock ran.
    """
    proof = Evidence(CARRIED, ledger.now, by_id=ledger.by_id)
    services.end(clock, Fate.CANCELLED, proof, ledger=ledger, event=left, lead=lead)
    _void(clock, ledger=ledger, event=left)
    return again(clock, to, ledger=ledger, event=joined)


def again(
    clock: Clock,
    lead: Lead,
    *,
    ledger: Ledger,
    event: LeadEvent,
    past: Sequence[ClockEvent] | None = None,
) -> Clock:
    """A clock like an ended one, from the same start to the same deadline, held by the owner."""
    successor = made.row(
        Clock,
        lead=lead,
        obligation=clock.obligation,
        policy=clock.policy,
        scope=clock.scope,
        kit_id=clock.kit_id,
        calendar=clock.calendar,
        cycle=clock.cycle,
        holder_id=lead.owner_id,
        channel=clock.channel,
        event_at=clock.event_at,
        received_at=clock.received_at,
        promised_at=clock.promised_at,
        started_at=clock.started_at,
        warn_at=clock.warn_at,
        due_at=clock.due_at,
        **notes.pin_of(clock),
        tzdata=clock.tzdata,
        warned_at=clock.warned_at,
        breached_at=clock.breached_at,
        escalation=clock.escalation,
        escalate_at=clock.escalate_at,
    )
    ledger.add(successor)
    known = _past(clock) if past is None else past
    _take_over(successor, known, ledger=ledger, event=event)
    if clock.holder_id != successor.holder_id:
        moves.hand(successor, lead, ledger=ledger, event=event)
    for kind, at in (("WARNED", clock.warned_at), ("BREACHED", clock.breached_at)):
        if at is not None:
            notes.write(successor, ClockEvent.Kind(kind), at, ledger=ledger, event=event)
    return successor


def replace(
    clock: Clock,
    due: Due,
    steps: Sequence[Step],
    lead: Lead,
    *,
    past: Iterable[ClockEvent],
    ledger: Ledger,
    event: LeadEvent,
) -> Clock:
    """Void a running clock that is not overdue; one under the ledger's kit takes its place.

    The successor starts when the clock did, and its course is `steps`. A warning that would be due
    again is not repeated. `past` are the notes of the clock so far.
    """
    proof = Evidence(RECALCULATED, ledger.now, by_id=ledger.by_id)
    services.end(clock, Fate.CANCELLED, proof, ledger=ledger, event=event, lead=lead)
    _void(clock, ledger=ledger, event=event)
    successor = services.prepare(lead, due.policy, ledger=ledger, since=clock.started_at, due=due)
    successor.event_at, successor.received_at = clock.event_at, clock.received_at
    _go_through(successor, steps, ledger=ledger, event=event)
    for one in past:
        if one.kind == ClockEvent.Kind.JOINED:
            notes.copy(one, successor, ledger=ledger, event=event)
    if clock.warned_at is not None and successor.warn_at <= ledger.now:
        successor.warned_at = clock.warned_at
        warned = ClockEvent.Kind.WARNED
        notes.write(successor, warned, clock.warned_at, ledger=ledger, event=event)
    return successor


def _go_through(
    successor: Clock, steps: Iterable[Step], *, ledger: Ledger, event: LeadEvent
) -> None:
    """Write its course down, each note with what counted from there on."""
    pins = ledger.once(Pins)
    for step in steps:
        successor.holder_id, successor.due_at = step.holder_id, step.due_at
        successor.pin = None if step.pinned is None else pins.kept(step.pinned)
        kind = ClockEvent.Kind(step.kind)
        notes.write(successor, kind, step.at, ledger=ledger, event=event, cause=step.cause)


def _past(clock: Clock) -> Sequence[ClockEvent]:
    return selectors.notes_of([clock.pk])[clock.pk] if clock.pk else []


def _take_over(
    successor: Clock, past: Iterable[ClockEvent], *, ledger: Ledger, event: LeadEvent
) -> None:
    """The start and the course of the clock before; whose it is now where that is another."""
    holder, known = successor.holder_id, list(past)
    first = next((one for one in known if one.kind == segments.STARTED), None)
    last = successor.holder_id = first.holder_id if first is not None else holder
    start = notes.write(
        successor, ClockEvent.Kind.STARTED, successor.started_at, ledger=ledger, event=event
    )
    if first is not None and first.due_at is not None and any(_moves(one) for one in known):
        start.due_at, start.pin = first.due_at, first.pin
    for one in known:
        if one.kind in segments.COPIED:
            notes.copy(one, successor, ledger=ledger, event=event)
            last = one.holder_id if one.kind == segments.HANDED else last
    successor.holder_id = holder
    if last != holder:
        notes.held(successor, ClockEvent.Kind.HANDED, ledger.now, ledger=ledger, event=event)


def _moves(note: ClockEvent) -> bool:
    return note.kind in segments.DUE_BEARING and note.kind != segments.STARTED


def _void(clock: Clock, *, ledger: Ledger, event: LeadEvent) -> None:
    clock.void = True
    ledger.change(clock, "void")
    notes.write(clock, ClockEvent.Kind.VOIDED, ledger.now, ledger=ledger, event=event)
