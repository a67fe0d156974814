"""Warnings and breaches of many leads in one statement: after an outage there are very many.

It writes exactly what `sla.services` writes one by one. Leads of which more is due than that (a
level of escalation, the end of a pause, hours of a holder that have changed) are left to the sweep.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from core import made, reading
from governance import selectors as kits
from governance.kit import Kit
from leads import outbox
from leads.models import EventKind, LeadEvent, Outbox
from sla import clock as clocks
from sla import following
from sla.models import ClockEvent

KINDS = (EventKind.WARNED, EventKind.BREACHED)


@dataclass(frozen=True, slots=True)
class Done:
    """How many were warned of and breached, and the leads that were left."""

    warned: int
    breached: int
    left: list[int]


def warn_and_breach(ids: Sequence[int], kit: Kit, at: dt.datetime) -> Done:
    """Do it for these leads, which are locked, as far as nothing else is due of them at `at`."""
    other = reading.plain(_OTHER, list(ids), at, at)
    overdue = reading.plain(_OVERDUE, list(ids), at, at)
    behind = following.behind(ids)
    reading.ask(other, overdue, behind)
    left = {pk for (pk,) in other.found} | {lead for _, lead, _ in behind.found}
    arms: list[tuple[int, str, dt.datetime | None]] = []
    for pk, lead, kit_id, policy, due_at in overdue.found:
        pinned = kit if kit_id == kit.id else kits.kit_of(kit_id)
        level, comes_at = clocks.ready(pinned, pinned.policy(policy), due_at)
        if comes_at is not None and comes_at <= at:
            left.add(lead)
        elif level:
            arms.append((pk, level, comes_at))
    mine = [pk for pk in ids if pk not in left]
    if not mine:
        return Done(0, 0, sorted(left))
    warned, breached = _write(mine, arms, kit, at)
    return Done(warned, breached, sorted(left))


def _write(
    ids: list[int], arms: list[tuple[int, str, dt.datetime | None]], kit: Kit, at: dt.datetime
) -> tuple[int, int]:
    told = [
        (kind.value, name)
        for kind in KINDS
        for name in (*outbox.consumers_of(kind), *outbox.followers_of(kind))
    ]
    event = made.row(LeadEvent, actor="sweep", kit_id=kit.id, recorded_at=at, because={})
    note = made.row(ClockEvent, recorded_at=at)
    box = made.row(Outbox, due_at=at)
    into = [_insert(one, own) for one, own in ((event, _EVENT), (note, _NOTE), (box, _BOX))]
    sql = _STATEMENT.format(events=into[0][0], notes=into[1][0], boxes=into[2][0])
    clock_ids, levels, instants = ([one[place] for one in arms] for place in range(3))
    values = [
        ids, at, at, at, clock_ids, levels, instants,
        *into[0][1], *into[1][1],
        *into[2][1], [kind for kind, _ in told], [name for _, name in told],
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        warned, breached = cursor.fetchone()
    return int(warned), int(breached)


def _insert(row: models.Model, own: Mapping[str, str]) -> tuple[str, list[Any]]:
    """`INSERT … SELECT`: columns in `own` from the statement, the others as this row has them."""
    columns, chosen, values = [], [], []
    for field in row._meta.concrete_fields:
        column = str(field.column)
        if field.primary_key and column not in own:
            continue
        columns.append(column)
        if column in own:
            chosen.append(own[column])
        else:
            chosen.append(f"%s::{field.db_type(connection)}")
            values.append(field.get_db_prep_save(getattr(row, field.attname), connection))
    table = row._meta.db_table
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(chosen)}", values


_UNPARKED = "(parked_until IS NULL OR parked_until <= %s)"
_OTHER = """
    SELECT DISTINCT lead_id FROM sla_clock WHERE lead_id = ANY(%s)
       AND ((state = 'RUNNING' AND escalate_at <= %s) OR (state = 'PAUSED' AND resume_at <= %s))
"""
_OVERDUE = f"""
    SELECT id, lead_id, kit_id, policy, due_at FROM sla_clock
     WHERE lead_id = ANY(%s) AND state = 'RUNNING' AND breached_at IS NULL AND due_at < %s
       AND {_UNPARKED}
"""  # noqa: S608 - our own words
# As Python writes an instant in UTC: without a fraction where it has none.
_ISO = (
    "to_char(due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS') "
    "|| CASE WHEN date_trunc('second', due_at) = due_at THEN '' "
    "ELSE to_char(due_at AT TIME ZONE 'UTC', '.US') END || '+00:00'"
)
_EVENT = {
    "id": "event",
    "lead_id": "lead",
    "sequence": "sequence",
    "kind": "kind",
    "cycle": "cycle",
    "at": "at",
    "because": (
        "jsonb_build_object('obligation', obligation, 'policy', policy, 'due_at', "
        f"{_ISO}, 'holder', holder_id, 'clock_kit', kit_id)"
    ),
}
_NOTE = {
    "clock_id": "clock",
    "kind": "kind",
    "at": "at",
    "event_id": "event",
    "holder_id": "holder_id",
    "due_at": "due_at",
}
_BOX = {"event_id": "event", "consumer": "consumer"}
_STATEMENT = f"""
    WITH happened AS MATERIALIZED (
        SELECT c.id AS clock, c.lead_id AS lead, c.holder_id, c.obligation, c.policy, c.kit_id,
               c.due_at, k.kind, k.at, l.cycle, l.version + row_number() OVER (
                   PARTITION BY c.lead_id ORDER BY k.at, k.place, c.id) AS sequence
          FROM sla_clock c JOIN leads_lead l ON l.id = c.lead_id
         CROSS JOIN LATERAL (VALUES ('WARNED', c.warn_at, 1), ('BREACHED', c.due_at, 2))
               AS k (kind, at, place)
         WHERE c.lead_id = ANY(%s) AND c.state = 'RUNNING' AND c.breached_at IS NULL
           AND {_UNPARKED}
           AND CASE k.kind WHEN 'WARNED' THEN c.warned_at IS NULL AND c.warn_at <= %s
                           ELSE c.due_at < %s END
    ), arms AS MATERIALIZED (
        SELECT * FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[]) AS a (clock, level, at)
    ), numbered AS MATERIALIZED (
        SELECT *, nextval(pg_get_serial_sequence('leads_leadevent', 'id')) AS event
          FROM (SELECT * FROM happened ORDER BY lead, sequence) AS h
    ), events AS (
        {{events}} FROM numbered
    ), notes AS (
        {{notes}} FROM numbered ORDER BY event
    ), boxes AS (
        {{boxes}} FROM numbered JOIN unnest(%s::text[], %s::text[]) AS t (of_kind, consumer)
            ON t.of_kind = kind ORDER BY event
    ), changed AS (
        UPDATE sla_clock SET
               warned_at = CASE WHEN h.warned THEN warn_at ELSE warned_at END,
               breached_at = CASE WHEN h.breached THEN due_at ELSE breached_at END,
               escalation = COALESCE(h.level, escalation),
               escalate_at = COALESCE(h.level_at, escalate_at)
          FROM (SELECT n.clock, bool_or(kind = 'WARNED') AS warned,
                       bool_or(kind = 'BREACHED') AS breached, min(level) AS level,
                       min(arms.at) AS level_at
                  FROM numbered n LEFT JOIN arms ON arms.clock = n.clock AND kind = 'BREACHED'
                 GROUP BY n.clock) AS h
         WHERE sla_clock.id = h.clock
    ), moved AS (
        UPDATE leads_lead SET version = h.last
          FROM (SELECT lead, max(sequence) AS last FROM numbered GROUP BY lead) AS h
         WHERE leads_lead.id = h.lead
    )
    SELECT count(*) FILTER (WHERE kind = 'WARNED'), count(*) FILTER (WHERE kind = 'BREACHED')
      FROM numbered
"""  # noqa: S608 - our own words
