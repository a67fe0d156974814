"""Ways to break what must hold of disputed rejections."""

from __future__ import annotations

import datetime as dt

from leads.models import LeadEvent
from tests.breaking import Ids, append_event, breaks, ids, one

DISPUTED = """
    INSERT INTO lifecycle_rejectiondispute (lead_id, rejection_id, opened_by_id, opened_at, note_id,
                                            state, ruled_at, ruled_by_id, ruling_id)
    SELECT r.lead_id, r.id, u.id, %(now)s, a.id, %(state)s,
           CASE WHEN %(state)s <> 'OPEN' THEN %(now)s END,
           CASE WHEN %(state)s = 'OVERTURNED' THEN u.id END,
           CASE WHEN %(state)s = 'OVERTURNED' THEN a.id END
      FROM (SELECT * FROM leads_leadevent WHERE transition = 'reject' ORDER BY id LIMIT 1) r,
           (SELECT min(id) AS id FROM people_user) u, (SELECT min(id) AS id FROM leads_activity) a
    RETURNING id
"""


def _disputed(now: dt.datetime, state: str, *, told: bool = True) -> Ids:
    row = one(DISPUTED, now=now, state=state)
    lead = one("SELECT lead_id FROM lifecycle_rejectiondispute WHERE id = %(row)s", row=row)
    kinds = ["DISPUTED", *(["RULED"] if state != "OPEN" else [])] if told else []
    for kind in kinds:
        event = append_event(lead, kind)
        LeadEvent.objects.filter(pk=event).update(because={"dispute": row, "outcome": state})
    return {str(row)}


@breaks("dispute.told_by_the_log")
def _told_by_no_event(now: dt.datetime) -> Ids:
    return _disputed(now, "OVERTAKEN", told=False)


@breaks("dispute.told_by_the_log")
def _told_otherwise(now: dt.datetime) -> Ids:
    found = _disputed(now, "OVERTAKEN")
    ids("""UPDATE leads_leadevent SET because = because || '{"outcome": "UPHELD"}'
            WHERE kind = 'RULED' RETURNING id""")
    return found


@breaks("dispute.overturned_is_an_mql")
def _overturned_to_no_avail(now: dt.datetime) -> Ids:
    return _disputed(now, "OVERTURNED")


@breaks("dispute.not_overtaken")
def _left_behind(now: dt.datetime) -> Ids:
    return _disputed(now, "OPEN")
