"""What stands around every page about its reader, asked in one question. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from core import reading
from leads.models import AccountStatus
from people.models import User


@dataclass(frozen=True, slots=True)
class Counts:
    """Leads that wait for the reader, notices unread, and whether they look after a partner."""

    waiting: int
    unread: int
    keeps_partners: bool


def asked_of(user: User, *, most: int) -> reading.Question[Counts]:
    """The question for them, counted no further than `most`; it has one answer."""
    values = (user.pk, most, user.pk, most, user.pk)
    return reading.Question(_COUNTS, *values, made=lambda row: Counts(*row))


_COUNTS = f"""
    SELECT (SELECT count(*) FROM (SELECT FROM leads_lead
                                   WHERE owner_id = %s AND next_due_at IS NOT NULL LIMIT %s) q),
           (SELECT count(*) FROM (SELECT FROM lifecycle_notice
                                   WHERE to_id = %s AND read_at IS NULL LIMIT %s) q),
           EXISTS (SELECT FROM leads_account
                    WHERE owner_id = %s AND status = '{AccountStatus.PARTNER.value}')
"""  # noqa: S608 - a constant of ours
