"""Ways to break what must hold of signals that came by themselves."""

from __future__ import annotations

import datetime as dt

from tests.breaking import Ids, breaks, broken_by, ids, one

COUNTED = "(SELECT min(id) FROM leads_sentsignal WHERE status = 'ADVANCED')"
WAITING = "(SELECT min(id) FROM leads_sentsignal WHERE status = 'WAITING')"

broken_by(
    "signal.settled",
    f"DELETE FROM leads_signal WHERE sent_as_id = {COUNTED} RETURNING sent_as_id",
)
broken_by(
    "signal.settled",
    f"""INSERT INTO leads_signal (lead_id, sent_as_id, kind, occurred_at)
        SELECT (SELECT min(id) FROM leads_lead), id, kind, occurred_at
          FROM leads_sentsignal WHERE id = {WAITING} RETURNING sent_as_id""",
)


@breaks("signal.in_log")
def _not_in_log(_: dt.datetime) -> Ids:
    sent = one("SELECT id FROM leads_sentsignal WHERE kind = 'email_click'")
    ids(
        """UPDATE leads_leadevent SET because = '{"sent": []}'
            WHERE kind = 'SIGNALLED' AND because->'sent' @> to_jsonb(%(sent)s::bigint)
        RETURNING id""",
        sent=sent,
    )
    return {str(sent)}


broken_by(
    "signal.of_who_it_named",
    f"""UPDATE leads_sentsignal SET came_as_id = (SELECT max(id) FROM leads_person)
         WHERE id = {COUNTED} RETURNING id""",
)
broken_by(
    "signal.left_behind",
    f"""UPDATE leads_sentsignal SET next_attempt_at = %(now)s - interval '61 seconds',
               received_at = %(now)s - interval '1 hour' WHERE id = {WAITING} RETURNING id""",
)
broken_by(
    "signal.left_behind",
    f"""UPDATE leads_sentsignal SET status = 'RECEIVED', next_attempt_at = NULL,
               received_at = %(now)s - interval '1 hour' WHERE id = {WAITING} RETURNING id""",
)
broken_by(
    "signal.waits_in_vain",
    f"""UPDATE leads_sentsignal
           SET next_attempt_at = %(now)s + interval '1 day',
               keys = jsonb_build_array('EMAIL:' || (
                   SELECT k.value FROM leads_identitykey k JOIN leads_lead l USING (person_id)
                    WHERE k.kind = 'EMAIL' AND l.stage <> 'MERGED' AND k.shared_at IS NULL
                    ORDER BY k.id LIMIT 1))
         WHERE id = {WAITING} RETURNING id""",
)
broken_by(
    "signal.parked_with_reason",
    f"""UPDATE leads_sentsignal SET status = 'PARKED', next_attempt_at = NULL
         WHERE id = {WAITING} RETURNING id""",
)
