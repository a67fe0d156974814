"""The exception queue: touches that could not be decided wait here, with the reason."""

from __future__ import annotations

import datetime as dt
import logging
import traceback

from django.db import transaction
from django.db.models import F

from core import database
from core.errors import DomainError
from leads.models import Touch, TouchStatus

log = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=60)
LONGEST_WAIT = dt.timedelta(hours=6)
LONGEST_WORD = 4_000


def park(touch_id: int, error: Exception, *, now: dt.datetime | None = None) -> None:
    """Set a touch aside; it is tried again after 1, 2, 4 … minutes, six hours at most."""
    at = now or database.now()
    touch = Touch.objects.get(pk=touch_id)
    wait = min(dt.timedelta(minutes=2 ** min(touch.attempts, 12) / 2), LONGEST_WAIT)
    word = error.message if isinstance(error, DomainError) else _last_line(error)
    Touch.objects.filter(pk=touch_id, status__in=[TouchStatus.RECEIVED, TouchStatus.PARKED]).update(
        status=TouchStatus.PARKED,
        last_error=_storable(word)[:LONGEST_WORD],
        next_attempt_at=at + wait,
        lease_until=None,
    )
    log.error("Touch %s is parked: %s", touch_id, word, exc_info=error)


def give_up(at: dt.datetime, *, after: int) -> int:
    """Leave touches whose process never came back to people, after so many attempts; how many.

    A touch that fails is parked and loses its lease; one that still has it ended its process.
    """
    count = Touch.objects.filter(
        status__in=[TouchStatus.RECEIVED, TouchStatus.PARKED],
        next_attempt_at__lte=at,
        lease_until__lte=at,
        attempts__gte=after,
    ).update(
        status=TouchStatus.PARKED,
        next_attempt_at=None,
        lease_until=None,
        last_error="Every attempt ended its process; see the worker's log of that time.",
    )
    if count:
        log.error("%s touches ended their process at every attempt and are set aside.", count)
    return count


def take_left_behind(*, now: dt.datetime | None = None, limit: int = 200) -> list[int]:
    """Touches nobody advanced in time. Each should be advanced alone.

    The attempt and a new lease are committed before any work, so that a touch that kills its
    worker is counted too.
    """
    at = now or database.now()
    until = at + LEASE
    with transaction.atomic():
        waiting = Touch.objects.filter(
            status__in=[TouchStatus.RECEIVED, TouchStatus.PARKED], next_attempt_at__lte=at
        )
        ids = list(
            waiting.order_by("next_attempt_at")
            .select_for_update(skip_locked=True, no_key=True)
            .values_list("pk", flat=True)[:limit]
        )
        Touch.objects.filter(pk__in=ids).update(
            attempts=F("attempts") + 1, lease_until=until, next_attempt_at=until
        )
    return ids


def _storable(word: str) -> str:
    return word.replace("\0", "").encode("utf-8", "replace").decode()


def _last_line(error: Exception) -> str:
    return "".join(traceback.format_exception_only(error)).strip()
