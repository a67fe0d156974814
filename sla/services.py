"""Writes of clocks. Every change of a clock hangs on the lead event of the same act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from core import made, worktime
from governance import selectors as kits
from governance.kit import Kit
from governance.moments import Moment
from governance.terms import Level, Policy
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from sla import clock as clocks
from sla.clock import Escalation, Fate
from sla.models import OPEN, Clock, ClockEvent, ClockState

RECALCULATED = "recalculated"
"""The evidence of clocks that were started anew, or ended, under another kit."""


CARRIED = "merged"
"""The evidence of clocks whose lead was merged into another, or parted from it."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What ended a clock: its kind, the row that proves it, who did it and when."""

    kind: str
    at: dt.datetime
    row: int | None = None
    by_id: int | None = None


def happen(
    lead: Lead,
    moment: Moment,
    *,
    running: list[Clock],
    facts: Callable[[], Mapping[str, object]],
    ledger: Ledger,
    event: LeadEvent,
    evidence: Evidence | None = None,
) -> None:
    """Let a moment stop, cancel and start the lead's clocks.

    `running` holds all open clocks of the locked lead and is kept up to date. A clock is judged
    by the kit that started it; new ones start under the ledger's. `facts` is asked only when a
    policy's condition needs them.
    """
    proof = evidence or Evidence(moment.value, ledger.now, by_id=ledger.by_id)
    for clock in list(running):
        kit = _kit_of(clock, ledger)
        exempt = kit.exemption(stage=lead.stage, channel=lead.channel, obligation=clock.obligation)
        fate = clocks.fate(
            kit.policy(clock.policy), moment, stage=lead.stage, exempt=exempt is not None
        )
        if fate is not Fate.STAYS:
            end(clock, fate, proof, ledger=ledger, event=event, lead=lead)
            running.remove(clock)
    open_slots = {(clock.obligation, clock.scope) for clock in running}
    for policy in clocks.started_by(
        ledger.kit, moment, stage=lead.stage, facts=facts, channel=lead.channel
    ):
        if (policy.obligation, policy.scope) not in open_slots:
            clock = start(lead, policy, ledger=ledger, event=event)
            running.append(clock)
    show_next_due(lead, running, ledger=ledger)


def start(
    lead: Lead,
    policy: Policy,
    *,
    ledger: Ledger,
    event: LeadEvent,
    since: dt.datetime | None = None,
) -> Clock:
    """Start one clock now, or `since` an earlier instant when it takes over from a void one."""
    due = clocks.due(ledger.kit, policy, since or ledger.now)
    clock = made.row(
        Clock,
        lead=lead,
        obligation=policy.obligation,
        policy=policy.key,
        scope=policy.scope,
        kit_id=ledger.kit.id,
        calendar=policy.calendar,
        cycle=lead.cycle,
        holder_id=lead.owner_id,
        channel=lead.channel,
        started_at=due.started_at,
        warn_at=due.warn_at,
        due_at=due.due_at,
    )
    ledger.add(clock)
    _note(clock, ClockEvent.Kind.STARTED, due.started_at, ledger=ledger, event=event)
    return clock


def end(
    clock: Clock,
    fate: Fate,
    proof: Evidence,
    *,
    ledger: Ledger,
    event: LeadEvent,
    lead: Lead,
) -> None:
    """Stop or cancel a clock once. If its deadline has passed unseen, the breach comes first.

    Evidence that turns out to be from before the deadline of a breached clock meets it after all;
    the breach stays in the log, followed by a correction.
    """
    if clock.breached_at is None and proof.at > clock.due_at:
        breach(clock, lead, ledger=ledger, cause=event)
    clock.state = ClockState(fate.value)
    clock.stopped_at = max(proof.at, clock.started_at)
    clock.evidence = proof.kind
    clock.evidence_id = proof.row
    clock.stopped_by_id = proof.by_id
    calendar = _kit_of(clock, ledger).calendars[clock.calendar]
    worked = worktime.elapsed(calendar, clock.started_at, clock.stopped_at)
    clock.working_seconds = worked.total_seconds()
    ledger.change(
        clock, "state", "stopped_at", "evidence", "evidence_id", "stopped_by", "working_seconds"
    )
    _note(clock, ClockEvent.Kind(fate.value), clock.stopped_at, ledger=ledger, event=event)
    if fate is Fate.STOPPED and clock.breached_at and clock.stopped_at <= clock.due_at:
        because = {**_because(clock), "evidence": proof.kind}
        told = ledger.event(lead, EventKind.CORRECTED, because=because, cause=event)
        _note(clock, ClockEvent.Kind.CORRECTED, ledger.now, ledger=ledger, event=told)


def warn(clock: Clock, lead: Lead, *, ledger: Ledger) -> None:
    """Record the one warning of a running clock, at the instant it fell due."""
    event = ledger.event(lead, EventKind.WARNED, because=_because(clock), at=clock.warn_at)
    clock.warned_at = clock.warn_at
    ledger.change(clock, "warned_at")
    _note(clock, ClockEvent.Kind.WARNED, clock.warn_at, ledger=ledger, event=event)


def breach(clock: Clock, lead: Lead, *, ledger: Ledger, cause: LeadEvent | None = None) -> None:
    """Record the one breach of a clock, stamped with the deadline that passed.

    The first escalation level of its policy, if it has one, stands ready from then on.
    """
    event = ledger.event(
        lead, EventKind.BREACHED, because=_because(clock), at=clock.due_at, cause=cause
    )
    clock.breached_at = clock.due_at
    ledger.change(clock, "breached_at")
    _note(clock, ClockEvent.Kind.BREACHED, clock.due_at, ledger=ledger, event=event)
    _arm(clock, None, ledger=ledger)


def ready_level(clock: Clock, ledger: Ledger) -> Level | None:
    """The level of the clock's own kit that stands ready; None when none does."""
    return _kit_of(clock, ledger).escalations.get(clock.escalation)


def escalate(clock: Clock, lead: Lead, *, ledger: Ledger) -> LeadEvent:
    """Record that the level that stands ready has come, stamped with its instant; ready the next.

    Raises ValueError when none stands ready.
    """
    if clock.escalate_at is None:
        raise ValueError(f"no escalation of clock {clock.pk} stands ready")
    come = Escalation(clock.escalation, clock.escalate_at)
    because = {**_because(clock), "level": come.level}
    event = ledger.event(lead, EventKind.ESCALATED, because=because, at=come.at)
    _note(clock, ClockEvent.Kind.ESCALATED, come.at, ledger=ledger, event=event)
    _arm(clock, come, ledger=ledger)
    return event


def wait_after_act(clock: Clock, *, acted: str, ledger: Ledger) -> None:
    """A level has given the lead to somebody else: the next one leaves them their time."""
    if clock.state not in OPEN or clock.escalate_at is None:
        return
    kit, ready = _kit_of(clock, ledger), Escalation(clock.escalation, clock.escalate_at)
    policy = kit.policy(clock.policy)
    clock.escalate_at = clocks.follows_act(kit, policy, ready, acted=acted, at=ledger.now).at
    ledger.change(clock, "escalate_at")


def come_at_once(clock: Clock, *, ledger: Ledger) -> bool:
    """A level could do nothing: the next one, if there is any, comes now."""
    if clock.escalate_at is None:
        return False
    clock.escalate_at = min(clock.escalate_at, ledger.now)
    ledger.change(clock, "escalate_at")
    return True


def _arm(clock: Clock, come: Escalation | None, *, ledger: Ledger) -> None:
    """Have the next level of the clock's own kit stand ready, or none."""
    kit = _kit_of(clock, ledger)
    coming = clocks.escalation(kit, kit.policy(clock.policy), clock.due_at, after=come)
    if coming is not None or come is not None:
        clock.escalation = coming.level if coming else ""
        clock.escalate_at = coming.at if coming else None
        ledger.change(clock, "escalation", "escalate_at")


def hand_over(lead: Lead, running: list[Clock], *, ledger: Ledger) -> None:
    """The open obligations are now the new owner's; a deadline that has passed unseen is not."""
    for clock in running:
        if clock.holder_id != lead.owner_id:
            overdue = clock.state == ClockState.RUNNING and clock.due_at < ledger.now
            if overdue and clock.breached_at is None:
                breach(clock, lead, ledger=ledger)
            clock.holder_id = lead.owner_id
            ledger.change(clock, "holder")


def cancel_all(
    lead: Lead, running: list[Clock], *, ledger: Ledger, event: LeadEvent, why: str
) -> None:
    """Nothing is owed any more: whatever still runs is cancelled."""
    proof = Evidence(why, ledger.now, by_id=ledger.by_id)
    for clock in running:
        end(clock, Fate.CANCELLED, proof, ledger=ledger, event=event, lead=lead)
    running.clear()
    show_next_due(lead, running, ledger=ledger)


def resume(clock: Clock, lead: Lead, *, ledger: Ledger, event: LeadEvent) -> Clock:
    """What ended this clock was undone: void it and let a successor run to the same deadline."""
    _void(clock, ledger=ledger, event=event)
    return again(clock, lead, ledger=ledger, event=event)


def carry(
    clock: Clock, lead: Lead, to: Lead, *, ledger: Ledger, left: LeadEvent, joined: LeadEvent
) -> Clock:
    """An open obligation on one lead is owed on another from now on, to the same deadline.

    `left` and `joined` are the events of the two leads; a deadline that has passed unseen is
    breached where the clock ran.
    """
    proof = Evidence(CARRIED, ledger.now, by_id=ledger.by_id)
    end(clock, Fate.CANCELLED, proof, ledger=ledger, event=left, lead=lead)
    _void(clock, ledger=ledger, event=left)
    return again(clock, to, ledger=ledger, event=joined)


def again(clock: Clock, lead: Lead, *, ledger: Ledger, event: LeadEvent) -> Clock:
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
        started_at=clock.started_at,
        warn_at=clock.warn_at,
        due_at=clock.due_at,
        warned_at=clock.warned_at,
        breached_at=clock.breached_at,
        escalation=clock.escalation,
        escalate_at=clock.escalate_at,
    )
    ledger.add(successor)
    _note(successor, ClockEvent.Kind.STARTED, clock.started_at, ledger=ledger, event=event)
    for kind, at in (("WARNED", clock.warned_at), ("BREACHED", clock.breached_at)):
        if at is not None:
            _note(successor, ClockEvent.Kind(kind), at, ledger=ledger, event=event)
    return successor


def replace(clock: Clock, policy: Policy, lead: Lead, *, ledger: Ledger, event: LeadEvent) -> Clock:
    """Void a running clock that is not overdue; one under the ledger's kit takes its place.

    The successor starts when the clock did. A warning that would be due again is not repeated.
    """
    proof = Evidence(RECALCULATED, ledger.now, by_id=ledger.by_id)
    end(clock, Fate.CANCELLED, proof, ledger=ledger, event=event, lead=lead)
    _void(clock, ledger=ledger, event=event)
    successor = start(lead, policy, ledger=ledger, event=event, since=clock.started_at)
    if clock.warned_at is not None and successor.warn_at <= ledger.now:
        successor.warned_at = clock.warned_at
        _note(successor, ClockEvent.Kind.WARNED, clock.warned_at, ledger=ledger, event=event)
    return successor


def show_next_due(lead: Lead, running: list[Clock], *, ledger: Ledger) -> None:
    """Keep the lead's own copy of its earliest due time."""
    earliest = clocks.next_due(clock.due_at for clock in running)
    if lead.next_due_at != earliest:
        lead.next_due_at = earliest
        ledger.change(lead, "next_due_at")


def policy_of(clock: Clock) -> Policy:
    """The policy a clock pins, in the kit that started it."""
    return kits.kit_of(clock.kit_id).policy(clock.policy)


def is_open(clock: Clock) -> bool:
    """Running or paused."""
    return clock.state in OPEN


def _kit_of(clock: Clock, ledger: Ledger) -> Kit:
    """The kit that started the clock; mostly the one at hand."""
    return ledger.kit if clock.kit_id == ledger.kit.id else kits.kit_of(clock.kit_id)


def _because(clock: Clock) -> dict[str, object]:
    return {
        "obligation": clock.obligation,
        "policy": clock.policy,
        "due_at": clock.due_at.isoformat(),
        "holder": clock.holder_id,
        "clock_kit": clock.kit_id,
    }


def _void(clock: Clock, *, ledger: Ledger, event: LeadEvent) -> None:
    clock.void = True
    ledger.change(clock, "void")
    _note(clock, ClockEvent.Kind.VOIDED, ledger.now, ledger=ledger, event=event)


def _note(
    clock: Clock,
    kind: ClockEvent.Kind,
    at: dt.datetime,
    *,
    ledger: Ledger,
    event: LeadEvent,
) -> None:
    ledger.add(
        made.row(ClockEvent, clock=clock, kind=kind, at=at, recorded_at=ledger.now, event=event)
    )
