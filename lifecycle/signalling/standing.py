"""How it stands with signals that came by themselves: what waits, what failed, what was dropped."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import connection
from django.db.models import F

from leads.models import SentSignal, SentStatus

GRACE = dt.timedelta(seconds=60)
"""How long past its lease a signal may be undecided."""
COUNTED = 100_000
"""Counts of what waits stop here."""
DROPPED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Standing:
    """How many wait for their buyer and how many failed; how many found nobody of late."""

    waiting: int = 0
    parked: int = 0
    dropped: int = 0


def look(now: dt.datetime) -> Standing:
    """The present state; one query."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT (SELECT count(*) FROM (SELECT 1 FROM leads_sentsignal
                                           WHERE status = 'WAITING' LIMIT %s) w),
                   (SELECT count(*) FROM (SELECT 1 FROM leads_sentsignal
                                           WHERE status = 'PARKED' LIMIT %s) p),
                   (SELECT coalesce(sum(count), 0) FROM leads_droppedsignals
                     WHERE day_date >= %s)
            """,
            [COUNTED, COUNTED, (now - dt.timedelta(days=DROPPED_DAYS)).date()],
        )
        return Standing(*map(int, cursor.fetchone()))


def overdue(now: dt.datetime) -> int:
    """How many have been undecided for longer than the sweep may take; zero while it runs."""
    late = SentSignal.objects.filter(
        status=SentStatus.RECEIVED, received_at__lt=now - GRACE, next_attempt_at__lt=now - GRACE
    )
    return late.count()


def try_again() -> int:
    """Have all parked signals tried at once, those that ended their process, too; how many."""
    rows = SentSignal.objects.filter(status=SentStatus.PARKED)
    return rows.update(next_attempt_at=F("received_at"), lease_until=None, attempts=0)
