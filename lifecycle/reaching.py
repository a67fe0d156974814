"""What reaching out to the buyer does: which clocks it meets, and what it leaves standing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.errors import FieldError
from governance import selectors as kits
from governance.moments import Moment
from leads.ledger import Ledger
from leads.models import Activity, EventKind, LeadEvent
from lifecycle import contacts_undone, handoffs, next_steps, ownership, turns
from lifecycle.acts import Act
from lifecycle.case import Case
from people.models import User
from sla import corrections, evidence
from sla import selectors as clocks
from sla.evidence import Verdict, WhyNot
from sla.services import ACTIVITY, Evidence

PAST_MEETING = (
    "It lies in the past, so no meeting is booked by it. Log it as completed if it took place."
)


def judged(case: Case, activity: Activity) -> dict[str, Verdict]:
    """What an activity is worth for each open clock that waits for contact, by obligation."""
    found = {}
    books = handoffs.books(activity)
    for clock in case.clocks:
        waits_for = clocks.policy_of(clock).stopped_by
        if books and Moment.MEETING_BOOKED in waits_for:
            continue  # the booking itself answers it
        if Moment.CONTACTED in waits_for:
            limit = kits.kit_of(clock.kit_id).general.backdating
            found[clock.obligation] = evidence.judge(activity, clock, backdating=limit)
    return found


def is_owed(case: Case) -> bool:
    """Whether a contact is owed that no decision stands in for."""
    policies = [clocks.policy_of(clock).stopped_by for clock in case.clocks]
    return any({Moment.CONTACTED, Moment.ANSWERED} <= one for one in policies)


def because(activity: Activity, verdicts: dict[str, Verdict]) -> dict[str, Any]:
    """What the event of an activity says of the clocks that it does not meet, or meets late."""
    if handoffs.is_past(activity):
        return {"past_meeting": True}
    if activity.direction == Activity.Direction.INBOUND and not activity.is_contact:
        return {}  # the buyer's word: nobody takes it for ours
    why = next((one.why_not for one in verdicts.values() if one.why_not is not None), None)
    if why is not None and not any(one.counts for one in verdicts.values()):
        return {"uncounted": {"why": why.value, "clocks": sorted(verdicts)}}
    late = sorted(name for name, one in verdicts.items() if one.backdated)
    return {"backdated": late} if late else {}


def told(said: Mapping[str, Any]) -> FieldError | None:
    """The same for people, from what an event of an activity says."""
    if said.get("past_meeting"):
        return FieldError("at", PAST_MEETING, "past")
    uncounted = said.get("uncounted")
    if uncounted:
        return FieldError("at", _sentence(evidence.WORDS[WhyNot(uncounted["why"])]), "uncounted")
    return (
        FieldError("at", _sentence(evidence.LATE), "backdated") if said.get("backdated") else None
    )


def said_of(activity: Activity) -> dict[str, Any]:
    """What the event of an activity says; nothing where it has none. One query."""
    events = LeadEvent.objects.filter(lead=activity.lead_id, kind=EventKind.ACTIVITY)
    event = events.filter(because__activity=activity.pk).first()
    return event.because if event is not None else {}


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def contacted(
    act: Act, activity: Activity, event: LeadEvent, *, by: User, verdicts: dict[str, Verdict]
) -> None:
    """Somebody reached out: the clocks that it meets stop, or are corrected where they had.

    A contact of before the buyer asked answers nothing.
    """
    proof = Evidence(ACTIVITY, activity.at, activity.pk, by.pk, activity)
    act.case.happen(Moment.CONTACTED, event, ledger=act.ledger, evidence=proof)
    corrections.correct(act.lead, activity, ledger=act.ledger, cause=event)
    if not _answers(act, activity, verdicts):
        return
    if act.lead.hand_raised_at is not None:
        contacts_undone.remember(event, hand_raised_at=act.lead.hand_raised_at.isoformat())
        act.lead.hand_raised_at = None
        act.ledger.change(act.lead, "hand_raised_at")
    next_steps.done(act, activity, event, by)
    _rest(act.case, event, ledger=act.ledger)


def _answers(act: Act, activity: Activity, verdicts: dict[str, Verdict]) -> bool:
    """Whether it is of after what the buyer asked; where no clock tells, their request does."""
    if verdicts:
        return any(one.counts for one in verdicts.values())
    asked = act.lead.hand_raised_at
    return asked is None or activity.at >= asked


def _rest(case: Case, event: LeadEvent, *, ledger: Ledger) -> None:
    """A nurtured buyer of a known account has been answered: nothing is owed, nobody holds it."""
    asked, owed = case.lead.hand_raised_at is not None, bool(case.clocks)
    if case.is_held and turns.rests_once_answered(case.lead.stage, owed=owed, asked=asked):
        ownership.let_go(case, ledger=ledger, why="answered", cause=event)
