"""The owner says that a lead is not theirs. No rejection: the buyer is good, the way was wrong.

The turn is given back, the lead goes to somebody else by the rules or by name, and the rule that
sent it here has one more against it (`reports/overrides.py`).
"""

from __future__ import annotations

import datetime as dt

from core import errors
from leads import services
from leads.models import Lead
from leads.stages import CLOSED
from lifecycle import acts, causes, overriding, ownership, permissions, proofs, reasons
from lifecycle.acts import Act
from people import holders
from people.models import User
from routing import services as routing
from routing.models import Decision, Override

MISROUTED = causes.MISROUTED


def misroute(
    *,
    lead_id: int,
    by: User,
    why: str,
    note: str = "",
    to: int | None = None,
    now: dt.datetime | None = None,
) -> Lead:
    """Give a lead back that a rule should not have sent here; `to` names whose it is, if known.

    For its owner and who may act for them. Raises InvalidInput for a reason that is none, and
    TooLate where no rule had given the lead to whoever holds it.
    """
    overriding.require_why(why)
    with acts.on(lead_id, by=by, now=now) as act:
        permissions.require_owner(act.lead, by)
        decision = _decision(act)
        user = require_rep(to, act.lead) if to is not None else None
        kept = proofs.keep_note(act, note.strip()) if note.strip() else None
        told = {"reason": why, "from": act.lead.owner_id}
        if act.lead.owner_id is not None:
            act.case.declined |= {act.lead.owner_id}
        overriding.note(act, kind=Override.Kind.MISROUTED, why=why, to=user)
        if user is not None:
            routing.return_turn(decision, MISROUTED, act.ledger)
            ownership.hand_to(
                act.case, user.pk, ledger=act.ledger, why=MISROUTED, note=kept, told=told
            )
        else:
            anew = ownership.again(
                [act.case],
                why=MISROUTED,
                returning=[decision],
                again=MISROUTED,
                note=kept,
                **told,
            )
            ownership.route([act.case], ledger=act.ledger, again=anew)
    return act.lead


def _decision(act: Act) -> Decision:
    held = act.case.held
    if act.lead.stage in CLOSED or held is None or held.decision_id is None:
        raise errors.TooLate(
            "No rule gave this lead to who holds it; reassign it instead.",
            state=services.state_of(act.lead),
        )
    return Decision.objects.get(pk=held.decision_id)


def require_rep(user_id: int, lead: Lead) -> User:
    """Somebody who is there, works leads, and does not hold the lead already."""
    user = User.objects.filter(pk=user_id).first()
    refused = holders.refusal(user)
    if user is None or refused:
        raise reasons.missing("to", refused)
    if user.pk == lead.owner_id:
        raise errors.TooLate(f"{user} owns this lead already.")
    return user
