"""Marketing disputes a rejection, and RevOps decides: it stands, or the lead is an MQL again.

    reject ─▶ disputed within the kit's hours ─▶ upheld │ overturned │ overtaken

Overtaken is a dispute whose lead went on by itself: the buyer came back, it was merged, erased,
taken up by somebody. An exclusion that takes a nurtured lead out overtakes nothing: it comes back
rejected, or as an MQL if that was overturned meanwhile. Who disputes a rejection, or took it, does
not decide it. Outcomes are final.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from core import bulk, errors, steps
from leads import services
from leads.models import EventKind, Lead, LeadEvent
from lifecycle import acts, contesting, detours, permissions, proofs, reasons, reinstating
from lifecycle.acts import Act
from lifecycle.models import RejectionDispute
from people.models import User

State = RejectionDispute.State
RULINGS = (State.UPHELD, State.OVERTURNED)


class AlreadyDisputed(errors.TooLate):
    """Somebody else disputed this rejection, or decided on it."""

    code = "disputed"


def dispute(*, lead_id: int, by: User, note: str, now: dt.datetime | None = None) -> Lead:
    """Marketing says that the rejection of a lead is wrong, and why; RevOps is to decide.

    Raises TooLate where the lead is not rejected any more, the time to dispute it is over, or
    somebody disputed it before.
    """
    permissions.require_disputer(by)
    if not note.strip():
        raise reasons.missing("note", "Say why the rejection is wrong: RevOps decides by it.")
    with acts.on(lead_id, by=by, now=now) as act:
        rejection = _rejection(act)
        _require_disputable(act, rejection)
        row = RejectionDispute(
            pk=bulk.reserve({RejectionDispute: 1})[RejectionDispute][0],
            lead=act.lead,
            rejection=rejection,
            opened_by=by,
            opened_at=act.now,
            note_id=proofs.keep_note(act, note.strip()),
            due_at=_due(act),
        )
        act.ledger.add(row)
        because = _because(row) | {"note": row.note_id}
        act.ledger.event(act.lead, EventKind.DISPUTED, because=because)
    return act.lead


def rule(
    *, lead_id: int, by: User, outcome: str, note: str, now: dt.datetime | None = None
) -> Lead:
    """RevOps decides the open dispute of a lead, for good: UPHELD or OVERTURNED, and why.

    Overturned, the lead is an MQL again: with whoever rejected it if they are there, else with
    somebody by the rules; its clocks start anew. While an exclusion has it out it stays out, and
    comes back as an MQL. Raises TooLate where there is nothing to decide.
    """
    permissions.require_ruler(by)
    if outcome not in RULINGS:
        raise reasons.missing("outcome", f"Decide it: {' or '.join(RULINGS)}.")
    if not note.strip():
        raise reasons.missing("note", "Say why: both sides will read it.")
    with acts.on(lead_id, by=by, now=now, with_account=True) as act:
        row = _open(act)
        rejection = standing(act.lead)
        if rejection is None or rejection.pk != row.rejection_id:
            raise errors.TooLate(
                "The lead has gone on since, so there is nothing left to decide.",
                code="overtaken",
                state=services.state_of(act.lead),
            )
        if by.pk in (row.opened_by_id, rejection.by_id):
            raise errors.NotAllowed("Who rejected a lead, or disputes it, does not decide it.")
        event = _end(act, row, State(outcome), note=note.strip())
        if outcome == State.OVERTURNED:
            reinstating.reinstate(act, rejection, cause=event)
    return act.lead


def overtake(act: Act, row: RejectionDispute) -> LeadEvent:
    """The lead went on by itself: nobody decides this dispute any more."""
    return _end(act, row, State.OVERTAKEN)


def is_disputable(rejection: LeadEvent, *, now: dt.datetime) -> bool:
    """Whether it is time to dispute a rejection still."""
    until = rejection.because.get("disputable_until")
    return bool(until) and now <= dt.datetime.fromisoformat(until)


def standing(lead: Lead) -> LeadEvent | None:
    """The rejection by which a lead stands where it stands; None where it went on, or never was."""
    return rejection_of(lead).read()


@steps.in_steps
def rejection_of(lead: Lead) -> steps.Story[LeadEvent | None]:
    """As `standing`, asked with others. One message."""
    lasting = detours.lasting().filter(lead=lead)
    found = lasting.order_by("-sequence").select_related("by")[:1]
    erased = LeadEvent.objects.filter(lead=lead, kind=EventKind.ERASED).order_by("-sequence")[:1]
    yield found, erased
    last = found[0] if found else None
    if last is None or last.transition != "reject":
        return None
    if last.to_stage != detours.stage_below(lead):
        return None
    return None if erased and erased[0].sequence > last.sequence else last


def _rejection(act: Act) -> LeadEvent:
    found = standing(act.lead)
    if found is None:
        raise errors.TooLate(
            "This lead does not stand rejected, so there is nothing to dispute.",
            state=services.state_of(act.lead),
        )
    return found


def _require_disputable(act: Act, rejection: LeadEvent) -> None:
    before = RejectionDispute.objects.filter(rejection=rejection).first()
    if before is not None:
        raise AlreadyDisputed(_first(before, act), state=services.state_of(act.lead))
    until = rejection.because.get("disputable_until")
    if not until:
        raise errors.TooLate(
            "The kit under which it was rejected lets nobody dispute it.",
            code="not_disputable",
            state=services.state_of(act.lead),
        )
    if not is_disputable(rejection, now=act.now):
        raise errors.TooLate(
            f"It could be disputed until {_at(until, act)}; the rejection stands.",
            code="not_disputable",
            state=services.state_of(act.lead),
        )


def _open(act: Act) -> RejectionDispute:
    """The dispute to decide. Raises TooLate telling who decided the last one, when and how."""
    rows = RejectionDispute.objects.filter(lead=act.lead).select_related("ruled_by")
    last = rows.order_by("-pk").first()
    if last is None:
        raise errors.TooLate(
            "Nobody disputes a rejection of this lead.", state=services.state_of(act.lead)
        )
    if last.state != State.OPEN:
        raise AlreadyDisputed(_first(last, act), state=services.state_of(act.lead))
    return last


def _first(row: RejectionDispute, act: Act) -> str:
    """Who was first, and with what."""
    if row.ruled_at is None:
        return f"{row.opened_by} disputed it at {_at(row.opened_at, act)}; RevOps decides."
    who = f"{row.ruled_by} decided it" if row.ruled_by else "It was over"
    return f"{who} at {_at(row.ruled_at, act)}: {row.get_state_display().lower()}."


def _at(when: dt.datetime | str, act: Act) -> str:
    at = dt.datetime.fromisoformat(when) if isinstance(when, str) else when
    local = at.astimezone(act.by.zone if act.by is not None else dt.UTC)
    return f"{local:%H:%M} on {local.day} {local:%b}"


def _due(act: Act) -> dt.datetime | None:
    span = act.kit.general.ruling
    return contesting.ends(act.kit, act.now, span) if span else None


def _end(act: Act, row: RejectionDispute, outcome: State, *, note: str = "") -> LeadEvent:
    row.state, row.ruled_at = outcome, act.now
    row.ruled_by_id = act.by.pk if act.by is not None else None
    row.ruling_id = proofs.keep_note(act, note) if note else None
    act.ledger.change(row, "state", "ruled_at", "ruled_by", "ruling")
    because = _because(row) | {"outcome": outcome.value, "note": row.ruling_id}
    if act.lead.exclusion:
        because["exclusion"] = act.lead.exclusion
    return act.ledger.event(act.lead, EventKind.RULED, because=because)


def _because(row: RejectionDispute) -> dict[str, Any]:
    due = row.due_at.isoformat() if row.due_at else None
    return {"dispute": row.pk, "rejection": row.rejection_id, "due_at": due}
