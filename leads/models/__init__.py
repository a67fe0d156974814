"""The buyer and their way: people, accounts, leads, touches, events, scores, opportunities."""

from leads.models.account import Account, AccountStatus
from leads.models.activity import Activity
from leads.models.event import EventKind, LeadEvent, Outbox
from leads.models.lead import Lead
from leads.models.opportunity import Opportunity
from leads.models.person import IdentityKey, Person
from leads.models.score import ScorePart
from leads.models.touch import Channel, Signal, SourceCategory, Touch, TouchStatus

__all__ = [
    "Account",
    "AccountStatus",
    "Activity",
    "Channel",
    "EventKind",
    "IdentityKey",
    "Lead",
    "LeadEvent",
    "Opportunity",
    "Outbox",
    "Person",
    "ScorePart",
    "Signal",
    "SourceCategory",
    "Touch",
    "TouchStatus",
]
