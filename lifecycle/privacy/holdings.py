"""Where data of a person is kept, and what becomes of it when they are erased: the one list.

Every column of text or JSON of every table is either here or in `IMPERSONAL`; a test holds the two
against the tables, so that a new column cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import Q

from leads.models import (
    Activity,
    ContactPoint,
    DuplicateSuggestion,
    EnrichmentTask,
    ExternalReference,
    IdentityKey,
    Lead,
    LeadEvent,
    Opportunity,
    OpportunityStep,
    Outbox,
    PartnerConflict,
    Permission,
    Person,
    PersonMerge,
    ScorePart,
    ScoreRecord,
    SentSignal,
    Signal,
    Touch,
    TouchHandling,
    Visitor,
)
from lifecycle.models import (
    BulkLine,
    ChecklistAnswer,
    HandedLead,
    ImportRow,
    Notice,
    OutgoingMail,
    RejectionDispute,
    ShadowDecision,
    SimulatedLead,
)
from lifecycle.privacy.subject import Subject
from routing.models import Assignment, Decision, Override
from sla.models import Clock, ClockEvent

Rows = Callable[[Subject], Q]


@dataclass(frozen=True, slots=True)
class Holding:
    """One table: which rows are the person's, and the columns that are blanked, to what.

    `past` says that the field history holds the same columns; `delete` that rows go altogether.
    `name` is what the export calls it.
    """

    name: str
    model: type[models.Model]
    rows: Rows
    blank: Mapping[str, Any] = field(default_factory=dict)
    past: bool = False
    delete: bool = False
    export: bool = True


def _of_person(subject: Subject) -> Q:
    return Q(person_id__in=subject.people)


def _of_lead(subject: Subject) -> Q:
    return Q(lead_id__in=subject.leads)


HOLDINGS: tuple[Holding, ...] = (
    Holding(
        "people",
        Person,
        lambda subject: Q(pk__in=subject.people),
        {
            "first_name": "",
            "last_name": "",
            "title": "",
            "email": "",
            "phone": "",
            "country": "",
            "language": "",
            "seniority": "",
            "function": "",
            "name_key": "",
            "provenance": {},
        },
        past=True,
    ),
    Holding(
        "leads",
        Lead,
        lambda subject: Q(pk__in=subject.leads),
        {"own_fields": {}},
        past=True,
    ),
    Holding("identity_keys", IdentityKey, _of_person, delete=True),
    Holding("contact_points", ContactPoint, _of_person, delete=True),
    Holding("visitors", Visitor, _of_person, delete=True),
    Holding("permissions", Permission, _of_person, {"words": "", "source": "erased"}),
    Holding(
        "merges",
        PersonMerge,
        lambda subject: Q(winner_id__in=subject.people) | Q(loser_id__in=subject.people),
        {"fields": {}, "before": {}, "kept": {}, "reason": ""},
    ),
    Holding("activities", Activity, _of_lead, {"note": "", "external_id": ""}, past=True),
    Holding("checklist_answers", ChecklistAnswer, _of_lead, {"text": ""}),
    Holding(
        "references",
        ExternalReference,
        lambda subject: Q(lead_id__in=subject.leads) | Q(activity__lead_id__in=subject.leads),
        delete=True,
    ),
    Holding(
        "handlings",
        TouchHandling,
        lambda subject: Q(touch_id__in=subject.touches),
        {"before": None, "reason": ""},
    ),
    Holding(
        "partner_claims",
        PartnerConflict,
        lambda subject: Q(touch_id__in=subject.touches),
        {"claimant_name": "erased"},
        past=True,
    ),
    Holding("enrichments", EnrichmentTask, _of_lead, {"last_error": ""}),
    Holding("notices", Notice, _of_lead),
    Holding(
        "mails",
        OutgoingMail,
        _of_lead,
        {"to": "", "subject": "", "body": "", "last_error": ""},
    ),
    Holding(
        "deliveries",
        Outbox,
        lambda subject: Q(event__lead_id__in=subject.leads),
        {"last_error": ""},
        export=False,
    ),
    Holding("simulated", SimulatedLead, _of_lead, {"before": {}, "after": {}}),
    Holding("shadow", ShadowDecision, _of_lead, {"real": {}, "shadow": {}}),
    Holding(
        "import_rows",
        ImportRow,
        lambda subject: Q(touch_id__in=subject.touches) | Q(lead_id__in=subject.leads),
        {"faults": [], "remarks": []},
    ),
)
"""What is blanked as it stands here. Touchpoints, deals, companies and records of decisions, of
which a part stays, are dealt with by `erasing`."""

IN_PART: Mapping[type[models.Model], frozenset[str]] = {
    Touch: frozenset(("payload", "idempotency_key", "body_hash", "last_error", "utm_source",
                      "referrer_host", "partner_key", "partner_domain")),
    SentSignal: frozenset(("payload", "keys", "idempotency_key", "body_hash", "last_error")),
    Opportunity: frozenset(("name",)),
    LeadEvent: frozenset(("because",)),
    Decision: frozenset(("facts", "tried")),
}  # fmt: skip
"""Columns of which something stays; `erasing` deals with each."""

IMPERSONAL: Mapping[type[models.Model], frozenset[str]] = {
    Touch: frozenset(("channel", "category", "medium", "campaign", "attribution", "status",
                      "idempotency_scope", "outcome", "receipt")),
    Lead: frozenset(("stage", "queue", "reason", "exclusion", "before_exclusion",
                     "passed_exclusions", "channel", "category", "campaign", "band",
                     "next_step_kind", "wake_on", "provenance")),
    LeadEvent: frozenset(("kind", "transition", "from_stage", "to_stage", "queue", "actor")),
    Signal: frozenset(("kind",)),
    SentSignal: frozenset(("kind", "status", "idempotency_scope", "receipt")),
    Opportunity: frozenset(("status", "currency", "external_id", "url", "sales_stage", "reason",
                            "competitor", "partner_role")),
    OpportunityStep: frozenset(("kind", "from_stage", "to_stage", "because")),
    ScorePart: frozenset(("rule", "category", "signal")),
    ScoreRecord: frozenset(("parts",)),
    Activity: frozenset(("kind", "direction", "outcome", "source")),
    ChecklistAnswer: frozenset(("point",)),
    Permission: frozenset(("way", "state", "basis")),
    PersonMerge: frozenset(("moved",)),
    DuplicateSuggestion: frozenset(("status", "source", "reasons")),
    EnrichmentTask: frozenset(("outcome", "filled")),
    Notice: frozenset(("kind", "matter", "words")),
    OutgoingMail: frozenset(("message_id", "state")),
    SimulatedLead: frozenset(("differs", "unknown")),
    ShadowDecision: frozenset(("checksum", "differs", "unknown")),
    ImportRow: frozenset(("paths", "verdict", "codes", "undone", "stays")),
    Decision: frozenset(("moment", "target", "pool", "candidates", "because", "seed", "place")),
    TouchHandling: frozenset(("act",)),
    PartnerConflict: frozenset(("claimant_key", "claim", "reason", "state")),
    RejectionDispute: frozenset(("state",)),
    Outbox: frozenset(("consumer",)),
    Assignment: frozenset(("pool", "end_reason")),
    BulkLine: frozenset(("left",)),
    HandedLead: frozenset(("from_queue", "to_queue", "stayed")),
    Override: frozenset(("kind", "why")),
    Clock: frozenset(("policy", "obligation", "scope", "state", "calendar", "channel",
                      "escalation", "evidence", "parked_error", "paused_for", "proof",
                     "tzdata")),
    ClockEvent: frozenset(("kind", "cause", "level")),
}  # fmt: skip
"""Columns beside a person, lead or touchpoint that say nothing of anybody: codes, keys, numbers."""

PERSONAL_FACTS = frozenset(("person.title", "person.country", "person.seniority",
                            "person.function", "person.language", "person.email_domain",
                            "lead.territory"))  # fmt: skip
"""Facts that say something of the person; records of decisions lose them."""
OF_THE_COMPANY = frozenset(("company.name", "company.domain", "company.industry"))
"""And these, where nobody else is known at the company."""
