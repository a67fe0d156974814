"""Columns of facts that stand beside a lead and say nothing of anybody: codes, keys, numbers.

`lifecycle.privacy.holdings` lists those of the apps below; a test holds both against the tables.
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db import models

from reports.models import ClockFact, CreditFact, DealFact, LeadFact, PassFact, VisitFact

_ORIGIN = frozenset(("category", "medium", "channel", "campaign", "segment"))

IMPERSONAL: Mapping[type[models.Model], frozenset[str]] = {
    LeadFact: _ORIGIN | {"stage"},
    PassFact: _ORIGIN | {"way", "decision", "final", "reason", "criterion"},
    VisitFact: _ORIGIN | {"stage", "transition", "to_stage"},
    ClockFact: _ORIGIN | {"obligation", "policy", "stage", "outcome"},
    DealFact: _ORIGIN | {"digest", "status", "reason", "partner_role"},
    CreditFact: _ORIGIN,
}
