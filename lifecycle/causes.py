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
