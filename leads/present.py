"""The instant at which an act on leads happens: the database's clock, never before their past.

A host's clock may be set back. Until it has caught up, what is done to a lead happens at the
instant of its last event: then no assignment ends before it began, no time taken is negative, and
what was late stays late. Other leads do not wait for it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from core import reading

_PRESENT = """
    SELECT greatest(clock_timestamp(), max(last.recorded_at))
      FROM unnest(%s::bigint[]) AS lead (id)
     CROSS JOIN LATERAL (SELECT recorded_at FROM leads_leadevent WHERE lead_id = lead.id
                          ORDER BY sequence DESC LIMIT 1) AS last
"""


def of(lead_ids: Iterable[int]) -> dt.datetime:
    """The present of these leads, in UTC; read it once they are locked. One query."""
    asked = question(lead_ids)
    reading.ask(asked)
    return asked.found[0]


def question(lead_ids: Iterable[int]) -> reading.Question[dt.datetime]:
    """The same, to be asked in one message with others."""
    return reading.Question(_PRESENT, list(lead_ids), made=_utc)


def _utc(row: tuple[dt.datetime]) -> dt.datetime:
    return row[0].astimezone(dt.UTC)
