"""The questions of a pool's ledger of turns, as they are sent: see `routing.turn_sums`."""

from __future__ import annotations

from routing import fates, strategies

# Beside the turns of these ranges come all others that were given back: their sums do not know it.
_TOLD = """
    WITH returned AS MATERIALIZED (
        SELECT e.decision_id AS id FROM routing_creditentry e
         WHERE e.pool_id = %(pool)s AND e.decision_id IS NOT NULL GROUP BY 1
        HAVING sum(CASE e.why WHEN 'RETURNED' THEN 1 ELSE -1 END) > 0),
    ranges AS MATERIALIZED (
        SELECT * FROM unnest(%(lows)s::bigint[], %(highs)s::bigint[]) r(low, high)),
    told AS (
        SELECT d.*, TRUE AS is_live
          FROM ranges r
          JOIN routing_decision d ON d.pool = %(key)s AND d.turn BETWEEN r.low AND r.high
         WHERE d.at >= %(since)s
         UNION ALL
        SELECT d.*, FALSE
          FROM routing_decision d
         WHERE d.id IN (SELECT id FROM returned) AND d.turn IS NOT NULL AND d.pool = %(key)s
           AND d.at >= %(since)s
           AND NOT EXISTS (SELECT FROM ranges r WHERE d.turn BETWEEN r.low AND r.high))
"""

# Turns are counted in groups of what was alike, so that any number of them comes back as few rows.
# Whoever took the turn paid the weights of all who earned at it: that is `whole`.
SMALL = f"""
    {_TOLD}
    SELECT c.user_id, c.weight, coalesce(c.whole, 0), c.fate, c.earned,
           d.id IN (SELECT id FROM returned), d.is_live, count(*)
      FROM told d
      CROSS JOIN LATERAL (
        SELECT o."user" AS user_id, o.weight,
               sum(o.credit_before - o.credit_after + o.weight)
                   FILTER (WHERE o."user" = d.picked_id) OVER () AS whole,
               CASE WHEN o."user" = d.picked_id THEN o.weight
                    ELSE o.credit_after - o.credit_before END AS earned,
               CASE WHEN o."user" = d.picked_id THEN '{fates.TOOK}'
                    WHEN o.excluded IS NOT NULL THEN
                      {fates.as_case(fates.EXCLUSIONS, "o.excluded", fates.OTHER)}
                    WHEN d.because LIKE '%%{strategies.OF_SPEAKERS}%%'
                     AND NOT coalesce(o.languages ? split_part(
                             d.because, '{strategies.OF_SPEAKERS}', 2), FALSE)
                    THEN '{fates.LANGUAGE}'
                    ELSE {fates.as_case(fates.REASONS, "d.because", fates.TURN)} END AS fate
          FROM jsonb_to_recordset(d.candidates)
               AS o("user" bigint, weight int, credit_before bigint, credit_after bigint,
                    excluded text, languages jsonb)) c
     WHERE d.place IS NULL
     GROUP BY 1, 2, 3, 4, 5, 6, 7
"""  # noqa: S608 - words of ours
"""The turns whose decisions tell of everybody."""

LARGE = f"""
    {_TOLD}
    SELECT d.snapshot_id, d.picked_id, d.because, d.place, t.id IS NOT NULL,
           d.id IN (SELECT id FROM returned), coalesce(t.is_live, FALSE)
      FROM routing_decision d
      LEFT JOIN told t ON t.id = d.id
     WHERE d.snapshot_id IN (SELECT snapshot_id FROM told WHERE place IS NOT NULL)
       AND d.place IS NOT NULL AND d.turn IS NOT NULL
     ORDER BY d.snapshot_id, d.turn
"""  # noqa: S608 - words of ours
"""All turns of the batches of large pools of which some are asked for, batch by batch."""

SUMMED = """
    SELECT (one->>0)::bigint, (one->>1)::int, (one->>2)::bigint, one->>3, (one->>4)::bigint,
           sum((one->>5)::int)::int
      FROM routing_turnsum s, jsonb_array_elements(s.tallies) AS one
     WHERE s.pool_id = %(pool)s AND s.since >= %(since)s
     GROUP BY 1, 2, 3, 4, 5
"""
