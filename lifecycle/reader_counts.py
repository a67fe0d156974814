"""What stands around every page about its reader, asked in one question. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from core import reading
from leads.models import AccountStatus
from people.models import User

NEWEST = 1_000
"""So many unread notices of escalations are looked at, so that no page waits for old ones."""


@dataclass(frozen=True, slots=True)
class Counts:
    """Leads that wait for the reader, notices unread, what escalated to them and they have not
    seen, whether they look after a partner, and where they are in a tour
    of the pages: None without one, -1 once it is over.
    """

    waiting: int
    unread: int
    escalated: int
    keeps_partners: bool
    tour: int | None


def asked_of(user: User, *, most: int) -> reading.Question[Counts]:
    """The question for them, counted no further than `most`; it has one answer."""
    values = (user.pk, most, user.pk, most, user.pk, NEWEST, most, user.pk, user.pk)
    return reading.Question(_COUNTS, *values, made=lambda row: Counts(*row))


_COUNTS = f"""
    SELECT (SELECT count(*) FROM (SELECT FROM leads_lead
                                   WHERE owner_id = %s AND next_due_at IS NOT NULL LIMIT %s) q),
           (SELECT count(*) FROM (SELECT FROM lifecycle_notice
                                   WHERE to_id = %s AND read_at IS NULL LIMIT %s) q),
           (SELECT count(*) FROM (
                SELECT DISTINCT c.id
                  FROM (SELECT event_id, words FROM lifecycle_notice
                         WHERE to_id = %s AND kind = 'ESCALATED' AND read_at IS NULL
                         ORDER BY created_at DESC LIMIT %s) n
                  JOIN sla_clockevent e ON e.event_id = n.event_id
                  JOIN sla_clock c ON c.id = e.clock_id
                 WHERE n.words->>'part' = 'MANAGER'
                   AND e.kind = 'ESCALATED'
                   AND c.state = 'RUNNING' AND c.breached_at IS NOT NULL AND NOT c.void
                 LIMIT %s) q),
           EXISTS (SELECT FROM leads_account
                    WHERE owner_id = %s AND status = '{AccountStatus.PARTNER.value}'),
           (SELECT CASE WHEN ended_at IS NULL THEN step ELSE -1 END
              FROM people_tour WHERE user_id = %s)
"""  # noqa: S608 - a constant of ours
