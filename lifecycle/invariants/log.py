"""The one log: complete, legal, and telling what the leads' own columns tell."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, query

INVARIANTS = (
    Invariant(
        "lead.log_gapless",
        "A lead's events are numbered 1, 2, 3 … up to the lead's version",
        query("""
            SELECT l.id, 'is at version ' || l.version || ', has ' || coalesce(e.events, 0)
                         || ' events from ' || coalesce(e.low, 0) || ' to ' || coalesce(e.high, 0)
              FROM leads_lead l
              LEFT JOIN (SELECT lead_id, count(*) AS events, min(sequence) AS low,
                                max(sequence) AS high
                           FROM leads_leadevent GROUP BY 1) e ON e.lead_id = l.id
             WHERE e.events IS NULL OR e.low <> 1 OR e.high <> e.events OR l.version <> e.high
        """),
    ),
    Invariant(
        "event.legal_step",
        "Every step between stages is one of the table of transitions",
        query("""
            SELECT id, transition || ' from ' || coalesce(nullif(from_stage, ''), 'nothing')
                       || ' to ' || to_stage || ' is no legal step'
              FROM leads_leadevent
             WHERE kind = 'STAGE'
               AND (transition, from_stage, to_stage) NOT IN (
                   SELECT * FROM unnest(%(steps)s::text[], %(sources)s::text[],
                                        %(targets)s::text[]))
        """),
    ),
    Invariant(
        "event.chained",
        "Every step begins at the stage where the one before ended",
        query("""
            SELECT id, transition || ' begins at ' || coalesce(nullif(from_stage, ''), 'nothing')
                       || ', but the lead was at ' || coalesce(before, 'nothing')
              FROM (SELECT *, lag(to_stage) OVER (PARTITION BY lead_id ORDER BY sequence) AS before
                      FROM leads_leadevent WHERE kind = 'STAGE') e
             WHERE from_stage <> coalesce(before, '')
        """),
    ),
    Invariant(
        "lead.stage_from_log",
        "Replaying the log gives the lead's stage, since when, and its cycle",
        query("""
            SELECT l.id, 'stands at ' || l.stage || ' in cycle ' || l.cycle || ', its log says '
                         || coalesce(e.to_stage, 'nothing') || ' in cycle '
                         || coalesce(e.passes, 0)
              FROM leads_lead l
              LEFT JOIN (SELECT DISTINCT ON (lead_id) lead_id, to_stage,
                                -- Who parts again stands there since they did before the merge.
                                coalesce((because->>'since')::timestamptz, at) AS at,
                                cycle AS passes
                           FROM leads_leadevent WHERE kind = 'STAGE'
                          ORDER BY lead_id, sequence DESC) e ON e.lead_id = l.id
             WHERE l.stage IS DISTINCT FROM e.to_stage OR l.cycle IS DISTINCT FROM e.passes
                OR l.entered_stage_at IS DISTINCT FROM e.at
        """),
    ),
    Invariant(
        "lead.owner_from_log",
        "Replaying the log gives the lead's owner and queue",
        query("""
            SELECT l.id, 'has owner ' || coalesce(l.owner_id::text, 'none') || ' and queue “'
                         || l.queue || '”, its log says ' || coalesce(e.owner_id::text, 'none')
                         || ' and “' || coalesce(e.queue, '') || '”'
              FROM leads_lead l
              LEFT JOIN (SELECT DISTINCT ON (lead_id) lead_id, owner_id, queue
                           FROM leads_leadevent
                          WHERE kind IN ('ASSIGNED', 'QUEUED', 'RELEASED')
                          ORDER BY lead_id, sequence DESC) e ON e.lead_id = l.id
             WHERE l.owner_id IS DISTINCT FROM e.owner_id OR l.queue <> coalesce(e.queue, '')
        """),
    ),
    Invariant(
        "lead.quarantine_from_log",
        "Replaying the log gives whether the lead is in quarantine, and since when",
        query("""
            SELECT l.id, CASE WHEN l.quarantined_at IS NULL THEN 'is not in quarantine'
                              ELSE 'is in quarantine since ' || l.quarantined_at END
                         || ', its log says ' || coalesce(lower(e.kind), 'nothing')
              FROM leads_lead l
              LEFT JOIN (SELECT DISTINCT ON (lead_id) lead_id, kind, at, because->>'why' AS why
                           FROM leads_leadevent WHERE kind IN ('QUARANTINED', 'CLEANSED')
                          ORDER BY lead_id, sequence DESC) e ON e.lead_id = l.id
             WHERE (l.quarantined_at IS NOT NULL) <> (coalesce(e.kind, '') = 'QUARANTINED')
                OR (l.quarantined_at IS NOT NULL AND e.why IS NULL AND l.quarantined_at <> e.at)
        """),
    ),
    Invariant(
        "event.by_owner",
        "What only owners may do was done by the owner, or is marked as done for them",
        query("""
            WITH held AS (
                SELECT *, count(*) FILTER (WHERE kind IN ('ASSIGNED', 'QUEUED', 'RELEASED'))
                              OVER (PARTITION BY lead_id ORDER BY sequence) AS period
                  FROM leads_leadevent
                 WHERE kind IN ('STAGE', 'ASSIGNED', 'QUEUED', 'RELEASED')),
            told AS (
                SELECT *, max(owner_id) FILTER (WHERE kind = 'ASSIGNED')
                              OVER (PARTITION BY lead_id, period) AS holder
                  FROM held)
            SELECT id, transition || ' was by ' || coalesce(by_id::text, actor)
                       || ', the owner was ' || coalesce(holder::text, 'nobody')
              FROM told
             WHERE transition IN ('accept', 'reject', 'sales_qualify', 'convert',
                                  'return_to_nurture', 'disqualify')
               AND actor = 'user' AND by_id IS DISTINCT FROM holder
               AND (because->>'override') IS DISTINCT FROM 'true'
        """),
    ),
    Invariant(
        "event.names_its_kit",
        "What was done automatically names the published kit it was done under",
        query("""
            SELECT e.id, e.kind || ' by ' || e.actor || ' names '
                         || CASE WHEN k.id IS NULL THEN 'no kit'
                                 ELSE 'kit v' || k.number || ', which is ' || k.status END
              FROM leads_leadevent e LEFT JOIN governance_kitversion k ON k.id = e.kit_id
             WHERE e.by_id IS NULL AND (k.id IS NULL OR k.status NOT IN ('ACTIVE', 'RETIRED'))
        """),
    ),
)
