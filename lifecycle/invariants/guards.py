"""The database's own guards are on, and nothing that was promised lies undone."""

from __future__ import annotations

import pgtrigger

from leads import outbox
from lifecycle.invariants.invariant import Context, Found, Invariant, Severity, ask, query

UNGUARDED = """
    SELECT wanted.place || '.' || wanted.name,
           CASE WHEN t.oid IS NULL THEN 'is not there' ELSE 'is switched off' END
      FROM unnest(%(tables)s::text[], %(names)s::text[]) AS wanted (place, name)
      LEFT JOIN pg_trigger t
        ON t.tgrelid = to_regclass(wanted.place) AND t.tgname = wanted.name
     WHERE t.oid IS NULL OR t.tgenabled NOT IN ('O', 'A')
"""


def _unguarded(context: Context) -> Found:
    """Declared triggers that are missing or switched off."""
    declared = [
        (model._meta.db_table, trigger.get_pgid(model)) for model, trigger in pgtrigger.registered()
    ]
    tables, names = zip(*sorted(declared), strict=True)
    return ask(UNGUARDED, {"tables": list(tables), "names": list(names)}, first=context.first)


# Who follows leads is told of none: that facts keep up is another matter.
UNDELIVERED = """
    SELECT id, consumer || ' was due at ' || due_at || ', after ' || attempts || ' attempts'
      FROM leads_outbox
     WHERE done_at IS NULL AND due_at < %(now)s - interval '10 minutes'
       AND consumer <> ALL(%(followers)s)
"""


def _undelivered(context: Context) -> Found:
    named = {"now": context.now, "followers": list(outbox.followers())}
    return ask(UNDELIVERED, named, first=context.first)


INVARIANTS = (
    Invariant(
        "trigger.on",
        "Every trigger that keeps logs append-only, kits frozen and stages legal is on",
        _unguarded,
    ),
    Invariant(
        "outbox.delivered",
        "Nobody waits more than ten minutes to be told of an event",
        _undelivered,
        Severity.WARNING,
    ),
    Invariant(
        "kit_outbox.delivered",
        "Nobody waits more than ten minutes to be told of a step of the kit",
        query("""
            SELECT id, consumer || ' was due at ' || due_at || ', after ' || attempts || ' attempts'
              FROM governance_kitoutbox
             WHERE done_at IS NULL AND due_at < %(now)s - interval '10 minutes'
        """),
        Severity.WARNING,
    ),
    Invariant(
        "lead.routed_in_time",
        "Routing looks at waiting leads within ten minutes of the time it set itself",
        query("""
            SELECT id, 'waits in “' || queue || '”, next try was ' || route_at
              FROM leads_lead
             WHERE queue <> '' AND route_at < %(now)s - interval '10 minutes'
        """),
        Severity.WARNING,
    ),
    Invariant(
        "touch.parked",
        "No touch waits in the exception queue",
        query(
            "SELECT id, last_error FROM leads_touch WHERE status = 'PARKED' AND last_error <> '' "
            "AND outcome <> 'set_aside'"
        ),
        Severity.WARNING,
    ),
)
