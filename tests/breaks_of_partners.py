"""Ways to break what must hold of partners."""

from __future__ import annotations

import datetime as dt

from tests.breaking import Ids, breaks, ids, one, without

REGISTERED = """
    INSERT INTO leads_partnerregistration (account_id, partner_id, note, from_at, until_at, state,
                                           registered_by_id, registered_at, end_reason, ended_at)
    SELECT min(id), max(id) - %(back)s, '', %(now)s, %(now)s + interval '9 days', %(state)s,
           (SELECT min(id) FROM people_user), %(now)s, '',
           CASE WHEN %(state)s = 'ACTIVE' THEN NULL ELSE %(now)s + interval '1 day' END
      FROM leads_account RETURNING id
"""
CLAIMED = """
    INSERT INTO leads_partnerconflict (registration_id, claimant_id, claimant_name, claimant_key,
                                       claim, opened_at, state, reason, decided_at, decided_by_id,
                                       made_id)
    SELECT r.id, r.partner_id, 'x', 'x', '', %(now)s, %(state)s, %(reason)s,
           CASE WHEN %(made)s::bigint IS NULL THEN NULL ELSE %(now)s END, NULL, %(made)s
      FROM leads_partnerregistration r WHERE r.id = %(row)s RETURNING id
"""


def _registered(now: dt.datetime, *, back: int = 0, state: str = "ACTIVE") -> int:
    return one(REGISTERED, now=now, back=back, state=state)


@breaks("partner.one_at_a_time")
def _two_at_a_time(now: dt.datetime) -> Ids:
    without("leads_partnerregistration", "registered_by_one_partner_at_a_time")
    _registered(now)
    return {str(_registered(now, back=1))}


@breaks("partner.given_to_second")
def _given_to_somebody_else(now: dt.datetime) -> Ids:
    first = _registered(now, state="GIVEN_AWAY")
    made = _registered(now + dt.timedelta(days=2), back=1)
    told = {"row": first, "made": made, "state": "GIVEN_TO_SECOND", "reason": "x"}
    found = one(CLAIMED, now=now, **told)
    ids(
        """UPDATE leads_partnerconflict SET claimant_id = (SELECT min(id) FROM leads_account)
            WHERE id = %(row)s RETURNING id""",
        row=found,
    )
    return {str(found)}


@breaks("partner.claimant_is_another")
def _against_themselves(now: dt.datetime) -> Ids:
    row = _registered(now)
    return ids(CLAIMED, now=now, row=row, made=None, state="OPEN", reason="")


@breaks("partner.extended")
def _ends_otherwise(now: dt.datetime) -> Ids:
    row = _registered(now)
    extended = """
        INSERT INTO leads_partnerextension (registration_id, until_before, until_after, reason,
                                            extended_by_id, extended_at)
        SELECT r.id, r.until_at, r.until_at + interval '1 day', 'x', r.registered_by_id, %(now)s
          FROM leads_partnerregistration r WHERE r.id = %(row)s RETURNING registration_id
    """
    return ids(extended, now=now, row=row)
