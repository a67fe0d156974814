"""Signals that wait for their buyer: looked at again, woken by a new key, dropped in the end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import connection
from django.db.models import F

from leads.identity import Key
from leads.models import SentSignal, SentStatus

SOON = dt.timedelta(minutes=1)
"""Who came at the same instant as the touch that makes them known is found then."""
LATER = dt.timedelta(days=1)
DROPPED_AT_ONCE = 1_000


def again_at(row: SentSignal, now: dt.datetime) -> dt.datetime:
    """When a signal that nobody is known by is looked at again: soon after it came, then daily."""
    return now + (SOON if now < row.received_at + SOON else LATER)


def wake(keys: Iterable[Key]) -> None:
    """Somebody is known by these keys now, without a touch: look at what waits for them."""
    wanted = [f"{key.kind.value}:{key.value}" for key in keys]
    if wanted:
        rows = SentSignal.objects.filter(status=SentStatus.WAITING, keys__has_any_keys=wanted)
        rows.update(next_attempt_at=F("received_at"))


def drop(*, now: dt.datetime) -> int:
    """Delete signals that have waited long enough, and count them by day, kind and source."""
    with connection.cursor() as cursor:
        cursor.execute(_DROP, [now, DROPPED_AT_ONCE])
        (count,) = cursor.fetchone()
    return int(count)


_DROP = """
    WITH over AS (
        SELECT id FROM leads_sentsignal
         WHERE status = 'WAITING' AND waits_until <= %s
         ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED),
    gone AS (
        DELETE FROM leads_sentsignal s USING over WHERE s.id = over.id
        RETURNING s.kind, s.idempotency_scope AS source,
                  (s.received_at AT TIME ZONE 'UTC')::date AS day_date),
    counted AS (
        INSERT INTO leads_droppedsignals AS d (day_date, kind, source, count)
        SELECT day_date, kind, source, count(*) FROM gone GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
            ON CONFLICT (day_date, kind, source) DO UPDATE SET count = d.count + excluded.count)
    SELECT count(*) FROM gone
"""
