"""Reads of clocks."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable

from sla.models import OPEN, Clock


def open_by_lead(lead_ids: Iterable[int]) -> dict[int, list[Clock]]:
    """The open clocks of each lead, earliest due first."""
    found: dict[int, list[Clock]] = defaultdict(list)
    rows = Clock.objects.filter(lead_id__in=list(lead_ids), state__in=OPEN)
    for clock in rows.order_by("due_at", "id"):
        found[clock.lead_id].append(clock)
    return found
