"""Draining an outbox: its rows are told, tried again later when that fails, and given up visibly.

What telling means is the caller's business. It happens in one transaction with crossing off the
row, so a row may be worked twice but is told once.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import models, transaction
from django.db.models import Q

from core import bulk, work
from governance.models import KitOutbox
from leads.models import Outbox

MOST_ATTEMPTS = 8
LEASE = dt.timedelta(minutes=2)
FIRST_PAUSE = dt.timedelta(seconds=10)
LONGEST_PAUSE = dt.timedelta(hours=1)

R = TypeVar("R", Outbox, KitOutbox)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Drained:
    """What one pass did."""

    done: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class Deliveries(Generic[R]):
    """The rows of one consumer in one outbox. `together` says how many are told in one go.

    Rows that were told are kept, unless somebody follows leads as they go on: then they are many.
    """

    outbox: type[R]
    consumer: str
    tell: Callable[[Sequence[R], dt.datetime], None]
    together: int
    keeps: bool = True

    def drain(self, *, now: dt.datetime, limit: int) -> Drained:
        """Tell up to `limit` waiting rows; run again until it finds nothing.

        A row that fails is tried again later, and after its last attempt stays as `dead()`.
        """
        waiting = self._mine().filter(
            Q(lease_until__isnull=True) | Q(lease_until__lte=now),
            done_at__isnull=True,
            due_at__lte=now,
            attempts__lt=MOST_ATTEMPTS,
        )
        rows = work.take(
            waiting.order_by("due_at", "id"),
            until="lease_until",
            attempts="attempts",
            now=now,
            lease=LEASE,
            limit=limit,
        )
        # What failed before is worked alone, so that it cannot take others with it again.
        fresh = [row for row in rows if row.attempts == 1]
        failed = 0
        for first in range(0, len(fresh), self.together):
            some = fresh[first : first + self.together]
            failed += 0 if self._worked(some, now=now) else self._one_by_one(some, now=now)
        failed += self._one_by_one([row for row in rows if row.attempts > 1], now=now)
        return Drained(done=len(rows) - failed, failed=failed)

    def dead(self) -> models.QuerySet[R]:
        """Rows given up after their last attempt, oldest first; `last_error` tells why."""
        given_up = self._mine().filter(done_at__isnull=True, attempts__gte=MOST_ATTEMPTS)
        return given_up.order_by("due_at", "id")

    def revive(self, *, now: dt.datetime) -> int:
        """Have all dead rows tried anew, once what made them fail is put right."""
        return self.dead().update(attempts=0, due_at=now, lease_until=None)

    def _mine(self) -> models.QuerySet[R]:
        return self.outbox._default_manager.filter(consumer=self.consumer)

    def _one_by_one(self, rows: Sequence[R], *, now: dt.datetime) -> int:
        return sum(not self._worked([row], now=now) for row in rows)

    def _worked(self, rows: Sequence[R], *, now: dt.datetime) -> bool:
        try:
            with transaction.atomic():
                self.tell(rows, now)
                told = self._mine().filter(pk__in=[row.pk for row in rows])
                if self.keeps:
                    told.update(done_at=now, lease_until=None, last_error="")
                else:
                    bulk.delete(told)
        except Exception as error:
            if len(rows) == 1:
                self._put_off(rows[0], error, now=now)
            return False
        return True

    def _put_off(self, row: R, error: Exception, *, now: dt.datetime) -> None:
        name = self.outbox._meta.verbose_name
        log.warning("%s row %s failed (attempt %s): %r", name, row.pk, row.attempts, error)
        wait = work.pause(row.attempts, first=FIRST_PAUSE, factor=3, longest=LONGEST_PAUSE)
        self._mine().filter(pk=row.pk).update(
            lease_until=None,
            due_at=now + wait,
            last_error=f"{type(error).__name__}: {error}"[:2000],
        )
