"""Obligations: at most one of a kind, ended once, breached exactly at the deadline."""

from __future__ import annotations

from lifecycle.invariants.invariant import OWED, Invariant, query


def _noted(kinds: str) -> str:
    """How often clocks carry events of these kinds, and when the first one was."""
    return f"""(SELECT clock_id, count(*) AS times, min(kind) AS kind, min(at) AS at
                  FROM sla_clockevent WHERE kind IN ({kinds}) GROUP BY 1)"""  # noqa: S608


_LATE_BUT_MET = """(c.state = 'STOPPED' AND c.breached_at IS NOT NULL
                     AND c.stopped_at <= c.due_at)::int"""
"""One where the stop itself met a deadline that had passed unseen."""
# As `Activity.is_contact` says it.
_CONTACT = """(NOT a.automatic AND (
    (a.direction = 'OUTBOUND' AND a.kind <> 'NOTE' AND a.outcome IN ('COMPLETED', 'NO_ANSWER'))
    OR (a.kind IN ('MEETING', 'DISCOVERY_CALL') AND a.outcome = 'COMPLETED')))"""

INVARIANTS = (
    Invariant(
        "clock.one_open",
        "At most one clock of a lead, obligation and scope is open",
        query("""
            SELECT id, 'is one of ' || times || ' open ' || obligation || ' clocks of lead '
                       || lead_id
              FROM (SELECT *, count(*) OVER (PARTITION BY lead_id, obligation, scope) AS times
                      FROM sla_clock WHERE state IN ('RUNNING', 'PAUSED')) c
             WHERE times > 1
        """),
    ),
    Invariant(
        "clock.owed_by_somebody",
        "An open clock is of a lead that is not closed and that somebody answers for",
        query(f"""
            SELECT c.id, c.obligation || ' is open on lead ' || l.id || ', which is ' || l.stage
                         || CASE WHEN l.owner_id IS NULL AND l.queue = ''
                                 THEN ' and nobody''s' ELSE '' END
              FROM sla_clock c JOIN leads_lead l ON l.id = c.lead_id
             WHERE c.state IN ('RUNNING', 'PAUSED')
               AND (l.stage = ANY(%(closed)s)
                    OR (l.owner_id IS NULL AND l.queue = '' AND NOT {OWED}))
        """),  # noqa: S608 - fragments of this package
    ),
    Invariant(
        "clock.held_by_owner",
        "An open clock is held by the owner of its lead",
        query("""
            SELECT c.id, 'is held by ' || coalesce(c.holder_id::text, 'nobody')
                         || ', the owner is ' || coalesce(l.owner_id::text, 'nobody')
              FROM sla_clock c JOIN leads_lead l ON l.id = c.lead_id
             WHERE c.state IN ('RUNNING', 'PAUSED') AND c.holder_id IS DISTINCT FROM l.owner_id
        """),
    ),
    Invariant(
        "lead.next_due",
        "The next due time of a lead is the earliest of its open clocks",
        query("""
            SELECT l.id, 'shows ' || coalesce(l.next_due_at::text, 'none') || ', its clocks say '
                         || coalesce(c.due_at::text, 'none')
              FROM leads_lead l
              LEFT JOIN (SELECT lead_id, min(due_at) AS due_at FROM sla_clock
                          WHERE state IN ('RUNNING', 'PAUSED') GROUP BY 1) c ON c.lead_id = l.id
             WHERE l.next_due_at IS DISTINCT FROM c.due_at
        """),
    ),
    Invariant(
        "clock.started_once",
        "A clock has one starting event, at its start",
        query(f"""
            SELECT c.id, 'has ' || coalesce(e.times, 0) || ' starting events, the first at '
                         || coalesce(e.at::text, 'no time')
              FROM sla_clock c LEFT JOIN {_noted("'STARTED'")} e ON e.clock_id = c.id
             WHERE e.times IS DISTINCT FROM 1 OR e.at <> c.started_at
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.ended_once",
        "A clock has one ending event when it ended, of its state and time; none while open",
        query(f"""
            SELECT c.id, 'is ' || c.state || ' and has ' || coalesce(e.times, 0)
                         || ' ending events, the first ' || coalesce(e.kind, 'none')
              FROM sla_clock c LEFT JOIN {_noted("'STOPPED', 'CANCELLED'")} e ON e.clock_id = c.id
             WHERE CASE WHEN c.state IN ('STOPPED', 'CANCELLED')
                        THEN e.times IS DISTINCT FROM 1 OR (e.kind, e.at) <> (c.state, c.stopped_at)
                             OR c.stopped_at IS NULL
                        ELSE e.times IS NOT NULL OR c.stopped_at IS NOT NULL END
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.breach_told_once",
        "A breached clock has exactly one breach event, any other has none",
        query(f"""
            SELECT c.id, 'is ' || CASE WHEN c.breached_at IS NULL THEN 'not ' ELSE '' END
                         || 'breached and has ' || coalesce(e.times, 0) || ' breach events'
              FROM sla_clock c LEFT JOIN {_noted("'BREACHED'")} e ON e.clock_id = c.id
             WHERE coalesce(e.times, 0) <> (c.breached_at IS NOT NULL)::int
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.warning_told_once",
        "A warned clock has exactly one warning event, any other has none",
        query(f"""
            SELECT c.id, 'is ' || CASE WHEN c.warned_at IS NULL THEN 'not ' ELSE '' END
                         || 'warned and has ' || coalesce(e.times, 0) || ' warning events'
              FROM sla_clock c LEFT JOIN {_noted("'WARNED'")} e ON e.clock_id = c.id
             WHERE coalesce(e.times, 0) <> (c.warned_at IS NOT NULL)::int
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.breach_at_deadline",
        "A breach is stamped with the deadline that passed, not with when it was noticed",
        query(f"""
            SELECT c.id, 'was due at ' || c.due_at || ', its breach says '
                         || least(nullif(c.breached_at, c.due_at), e.at)
              FROM sla_clock c LEFT JOIN {_noted("'BREACHED'")} e ON e.clock_id = c.id
             WHERE c.breached_at <> c.due_at OR e.at <> c.due_at
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.late_is_breached",
        "A clock that ended after its deadline was breached",
        query("""
            SELECT id, 'was due at ' || due_at || ' and ended at ' || stopped_at
                       || ' without breach'
              FROM sla_clock
             WHERE state IN ('STOPPED', 'CANCELLED') AND stopped_at > due_at AND breached_at IS NULL
        """),
    ),
    Invariant(
        "clock.breached_in_time",
        "No clock runs a minute past its deadline without a breach",
        query("""
            SELECT id, 'runs since it was due at ' || due_at
              FROM sla_clock
             WHERE state = 'RUNNING' AND breached_at IS NULL AND due_at < %(now)s - %(grace)s
        """),
    ),
    Invariant(
        "clock.correction_told",
        "A clock met by evidence from before its breach, or of before its stop, carries the "
        "corrections, the last of them to that instant; no other has any",
        query(f"""
            SELECT c.id, 'was due at ' || c.due_at || ', is ' || c.state || ', stopped at '
                         || coalesce(c.effective_at::text, 'no earlier instant') || ' and has '
                         || coalesce(e.times, 0) || ' corrections, the last to '
                         || coalesce(last.at, 'none')
              FROM sla_clock c LEFT JOIN {_noted("'CORRECTED'")} e ON e.clock_id = c.id
              LEFT JOIN LATERAL (SELECT v.because->>'at' AS at FROM sla_clockevent n
                                   JOIN leads_leadevent v ON v.id = n.event_id
                                  WHERE n.clock_id = c.id AND n.kind = 'CORRECTED'
                                  ORDER BY n.id DESC LIMIT 1) last ON e.times > 0
             WHERE CASE WHEN c.effective_at IS NULL
                        THEN coalesce(e.times, 0) <> {_LATE_BUT_MET}
                        ELSE coalesce(e.times, 0) <= {_LATE_BUT_MET}
                             OR last.at::timestamptz IS DISTINCT FROM c.effective_at END
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.stop_names_evidence",
        "A stopped clock names the contact that met it, at its time, or the event that did",
        query(f"""
            SELECT c.id, 'names ' || c.evidence || ' ' || coalesce(c.evidence_id::text, 'of no row')
                         || ', which does not meet it at ' || coalesce(c.effective_at, c.stopped_at)
              FROM sla_clock c
             WHERE c.state = 'STOPPED' AND NOT CASE
                   WHEN c.evidence = 'activity' THEN EXISTS (
                        SELECT FROM leads_activity a
                         WHERE a.id = c.evidence_id AND {_CONTACT}
                           AND (c.void OR a.withdrawn_at IS NULL)
                           AND c.proof = CASE WHEN a.verified THEN 'VERIFIED' ELSE 'SELF' END
                           AND a.at >= coalesce(c.event_at, c.started_at)
                           AND coalesce(c.effective_at, c.stopped_at)
                               IN (greatest(a.at, c.started_at),
                                   greatest(a.recorded_at, c.started_at)))
                   ELSE EXISTS (SELECT FROM leads_leadevent e
                                 WHERE e.id = c.evidence_id AND e.lead_id = c.lead_id) END
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.times",
        "A clock warns between its start and its deadline, and ends with its working time known",
        query("""
            SELECT id, 'has times that cannot be'
              FROM sla_clock
             WHERE NOT (started_at <= warn_at AND warn_at <= due_at)
                OR (state IN ('STOPPED', 'CANCELLED')
                    AND (stopped_at < started_at OR working_seconds IS NULL OR working_seconds < 0
                         OR working_seconds > extract(epoch FROM stopped_at - started_at) + 1))
        """),
    ),
    Invariant(
        "clock.void_was_undone",
        "A clock is void when its end was undone or it was recalculated, and only then",
        query(f"""
            SELECT c.id, 'is ' || CASE WHEN c.void THEN '' ELSE 'not ' END
                         || 'void and has ' || coalesce(e.times, 0) || ' voiding events'
              FROM sla_clock c LEFT JOIN {_noted("'VOIDED'")} e ON e.clock_id = c.id
             WHERE coalesce(e.times, 0) <> c.void::int
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.event_of_its_lead",
        "What happened to a clock hangs on an event of the clock's own lead",
        query("""
            SELECT n.clock_id, n.kind || ' hangs on event ' || e.id || ' of lead ' || e.lead_id
              FROM sla_clockevent n JOIN sla_clock c ON c.id = n.clock_id
              JOIN leads_leadevent e ON e.id = n.event_id
             WHERE e.lead_id <> c.lead_id
        """),
    ),
    Invariant(
        "clock.policy_of_its_kit",
        "A clock follows a policy of the published kit it names",
        query("""
            SELECT c.id, 'follows ' || c.policy || ' of kit ' || c.kit_id || ', which has it not so'
              FROM sla_clock c
              LEFT JOIN (SELECT k.id, p->>'key' AS key, p->>'obligation' AS obligation,
                                coalesce(p->>'scope', 'STAGE') AS scope, p->>'calendar' AS calendar
                           FROM governance_kitversion k,
                                jsonb_array_elements(k.document->'parts'->'clock_policy') p
                          WHERE k.status IN ('ACTIVE', 'RETIRED')) p
                ON p.id = c.kit_id AND p.key = c.policy
             WHERE (p.obligation, p.scope, p.calendar)
                       IS DISTINCT FROM (c.obligation, c.scope, c.calendar)
        """),
    ),
)
