"""The course of clocks by their notes: who held them, when they stood still, until when."""

from __future__ import annotations

from lifecycle.invariants.invariant import Invariant, query


def _last(kinds: str) -> str:
    """The last note of these kinds that each clock has."""
    return f"""(SELECT DISTINCT ON (clock_id) clock_id, kind, holder_id, due_at
                  FROM sla_clockevent WHERE kind IN ({kinds}) ORDER BY clock_id, id DESC)"""  # noqa: S608


INVARIANTS = (
    Invariant(
        "clock.holder_noted",
        "Whoever holds an open clock is who its last note of a holder names",
        query(f"""
            SELECT c.id, 'is held by ' || coalesce(c.holder_id::text, 'nobody')
                         || ', its notes say ' || coalesce(n.holder_id::text, 'nobody')
              FROM sla_clock c JOIN {_last("'STARTED', 'HANDED'")} n ON n.clock_id = c.id
             WHERE c.state IN ('RUNNING', 'PAUSED') AND c.holder_id IS DISTINCT FROM n.holder_id
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.due_noted",
        "The deadline of a clock is the one that was noted last",
        query(f"""
            SELECT c.id, 'is due at ' || c.due_at || ', its notes say '
                         || coalesce(n.due_at::text, 'nothing')
              FROM sla_clock c
              JOIN {_last("'STARTED', 'PAUSED', 'RESUMED', 'MOVED'")} n ON n.clock_id = c.id
             WHERE n.due_at IS DISTINCT FROM c.due_at
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.course_has_no_gap",
        "Nothing is noted of the course of a clock before its start",
        query("""
            SELECT DISTINCT c.id, n.kind || ' at ' || n.at || ', it started at ' || c.started_at
              FROM sla_clockevent n JOIN sla_clock c ON c.id = n.clock_id
             WHERE n.kind IN ('HANDED', 'PAUSED', 'RESUMED', 'MOVED', 'JOINED')
               AND n.at < c.started_at
        """),
    ),
    Invariant(
        "clock.pinned",
        "A clock pins its holder's hours where its policy counts them, and no other does",
        query("""
            SELECT c.id, 'of ' || c.policy || CASE WHEN c.pin_id IS NULL
                         THEN ' has no hours pinned' ELSE ' has hours pinned' END
              FROM sla_clock c
              JOIN (SELECT k.id, p->>'key' AS key, coalesce(p->>'hours', 'CALENDAR') = 'HOLDER'
                           AND coalesce(p->>'basis', 'WORKING') <> 'ELAPSED' AS by_holder
                      FROM governance_kitversion k,
                           jsonb_array_elements(k.document->'parts'->'clock_policy') p
                     WHERE k.status IN ('ACTIVE', 'RETIRED')) p
                ON p.id = c.kit_id AND p.key = c.policy
             WHERE (c.pin_id IS NOT NULL AND NOT p.by_holder)
                OR (p.by_holder AND c.state IN ('RUNNING', 'PAUSED') AND c.breached_at IS NULL
                    AND (c.state = 'PAUSED' OR c.due_at >= %(now)s)
                    AND (c.pin_id IS NULL) <> (c.holder_id IS NULL))
        """),
    ),
    Invariant(
        "clock.pauses_alternate",
        "A clock pauses before it goes on, goes on before it pauses again, and says which it does",
        query("""
            SELECT c.id, 'is ' || c.state || ', its pauses are ' || p.pauses
              FROM sla_clock c
              LEFT JOIN (SELECT clock_id, string_agg(left(kind, 1), '' ORDER BY id) AS pauses
                           FROM sla_clockevent WHERE kind IN ('PAUSED', 'RESUMED') GROUP BY 1) p
                ON p.clock_id = c.id
             WHERE coalesce(p.pauses, '') !~ '^(PR)*P?$'
                OR (c.state = 'PAUSED' AND coalesce(p.pauses, '') !~ 'P$')
                OR (c.state = 'RUNNING' AND p.pauses ~ 'P$')
        """),
    ),
)
