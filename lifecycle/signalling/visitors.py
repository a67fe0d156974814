"""Which browser is whose: told by the forms and touchpoints that were sent from it.

One id belongs to one person: who sent the last form from it. What was done under it before that
stays where it counted. So a browser that several people use is that of the last who told us.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from django.db import connection

from core import reading
from leads.models import Touch
from lifecycle.signalling import senders


class Sent(Protocol):
    """What is needed of a touch's arrival: who sent it, and as whom they are on record."""

    touch: Touch
    person_id: int
    came_as: int


@dataclass(frozen=True, slots=True)
class Visit:
    """Whose it is: the buyer, and the person whose key or form told us so."""

    person: int
    came_as: int


def people_of(ids: Iterable[str]) -> dict[str, Visit]:
    """Who is known by these visitor ids; one query, none where there are none."""
    wanted = sorted({one for one in ids if one})
    if not wanted:
        return {}
    rows = reading.plain(_KNOWN, wanted)
    reading.ask(rows)
    return {value: Visit(person, came_as) for value, person, came_as in rows.found}


def recognise(arrivals: Iterable[Sent]) -> None:
    """The visitor ids of these touches are their senders' from now on; one statement at most."""
    told: dict[str, tuple[int, dt.datetime]] = {}
    for arrival in arrivals:
        if visitor := senders.visitor_of_touch(arrival.touch):
            told[visitor] = (arrival.came_as or arrival.person_id, arrival.touch.received_at)
    if not told:
        return
    ids = sorted(told)
    people, since = [told[one][0] for one in ids], [told[one][1] for one in ids]
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, [ids, people, since])


_KNOWN = """
    SELECT v.value, coalesce(p.merged_into_id, p.id), p.id
      FROM leads_visitor v JOIN leads_person p ON p.id = v.person_id
     WHERE v.value = ANY(%s)
"""
_CLAIM = """
    INSERT INTO leads_visitor (value, person_id, since)
    SELECT * FROM unnest(%s::text[], %s::bigint[], %s::timestamptz[]) AS told (value, person, since)
        ON CONFLICT (value) DO UPDATE
       SET person_id = excluded.person_id, since = excluded.since
     WHERE leads_visitor.since <= excluded.since
"""
