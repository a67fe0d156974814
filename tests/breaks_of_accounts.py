"""Ways to break what must hold of companies."""

from __future__ import annotations

import datetime as dt

from tests.breaking import Ids, breaks, ids, one


@breaks("account.domain_names_one")
def _alias_of_another_s_domain(now: dt.datetime) -> Ids:
    return ids(
        """INSERT INTO leads_accountalias (account_id, kind, value, shown, source, created_at)
           SELECT (SELECT max(id) FROM leads_account), 'DOMAIN', domain, domain, '', %(now)s
             FROM leads_account WHERE domain IS NOT NULL
              AND id < (SELECT max(id) FROM leads_account) ORDER BY id LIMIT 1 RETURNING id""",
        now=now,
    )


@breaks("account.part_is_gone")
def _a_part_that_stands(now: dt.datetime) -> Ids:
    return ids(
        """INSERT INTO leads_accountmerge (winner, loser, before, reason, by_id, at)
           SELECT max(a.id), min(a.id), '{}', '', (SELECT min(id) FROM people_user), %(now)s
             FROM leads_account a RETURNING id""",
        now=now,
    )


@breaks("account.no_circle")
def _two_above_each_other(now: dt.datetime) -> Ids:
    return ids(
        """WITH two AS (SELECT min(id) AS a, max(id) AS b FROM leads_account)
           UPDATE leads_account SET parent_id = CASE WHEN id = a THEN b ELSE a END FROM two
            WHERE id IN (a, b) RETURNING id"""
    )


@breaks("account.customer_has_record")
def _a_customer_that_is_a_prospect(now: dt.datetime) -> Ids:
    return ids(
        """UPDATE leads_account SET status = 'PROSPECT'
            WHERE id = (SELECT min(account_id) FROM leads_customer WHERE status = 'ACTIVE')
           RETURNING id"""
    )


@breaks("account.customer_has_record")
def _a_former_customer_without_record(now: dt.datetime) -> Ids:
    return ids(
        """UPDATE leads_account SET status = 'FORMER_CUSTOMER'
            WHERE id = (SELECT max(a.id) FROM leads_account a
                         WHERE a.status = 'PROSPECT' AND NOT EXISTS
                               (SELECT FROM leads_customer c WHERE c.account_id = a.id))
           RETURNING id"""
    )


@breaks("account.customer_follows_its_steps")
def _a_step_too_many(now: dt.datetime) -> Ids:
    return ids(
        """UPDATE leads_customer SET version = version + 1
            WHERE id = (SELECT min(id) FROM leads_customer) RETURNING id"""
    )


@breaks("account.unwanted_waits_not")
def _a_competitor_in_a_queue(now: dt.datetime) -> Ids:
    lead = one("SELECT min(id) FROM leads_lead WHERE queue <> '' AND account_id IS NOT NULL")
    return ids(
        """UPDATE leads_account SET status = 'COMPETITOR'
            WHERE id = (SELECT account_id FROM leads_lead WHERE id = %(lead)s)
           RETURNING (SELECT id FROM leads_lead WHERE id = %(lead)s)""",
        lead=lead,
    )


@breaks("account.makes_no_mql")
def _an_mql_of_a_competitor(now: dt.datetime) -> Ids:
    event = one(
        """SELECT min(e.id) FROM leads_leadevent e JOIN leads_lead l ON l.id = e.lead_id
            WHERE e.transition = 'qualify' AND e.by_id IS NULL AND l.account_id IS NOT NULL
              AND 1 = (SELECT count(*) FROM leads_lead o WHERE o.account_id = l.account_id)"""
    )
    ids(
        """UPDATE leads_historicalaccount h
              SET status = 'COMPETITOR', history_date = e.recorded_at - interval '1 hour'
             FROM leads_leadevent e JOIN leads_lead l ON l.id = e.lead_id
            WHERE e.id = %(event)s AND h.id = l.account_id RETURNING h.id""",
        event=event,
    )
    return {str(event)}
