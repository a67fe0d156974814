"""The facts of clocks: what became of each obligation, and where the time of an answer went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

from core import reading, worktime
from governance import selectors as kits
from reports import speed
from reports.facts.reading import Read
from reports.models import ClockFact
from sla import clock as clocks
from sla import evidence, selectors, spent
from sla.clock import OWNERSHIP
from sla.evidence import VERIFIED
from sla.models import OPEN, Clock, ClockState
from sla.services import ACTIVITY
from sla.split import Cause

OUTCOME = ClockFact.Outcome
COLUMNS: Mapping[Cause, str] = {
    cause: "with_rep" if cause is Cause.REP else cause.value.lower() for cause in Cause
}
# Where the lead stood when its clock began: its last step up to the event that started it.
_STAGES = """
    SELECT c.id, s.to_stage
      FROM sla_clock c
      JOIN sla_clockevent n ON n.clock_id = c.id AND n.kind = 'STARTED'
      JOIN leads_leadevent e ON e.id = n.event_id
      JOIN LATERAL (SELECT to_stage FROM leads_leadevent l
                     WHERE l.lead_id = c.lead_id AND l.kind = 'STAGE' AND l.sequence <= e.sequence
                     ORDER BY l.sequence DESC LIMIT 1) s ON TRUE
     WHERE c.lead_id = ANY(%s)
"""


def of(leads: Collection[int], read: Read, *, now: dt.datetime) -> list[ClockFact]:
    """The facts of all clocks of these leads, as they stand. A fixed number of queries."""
    ids = sorted(leads)
    found = reading.rows(Clock, "WHERE lead_id = ANY(%s) AND NOT void ORDER BY id", ids)
    stages = reading.plain(_STAGES, ids)
    reading.ask(found, stages)
    every: list[Clock] = list(found.found)
    whole = {(one.lead_id, one.obligation) for one in every if one.scope != OWNERSHIP}
    answered = [one for one in every if _is_answered(one)]
    selectors.with_pins(answered)
    split = spent.read(answered, now=now)
    at = dict(stages.found)
    made = []
    for one in every:
        fact = _fact(one, at.get(one.pk, ""), read)
        fact.counts = one.scope != OWNERSHIP or (one.lead_id, one.obligation) not in whole
        if one.pk in split:
            _answer(fact, one, split[one.pk].split.seconds)
        made.append(fact)
    return made


def _is_answered(clock: Clock) -> bool:
    """Whether a contact ended the whole of an obligation."""
    return (
        clock.scope != OWNERSHIP
        and clock.state == ClockState.STOPPED
        and clock.evidence == ACTIVITY
    )


def _fact(clock: Clock, stage: str, read: Read) -> ClockFact:
    sides = read.sides[clock.lead_id]
    policy = selectors.policy_of(clock)
    elapsed = None
    ended = clock.ended_at
    if clock.is_stopped and ended is not None:
        elapsed = (ended - clock.started_at).total_seconds()
    return ClockFact(
        clock_id=clock.pk,
        lead_id=clock.lead_id,
        obligation=clock.obligation,
        policy=clock.policy,
        stage=stage,
        first_contact=clock.scope != OWNERSHIP and speed.is_leg(policy),
        answer=clock.scope != OWNERSHIP and speed.is_leg(policy, every=True),
        started_at=clock.started_at,
        due_at=clock.due_at,
        outcome=_outcome(clock),
        ended_at=ended,
        ended_by_id=clock.stopped_by_id,
        elapsed=elapsed,
        working=clock.working_seconds if clock.is_stopped else None,
        historical=False,
        category=sides.category,
        medium=sides.medium,
        channel=clock.channel or sides.channel,
        campaign=sides.campaign,
        segment=sides.segment,
        rep_id=clock.holder_id,
        team_id=read.teams.of(clock.holder_id, clock.started_at),
        kit_id=clock.kit_id,
    )


def _outcome(clock: Clock) -> str:
    if clock.state in OPEN:
        return (OUTCOME.BREACHED if clock.breached_at is not None else OUTCOME.RUNNING).value
    if clock.state == ClockState.CANCELLED:
        late = clock.breached_at is not None
        return (OUTCOME.CANCELLED_LATE if late else OUTCOME.CANCELLED).value
    return (OUTCOME.MET if clock.is_met else OUTCOME.LATE).value


def _answer(fact: ClockFact, clock: Clock, seconds: Mapping[Cause, int]) -> None:
    """How long the buyer waited for the contact, and what every second of it is put down to."""
    asked, ended = evidence.asked_at(clock), clock.ended_at or clock.started_at
    kit = kits.kit_of(clock.kit_id)
    hours = clocks.hours(kit, kit.policy(clock.policy))
    before = worktime.elapsed(hours, asked, clock.started_at).total_seconds()
    fact.answered = (ended - asked).total_seconds()
    fact.answered_working = before + (clock.working_seconds or 0.0)
    fact.verified = clock.proof == VERIFIED
    for cause, column in COLUMNS.items():
        setattr(fact, column, seconds[cause])
