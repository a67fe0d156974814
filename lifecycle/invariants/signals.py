"""Signals that came by themselves: each counts once and for its buyer, or waits for a reason."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, query

INVARIANTS = (
    Invariant(
        "signal.settled",
        "A signal that came by itself counts for a lead, or has not been decided",
        query("""
            SELECT s.id, CASE WHEN c.id IS NULL THEN 'is counted, but for no lead'
                              ELSE 'counts for lead ' || c.lead_id || ', though it waits' END
              FROM leads_sentsignal s LEFT JOIN leads_signal c ON c.sent_as_id = s.id
             WHERE (s.status = 'ADVANCED') <> (c.id IS NOT NULL)
                OR (s.status = 'ADVANCED' AND s.advanced_at IS NULL)
        """),
    ),
    Invariant(
        "signal.in_log",
        "A signal that counts by itself stands in the log",
        query("""
            SELECT s.id, 'stands in no log'
              FROM leads_sentsignal s
             WHERE s.status = 'ADVANCED'
               AND s.id NOT IN (
                   SELECT (jsonb_array_elements_text(because->'sent'))::bigint
                     FROM leads_leadevent
                    WHERE kind IN ('SIGNALLED', 'TOUCHED')
                      AND jsonb_typeof(because->'sent') = 'array')
        """),
    ),
    Invariant(
        "signal.of_who_it_named",
        "A signal that came by itself counts for the buyer whom it named",
        query("""
            SELECT s.id, 'named person ' || k.id || ', counts for lead ' || l.id
              FROM leads_sentsignal s
              JOIN leads_person k ON k.id = s.came_as_id
              JOIN leads_signal c ON c.sent_as_id = s.id
              JOIN leads_lead l ON l.id = c.lead_id
              JOIN leads_person p ON p.id = l.person_id
             WHERE coalesce(k.merged_into_id, k.id) <> coalesce(p.merged_into_id, p.id)
        """),
    ),
    Invariant(
        "signal.left_behind",
        "No signal lies more than a minute past its lease, or past when it is looked at again",
        query("""
            SELECT id, CASE status WHEN 'RECEIVED' THEN 'was received ' || received_at
                                   ELSE 'was to be looked at ' || next_attempt_at END
              FROM leads_sentsignal
             WHERE (status = 'RECEIVED'
                    AND greatest(received_at, lease_until, next_attempt_at)
                            < %(now)s - %(grace)s)
                OR (status = 'WAITING'
                    AND (next_attempt_at IS NULL
                         OR greatest(received_at, lease_until, next_attempt_at)
                                < %(now)s - %(grace)s))
        """),
    ),
    Invariant(
        "signal.waits_in_vain",
        "No signal waits whose e-mail address a buyer is known by",
        query("""
            SELECT s.id, 'waits, though lead ' || min(l.id) || ' is known by its address'
              FROM leads_sentsignal s
             CROSS JOIN LATERAL jsonb_array_elements_text(s.keys) AS named (by)
              JOIN leads_identitykey k
                ON k.kind = 'EMAIL' AND named.by = 'EMAIL:' || k.value AND k.shared_at IS NULL
              JOIN leads_person p ON p.id = k.person_id
              JOIN leads_lead l ON l.person_id = coalesce(p.merged_into_id, p.id)
                               AND l.stage <> 'MERGED'
             WHERE s.status = 'WAITING' AND s.received_at < %(now)s - %(grace)s
               AND s.next_attempt_at > %(now)s + %(grace)s
               AND NOT EXISTS (
                   SELECT 1 FROM governance_kitversion v,
                                 jsonb_array_elements(v.document->'parts'->'identity_rule') r
                    WHERE v.status = 'ACTIVE' AND r->>'value' = 'EMAIL' AND r->>'use' <> 'MERGE')
             GROUP BY s.id
        """),
    ),
    Invariant(
        "signal.parked_with_reason",
        "A parked signal says why",
        query("""
            SELECT id, 'is parked without a reason'
              FROM leads_sentsignal WHERE status = 'PARKED' AND last_error = ''
        """),
    ),
)
