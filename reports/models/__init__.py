"""What reports keep."""

from __future__ import annotations

from reports.models.cost import CostEntry
from reports.models.drift import DriftAlarm
from reports.models.quota import QuotaEntry
from reports.models.review import (
    Review,
    ReviewFinding,
    ReviewSignature,
    ReviewState,
    ReviewStep,
)

__all__ = [
    "CostEntry",
    "DriftAlarm",
    "QuotaEntry",
    "Review",
    "ReviewFinding",
    "ReviewSignature",
    "ReviewState",
    "ReviewStep",
]
