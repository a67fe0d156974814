"""A contact that was logged by mistake is taken back: it proves nothing, and what it ended runs on.

The entry stays in the log, followed by its being taken back. Only what somebody logged themselves
can be: what a mailbox, a telephone system or a calendar tells of did take place.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from core import errors
from leads import services
from leads.models import Activity, EventKind, LeadEvent
from lifecycle.acts import Act
from sla.models import ClockEvent

LASTING = {
    ClockEvent.Kind.CORRECTED: "It corrected a clock that had been stopped before",
    ClockEvent.Kind.RESUMED: "It ended the wait for the customer",
}
"""What a contact did to clocks and is not taken back."""


class Lasts(errors.TooLate):
    """A contact did what cannot be taken back with it."""

    code = "lasts"


def remember(event: LeadEvent, **before: Any) -> None:
    """Keep with the event of a step, not written yet, how what it changes stood before."""
    event.because = {**event.because, **before}


def standing(step: LeadEvent) -> Activity | None:
    """What somebody logged themselves by this event; None where it is not theirs to take back."""
    logged = Activity.objects.standing().filter(pk=step.because.get("activity") or 0)
    return logged.filter(verified=False, external_id="", automatic=False).first()


def take_back(act: Act, step: LeadEvent, group: Collection[int]) -> LeadEvent:
    """The contact counts no more, and the lead stands as before it; returns the event of that.

    Owners and clocks are put back by whoever calls this. Raises Lasts where the contact did what
    cannot be taken back.
    """
    notes = ClockEvent.objects.filter(event__in=group).values_list("kind", flat=True)
    for kind in notes:
        if kind in LASTING:
            raise Lasts(
                f"{LASTING[ClockEvent.Kind(kind)]}, which cannot be taken back. Log what is right "
                "beside it, and say in its note which of the two holds.",
                state=services.state_of(act.lead),
            )
    activity = Activity.objects.get(pk=step.because["activity"])
    activity.withdrawn_at = act.now
    act.ledger.change(activity, "withdrawn_at")
    _put_back(act, step)
    because = {"undone": step.pk, "activity": activity.pk}
    return act.ledger.event(act.lead, EventKind.RETRACTED, because=because)


def promised_with(step: LeadEvent) -> LeadEvent | None:
    """The event of the next step that was promised in the act of a contact, if one was."""
    return LeadEvent.objects.filter(cause=step, kind=EventKind.NEXT_STEP).first()


def _put_back(act: Act, step: LeadEvent) -> None:
    lead = act.lead
    if raised := step.because.get("hand_raised_at"):
        lead.hand_raised_at = dt.datetime.fromisoformat(raised)
        act.ledger.change(lead, "hand_raised_at")
    after = promised_with(step)
    before = (after.because["was"], after.because["was_kind"]) if after is not None else None
    if promised := step.because.get("next_step") or before:
        lead.next_step_at = dt.datetime.fromisoformat(promised[0]) if promised[0] else None
        lead.next_step_kind = promised[1]
        act.ledger.change(lead, "next_step_at", "next_step_kind")
    if step.because.get("sourced_by"):
        lead.sourced_by = None
        act.ledger.change(lead, "sourced_by")
