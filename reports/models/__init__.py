"""What reports keep."""

from __future__ import annotations

from reports.models.drift import DriftAlarm

__all__ = ["DriftAlarm"]
