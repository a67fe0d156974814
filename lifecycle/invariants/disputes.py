"""Disputes of rejections: row and log say the same, and none is left behind by its lead."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, Severity, query

INVARIANTS = (
    Invariant(
        "dispute.told_by_the_log",
        "A dispute is of a rejection, was opened by one event, and ended by one if it is over",
        query("""
            SELECT d.id, 'does not stand in the log of lead ' || d.lead_id || ' as it stands here'
              FROM lifecycle_rejectiondispute d
              JOIN leads_leadevent r ON r.id = d.rejection_id
             WHERE r.lead_id <> d.lead_id OR r.transition <> 'reject'
                OR (SELECT count(*) FROM leads_leadevent e
                     WHERE e.lead_id = d.lead_id AND e.kind = 'DISPUTED'
                       AND (e.because->>'dispute')::bigint = d.id) <> 1
                OR (SELECT coalesce(string_agg(e.because->>'outcome', ' '), 'OPEN')
                      FROM leads_leadevent e
                     WHERE e.lead_id = d.lead_id AND e.kind = 'RULED'
                       AND (e.because->>'dispute')::bigint = d.id) <> d.state
        """),
    ),
    Invariant(
        "dispute.overturned_is_an_mql",
        "A lead whose rejection was overturned is an MQL again by that, or will be when it is back",
        query("""
            SELECT d.id, 'was overturned, but lead ' || d.lead_id || ' was not made an MQL by it'
              FROM lifecycle_rejectiondispute d
             WHERE d.state = 'OVERTURNED'
               AND NOT EXISTS (SELECT 1 FROM leads_leadevent e
                                WHERE e.lead_id = d.lead_id
                                  AND e.transition IN ('reinstate', 'readmit')
                                  AND (e.because->>'rejection')::bigint = d.rejection_id)
               AND NOT EXISTS (SELECT 1 FROM leads_lead l
                                WHERE l.id = d.lead_id AND l.exclusion <> ''
                                  AND (l.before_exclusion->>'rejection')::bigint = d.rejection_id)
        """),
    ),
    Invariant(
        "dispute.not_overtaken",
        "No dispute is open whose lead has gone on for a while",
        query("""
            SELECT d.id, 'is open, but lead ' || d.lead_id || ' has gone on'
              FROM lifecycle_rejectiondispute d
              JOIN leads_leadevent r ON r.id = d.rejection_id
             WHERE d.state = 'OPEN'
               AND EXISTS (SELECT 1 FROM leads_leadevent e
                            WHERE e.lead_id = d.lead_id AND e.sequence > r.sequence
                              AND e.kind IN ('STAGE', 'ERASED')
                              -- Exclusions take leads out and let them in where they stood.
                              AND NOT (e.because ? 'exclusion' OR e.transition = 'undo')
                              AND NOT EXISTS (SELECT 1 FROM leads_leadevent u
                                               WHERE u.lead_id = e.lead_id
                                                 AND u.transition = 'undo'
                                                 AND (u.because->>'undone')::bigint = e.id)
                              -- Who took the step may undo it for so long.
                              AND e.recorded_at < %(now)s - %(grace)s - (
                                  SELECT coalesce(max((k.document#>>
                                             '{parts,general_policy,0,undo_minutes}')::int), 10)
                                         * interval '1 minute'
                                    FROM governance_kitversion k WHERE k.status = 'ACTIVE'))
        """),
        Severity.WARNING,
    ),
)
