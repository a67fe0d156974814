"""Writes of clocks. Every change of a clock hangs on the lead event of the same act."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from core import made, zone_release
from governance import selectors as kits
from governance.kit import Kit
from governance.moments import Moment
from governance.terms import Level, Policy
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from sla import clock as clocks
from sla import course, moves, notes, pauses, selectors
from sla import evidence as evidences
from sla.clock import Due, Escalation, Fate
from sla.models import OPEN, Clock, ClockEvent, ClockState

RECALCULATED = "recalculated"
"""The evidence of clocks that were started anew, or ended, under another kit."""


CARRIED = "merged"
"""The evidence of clocks whose lead was merged into another, or parted from it."""


WHAT_STOPPED = ("evidence", "evidence_id", "stopped_by", "proof")
"""The columns that say what ended a clock."""


@dataclass(frozen=True, slots=True)
class Came:
    """When what starts clocks happened outside, and when we heard of it."""

    at: dt.datetime
    received_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Evidence:
    """What ended a clock: its kind, the row that proves it, who did it and when.

    Of kind "activity" the row is one; else it is the event of the lead, where no other is given.
    What was done with the buyer is judged for each clock; the rest is proven by our own log.
    """

    kind: str
    at: dt.datetime
    row: int | None = None
    by_id: int | None = None
    done: evidences.Done | None = None
    proof: str = ""

    def of(self, clock: Clock, kit: Kit) -> Evidence | None:
        """The same for one clock of this kit, from when it counts; None where it does not."""
        if self.done is None:
            return self
        verdict = evidences.judge(self.done, clock, backdating=kit.general.backdating)
        return replace(self, at=verdict.at, proof=verdict.proof) if verdict.counts else None


ACTIVITY = "activity"
"""The evidence of clocks that something done with the buyer ended."""


def happen(
    lead: Lead,
    moment: Moment,
    *,
    running: list[Clock],
    facts: Callable[[], Mapping[str, object]],
    ledger: Ledger,
    event: LeadEvent,
    evidence: Evidence | None = None,
    came: Came | None = None,
) -> None:
    """Let a moment stop, cancel and start the lead's clocks.

    `running` holds all open clocks of the locked lead and is kept up to date. A clock is judged
    by the kit that started it; new ones start under the ledger's. `facts` is asked only when a
    policy's condition needs them. `came`: of the touch that this moment comes of. New clocks
    start now, whenever that was; those that an assignment starts have it from the wait it ends.
    """
    catch_up(lead, running, ledger=ledger)
    proof = evidence or Evidence(moment.value, ledger.now, by_id=ledger.by_id)
    for clock in list(running):
        kit = _kit_of(clock, ledger)
        exempt = kit.exemption(stage=lead.stage, channel=lead.channel, obligation=clock.obligation)
        own = proof.of(clock, kit)
        fate = clocks.fate(
            kit.policy(clock.policy),
            moment,
            stage=lead.stage,
            exempt=exempt is not None,
            overdue=clock.due_at < proof.at,
            proven=own is not None,
        )
        if fate is not Fate.STAYS:
            end(clock, fate, own or proof, ledger=ledger, event=event, lead=lead)
            running.remove(clock)
            if came is None and moment is Moment.ASSIGNED and clock.event_at is not None:
                came = Came(clock.event_at, clock.received_at or clock.started_at)
    begun = clocks.begun_by(
        ledger.kit,
        moment,
        running=[_kit_of(clock, ledger).policy(clock.policy) for clock in running],
        stage=lead.stage,
        facts=facts,
        channel=lead.channel,
    )
    for clock in running:
        if (clock.obligation, clock.scope) in begun.joined and clock.started_at < ledger.now:
            notes.join(clock, ledger=ledger, event=event)
    running += [
        start(lead, policy, ledger=ledger, event=event, came=came) for policy in begun.policies
    ]
    show_next_due(lead, running, ledger=ledger)


def start(
    lead: Lead,
    policy: Policy,
    *,
    ledger: Ledger,
    event: LeadEvent,
    came: Came | None = None,
    since: dt.datetime | None = None,
) -> Clock:
    """Start one clock now, or `since` an earlier instant, held by the lead's owner.

    Who has just got the lead owes nothing of before.
    """
    clock = prepare(lead, policy, ledger=ledger, since=since or ledger.now)
    if came is not None:
        clock.event_at, clock.received_at = min(came.at, clock.started_at), came.received_at
    notes.held(clock, ClockEvent.Kind.STARTED, clock.started_at, ledger=ledger, event=event)
    return clock


def prepare(
    lead: Lead, policy: Policy, *, ledger: Ledger, since: dt.datetime, due: Due | None = None
) -> Clock:
    """A new clock under the ledger's kit that counts from `since`; its start is not noted yet.

    Its times, and the hours it pins, are those of whoever has the lead now, unless `due` is given.
    """
    promised, pin = lead.next_step_at if policy.from_promise else None, None
    if due is None:
        counts = promised or since
        due, pin = moves.due(ledger.kit, policy, counts, holder=lead.owner_id, ledger=ledger)
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
        promised_at=promised,
        started_at=since,
        warn_at=due.warn_at,
        due_at=due.due_at,
        pin=pin,
        tzdata=zone_release.current(),
    )
    ledger.add(clock)
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
    catch_up(lead, [clock], ledger=ledger)
    woken = pauses.wake(clock, proof.at, ledger=ledger, event=event)
    if clock.breached_at is None and proof.at > clock.due_at:
        breach(clock, lead, ledger=ledger, cause=event)
    clock.state = ClockState(fate.value)
    clock.stopped_at = max(proof.at, clock.started_at)
    clock.evidence = proof.kind
    clock.evidence_id = proof.row
    clock.stopped_by_id, clock.proof = proof.by_id, proof.proof
    clock.working_seconds = worked(clock, woken, ledger).total_seconds()
    ledger.change(clock, "state", "stopped_at", "working_seconds", *WHAT_STOPPED)
    if proof.row is None and fate is Fate.STOPPED:
        ledger.name(clock, "evidence_id", event)
    notes.write(clock, ClockEvent.Kind(fate.value), clock.stopped_at, ledger=ledger, event=event)
    if fate is Fate.STOPPED and clock.breached_at and clock.stopped_at <= clock.due_at:
        because = {**notes.because(clock), "evidence": proof.kind}
        told = ledger.event(lead, EventKind.CORRECTED, because=because, cause=event)
        notes.write(clock, ClockEvent.Kind.CORRECTED, ledger.now, ledger=ledger, event=told)


def worked(clock: Clock, woken: dt.datetime | None, ledger: Ledger) -> dt.timedelta:
    """Its open time up to its stop, without the pauses; the last of them ended when it was woken.

    Up to now it is what its allowance has less than when it began, however the deadline moved.
    """
    kit, end = _kit_of(clock, ledger), clock.ended_at or ledger.now
    policy = kit.policy(clock.policy)
    if clock.promised_at is not None and end <= clock.promised_at:
        return dt.timedelta()  # done before it had to be
    hours = moves.hours(clock, kit)
    if not policy.pauses_for and not clocks.by_holder(policy):
        return hours.elapsed(clock.promised_at or clock.started_at, end)
    overrun = clocks.by_holder(policy) and clock.breached_at is not None and end > clock.due_at
    if end >= (woken or ledger.now) and not overrun:
        return max(dt.timedelta(), policy.allowance - hours.elapsed(end, clock.due_at))
    return course.worked(moves.stretches(clock, selectors.course_of(clock, ledger)), end)


def catch_up(lead: Lead, running: Iterable[Clock], *, ledger: Ledger) -> bool:
    """What became of the hours of whoever holds these clocks, as far as it was read with them.

    With what came before each change: as a worker would have followed who was never away. Returns
    whether there was anything.
    """
    behind = False
    for clock in running:
        while clock.changes and clock.changes[0][0] <= ledger.now:
            at = clock.changes[0][0]
            if clock.resume_at is not None and clock.resume_at <= at:
                pauses.wake_in_time(clock, lead, ledger)
            if clock.warned_at is None and moves.comes_by(clock) == clock.warn_at <= at:
                warn(clock, lead, ledger=ledger)
            if moves.comes_by(clock) == clock.due_at <= at and clock.due_at < ledger.now:
                breach(clock, lead, ledger=ledger)
            moves.follow_next(clock, lead, ledger=ledger)
            behind = True
    return behind


def warn(clock: Clock, lead: Lead, *, ledger: Ledger) -> None:
    """Record the one warning of a running clock, at the instant it fell due."""
    event = ledger.event(lead, EventKind.WARNED, because=notes.because(clock), at=clock.warn_at)
    clock.warned_at = clock.warn_at
    ledger.change(clock, "warned_at")
    notes.write(clock, ClockEvent.Kind.WARNED, clock.warn_at, ledger=ledger, event=event)


def breach(clock: Clock, lead: Lead, *, ledger: Ledger, cause: LeadEvent | None = None) -> None:
    """Record the one breach of a clock, stamped with the deadline that passed.

    The first escalation level of its policy, if it has one, stands ready from then on.
    """
    event = ledger.event(
        lead, EventKind.BREACHED, because=notes.because(clock), at=clock.due_at, cause=cause
    )
    clock.breached_at = clock.due_at
    ledger.change(clock, "breached_at")
    notes.write(clock, ClockEvent.Kind.BREACHED, clock.due_at, ledger=ledger, event=event)
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
    because = {**notes.because(clock), "level": come.level}
    event = ledger.event(lead, EventKind.ESCALATED, because=because, at=come.at)
    notes.write(
        clock, ClockEvent.Kind.ESCALATED, come.at, ledger=ledger, event=event, level=come.level
    )
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
    level, at = clocks.ready(kit, kit.policy(clock.policy), clock.due_at, after=come)
    if level or come is not None:
        clock.escalation, clock.escalate_at = level, at
        ledger.change(clock, "escalation", "escalate_at")


def hand_over(lead: Lead, running: list[Clock], *, ledger: Ledger, event: LeadEvent) -> None:
    """The open obligations are now the new owner's; a deadline that has passed unseen is not.

    What the one before owed for themselves is over, also where the lead waits for somebody now.
    """
    catch_up(lead, running, ledger=ledger)
    for clock in list(running):
        if clock.scope == clocks.OWNERSHIP and clock.holder_id not in (None, lead.owner_id):
            overdue = clock.due_at < ledger.now
            proof = Evidence(Moment.REASSIGNED.value, ledger.now, by_id=ledger.by_id)
            ends = Fate.STOPPED if overdue else Fate.CANCELLED
            end(clock, ends, proof, ledger=ledger, event=event, lead=lead)
            running.remove(clock)
        elif clock.holder_id != lead.owner_id:
            if clock.paused_for == pauses.LEAVE.value:
                pauses.wake(clock, ledger.now, ledger=ledger, event=event)
            overdue = clock.state == ClockState.RUNNING and clock.due_at < ledger.now
            if overdue and clock.breached_at is None:
                breach(clock, lead, ledger=ledger)
            clock.holder_id = lead.owner_id
            ledger.change(clock, "holder")
            notes.held(clock, ClockEvent.Kind.HANDED, ledger.now, ledger=ledger, event=event)
            moves.hand(clock, lead, ledger=ledger, event=event)
    show_next_due(lead, running, ledger=ledger)


def cancel_all(
    lead: Lead, running: list[Clock], *, ledger: Ledger, event: LeadEvent, why: str
) -> None:
    """Nothing is owed any more: whatever still runs is cancelled."""
    proof = Evidence(why, ledger.now, by_id=ledger.by_id)
    for clock in running:
        end(clock, Fate.CANCELLED, proof, ledger=ledger, event=event, lead=lead)
    running.clear()
    show_next_due(lead, running, ledger=ledger)


def heard(
    lead: Lead,
    running: list[Clock],
    *,
    ledger: Ledger,
    event: LeadEvent | None = None,
    why: str = "heard",
) -> None:
    """The buyer is back, by `event`, or somebody waits no longer: what stood still runs again."""
    waiting = [one for one in running if one.paused_for == pauses.CUSTOMER.value]
    if not waiting:
        return
    because = {"why": why, "clocks": [one.obligation for one in waiting]}
    told = ledger.event(lead, EventKind.RESUMED, because=because, cause=event)
    for clock in waiting:
        pauses.wake(clock, ledger.now, ledger=ledger, event=told)
    show_next_due(lead, running, ledger=ledger)


def show_next_due(lead: Lead, running: list[Clock], *, ledger: Ledger) -> None:
    """Keep the lead's own copy of its earliest due time."""
    earliest = clocks.next_due(clock.due_at for clock in running)
    if lead.next_due_at != earliest:
        lead.next_due_at = earliest
        ledger.change(lead, "next_due_at")


def is_open(clock: Clock) -> bool:
    """Running or paused."""
    return clock.state in OPEN


def _kit_of(clock: Clock, ledger: Ledger) -> Kit:
    """The kit that started the clock; mostly the one at hand."""
    return ledger.kit if clock.kit_id == ledger.kit.id else kits.kit_of(clock.kit_id)
