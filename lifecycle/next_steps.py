"""What somebody promised to do next with a lead, and by when: the clock of it counts from there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from core import errors
from core.errors import FieldError
from governance.moments import Moment
from leads import services
from leads.models import Activity, EventKind, Lead, LeadEvent
from leads.stages import CLOSED
from lifecycle import acts, clocks_undone, contacts_undone, last_steps, permissions, reasons
from lifecycle.acts import Act
from people.models import User
from sla.models import ClockEvent
from sla.services import ACTIVITY, Evidence

FURTHEST = dt.timedelta(days=366)
WITHIN = "next_step."
"""Before the names of its fields, where it is promised along with a contact."""


@dataclass(frozen=True, slots=True)
class Promise:
    """What somebody does next: when, and what kind of contact; any where none is said."""

    at: dt.datetime
    kind: str = ""


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
        require(at, kind, now=act.now)
        _set(act, Promise(at, kind))
    return act.lead


def promise_with(act: Act, step: Promise, *, by: User, contact: LeadEvent) -> None:
    """Set the next step in the act that logs this contact; it is taken back with it.

    Raises InvalidInput where whoever logged the contact has no lead to promise it for, after it.
    """
    lead = act.lead
    if lead.stage in CLOSED or lead.owner_id is None:
        text = "Nobody works this lead after that contact. Leave the next step empty."
    elif lead.owner_id != by.pk and not permissions.overrides(lead, by):
        text = f"After that contact the next step is up to {lead.owner}. Leave it empty."
    else:
        require(step.at, step.kind, now=act.now, within=WITHIN)
        _set(act, step, cause=contact)
        return
    raise errors.InvalidInput(text, errors=[FieldError(f"{WITHIN}at", text)])


def _set(act: Act, step: Promise, *, cause: LeadEvent | None = None) -> None:
    was, was_kind = act.lead.next_step_at, act.lead.next_step_kind
    act.lead.next_step_at, act.lead.next_step_kind = step.at, step.kind
    act.ledger.change(act.lead, "next_step_at", "next_step_kind")
    because = {"at": step.at.isoformat(), "kind": step.kind,
               "was": was.isoformat() if was else None, "was_kind": was_kind}  # fmt: skip
    event = act.ledger.event(act.lead, EventKind.NEXT_STEP, because=because, cause=cause)
    act.case.happen(Moment.NEXT_STEP_SET, event, ledger=act.ledger)


def require(
    at: dt.datetime | None, kind: str, *, now: dt.datetime, within: str = ""
) -> dt.datetime:
    """The instant that is promised. Raises InvalidInput for what cannot be."""
    if at is None or at.tzinfo is None:
        raise reasons.missing(f"{within}at", "Say when, with its zone.")
    if not now < at <= now + FURTHEST:
        raise reasons.missing(f"{within}at", "It lies ahead, within a year.")
    kinds = [one for one in Activity.Kind.values if one != Activity.Kind.NOTE]
    if kind and kind not in kinds:
        raise reasons.missing(f"{within}kind", f"Choose one of {', '.join(kinds)}.")
    return at


def take_back(*, lead_id: int, by: User, step: int, now: dt.datetime | None = None) -> Lead:
    """Put back what was promised before this event, with the clocks it ended and started.

    For who promised it, within the kit's window. Raises NothingToUndo where anything followed.
    """
    with acts.on(lead_id, by=by, now=now) as act:
        events = LeadEvent.objects.filter(lead=lead_id).exclude(kind__in=last_steps.BY_THE_CLOCK)
        last = events.order_by("-sequence").first()
        if last is None or last.pk != step or last.by_id != by.pk or "was_kind" not in last.because:
            raise last_steps.NothingToUndo("Something was done with it since.")
        if act.now - last.at > act.kit.general.undo:
            raise last_steps.NothingToUndo("It was too long ago to be taken back.")
        permissions.require_owner(act.lead, by)
        was = last.because["was"]
        act.lead.next_step_at = dt.datetime.fromisoformat(was) if was else None
        act.lead.next_step_kind = last.because["was_kind"]
        act.ledger.change(act.lead, "next_step_at", "next_step_kind")
        because = {"at": was, "kind": act.lead.next_step_kind, "undone": last.pk}
        event = act.ledger.event(act.lead, EventKind.NEXT_STEP, because=because)
        notes = ClockEvent.objects.filter(event=last.pk).select_related("clock").order_by("pk")
        clocks_undone.undo(act.case, notes, ledger=act.ledger, event=event)
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
