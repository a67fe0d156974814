"""What stands around every page about its reader, read in one query. Reads only."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import connection

from leads.models import AccountStatus
from people.models import User


@dataclass(frozen=True, slots=True)
class Counts:
    """Leads that wait for the reader, notices unread, and whether they look after a partner."""

    waiting: int
    unread: int
    keeps_partners: bool


def of(user: User, *, most: int) -> Counts:
    """Counted no further than `most`."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [user.pk, most, user.pk, most, user.pk])
        return Counts(*cursor.fetchone())


_COUNTS = f"""
    SELECT (SELECT count(*) FROM (SELECT FROM leads_lead
                                   WHERE owner_id = %s AND next_due_at IS NOT NULL LIMIT %s) q),
           (SELECT count(*) FROM (SELECT FROM lifecycle_notice
                                   WHERE to_id = %s AND read_at IS NULL LIMIT %s) q),
           EXISTS (SELECT FROM leads_account
                    WHERE owner_id = %s AND status = '{AccountStatus.PARTNER.value}')
"""  # noqa: S608 - a constant of ours
