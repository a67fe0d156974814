"""Reads of routing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db import connection

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


def holders(lead_ids: Iterable[int]) -> dict[int, list[int]]:
    """By lead everybody who has held it in this pass, whoever had it last first. One query."""
    found: defaultdict[int, list[int]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.lead_id, a.user_id
              FROM routing_assignment a
              JOIN leads_lead l ON l.id = a.lead_id
              JOIN leads_leadevent e ON e.id = a.started_by_event_id AND e.cycle = l.cycle
             WHERE a.lead_id = ANY(%s)
             ORDER BY a.lead_id, a.started_at DESC, a.id DESC
            """,
            [list(lead_ids)],
        )
        for lead, user in cursor.fetchall():
            if user not in found[lead]:
                found[lead].append(user)
    return dict(found)
