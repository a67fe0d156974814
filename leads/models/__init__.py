"""The buyer and their way: people, accounts, leads, touches, events, scores, opportunities."""

from leads.models.account import Account, AccountAlias, AccountMerge, AccountStatus
from leads.models.activity import Activity
from leads.models.duplicate import DuplicateSearch, DuplicateSuggestion, PersonMerge
from leads.models.enrichment import EnrichmentProvider, EnrichmentTask
from leads.models.event import EventKind, LeadEvent, Outbox
from leads.models.handling import TouchHandling
from leads.models.lead import Lead
from leads.models.opportunity import Opportunity
from leads.models.partner import PartnerConflict, PartnerExtension, PartnerRegistration
from leads.models.permission import Permission, Suppression
from leads.models.person import ContactPoint, IdentityKey, Person
from leads.models.reference import ExternalReference
from leads.models.score import ScorePart
from leads.models.seal import Seal, SealedAway, SealedRows, SealPage, SealSalt
from leads.models.touch import Channel, Signal, SourceCategory, Touch, TouchStatus

__all__ = [
    "Account",
    "AccountAlias",
    "AccountMerge",
    "AccountStatus",
    "Activity",
    "Channel",
    "ContactPoint",
    "DuplicateSearch",
    "DuplicateSuggestion",
    "EnrichmentProvider",
    "EnrichmentTask",
    "EventKind",
    "ExternalReference",
    "IdentityKey",
    "Lead",
    "LeadEvent",
    "Opportunity",
    "Outbox",
    "PartnerConflict",
    "PartnerExtension",
    "PartnerRegistration",
    "Permission",
    "Person",
    "PersonMerge",
    "ScorePart",
    "Seal",
    "SealPage",
    "SealSalt",
    "SealedAway",
    "SealedRows",
    "Signal",
    "SourceCategory",
    "Suppression",
    "Touch",
    "TouchHandling",
    "TouchStatus",
]
