"""What reports keep."""

from __future__ import annotations

from reports.models.cost import CostEntry
from reports.models.drift import DriftAlarm
from reports.models.quota import QuotaEntry

__all__ = ["CostEntry", "DriftAlarm", "QuotaEntry"]
