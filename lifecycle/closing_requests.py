"""A buyer who asked for a person and is no buyer now: answered, their request is closed."""

from __future__ import annotations

import datetime as dt

from core import errors
from governance.moments import Moment
from leads import services
from leads.models import EventKind, Lead
from leads.stages import Stage
from lifecycle import acts, ownership, permissions, proofs, reaching, reasons
from people.models import User


def close_request(
    *, lead_id: int, by: User, note: str = "", now: dt.datetime | None = None
) -> Lead:
    """A hand-raiser who is no buyer now has been answered: nothing more is owed, nobody owns them.

    For inquiries and nurtured leads; refused until a contact was logged. The stage stays.
    """
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_owner(act.lead, by)
        if act.lead.stage not in (Stage.INQUIRY, Stage.NURTURE) or act.lead.owner_id is None:
            raise errors.TooLate(
                "Only the open request of an inquiry or a nurtured lead is closed this way.",
                state=services.state_of(act.lead),
            )
        if act.lead.hand_raised_at is not None or reaching.is_owed(act.case):
            raise reasons.missing("activity", "Log the contact first: the buyer still waits.")
        kept = proofs.keep_note(act, note) if note.strip() else None
        event = act.ledger.event(
            act.lead, EventKind.ACTIVITY, because={"activity": kept, "kind": "ANSWERED"}
        )
        act.case.happen(Moment.ANSWERED, event, ledger=act.ledger)
        ownership.let_go(act.case, ledger=act.ledger, why="answered", cause=event)
    return act.lead
