"""Reads of routing."""

from __future__ import annotations

from collections.abc import Sequence

from core import reading
from routing.models import Assignment


def held_of(lead_ids: Sequence[int]) -> reading.Question[Assignment]:
    """The question for the open assignments of these leads, one at most for each."""
    return reading.rows(Assignment, "WHERE lead_id = ANY(%s) AND ended_at IS NULL", lead_ids)
