"""The exception queue: touches that could not be decided wait here, with the reason.

Signals that came by themselves are parked and taken up again in the same way.
"""

from __future__ import annotations

import datetime as dt
import logging
import traceback
from collections.abc import Collection

from django.db import transaction
from django.db.models import F

from core import database
from core.errors import DomainError
from leads.models import SentSignal, Touch, TouchStatus

log = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=60)
LONGEST_WAIT = dt.timedelta(hours=6)
LONGEST_WORD = 4_000
UNDECIDED = (TouchStatus.RECEIVED.value, TouchStatus.PARKED.value)
ENDED = "Every attempt ended its process; see the worker's log of that time."

Row = type[Touch] | type[SentSignal]


def park(
    row_id: int, error: Exception, *, now: dt.datetime | None = None, model: Row = Touch
) -> None:
    """Set a touch aside; it is tried again after 1, 2, 4 … minutes, six hours at most."""
    at = now or database.now()
    rows = model._default_manager.filter(pk=row_id)
    attempts = rows.values_list("attempts", flat=True).get()
    wait = min(dt.timedelta(minutes=2 ** min(attempts, 12) / 2), LONGEST_WAIT)
    word = error.message if isinstance(error, DomainError) else _last_line(error)
    rows.filter(status__in=UNDECIDED).update(
        status=TouchStatus.PARKED.value,
        last_error=_storable(word)[:LONGEST_WORD],
        next_attempt_at=at + wait,
        lease_until=None,
    )
    log.error("%s %s is parked: %s", model.__name__, row_id, word, exc_info=error)


def take_left_behind(
    *,
    now: dt.datetime | None = None,
    limit: int = 200,
    model: Row = Touch,
    statuses: Collection[str] = UNDECIDED,
) -> list[int]:
    """Touches nobody advanced in time. Each should be advanced alone.

    The attempt and a new lease are committed before any work, so that a touch that kills its
    worker is counted too.
    """
    at = now or database.now()
    until = at + LEASE
    with transaction.atomic():
        waiting = model._default_manager.filter(status__in=statuses, next_attempt_at__lte=at)
        ids = list(
            waiting.order_by("next_attempt_at")
            .select_for_update(skip_locked=True, no_key=True)
            .values_list("pk", flat=True)[:limit]
        )
        model._default_manager.filter(pk__in=ids).update(
            attempts=F("attempts") + 1, lease_until=until, next_attempt_at=until
        )
    return ids


def give_up(at: dt.datetime, *, after: int, model: Row = Touch) -> int:
    """Leave touches whose process never came back to people, after so many attempts; how many.

    A touch that fails is parked and loses its lease; one that still has it ended its process.
    """
    count = model._default_manager.filter(
        status__in=UNDECIDED,
        next_attempt_at__lte=at,
        lease_until__lte=at,
        attempts__gte=after,
    ).update(
        status=TouchStatus.PARKED.value, next_attempt_at=None, lease_until=None, last_error=ENDED
    )
    if count:
        log.error(
            "%s of %s ended their process at every attempt and are set aside.",
            count, model._meta.verbose_name_plural,
        )  # fmt: skip
    return count


def _storable(word: str) -> str:
    return word.replace("\0", "").encode("utf-8", "replace").decode()


def _last_line(error: Exception) -> str:
    return "".join(traceback.format_exception_only(error)).strip()
