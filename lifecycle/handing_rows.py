"""What handing on many leads wants, which of them stay, and the line each of them leaves."""

from __future__ import annotations

from dataclasses import dataclass

from leads.models import Lead
from leads.stages import CLOSED
from lifecycle.models import HandedLead, Reassignment

REASSIGNED = "reassigned"
"""Why a leg ends that somebody ended together with others."""
NOT_YOURS = "not yours to hand on"
"""Why a lead stays that is not there, or out of reach: the answer is the same."""


@dataclass(frozen=True, slots=True)
class Want:
    """Where the leads are to go: `way` is PERSON (`to`), POOL (`pool`) or ANEW."""

    way: str
    to: int | None = None
    pool: str = ""


def stays(lead: Lead, want: Want) -> str:
    """Why a lead cannot go on; empty when it can."""
    if lead.stage in CLOSED:
        return "is closed"
    if lead.quarantined_at is not None:
        return "waits for better data"
    if lead.owner_id is None and not lead.queue:
        return "is not being worked"
    if want.to is not None and lead.owner_id == want.to:
        return "is theirs already"
    return ""


def told_of(lead: Lead, act: Reassignment | None, *, stayed: str = "") -> HandedLead:
    """The line of one lead as it stands before it goes on."""
    return HandedLead(
        act=act,
        lead=lead,
        from_user_id=lead.owner_id,
        from_queue=lead.queue,
        stayed=stayed,
    )
