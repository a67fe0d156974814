"""Why a lead leaves the path: reasons of the kit, checked, and what leaving does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core import errors
from core.errors import FieldError
from governance.kit import Kit
from governance.moments import Instead
from governance.terms import Reason
from leads.models import LeadEvent
from leads.stages import Stage
from lifecycle import attempts, ownership, proofs, waking
from lifecycle.acts import Act
from lifecycle.waking import WakeUp
from routing import services as routing

DOORS: Mapping[str, str] = {
    Instead.MISROUTE: "Say that it is not yours (“Not mine”): it goes to somebody else.",
    Instead.MERGE: "Say whom it is the same as: the two become one lead.",
    Instead.HANDOVER: "Reassign it to who looks after the customer.",
}


class NoRejection(errors.InvalidInput):
    """What is said against the lead is nothing against it: another act is meant."""

    code = "no_rejection"


def missing(field: str, message: str) -> errors.InvalidInput:
    """One input that is missing or wrong, named."""
    return errors.InvalidInput(message, errors=[FieldError(field, message)])


def require(kit: Kit, key: str, used_for: str, *, note: str) -> Reason:
    """The kit's reason of this key, fit for this act. Raises InvalidInput naming what to choose."""
    fitting = [one for one in kit.reasons.values() if used_for in one.used_for]
    choices = [one for one in fitting if used_for != "reject" or not one.instead]
    found = next((one for one in choices if one.key == key), None)
    other = next((one for one in fitting if one.key == key), None)
    if found is None and other is not None:
        raise NoRejection(
            f"“{other.label}” is no rejection. {DOORS.get(other.instead, '')}".strip(),
            errors=[FieldError("reason", DOORS.get(other.instead, ""), other.instead.lower())],
        )
    if found is None:
        listed = ", ".join(one.key for one in choices)
        raise missing("reason", f"Choose one of the kit's reasons: {listed}.")
    if found.note_required and not note.strip():
        raise missing("note", f"“{found.label}” needs a note that says more.")
    return found


def failed_criterion(kit: Kit, reason: Reason, given: str) -> str:
    """The criterion a rejection contests: the one given, else the reason's own.

    Raises InvalidInput when neither names one, or when the kit has no such criterion.
    """
    key = given or reason.criterion
    known = [one.key for one in kit.all_criteria]
    if key and key not in known:
        raise missing("criterion", f"Choose a criterion of the kit: {', '.join(known)}.")
    if not key and reason.outcome == "NURTURE":
        raise missing("criterion", f"Name the criterion that failed: {', '.join(known)}.")
    return key


def leave(
    act: Act,
    step: str,
    reason: Reason | None,
    *,
    note: str = "",
    to: str | None = None,
    criterion: str = "",
    override: bool = False,
    told: Mapping[str, Any] | None = None,
    wake: WakeUp | None = None,
) -> LeadEvent:
    """Take a step that ends ownership: clocks end, nobody holds the lead, the reason is kept.

    `told` is what else its event says; `wake` when a lead that goes to Nurture is looked at again,
    else the reason says it. Raises InvalidInput where the reason needs more attempts.
    """
    if reason is not None:
        attempts.require(act, reason)
    key = reason.key if reason else ""
    raised = act.lead.hand_raised_at
    if to == Stage.DISQUALIFIED and wake is not None and (wake.at or wake.on):
        text = "This reason closes the lead, so nothing wakes it: leave that out."
        field = "wake_at" if wake.at else "wake_on"
        raise errors.InvalidInput(text, errors=[FieldError(field, text)])
    rests = waking.chosen(act.kit, reason, wake, now=act.now)
    event = act.move(
        step,
        to=to,
        because={
            "reason": key,
            "criterion": criterion,
            "note": proofs.keep_note(act, note.strip()) if note.strip() else None,
            "hand_raised_at": raised.isoformat() if raised else None,
            "override": override,
            **(told or {}),
            **({"wake": rests.as_data()} if rests is not None and to != "DISQUALIFIED" else {}),
        },
    )
    waking.rest(act.lead, rests, ledger=act.ledger)
    held = act.case.held
    if reason is not None and reason.returns_turn and held is not None and held.decision:
        routing.return_turn(held.decision, key, act.ledger)
    ownership.let_go(act.case, ledger=act.ledger, why=step, cause=event)
    act.lead.reason = key
    act.ledger.change(act.lead, "reason")
    return event
