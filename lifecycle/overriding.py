"""Where people sent a lead elsewhere than the rules had: noted, to be judged by what came of it."""

from __future__ import annotations

from lifecycle import reasons
from lifecycle.acts import Act
from people.models import User
from routing.models import Decision, Override


def note(act: Act, *, kind: str, why: str, to: User | None) -> Override | None:
    """Keep that the decision of the rules on this lead is overridden; None where there is none.

    To be called before the lead goes on: whoever holds it now is whom it is taken from.
    """
    if act.by is None:
        raise ValueError("only people override")
    decision = overridden(act)
    if decision is None:
        return None
    row = Override(
        lead=act.lead,
        decision_id=decision,
        kind=kind,
        why=why,
        from_user_id=act.lead.owner_id,
        to_user=to,
        by=act.by,
        at=act.now,
    )
    act.ledger.add(row)
    return row


def require_why(why: str) -> None:
    """Raises InvalidInput naming the reasons there are."""
    if why not in Override.Why.values:
        raise reasons.missing("why", f"Choose one of: {', '.join(Override.Why.values)}.")


def overridden(act: Act) -> int | None:
    """The decision that gave the lead to who holds it, or let it wait; None where people did."""
    if act.case.held is not None:
        return act.case.held.decision_id
    if not act.lead.queue:
        return None
    waiting = Decision.objects.filter(lead=act.lead, pool=act.lead.queue, picked__isnull=True)
    return waiting.order_by("-at", "-pk").values_list("pk", flat=True).first()
