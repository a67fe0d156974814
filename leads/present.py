"""The instant at which an act on leads happens: the database's clock, never before their past.

A host's clock may be set back. Until it has caught up, what is done to a lead happens at the
instant of its last event: then no assignment ends before it began, no time taken is negative, and
what was late stays late. Other leads do not wait for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable

from core import database, reading

_PRESENT = """
    SELECT greatest(clock_timestamp(), max(last.recorded_at))
      FROM unnest(%s::bigint[]) AS lead (id)
     CROSS JOIN LATERAL (SELECT recorded_at FROM leads_leadevent WHERE lead_id = lead.id
                          ORDER BY sequence DESC LIMIT 1) AS last
"""
_AHEAD = """
    SELECT lead.id, last.recorded_at FROM unnest(%s::bigint[]) AS lead (id)
     CROSS JOIN LATERAL (SELECT recorded_at FROM leads_leadevent WHERE lead_id = lead.id
                          ORDER BY sequence DESC LIMIT 1) AS last
     WHERE last.recorded_at > clock_timestamp()
"""


def of(lead_ids: Iterable[int]) -> dt.datetime:
    """The present of these leads, in UTC; read it once they are locked. One query."""
    asked = reading.Question(_PRESENT, list(lead_ids), made=_utc)
    reading.ask(asked)
    return asked.found[0]


def apart(lead_ids: Collection[int]) -> list[tuple[list[int], dt.datetime]]:
    """These leads with the instant at which each is looked at, to judge what is due of them.

    Together by the clock, and each whose past is ahead of it by itself: nobody else is late
    because of that. One query.
    """
    asked, clock = reading.plain(_AHEAD, list(lead_ids)), database.clock()
    reading.ask(asked, clock)
    ahead = {lead: last.astimezone(dt.UTC) for lead, last in asked.found if last > clock.found[0]}
    together = [lead for lead in lead_ids if lead not in ahead]
    found = [(together, clock.found[0])] if together else []
    return found + [([lead], last) for lead, last in ahead.items()]


def _utc(row: tuple[dt.datetime]) -> dt.datetime:
    return row[0].astimezone(dt.UTC)
