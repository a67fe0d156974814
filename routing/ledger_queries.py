"""The questions of a pool's ledger of turns, as they are sent: see `routing.fairness`."""

from __future__ import annotations

# Turns are counted in groups of what was alike, so that any number of them comes back as few rows.
# Whoever took the turn paid the weights of all who earned at it: that is `whole`.
# Beside the turns of these ranges come all others that were given back: their sums do not know it.
TALLIES = """
    WITH returned AS MATERIALIZED (
        SELECT e.decision_id AS id FROM routing_creditentry e
         WHERE e.pool_id = %(pool)s AND e.decision_id IS NOT NULL GROUP BY 1
        HAVING sum(CASE e.why WHEN 'RETURNED' THEN 1 ELSE -1 END) > 0),
    ranges AS MATERIALIZED (
        SELECT * FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) r(low, high)),
    told AS (
        SELECT d.id, d.at, d.because, d.candidates, d.picked_id, d.place, TRUE AS is_live
          FROM ranges r
          JOIN routing_decision d ON d.pool = %(key)s AND d.turn BETWEEN r.low AND r.high
         UNION ALL
        SELECT d.id, d.at, d.because, d.candidates, d.picked_id, d.place, FALSE
          FROM routing_decision d
         WHERE d.id IN (SELECT id FROM returned) AND d.turn IS NOT NULL AND d.pool = %(key)s
           AND NOT EXISTS (SELECT FROM ranges r WHERE d.turn BETWEEN r.low AND r.high))
    SELECT c.user_id, c.weight, coalesce(c.whole, 0), c.fate, c.earned,
           d.id IN (SELECT id FROM returned),
           d.place IS NOT NULL, d.is_live, count(*)
      FROM told d
      CROSS JOIN LATERAL (
        SELECT o."user" AS user_id, o.weight,
               sum(o.credit_before - o.credit_after + o.weight)
                   FILTER (WHERE o."user" = d.picked_id) OVER () AS whole,
               CASE WHEN o."user" = d.picked_id THEN o.weight
                    ELSE o.credit_after - o.credit_before END AS earned,
               CASE WHEN o."user" = d.picked_id THEN 'TOOK'
                    WHEN o.excluded IS NULL THEN
                      CASE WHEN d.because LIKE '%%, of those who speak %%'
                            AND NOT coalesce(o.languages ? split_part(
                                    d.because, ', of those who speak ', 2), FALSE) THEN 'LANGUAGE'
                           WHEN d.because LIKE '%%drawn at random%%' THEN 'DRAWN'
                           WHEN d.because LIKE '%%wins most of leads%%' THEN 'BEST'
                           WHEN d.because LIKE '%%fewest open leads%%' THEN 'LOAD'
                           ELSE 'TURN' END
                    WHEN o.excluded = 'off shift' THEN 'OFF_SHIFT'
                    WHEN o.excluded = 'on leave' THEN 'LEAVE'
                    WHEN o.excluded = 'away' THEN 'AWAY'
                    WHEN o.excluded = 'inactive' THEN 'INACTIVE'
                    WHEN o.excluded = 'held it before' THEN 'HELD'
                    WHEN o.excluded LIKE 'kept for %%' THEN 'KEPT'
                    WHEN o.excluded LIKE 'at the cap:%%open leads' THEN 'OPEN_CAP'
                    WHEN o.excluded LIKE 'at the cap:%%today%%' THEN 'DAY_CAP'
                    WHEN o.excluded LIKE 'at the cap:%%this week%%' THEN 'WEEK_CAP'
                    WHEN o.excluded LIKE 'at the cap:%%this month%%' THEN 'MONTH_CAP'
                    ELSE 'OTHER' END AS fate
          FROM jsonb_to_recordset(d.candidates)
               AS o("user" bigint, weight int, credit_before bigint, credit_after bigint,
                    excluded text, languages jsonb)) c
     WHERE d.at >= %(since)s
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8
"""

SUMMED = """
    SELECT (one->>0)::bigint, (one->>1)::int, (one->>2)::bigint, one->>3, (one->>4)::bigint,
           (one->>5)::boolean, sum((one->>6)::int)::int
      FROM routing_turnsum s, jsonb_array_elements(s.tallies) AS one
     WHERE s.pool_id = %(pool)s AND s.since >= %(since)s
     GROUP BY 1, 2, 3, 4, 5, 6
"""
