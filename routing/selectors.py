"""Reads of routing."""

from __future__ import annotations

from collections.abc import Sequence

from core import reading
from routing import territories
from routing.models import Assignment, TerritoryArea
from routing.territories import Area


def held_of(lead_ids: Sequence[int]) -> reading.Question[Assignment]:
    """The question for the open assignments of these leads, one at most for each."""
    return reading.rows(Assignment, "WHERE lead_id = ANY(%s) AND ended_at IS NULL", lead_ids)


def areas() -> list[Area]:
    """All areas of all territories, whoever holds them. One query."""
    rows = TerritoryArea.objects.order_by("country", "region", "postal_prefix")
    told = rows.values_list("territory__key", "country", "region", "postal_prefix")
    return [Area(*row) for row in told]


def overlaps_of(key: str = "") -> list[str]:
    """Where territories share places, in words: those of one, or all. One query."""
    return [
        f"{_called(one)} lies within {_called(other)}"
        for one, other in territories.overlaps(areas())
        if not key or key in (one.territory, other.territory)
    ]


def _called(area: Area) -> str:
    where = " ".join(filter(None, (area.country, area.region, area.postal_prefix)))
    return f"{where} (“{area.territory}”)"
