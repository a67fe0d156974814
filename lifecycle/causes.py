"""Why somebody comes to hold a lead, or holds it no more, as the log keeps it. Pure."""

from __future__ import annotations

CLAIMED = "claimed"
ESCALATED = "escalated"
HANDED_ON = "handed off"
KNOWN_ACCOUNT = "known account"
LEFT = "left"
MISROUTED = "misrouted"
OVERTURNED = "rejection overturned"
REALIGNED = "realigned"
REASSIGNED = "reassigned"
RETURNED = "hand-off returned"
SELF_SOURCED = "self-sourced"
TO_KEEPER = "the account is kept by them"
UNDO = "undo"
UNMERGED = "unmerged"

_ENDED = {
    "disqualify": "disqualified",
    "lose": "lost",
    "recycle": "recycled",
    "reject": "rejected",
    "return_to_nurture": "returned to nurture",
    "win": "won",
}


def in_words(why: str) -> str:
    """Why nobody holds a lead any more, where a step of its own ended that."""
    return _ENDED.get(why, why.replace("_", " "))
