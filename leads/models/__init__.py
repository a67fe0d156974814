"""The buyer and their way: people, accounts, leads, touches, events, scores, opportunities."""

from leads.models.account import Account, AccountAlias, AccountMerge, AccountStatus
from leads.models.activity import Activity
from leads.models.customer import Customer, CustomerStep
from leads.models.deal_stage import DealStage
from leads.models.duplicate import DuplicateSearch, DuplicateSuggestion, PersonMerge
from leads.models.enrichment import EnrichmentProvider, EnrichmentTask
from leads.models.event import EventKind, LeadEvent, Outbox
from leads.models.exchange import ExchangeRate
from leads.models.handling import TouchHandling
from leads.models.lead import Lead
from leads.models.opportunity import Opportunity, OpportunityStep
from leads.models.partner import PartnerConflict, PartnerExtension, PartnerRegistration
from leads.models.permission import Permission, Suppression
from leads.models.person import ContactPoint, IdentityKey, Person
from leads.models.product import OpportunityLine, Product
from leads.models.reference import ExternalReference
from leads.models.score import ScorePart, ScoreRecord
from leads.models.seal import Seal, SealedAway, SealedRows, SealPage, SealSalt
from leads.models.sent_signal import DroppedSignals, SentSignal, SentStatus, Visitor
from leads.models.touch import Channel, Signal, SourceCategory, Touch, TouchStatus

__all__ = [
    "Account",
    "AccountAlias",
    "AccountMerge",
    "AccountStatus",
    "Activity",
    "Channel",
    "ContactPoint",
    "Customer",
    "CustomerStep",
    "DealStage",
    "DroppedSignals",
    "DuplicateSearch",
    "DuplicateSuggestion",
    "EnrichmentProvider",
    "EnrichmentTask",
    "EventKind",
    "ExchangeRate",
    "ExternalReference",
    "IdentityKey",
    "Lead",
    "LeadEvent",
    "Opportunity",
    "OpportunityLine",
    "OpportunityStep",
    "Outbox",
    "PartnerConflict",
    "PartnerExtension",
    "PartnerRegistration",
    "Permission",
    "Person",
    "PersonMerge",
    "Product",
    "ScorePart",
    "ScoreRecord",
    "Seal",
    "SealPage",
    "SealSalt",
    "SealedAway",
    "SealedRows",
    "SentSignal",
    "SentStatus",
    "Signal",
    "SourceCategory",
    "Suppression",
    "Touch",
    "TouchHandling",
    "TouchStatus",
    "Visitor",
]
