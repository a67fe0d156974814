"""Realignments: over when nothing is left to do, and what moved has it in its log."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, query

INVARIANTS = (
    Invariant(
        "realignment.over_when_done",
        "A realignment that is over has nothing left to hand over, or to give back",
        query("""
            SELECT r.id, 'is over with ' || count(*) || ' rows to do'
              FROM lifecycle_realignment r JOIN lifecycle_realignedrow w ON w.realignment_id = r.id
             WHERE r.state IN ('DONE', 'CANCELLED') AND w.state = 'PENDING'
                OR r.state = 'UNDONE' AND w.state IN ('PENDING', 'MOVED')
             GROUP BY r.id
        """),
    ),
    Invariant(
        "realignment.moved_is_in_the_log",
        "A lead that a realignment moved has an event that says so",
        query("""
            SELECT w.realignment_id, 'says that it moved lead ' || w.number || ', its log does not'
              FROM lifecycle_realignedrow w JOIN leads_lead l ON l.id = w.number
             WHERE w.kind = 'LEAD' AND w.mark IS NOT NULL
               AND NOT EXISTS (SELECT 1 FROM leads_leadevent e
                                WHERE e.lead_id = l.id AND e.sequence <= w.mark
                                  AND e.because->>'realignment' = w.realignment_id::text)
        """),
    ),
)
