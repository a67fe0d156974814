"""Somebody answers for every lead that is being worked, and nobody for one that rests."""

from __future__ import annotations

from lifecycle.invariants.invariant import EXEMPT, OWED, Invariant, Severity, query
from people import roles

HELD = """(SELECT lead_id, count(*) AS times, array_agg(user_id) AS users
             FROM routing_assignment WHERE ended_at IS NULL GROUP BY 1)"""

INVARIANTS = (
    Invariant(
        "lead.accountable",
        "Every lead from MQL on that is not closed, and every open hand-raiser, has an owner "
        "or a named queue, not both",
        query(f"""
            SELECT l.id, 'at ' || l.stage || ' has '
                         || CASE WHEN l.queue = '' THEN 'neither owner nor queue'
                                 ELSE 'an owner and the queue “' || l.queue || '”' END
              FROM leads_lead l LEFT JOIN {HELD} a ON a.lead_id = l.id
             WHERE {OWED} AND (a.lead_id IS NOT NULL) = (l.queue <> '')
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "lead.owner_is_here",
        "Nobody who has left holds a lead for longer than the worker needs to hand it on",
        query("""
            SELECT a.lead_id, 'is held by ' || u.username || ', who is inactive'
              FROM routing_assignment a JOIN people_user u ON u.id = a.user_id
             WHERE a.ended_at IS NULL AND NOT u.is_active
               AND NOT EXISTS (SELECT 1 FROM people_historicaluser h
                                WHERE h.id = u.id AND h.is_active
                                  AND h.history_date > %(now)s - %(handing_on)s)
        """),
        Severity.WARNING,
    ),
    Invariant(
        "lead.owner_works",
        "Nobody who works no leads holds one for longer than the worker needs to hand it on",
        query(f"""
            SELECT a.lead_id, 'is held by ' || u.username || ', who is ' || u.role
                              || ' and works no leads'
              FROM routing_assignment a JOIN people_user u ON u.id = a.user_id
             WHERE a.ended_at IS NULL AND NOT {roles.sql("u", "%(working)s")}
               AND NOT EXISTS (SELECT 1 FROM people_historicaluser h
                                WHERE h.id = u.id AND {roles.sql("h", "%(working)s")}
                                  AND h.history_date > %(now)s - %(handing_on)s)
        """),  # noqa: S608 - a fragment of ours
        Severity.WARNING,
    ),
    Invariant(
        "queue.answered_for",
        "Every pool in which leads wait has a manager who is here and may manage; until then "
        "RevOps answers for them",
        query(f"""
            SELECT p.key, 'has ' || count(*) || ' waiting, and '
                          || CASE WHEN u.id IS NULL THEN 'no manager'
                                  WHEN NOT u.is_active THEN u.username || ', who is inactive'
                                  ELSE u.username || ', who is ' || u.role END
              FROM leads_lead l JOIN routing_pool p ON p.key = l.queue
              LEFT JOIN people_user u ON u.id = p.manager_id
             WHERE l.queue <> ''
               AND (u.is_active AND (u.is_superuser
                                    OR {roles.sql("u", "%(managing)s")})) IS NOT TRUE
             GROUP BY p.key, u.id
        """),  # noqa: S608 - a fragment of ours
        Severity.WARNING,
    ),
    Invariant(
        "lead.has_clock",
        "Every lead from MQL on that is not closed, and every open hand-raiser, has an open clock, "
        "unless the kit exempts its stage and channel",
        query(f"""
            SELECT l.id, 'at ' || l.stage || ' has no open clock'
              FROM leads_lead l
             WHERE {OWED}
               AND NOT EXISTS (SELECT 1 FROM sla_clock c
                                WHERE c.lead_id = l.id AND c.state IN ('RUNNING', 'PAUSED'))
               AND NOT {EXEMPT}
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "lead.queue_known",
        "A waiting lead names a pool that is there, and when routing tries again, unless it waits "
        "for people to claim it",
        query("""
            SELECT l.id, CASE WHEN p.id IS NULL THEN 'waits in “' || l.queue || '”, no such pool'
                              ELSE 'waits in “' || l.queue || '” without a next try' END
              FROM leads_lead l LEFT JOIN routing_pool p ON p.key = l.queue
              LEFT JOIN LATERAL (SELECT d.target, d.pool FROM routing_decision d
                                  WHERE d.lead_id = l.id ORDER BY d.at DESC, d.id DESC LIMIT 1) d
                ON l.route_at IS NULL
             WHERE l.queue <> ''
               AND (p.id IS NULL
                    OR (l.quarantined_at IS NOT NULL AND l.route_at IS NOT NULL)
                    OR (l.quarantined_at IS NULL AND l.route_at IS NULL
                        AND (d.target, d.pool) IS DISTINCT FROM ('QUEUE', l.queue)))
        """),
    ),
    Invariant(
        "lead.kept_for_member",
        "Nobody who shares a pool no more has leads kept for them there for longer than the worker "
        "needs to keep them for another",
        query("""
            SELECT l.id, 'is kept for ' || u.username || ', who does not share “' || l.queue || '”'
              FROM leads_lead l JOIN people_user u ON u.id = l.kept_for_id
             WHERE NOT EXISTS (SELECT 1 FROM routing_poolmember m
                                 JOIN routing_pool p ON p.id = m.pool_id
                                WHERE m.user_id = u.id AND p.key = l.queue AND m.active)
               AND NOT EXISTS (SELECT 1 FROM routing_historicalpoolmember h
                                 JOIN routing_pool p ON p.id = h.pool_id
                                WHERE h.user_id = u.id AND p.key = l.queue AND h.active
                                  AND h.history_date > %(now)s - %(handing_on)s)
        """),
        Severity.WARNING,
    ),
    Invariant(
        "lead.in_quarantine",
        "A lead in quarantine waits in a queue without an owner, was never qualified in this pass, "
        "and asked for nobody",
        query("""
            SELECT l.id, 'is in quarantine at ' || l.stage
                         || CASE WHEN l.owner_id IS NOT NULL THEN ', and somebody owns it'
                                 WHEN l.queue = '' THEN ', and nobody answers for it'
                                 WHEN l.hand_raised_at IS NOT NULL
                                     THEN ', though its buyer asked for a person'
                                 WHEN l.passed_at IS NOT NULL THEN ', though it was let pass'
                                 ELSE '' END
              FROM leads_lead l
             WHERE l.quarantined_at IS NOT NULL
               AND (l.stage NOT IN ('INQUIRY', 'NURTURE') OR l.owner_id IS NOT NULL
                    OR l.queue = '' OR l.hand_raised_at IS NOT NULL OR l.passed_at IS NOT NULL)
        """),
    ),
    Invariant(
        "lead.quarantine_has_clock",
        "A lead in quarantine has an open clock, where its kit has one for that",
        query(f"""
            SELECT l.id, 'is in quarantine since ' || l.quarantined_at || ' without a clock'
              FROM leads_lead l
              JOIN LATERAL (SELECT e.kit_id FROM leads_leadevent e
                             WHERE e.lead_id = l.id AND e.kind = 'QUARANTINED'
                             ORDER BY e.sequence DESC LIMIT 1) e ON TRUE
             WHERE l.quarantined_at IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM sla_clock c
                                WHERE c.lead_id = l.id AND c.state IN ('RUNNING', 'PAUSED'))
               AND EXISTS (SELECT 1 FROM governance_kitversion k,
                                  jsonb_array_elements(k.document->'parts'->'clock_policy') p
                            WHERE k.id = e.kit_id AND p->'starts_on' ? 'QUARANTINED'
                              AND p->'stages' ? l.stage AND p->>'condition' IS NULL)
               AND NOT {EXEMPT}
        """),  # noqa: S608 - fragments of this package
    ),
    Invariant(
        "lead.owner_is_assigned",
        "The owner of a lead is the user of its open assignment",
        query(f"""
            SELECT l.id, 'has owner ' || coalesce(l.owner_id::text, 'none')
                         || ', is assigned to ' || coalesce(a.users::text, 'nobody')
              FROM leads_lead l LEFT JOIN {HELD} a ON a.lead_id = l.id
             WHERE CASE WHEN l.owner_id IS NULL THEN a.lead_id IS NOT NULL
                        ELSE (l.owner_id = ANY(a.users)) IS NOT TRUE END
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "lead.one_assignment",
        "At most one assignment of a lead is open",
        query(f"""
            SELECT lead_id, 'has ' || times || ' open assignments' FROM {HELD} a WHERE times > 1
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "assignment.no_overlap",
        "The ownership periods of a lead do not overlap",
        query("""
            SELECT id, 'begins at ' || started_at || ', before the one before ended'
              FROM (SELECT *, max(coalesce(ended_at, 'infinity'))
                                  OVER (PARTITION BY lead_id ORDER BY started_at, id
                                        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS busy
                      FROM routing_assignment) a
             WHERE busy > started_at AND NOT (ended_at IS NULL AND busy = 'infinity')
        """),
    ),
    Invariant(
        "assignment.in_log",
        "An assignment begins and ends with an event of its lead that says the same",
        query("""
            SELECT a.id, 'does not begin or end as the log of lead ' || a.lead_id || ' says'
              FROM routing_assignment a
              JOIN leads_leadevent s ON s.id = a.started_by_event_id
              LEFT JOIN leads_leadevent e ON e.id = a.ended_by_event_id
             WHERE (s.lead_id, s.kind, s.owner_id, s.at)
                       IS DISTINCT FROM (a.lead_id, 'ASSIGNED', a.user_id, a.started_at)
                OR (a.ended_at IS NULL) <> (e.id IS NULL)
                OR (e.id IS NOT NULL AND ((e.lead_id, e.at) <> (a.lead_id, a.ended_at)
                                          OR e.kind NOT IN ('ASSIGNED', 'QUEUED', 'RELEASED')))
        """),
    ),
    Invariant(
        "event.assigns",
        "Every event that gives a lead an owner began exactly one assignment",
        query("""
            SELECT e.id, 'began ' || count(a.id) || ' assignments'
              FROM leads_leadevent e LEFT JOIN routing_assignment a ON a.started_by_event_id = e.id
             WHERE e.kind = 'ASSIGNED' GROUP BY e.id HAVING count(a.id) <> 1
        """),
    ),
    Invariant(
        "lead.closed_is_free",
        "Nobody holds a closed lead, and it waits in no queue",
        query(f"""
            SELECT l.id, 'is ' || l.stage || ', but somebody answers for it'
              FROM leads_lead l LEFT JOIN {HELD} a ON a.lead_id = l.id
             WHERE l.stage = ANY(%(closed)s) AND (a.lead_id IS NOT NULL OR l.queue <> '')
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "lead.resting_is_free",
        "Nobody holds a lead in nurture to whom nothing is owed",
        query(f"""
            SELECT l.id, 'rests, but somebody answers for it'
              FROM leads_lead l LEFT JOIN {HELD} a ON a.lead_id = l.id
             WHERE l.stage = 'NURTURE' AND l.hand_raised_at IS NULL
               AND (a.lead_id IS NOT NULL OR l.queue <> '')
               AND NOT EXISTS (SELECT 1 FROM sla_clock c
                                WHERE c.lead_id = l.id AND c.state IN ('RUNNING', 'PAUSED'))
               AND NOT {EXEMPT}
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "lead.opportunity",
        "A lead at Opportunity, Won or Lost has an opportunity that stands there too",
        query("""
            SELECT l.id, 'is ' || l.stage || ', its opportunity is ' || coalesce(o.status, 'none')
              FROM leads_lead l LEFT JOIN leads_opportunity o ON o.id = l.opportunity_id
             WHERE l.stage IN ('OPPORTUNITY', 'WON', 'LOST')
               AND o.status IS DISTINCT FROM CASE l.stage WHEN 'OPPORTUNITY' THEN 'OPEN'
                                                          ELSE l.stage END
        """),
    ),
)
