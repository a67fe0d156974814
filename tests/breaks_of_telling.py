"""Ways to break what must hold of notices and mails."""

from __future__ import annotations

import datetime as dt

from tests.breaking import Ids, breaks, broken_by, ids, one


@breaks("escalation.told_another")
def _told_to_who_missed_it(now: dt.datetime) -> Ids:
    escalated = one(
        """SELECT max(e.event_id) FROM sla_clockevent e JOIN sla_clockevent b
               ON b.clock_id = e.clock_id AND b.kind = 'BREACHED' AND b.holder_id IS NOT NULL
            WHERE e.kind = 'ESCALATED'"""
    )
    ids(
        """DELETE FROM lifecycle_notice n WHERE n.event_id = %(event)s RETURNING id""",
        event=escalated,
    )
    return ids(
        """INSERT INTO lifecycle_notice (to_id, kind, lead_id, event_id, matter, words, created_at,
                                         mail_together)
           SELECT b.holder_id, 'ESCALATED', v.lead_id, v.id, '', '{"part": "MANAGER"}', %(now)s,
                  false
             FROM leads_leadevent v JOIN sla_clockevent e ON e.event_id = v.id
             JOIN sla_clockevent b ON b.clock_id = e.clock_id AND b.kind = 'BREACHED'
            WHERE v.id = %(event)s RETURNING id""",
        event=escalated,
        now=now,
    )


MAIL = """INSERT INTO lifecycle_mail (to_id, digest, notices, state, created_at, due_at, attempts,
                                      round, sent_at, last_error)
          SELECT min(to_id), false, 1, '{state}', %(now)s, {due}, 0, 1, {sent}, ''
            FROM lifecycle_notice RETURNING id"""
broken_by("mail.state", MAIL.format(state="SENT", due="NULL", sent="%(now)s"))


@breaks("mail.state")
def _arrived_and_tried_again(now: dt.datetime) -> Ids:
    mail = one(MAIL.format(state="WAITING", due="%(now)s", sent="NULL"), now=now)
    ids(
        """INSERT INTO lifecycle_mailattempt
                  (mail_id, round, number, at, arrived, milliseconds, why)
           VALUES (%(mail)s, 1, 1, %(now)s, true, 5, '') RETURNING id""",
        mail=mail,
        now=now,
    )
    return {str(mail)}


@breaks("notice.mailed")
def _mailed_by_a_mail_that_waits(now: dt.datetime) -> Ids:
    mail = one(MAIL.format(state="WAITING", due="%(now)s", sent="NULL"), now=now)
    return ids(
        """UPDATE lifecycle_notice SET mail_id = %(mail)s, mailed_at = %(now)s
            WHERE id = (SELECT min(id) FROM lifecycle_notice) RETURNING id""",
        mail=mail,
        now=now,
    )


broken_by(
    "notice.on_its_way",
    """UPDATE lifecycle_notice SET mail_due_at = %(now)s - interval '1 hour'
        WHERE id = (SELECT min(id) FROM lifecycle_notice) RETURNING id""",
)
