"""What somebody promised to do next with a lead, and by when: the clock of it counts from there."""

from __future__ import annotations

import datetime as dt

from core import errors
from governance.moments import Moment
from leads import services
from leads.models import Activity, EventKind, Lead, LeadEvent
from leads.stages import CLOSED
from lifecycle import acts, contacts_undone, permissions, reasons
from lifecycle.acts import Act
from people.models import User
from sla.services import ACTIVITY, Evidence

FURTHEST = dt.timedelta(days=366)


def promise(
    *, lead_id: int, by: User, at: dt.datetime, kind: str = "", now: dt.datetime | None = None
) -> Lead:
    """Set the next step, of this kind of activity or any, in the place of one set before.

    Raises InvalidInput for an instant that is not ahead within a year, or an unknown kind.
    """
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_owner(act.lead, by)
        if act.lead.stage in CLOSED or act.lead.owner_id is None:
            raise errors.TooLate(
                "Nobody works this lead now; no next step can be promised.",
                state=services.state_of(act.lead),
            )
        if at.tzinfo is None or not act.now < at <= act.now + FURTHEST:
            raise reasons.missing("at", "Say when, with its zone; it lies ahead, within a year.")
        kinds = [one for one in Activity.Kind.values if one != Activity.Kind.NOTE]
        if kind and kind not in kinds:
            raise reasons.missing("kind", f"Choose one of {', '.join(kinds)}.")
        was = act.lead.next_step_at
        act.lead.next_step_at, act.lead.next_step_kind = at, kind
        act.ledger.change(act.lead, "next_step_at", "next_step_kind")
        because = {"at": at.isoformat(), "kind": kind, "was": was.isoformat() if was else None}
        event = act.ledger.event(act.lead, EventKind.NEXT_STEP, because=because)
        act.case.happen(Moment.NEXT_STEP_SET, event, ledger=act.ledger)
    return act.lead


def done(act: Act, activity: Activity, event: LeadEvent, by: User) -> None:
    """A contact of the promised kind does the next step, also ahead of its time."""
    lead = act.lead
    if lead.next_step_at is None or lead.next_step_kind not in ("", activity.kind):
        return
    set_at = LeadEvent.objects.filter(lead=lead, kind=EventKind.NEXT_STEP).latest("sequence").at
    if activity.at < set_at:
        return  # it was done before it was promised
    contacts_undone.remember(event, next_step=[lead.next_step_at.isoformat(), lead.next_step_kind])
    lead.next_step_at, lead.next_step_kind = None, ""
    act.ledger.change(lead, "next_step_at", "next_step_kind")
    proof = Evidence(ACTIVITY, activity.at, activity.pk, by.pk, activity)
    act.case.happen(Moment.NEXT_STEP_DONE, event, ledger=act.ledger, evidence=proof)
