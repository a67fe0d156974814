"""Reads of routing."""

from __future__ import annotations

from collections.abc import Iterable

from routing.models import Assignment


def held_by_lead(lead_ids: Iterable[int]) -> dict[int, Assignment]:
    """The open assignment of each lead that has one."""
    rows = Assignment.objects.filter(lead_id__in=list(lead_ids), ended_at__isnull=True)
    return {row.lead_id: row for row in rows}
