"""The one door for stage changes, and the lock every change of a lead begins with."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django_fsm import TransitionNotAllowed

from core import errors, lock_trial
from leads import resting, stages
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from leads.stages import Stage


class WrongStage(errors.TooLate):
    """The lead no longer stands where this step begins."""

    code = "wrong_stage"


def lock(lead_id: int) -> Lead:
    """The lead, locked until the transaction ends. Its lock guards clocks, assignments, score.

    Raises NotFound when there is no such lead.
    """
    try:
        if "lead" in lock_trial.LEFT_OUT:
            return Lead.objects.get(pk=lead_id)
        return Lead.objects.select_for_update(no_key=True).get(pk=lead_id)
    except Lead.DoesNotExist:
        raise errors.NotFound(f"There is no lead {lead_id}.") from None


def state_of(lead: Lead) -> dict[str, Any]:
    """What a caller who came too late needs to know."""
    return {
        "lead": str(lead.pk),
        "stage": lead.stage,
        "owner": str(lead.owner_id) if lead.owner_id else None,
        "queue": lead.queue or None,
        "version": lead.version,
        **({"merged_into": str(lead.merged_into_id)} if lead.merged_into_id else {}),
    }


def begin(
    lead: Lead, *, ledger: Ledger, because: dict[str, Any], at: dt.datetime | None = None
) -> LeadEvent:
    """Put a new lead into the log: from nothing to INQUIRY, now or `at` an earlier instant."""
    ledger.add(lead)
    return ledger.event(
        lead,
        EventKind.STAGE,
        transition=stages.BEGIN,
        to_stage=lead.stage,
        because=because,
        at=at,
    )


def require_unmerged(lead: Lead) -> None:
    """Refuse to act on a lead that was merged; says which one carries on. Raises TooLate."""
    if lead.merged_into_id is not None:
        raise errors.TooLate(
            f"This lead was merged into lead {lead.merged_into_id}; it carries on there.",
            code="merged",
            state=state_of(lead),
        )


def move(
    lead: Lead,
    transition: str,
    *,
    ledger: Ledger,
    because: dict[str, Any] | None = None,
    to: str | None = None,
    cause: LeadEvent | None = None,
    at: dt.datetime | None = None,
) -> LeadEvent:
    """Take one step of the state machine on a locked lead and append its event.

    `to` chooses the target where a step has several. `at` tells of a step taken long ago, which is
    news to nobody. Raises WrongStage, with the present state,
    when the lead does not stand where the step begins.
    """
    before, stood = lead.stage, resting.noted(lead) if lead.stage == Stage.NURTURE else {}
    try:
        getattr(lead, transition)(**({"to": to} if to else {}))
    except TransitionNotAllowed:
        raise WrongStage(
            f"This lead is at {before}; “{transition.replace('_', ' ')}” does not start there.",
            state=state_of(lead),
        ) from None
    lead.entered_stage_at = at or ledger.now
    ledger.change(lead, "stage", "entered_stage_at")
    if before == Stage.NURTURE and lead.stage != Stage.MERGED:  # an unmerge finds it as it was
        _leave_nurture(lead, transition, ledger)
        if transition in stages.HUMAN:  # an undo finds it as it was
            because = {resting.STOOD: stood, **(because or {})}
    if transition == "reopen":
        lead.cycle += 1
        lead.opportunity, lead.reason, lead.passed_at = None, "", None
        lead.passed_exclusions = []
        ledger.change(lead, "cycle", "opportunity", "reason", "passed_at", "passed_exclusions")
    return ledger.event(
        lead,
        EventKind.STAGE,
        transition=transition,
        from_stage=before,
        to_stage=lead.stage,
        because=because,
        cause=cause,
        at=at,
        quiet=at is not None,
    )


def _leave_nurture(lead: Lead, transition: str, ledger: Ledger) -> None:
    """Nothing wakes who rests no more; qualified again, the buyer is in their next cycle."""
    if transition == "qualify":
        lead.cycle, lead.reason = lead.cycle + 1, ""
        ledger.change(lead, "cycle", "reason")
    if lead.wake_at is not None or lead.wake_on:
        lead.wake_at, lead.wake_on = None, ""
        ledger.change(lead, "wake_at", "wake_on")
