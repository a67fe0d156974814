"""What the desk reads of the past: leads received in a period, last turns, outcomes. Reads only."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from core import reading
from leads import bands
from routing import caps
from routing.caps import Joined
from routing.strategies import WINDOW

LOOKED_BACK = dt.timedelta(days=365)
"""Outcomes that are older say nothing about a rep."""

Row = tuple[Any, ...]


def received(user_ids: Sequence[int], *, now: dt.datetime) -> reading.Question[Row]:
    """The question for leads given by rule today, this week, this month, in each rep's zone.

    Only for those with such a cap; a lead whose turn was given back does not count. With them since
    when each keeps to the lowest of their caps of a month, as the history of memberships knows it.
    """
    ids = list(user_ids)
    return reading.plain(_RECEIVED, ids, now, ids, now, now, now)


def by_period(rows: Iterable[Row]) -> dict[int, dict[str, int]]:
    """Answers of `received`."""
    return {user: dict(zip(caps.PERIODS, counts, strict=True)) for user, *counts, _, _ in rows}


def joined(rows: Iterable[Row]) -> dict[int, Joined]:
    """Answers of `received`: who began when, and what they had got in that month before."""
    return {user: Joined(at, before) for user, *_, before, at in rows if at is not None}


def windows(pool_keys: Sequence[str]) -> reading.Question[Row]:
    """The question for who took the last turns of these pools, oldest first."""
    return reading.plain(_WINDOWS, list(pool_keys), WINDOW)


def by_pool(rows: Iterable[Row]) -> dict[str, list[int]]:
    """Answers of `windows`."""
    found: dict[str, list[int]] = defaultdict(list)
    for pool, user in rows:
        found[pool].append(user)
    return found


def outcomes(user_ids: Sequence[int], *, now: dt.datetime) -> reading.Question[Row]:
    """The question for won and decided leads by rep and segment, as far as known at `now`.

    A lead counts for each rep who had held it by rule when it was won, lost or disqualified within
    the last year. What was recorded after `now`, or taken back by then, was not known.
    """
    since = now - LOOKED_BACK
    return reading.plain(_OUTCOMES, since, now, now, list(user_ids))


def by_segment(rows: Iterable[Row]) -> dict[int, dict[str, tuple[int, int]]]:
    """Answers of `outcomes`."""
    found: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    for user, segment, won, decided in rows:
        found[user][segment] = (won, decided)
    return found


# Counted rep by rep from the start of their longest period: joined at once, all assignments ever
# were read (a second at a million of them, also where nobody has such a cap).
_RECEIVED = """
    WITH capped AS MATERIALIZED (
        SELECT u.id, u.time_zone AS zone, bool_or(m.week_cap IS NOT NULL) AS weekly,
               bool_or(m.month_cap IS NOT NULL) AS monthly
          FROM routing_poolmember m JOIN people_user u ON u.id = m.user_id
         WHERE m.user_id = ANY(%s) AND m.active
           AND coalesce(m.day_cap, m.week_cap, m.month_cap) IS NOT NULL
         GROUP BY u.id),
    joined AS MATERIALIZED (
        SELECT DISTINCT ON (m.user_id) m.user_id AS id, h.at
          FROM routing_poolmember m
          LEFT JOIN LATERAL (
            SELECT max(history_date) AS at
              FROM (SELECT history_date, active, history_type,
                           lag(active) OVER (ORDER BY history_date, history_id) AS before
                      FROM routing_historicalpoolmember WHERE id = m.id) each
             WHERE active AND (history_type = '+' OR NOT before) AND history_date <= %s) h ON TRUE
         WHERE m.user_id = ANY(%s) AND m.active AND m.month_cap IS NOT NULL
         ORDER BY m.user_id, m.month_cap, h.at NULLS FIRST),
    begun AS MATERIALIZED (
        SELECT id, weekly, monthly, joined.at AS joined,
               date_trunc('day', %s AT TIME ZONE zone) AT TIME ZONE zone AS day,
               date_trunc('week', %s AT TIME ZONE zone) AT TIME ZONE zone AS week,
               date_trunc('month', %s AT TIME ZONE zone) AT TIME ZONE zone AS month
          FROM capped LEFT JOIN joined USING (id))
    SELECT b.id, n.day, n.week, n.month, n.before, b.joined
      FROM begun b
      CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE a.started_at >= b.day) AS day,
               count(*) FILTER (WHERE a.started_at >= b.week) AS week,
               count(*) FILTER (WHERE a.started_at >= b.month) AS month,
               count(*) FILTER (WHERE a.started_at >= b.month AND a.started_at < b.joined)
                   AS before
          FROM routing_assignment a
         WHERE a.user_id = b.id AND a.automatic
           AND a.started_at >= least(b.day, CASE WHEN b.weekly THEN b.week END,
                                     CASE WHEN b.monthly THEN b.month END)
           AND (SELECT r.why FROM routing_creditentry r WHERE r.decision_id = a.decision_id
                 ORDER BY r.turn DESC LIMIT 1) IS DISTINCT FROM 'RETURNED') n
"""
_WINDOWS = """
    SELECT d.pool, d.picked_id FROM routing_decision d JOIN routing_pool p ON p.key = d.pool
     WHERE p.key = ANY(%s) AND d.turn > p.turns - %s
     ORDER BY d.pool, d.turn
"""
_SEGMENT = " ".join(
    f"WHEN c.employees >= {low}"
    + (f" AND c.employees <= {high}" if high else "")
    + f" THEN '{key}'"
    for key, low, high in bands.BANDS
)
_OUTCOMES = f"""
    SELECT a.user_id, CASE {_SEGMENT} ELSE '' END,
           count(*) FILTER (WHERE e.to_stage = 'WON'), count(*)
      FROM leads_leadevent e
      JOIN leads_lead l ON l.id = e.lead_id
      LEFT JOIN leads_account c ON c.id = l.account_id
      JOIN LATERAL (SELECT DISTINCT user_id FROM routing_assignment
                     WHERE lead_id = e.lead_id AND automatic AND started_at <= e.at) a ON TRUE
     WHERE e.kind = 'STAGE' AND e.to_stage IN ('WON', 'LOST', 'DISQUALIFIED')
       AND e.at > %s AND e.recorded_at <= %s
       AND NOT EXISTS (SELECT FROM leads_leadevent n
                        WHERE n.lead_id = e.lead_id AND n.kind = 'STAGE' AND n.cycle = e.cycle
                          AND n.sequence > e.sequence AND n.recorded_at <= %s)
       AND a.user_id = ANY(%s)
     GROUP BY 1, 2
"""  # noqa: S608 - names and numbers of ours
