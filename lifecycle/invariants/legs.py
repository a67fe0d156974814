"""Who answered for a lead when, from the log alone: no gap, and every end with its reason."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, query

OWNING = "('ASSIGNED', 'QUEUED', 'RELEASED')"

INVARIANTS = (
    Invariant(
        "assignment.says_why_it_ended",
        "Every leg that has ended says why",
        query("""
            SELECT id, 'of lead ' || lead_id || ' ended without a reason'
              FROM routing_assignment WHERE ended_at IS NOT NULL AND end_reason = ''
        """),
    ),
    Invariant(
        "assignment.alone",
        "While somebody holds a lead no queue answers for it, nor nobody",
        query("""
            SELECT DISTINCT a.id, 'of lead ' || a.lead_id || ' ran while the log says ' || e.kind
              FROM routing_assignment a
              JOIN leads_leadevent s ON s.id = a.started_by_event_id
              JOIN leads_leadevent n ON n.id = a.ended_by_event_id
              JOIN leads_leadevent e ON e.lead_id = s.lead_id AND e.kind IN ('QUEUED', 'RELEASED')
               AND e.sequence > s.sequence AND e.sequence < n.sequence
        """),
    ),
    Invariant(
        "assignment.goes_on",
        "A leg that goes on, as what had ended it was taken back, has the decision it had",
        query("""
            SELECT a.id, 'of lead ' || a.lead_id || ' goes on from '
                         || coalesce('leg ' || p.id || ', which '
                                     || coalesce('had decision ' || p.decision_id, 'had none'),
                                     'no leg of the same person')
                         || coalesce(', with decision ' || a.decision_id, ', without a decision')
              FROM routing_assignment a
              JOIN leads_leadevent s ON s.id = a.started_by_event_id
              LEFT JOIN LATERAL (SELECT * FROM routing_assignment b
                                  WHERE b.lead_id = a.lead_id AND b.user_id = a.user_id
                                    AND b.id < a.id
                                    AND b.id = coalesce((s.because->>'resumes')::bigint, b.id)
                                  ORDER BY b.id DESC LIMIT 1) p ON TRUE
             WHERE s.because->>'why' IN ('undo', 'unmerged')
               AND (p.id IS NULL OR p.decision_id IS DISTINCT FROM a.decision_id)
        """),
    ),
    Invariant(
        "lead.answered_for_throughout",
        "From MQL on an owner or a queue answered for a lead at every instant until it was closed",
        # One act is what was recorded of a lead at one instant; within it things follow each other.
        # How it stands now is asked by lead.accountable.
        query(f"""
            SELECT DISTINCT lead_id, 'had nobody at ' || stage || ' since ' || recorded_at
              FROM (SELECT e.lead_id, e.sequence, e.recorded_at,
                           lead(e.recorded_at) OVER w AS following,
                           (array_agg(e.to_stage) FILTER (WHERE e.kind = 'STAGE') OVER w)[
                               count(*) FILTER (WHERE e.kind = 'STAGE') OVER w] AS stage,
                           (array_agg(e.kind) FILTER (WHERE e.kind IN {OWNING}) OVER w)[
                               count(*) FILTER (WHERE e.kind IN {OWNING}) OVER w] AS party
                      FROM leads_leadevent e
                     WHERE e.kind = 'STAGE' OR e.kind IN {OWNING}
                    WINDOW w AS (PARTITION BY e.lead_id ORDER BY e.sequence)) t
             WHERE stage = ANY(%(worked)s) AND coalesce(party, 'RELEASED') = 'RELEASED'
               AND following > recorded_at
        """),  # noqa: S608 - fragments of this module
    ),
)
