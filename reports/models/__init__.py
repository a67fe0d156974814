"""What reports keep."""

from __future__ import annotations

from reports.models.clock_facts import ClockFact
from reports.models.cost import CostEntry
from reports.models.deal_facts import CreditFact, DealFact
from reports.models.declared import BenchmarkLine, MetricOwner
from reports.models.drift import DriftAlarm
from reports.models.facts import DaySum, FactsBuild, LeadFact, PassFact, StaleDay, VisitFact
from reports.models.quota import QuotaEntry
from reports.models.review import (
    Review,
    ReviewFinding,
    ReviewSignature,
    ReviewState,
    ReviewStep,
)

__all__ = [
    "BenchmarkLine",
    "ClockFact",
    "CostEntry",
    "CreditFact",
    "DaySum",
    "DealFact",
    "DriftAlarm",
    "FactsBuild",
    "LeadFact",
    "MetricOwner",
    "PassFact",
    "QuotaEntry",
    "Review",
    "ReviewFinding",
    "ReviewSignature",
    "ReviewState",
    "ReviewStep",
    "StaleDay",
    "VisitFact",
]
