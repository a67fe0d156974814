"""Escalations: after a breach, level by level, each once, and none forgotten."""

from __future__ import annotations

from collections.abc import Iterator

from governance import selectors as kits
from lifecycle.invariants.invariant import Context, Found, Invariant, Offence, query, tell
from sla import clock as clocks
from sla.models import OPEN, Clock

TOLD = """(SELECT n.id, n.clock_id, n.at, n.recorded_at, e.because->>'level' AS level
             FROM sla_clockevent n JOIN leads_leadevent e ON e.id = n.event_id
            WHERE n.kind = 'ESCALATED')"""


def _parts(kind: str, entry: str) -> str:
    """One entry of the parts of a kind, of every kit that was published."""
    return f"""(SELECT k.id AS kit_id, p->>'key' AS key, coalesce(p->>'{entry}', '') AS value
                  FROM governance_kitversion k,
                       jsonb_array_elements(k.document->'parts'->'{kind}') p
                 WHERE k.published_at IS NOT NULL)"""  # noqa: S608


def _never_comes(context: Context) -> Found:
    """By its own kit: whatever else comes at some time."""
    return tell(_with_a_time(), first=context.first)


def _with_a_time() -> Iterator[Offence]:
    rows = Clock.objects.filter(state__in=OPEN, escalate_at=None).exclude(escalation="")
    for clock in rows.order_by("pk").iterator():
        kit = kits.kit_of(clock.kit_id)
        chain = clocks.levels(kit, kit.policy(clock.policy))
        found = next((one for one in chain if one.key == clock.escalation), None)
        if found is None or clocks.comes(kit, kit.policy(clock.policy), clock.due_at, found):
            what = f"waits for the level “{clock.escalation}” without a time, and it does come"
            yield Offence(str(clock.pk), what)


INVARIANTS = (
    Invariant(
        "clock.escalated_after_breach",
        "An escalation is of a breached clock, not before its deadline nor after its end was known",
        query(f"""
            SELECT c.id, 'was due at ' || c.due_at || ', escalated at ' || t.at
              FROM {TOLD} t JOIN sla_clock c ON c.id = t.clock_id
              LEFT JOIN sla_clockevent e ON e.clock_id = c.id AND e.kind IN ('STOPPED', 'CANCELLED')
             WHERE c.breached_at IS NULL OR t.at < c.due_at OR e.recorded_at < t.recorded_at
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.level_told_once",
        "Each escalation level of a clock is told once",
        query(f"""
            SELECT clock_id, 'was escalated ' || count(*) || ' times to “' || level || '”'
              FROM {TOLD} t GROUP BY clock_id, level HAVING count(*) > 1
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.levels_in_order",
        "No escalation level comes before the one it follows",
        query(f"""
            SELECT DISTINCT clock_id, 'was escalated to “' || level || '” before its time'
              FROM (SELECT *, lag(at) OVER (PARTITION BY clock_id ORDER BY id) AS before
                      FROM {TOLD} t) t
             WHERE at < before
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.level_ready",
        "A breached open clock has the level ready that its kit says comes next, any other none",
        # What a successor of a void clock had told already stands with the void one.
        query(f"""
            SELECT c.id, 'has the level “' || c.escalation || '” ready, its kit says “'
                         || coalesce(w.level, '') || '”'
              FROM sla_clock c
              LEFT JOIN {_parts("clock_policy", "escalation")} p
                ON (p.kit_id, p.key) = (c.kit_id, c.policy)
              LEFT JOIN LATERAL (SELECT level FROM {TOLD} t WHERE t.clock_id = c.id
                                  ORDER BY t.id DESC LIMIT 1) t ON TRUE
              LEFT JOIN {_parts("escalation_level", "then")} l
                ON (l.kit_id, l.key) = (c.kit_id, t.level),
              LATERAL (SELECT CASE WHEN c.breached_at IS NULL THEN ''
                                   WHEN t.level IS NULL THEN p.value ELSE l.value END AS level) w
             WHERE c.state IN ('RUNNING', 'PAUSED')
               AND ((c.escalation = '' AND c.escalate_at IS NOT NULL)
                    OR (c.escalation <> coalesce(w.level, '')
                        AND NOT (t.level IS NULL AND EXISTS
                                 (SELECT 1 FROM sla_clock v
                                   WHERE v.void AND (v.lead_id, v.obligation, v.started_at)
                                                    = (c.lead_id, c.obligation, c.started_at)))))
        """),  # noqa: S608 - fragments of this module
    ),
    Invariant(
        "clock.level_has_time",
        "A level that comes next has its time, unless it never comes",
        _never_comes,
    ),
    Invariant(
        "clock.escalated_to_another",
        "No level gives a lead to somebody who had it when the clock's deadline passed or a level "
        "came",
        query("""
            SELECT n.clock_id, 'was given back to user ' || (e.because->>'to') || ' by level “'
                               || n.level || '”'
              FROM sla_clockevent n JOIN leads_leadevent e ON e.id = n.event_id
             WHERE n.kind = 'ESCALATED' AND e.because->'acted' = 'true'
               AND EXISTS (SELECT 1 FROM sla_clockevent m
                            WHERE m.clock_id = n.clock_id AND m.kind IN ('BREACHED', 'ESCALATED')
                              AND m.id <= n.id AND m.holder_id = (e.because->>'to')::bigint)
        """),
    ),
    Invariant(
        "clock.escalated_in_time",
        "No escalation lies a minute past its time",
        query("""
            SELECT id, '“' || escalation || '” was to be told at ' || escalate_at
              FROM sla_clock
             WHERE state = 'RUNNING' AND escalate_at < %(now)s - %(grace)s
        """),
    ),
)
