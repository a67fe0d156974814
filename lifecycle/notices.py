"""Tells people: drains this app's rows of the outbox into notices. `mails` then sends them.

Events reach this app by rows only. A row may be worked twice: a notice is unique per person and
event.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import models, transaction
from django.db.models import Q

from core import database, work
from leads.models import EventKind, Outbox
from lifecycle import news
from lifecycle.models import Notice

CONSUMER = "notices"
KINDS = frozenset({EventKind.ASSIGNED, EventKind.WARNED, EventKind.BREACHED, EventKind.ESCALATED})
MOST_ATTEMPTS = 8
LEASE = dt.timedelta(minutes=2)
FIRST_PAUSE = dt.timedelta(seconds=10)
LONGEST_PAUSE = dt.timedelta(hours=1)
BATCH = 200
STALE_AFTER = dt.timedelta(days=1)
"""What was recorded longer ago is kept as read and not mailed: it is no news any more."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drained:
    """What one pass did."""

    done: int = 0
    failed: int = 0


def drain(*, now: dt.datetime | None = None, limit: int = BATCH) -> Drained:
    """Turn up to `limit` waiting outbox rows into notices; run again until it finds nothing.

    A row that fails is tried again later, and after its last attempt stays as `dead()`.
    """
    at = now or database.now()
    waiting = Outbox.objects.filter(
        Q(lease_until__isnull=True) | Q(lease_until__lte=at),
        consumer=CONSUMER,
        done_at__isnull=True,
        due_at__lte=at,
        attempts__lt=MOST_ATTEMPTS,
    ).order_by("due_at", "id")
    rows = work.take(
        waiting, until="lease_until", attempts="attempts", now=at, lease=LEASE, limit=limit
    )
    # What failed before is worked alone, so that it cannot take others with it again.
    fresh = [row for row in rows if row.attempts == 1]
    failed = 0 if not fresh or _worked(fresh, now=at) else _one_by_one(fresh, now=at)
    failed += _one_by_one([row for row in rows if row.attempts > 1], now=at)
    return Drained(done=len(rows) - failed, failed=failed)


def dead() -> models.QuerySet[Outbox]:
    """Rows given up after their last attempt, oldest first; `last_error` tells why."""
    return Outbox.objects.filter(
        consumer=CONSUMER, done_at__isnull=True, attempts__gte=MOST_ATTEMPTS
    ).order_by("due_at", "id")


def revive(*, now: dt.datetime) -> int:
    """Have all dead rows tried anew, once what made them fail is put right."""
    return dead().update(attempts=0, due_at=now, lease_until=None)


def _one_by_one(rows: Sequence[Outbox], *, now: dt.datetime) -> int:
    return sum(not _worked([row], now=now) for row in rows)


def _worked(rows: Sequence[Outbox], *, now: dt.datetime) -> bool:
    try:
        with transaction.atomic():
            _tell(rows, now=now)
            Outbox.objects.filter(pk__in=[row.pk for row in rows]).update(
                done_at=now, lease_until=None, last_error=""
            )
    except Exception as error:
        if len(rows) == 1:
            _put_off(rows[0], error, now=now)
        return False
    return True


def _put_off(row: Outbox, error: Exception, *, now: dt.datetime) -> None:
    log.warning("Outbox row %s failed (attempt %s): %r", row.pk, row.attempts, error)
    wait = work.pause(row.attempts, first=FIRST_PAUSE, factor=3, longest=LONGEST_PAUSE)
    Outbox.objects.filter(pk=row.pk).update(
        lease_until=None, due_at=now + wait, last_error=f"{type(error).__name__}: {error}"[:2000]
    )


def _tell(rows: Sequence[Outbox], *, now: dt.datetime) -> None:
    notices = []
    for item in news.gather([row.event_id for row in rows]):
        stale = now - item.recorded_at > STALE_AFTER
        if not item.recipients:
            log.debug("Nobody to tell of event %s.", item.event)
        notices += [
            Notice(
                to_id=recipient.user,
                kind=item.kind,
                lead_id=item.lead,
                event_id=item.event,
                words=item.words | {"part": recipient.part.value},
                created_at=now,
                read_at=now if stale else None,
                mail_due_at=None if stale or item.settled else now,
            )
            for recipient in item.recipients
        ]
    Notice.objects.bulk_create(notices, ignore_conflicts=True)
