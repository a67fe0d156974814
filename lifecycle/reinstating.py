"""An overturned rejection: the lead is an MQL again, in the same pass, with new clocks."""

from __future__ import annotations

import datetime as dt

from core import errors
from governance.moments import Moment
from leads import services
from leads.models import LeadEvent
from leads.stages import Stage
from lifecycle import causes, detours, ownership, turns
from lifecycle.acts import Act
from people import holders
from people import selectors as people
from routing import services as routing
from routing.models import Assignment


def reinstate(act: Act, rejection: LeadEvent, *, cause: LeadEvent) -> None:
    """Take the step back to MQL; whoever rejected it has it again, or somebody by the rules.

    Their turn counts as if the lead had stayed theirs. A buyer who had asked for a person still
    does. A lead that an exclusion has out comes back as an MQL, for somebody by the rules. Raises
    TooLate where we must not deal with the company by now.
    """
    if act.case.account_status in turns.UNWANTED:
        raise errors.TooLate(
            "Its company is a competitor, or not to be contacted, by now: uphold the rejection.",
            state=services.state_of(act.lead),
        )
    lead = act.lead
    raised = rejection.because.get("hand_raised_at")
    asked = dt.datetime.fromisoformat(raised) if raised else None
    if lead.exclusion:
        detours.overturn(lead, rejection.pk, ledger=act.ledger)
        lead.unheard_at = lead.unheard_at or asked
        act.ledger.change(lead, "unheard_at")
        return
    act.case.returned = lead.stage == Stage.NURTURE
    event = services.move(
        lead,
        "reinstate",
        ledger=act.ledger,
        because={"rejection": rejection.pk, "override": True},
        cause=cause,
    )
    lead.reason, lead.hand_raised_at = "", asked
    act.ledger.change(lead, "reason", "hand_raised_at")
    act.case.happen(Moment.QUALIFIED, event, ledger=act.ledger)
    before = _leg(rejection)
    if before is not None and _is_there(before, act.now):
        _give_back(act, before, event)
    else:
        anew = ownership.again([act.case], why=causes.OVERTURNED)
        ownership.route([act.case], ledger=act.ledger, again=anew, cause=event)


def _leg(rejection: LeadEvent) -> Assignment | None:
    """How whoever rejected it had held it."""
    released = LeadEvent.objects.filter(cause=rejection).values("pk")
    return Assignment.objects.filter(ended_by_event__in=released).select_related("user").first()


def _is_there(leg: Assignment, now: dt.datetime) -> bool:
    return holders.works_leads(leg.user) and not people.absent([leg.user], at=now)


def _give_back(act: Act, leg: Assignment, event: LeadEvent) -> None:
    if leg.decision is not None:
        routing.count_turn_again(leg.decision, causes.OVERTURNED, act.ledger)
    ownership.hand_to(
        act.case,
        leg.user_id,
        ledger=act.ledger,
        why=causes.OVERTURNED,
        cause=event,
        resumes=leg,
    )
