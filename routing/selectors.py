"""Reads of routing."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import connection
from django.db.models import Min, Q, QuerySet

from core import database, reading
from routing import territories, territory_sql
from routing.models import Assignment, PoolMember, Territory, TerritoryHolder
from routing.realignment import Chart, Holder
from routing.territories import Area


def held_of(lead_ids: Sequence[int]) -> reading.Question[Assignment]:
    """The question for the open assignments of these leads, one at most for each."""
    return reading.rows(Assignment, "WHERE lead_id = ANY(%s) AND ended_at IS NULL", lead_ids)


def over_cap(user_id: int) -> tuple[int, int] | None:
    """How many leads somebody holds and the tightest of their open caps; None within it.

    Two queries.
    """
    own = PoolMember.objects.filter(user=user_id, active=True)
    cap: int | None = own.aggregate(least=Min("open_cap"))["least"]
    held = Assignment.objects.filter(user=user_id, ended_at__isnull=True).count()
    return (held, cap) if cap is not None and held > cap else None


def declined_of(lead_ids: Sequence[int]) -> reading.Question[Any]:
    """The question for who said in this pass that a lead was not theirs: rows of lead and users.

    What was taken back does not count.
    """
    return reading.plain(_DECLINED, list(lead_ids))


_DECLINED = """
    SELECT a.lead_id, array_agg(a.user_id)
      FROM routing_assignment a
      JOIN leads_lead l ON l.id = a.lead_id
      JOIN leads_leadevent e ON e.id = a.started_by_event_id AND e.cycle = l.cycle
     WHERE a.lead_id = ANY(%s) AND a.end_reason = 'misrouted'
       AND NOT EXISTS (SELECT FROM leads_leadevent u
                        WHERE u.lead_id = a.lead_id AND u.kind = 'ASSIGNED'
                          AND (u.because->>'resumes')::bigint = a.id)
     GROUP BY a.lead_id
"""


def shut_out() -> QuerySet[PoolMember, int]:
    """The ids of those whom no rule can ever give a lead: one of their caps, in any pool, is 0."""
    nought = Q(open_cap=0) | Q(day_cap=0) | Q(week_cap=0) | Q(month_cap=0)
    return PoolMember.objects.filter(nought, active=True).values_list("user", flat=True)


def areas_on(day: dt.date, lands: Sequence[str] | None = None) -> reading.Question[Any]:
    """The question for the areas in force on a day (UTC) and who holds them then, as `Area` rows.

    `lands` are the countries asked for; None: all.
    """
    return reading.plain(_AREAS, day, day, lands is None, list(lands or ()))


def areas(day: dt.date) -> list[Area]:
    """All areas in force on a day and who holds them then. One query."""
    asked = areas_on(day)
    reading.ask(asked)
    return [Area(*row) for row in asked.found]


_AREAS = f"""
    SELECT t.key, a.country, a.region, a.postal_prefix, h.user_id, coalesce(p.key, '')
      FROM ({territory_sql.IN_FORCE}) a
      JOIN routing_territory t ON t.id = a.territory_id
      LEFT JOIN LATERAL (SELECT user_id, pool_id FROM routing_territoryholder
                          WHERE territory_id = t.id AND starts_on <= %s
                          ORDER BY starts_on DESC LIMIT 1) h ON TRUE
      LEFT JOIN routing_pool p ON p.id = h.pool_id
     WHERE %s OR a.country = ANY(%s)
     ORDER BY a.country, a.region, a.postal_prefix
"""  # noqa: S608 - a fragment of ours


def chart_on(day: dt.date) -> Chart:
    """Areas and holders in force on a day, territories without areas too. Two queries."""
    found = areas(day)
    held = TerritoryHolder.objects.filter(starts_on__lte=day).order_by("territory_id", "starts_on")
    rows = held.values_list("territory__key", "user_id", "pool__key")
    return Chart(
        {(one.country, one.region, one.postal_prefix): one.territory for one in found},
        {key: Holder(user, pool or "") for key, user, pool in rows},
    )


def overlaps_of(key: str = "", *, day: dt.date | None = None) -> list[str]:
    """Where territories share places on a day (today), in words: one's, or all. Two queries."""
    today = day or database.now().astimezone(dt.UTC).date()
    labels = dict(Territory.objects.values_list("key", "label"))
    return [
        overlap_words(one, other, labels)
        for one, other in territories.overlaps(areas(today))
        if not key or key in (one.territory, other.territory)
    ]


def overlap_words(one: Area, other: Area, labels: Mapping[str, str]) -> str:
    """That the first of two areas, the more exact one, shares places with the other.

    `labels` are those of territories by their keys.
    """
    here, there = _called(one, labels), _called(other, labels)
    if territories.lies_within(one, other):
        return f"{here} lies within {there}"
    return (
        f"{here} shares places with {there}: there the longer postal prefix wins, "
        "whatever the region"
    )


def unheld(day: dt.date) -> list[str]:
    """The labels of territories that have areas on a day and that nobody holds. Two queries."""
    bare = {one.territory for one in areas(day) if one.user is None and not one.pool}
    rows = Territory.objects.filter(key__in=bare).order_by("label")
    return list(rows.values_list("label", flat=True))


def _called(area: Area, labels: Mapping[str, str]) -> str:
    where = " ".join(filter(None, (area.country, area.region, area.postal_prefix)))
    return f"{where} (“{labels.get(area.territory, area.territory)}”)"


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
