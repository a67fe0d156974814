"""Every automatic choice is recorded with what it was made from, and kept to the caps."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, query

INVARIANTS = (
    Invariant(
        "assignment.has_decision",
        "An automatic assignment has the decision that picked its user, of the same instant",
        query("""
            SELECT a.id, CASE WHEN d.id IS NULL THEN 'has no decision'
                              ELSE 'is not what decision ' || d.id || ' says' END
              FROM routing_assignment a LEFT JOIN routing_decision d ON d.id = a.decision_id
             WHERE a.automatic
               AND (d.id IS NULL OR (d.lead_id, d.picked_id, d.pool, d.at)
                        IS DISTINCT FROM (a.lead_id, a.user_id, a.pool, a.started_at))
        """),
    ),
    Invariant(
        "decision.complete",
        "A decision names a published kit, the snapshot of its pool and the rule that matched",
        query("""
            SELECT d.id, 'lacks what it was made from'
              FROM routing_decision d
              LEFT JOIN governance_kitversion k ON k.id = d.kit_id
              LEFT JOIN routing_poolsnapshot s ON s.id = d.snapshot_id
             WHERE k.id IS NULL OR k.status NOT IN ('ACTIVE', 'RETIRED')
                OR (s.content->>'pool' IS DISTINCT FROM d.pool
                    AND (s.id IS NOT NULL OR d.target = 'POOL'
                         OR (d.target <> 'QUEUE'
                             AND (d.tried->-1 ? 'refused'
                                  OR d.tried->-1->'meant'->>'user' IS NULL))))
                OR (d.tried->-1->>'matched') IS DISTINCT FROM 'true'
        """),
    ),
    Invariant(
        "decision.within_cap",
        "Nobody was picked who could not take a lead: excluded, at the cap, or no candidate",
        query("""
            SELECT d.id, 'picked ' || d.picked_id
                         || CASE WHEN c.one IS NULL THEN ', who was no candidate'
                                 WHEN c.one @? '$.limits[*] ? (@.received >= @.allowed)'
                                     THEN ', who was at the cap of a period'
                                 WHEN c.one->>'excluded' IS NOT NULL
                                     THEN ', who was ' || (c.one->>'excluded')
                                 ELSE ', who had ' || (c.one->>'open_leads') || ' of '
                                      || (c.one->>'open_cap') || ' open leads' END
              FROM routing_decision d
              LEFT JOIN LATERAL (SELECT one FROM jsonb_array_elements(d.candidates) AS one
                                  WHERE (one->>'user')::bigint = d.picked_id LIMIT 1) c ON TRUE
             WHERE d.picked_id IS NOT NULL
               AND NOT (d.target NOT IN ('POOL', 'QUEUE') AND NOT d.tried->-1 ? 'refused'
                        AND d.tried->-1->'meant'->>'user' = d.picked_id::text)
               AND (c.one IS NULL OR c.one->>'excluded' IS NOT NULL
                    OR c.one @? '$.limits[*] ? (@.received >= @.allowed)'
                    OR (c.one->>'open_leads')::int >= (c.one->>'open_cap')::int)
        """),
    ),
)
