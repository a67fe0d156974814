"""Ways to break what must hold of touches and identity keys."""

from __future__ import annotations

import datetime as dt

from tests.breaking import Ids, breaks, broken_by, copied, ids, one, without

FIRST_ADVANCED = "(SELECT min(id) FROM leads_touch WHERE status = 'ADVANCED')"

broken_by(
    "touch.settled",
    f"""UPDATE leads_touch SET receipt = jsonb_set(receipt, '{{lead}}', '"0"')
         WHERE id = {FIRST_ADVANCED} RETURNING id""",
)
broken_by(
    "touch.settled",
    f"""UPDATE leads_touch SET person_id = (SELECT max(id) FROM leads_person)
         WHERE id = {FIRST_ADVANCED} RETURNING id""",
)


@breaks("touch.settled")
def _without_receipt(_: dt.datetime) -> Ids:
    without("leads_touch", "advanced_touch_has_lead_and_receipt")
    return ids(f"UPDATE leads_touch SET receipt = NULL WHERE id = {FIRST_ADVANCED} RETURNING id")


@breaks("touch.in_log")
def _not_in_log(_: dt.datetime) -> Ids:
    touch = one(f"SELECT {FIRST_ADVANCED}")
    ids(
        """UPDATE leads_leadevent SET because = '{"touch": 0}'
            WHERE kind = 'TOUCHED' AND because->>'touch' = %(touch)s::text RETURNING id""",
        touch=touch,
    )
    return {str(touch)}


broken_by(
    "touch.signals_kept",
    "DELETE FROM leads_signal WHERE id = (SELECT min(id) FROM leads_signal) RETURNING touch_id",
)
broken_by(
    "touch.left_behind",
    "UPDATE leads_touch SET status = 'RECEIVED' WHERE status = 'QUARANTINED' RETURNING id",
)
broken_by(
    "touch.left_behind",
    """UPDATE leads_touch SET status = 'RECEIVED', lease_until = %(now)s - interval '61 seconds'
        WHERE status = 'QUARANTINED' RETURNING id""",
)
broken_by(
    "touch.somewhere",
    """UPDATE leads_touch SET status = 'HELD' WHERE status = 'QUARANTINED' RETURNING id""",
)
broken_by(
    "touch.somewhere",
    f"UPDATE leads_touch SET lease_until = %(now)s WHERE id = {FIRST_ADVANCED} RETURNING id",
)
broken_by(
    "touch.somewhere",
    """UPDATE leads_touch SET outcome = 'discarded', next_attempt_at = %(now)s
        WHERE status = 'QUARANTINED' RETURNING id""",
)
broken_by(
    "touch.parked_with_reason",
    "UPDATE leads_touch SET status = 'PARKED' WHERE status = 'QUARANTINED' RETURNING id",
)
broken_by(
    "touch.parked",
    """UPDATE leads_touch SET status = 'PARKED', last_error = 'No rule fits.'
        WHERE status = 'QUARANTINED' RETURNING id""",
)


@breaks("key.one_person")
def _key_of_two(_: dt.datetime) -> Ids:
    without("leads_identitykey", "identity_key_belongs_to_one")
    key = one("SELECT min(id) FROM leads_identitykey")
    other = one("SELECT max(id) FROM leads_person")
    return {str(key), str(copied("leads_identitykey", key, person_id=other))}


@breaks("key.one_person")
def _key_of_nobody(_: dt.datetime) -> Ids:
    (rule,) = ids("""SELECT conname FROM pg_constraint
                      WHERE conrelid = 'leads_identitykey'::regclass AND contype = 'f'""")
    without("leads_identitykey", rule)
    return ids("""UPDATE leads_identitykey SET person_id = 0
                   WHERE id = (SELECT min(id) FROM leads_identitykey) RETURNING id""")


broken_by(
    "key.normalised",
    """UPDATE leads_identitykey SET value = upper(value)
        WHERE id = (SELECT min(id) FROM leads_identitykey WHERE kind = 'EMAIL') RETURNING id""",
)
broken_by(
    "key.normalised",
    """UPDATE leads_identitykey SET kind = 'PHONE', value = '030 123456'
        WHERE id = (SELECT min(id) FROM leads_identitykey WHERE kind = 'EMAIL') RETURNING id""",
)


@breaks("key.shared_by_several")
def _shared_alone(now: dt.datetime) -> Ids:
    return ids(
        """UPDATE leads_identitykey SET shared_at = %(now)s
            WHERE id = (SELECT min(k.id) FROM leads_identitykey k WHERE k.kind = 'EMAIL'
                         AND NOT EXISTS (SELECT 1 FROM leads_contactpoint c
                                          WHERE c.value = k.value)) RETURNING id""",
        now=now,
    )


broken_by(
    "key.shared_by_several",
    """UPDATE leads_identitykey SET shared_at = %(now)s
        WHERE id = (SELECT min(id) FROM leads_identitykey WHERE kind = 'CONTACT') RETURNING id""",
)
broken_by(
    "key.contact_reaches",
    """UPDATE leads_identitykey SET value = 'x' || value
        WHERE id = (SELECT min(id) FROM leads_identitykey WHERE kind = 'CONTACT') RETURNING id""",
)
broken_by(
    "contact_point.of_others",
    """INSERT INTO leads_contactpoint (kind, value, person_id)
       SELECT kind, value, person_id FROM leads_identitykey
        WHERE id = (SELECT min(id) FROM leads_identitykey WHERE kind = 'EMAIL') RETURNING id""",
)
broken_by(
    "person.name_key",
    """UPDATE leads_person SET last_name = last_name || ' Sommer'
        WHERE id = (SELECT max(id) FROM leads_person) RETURNING id""",
)
