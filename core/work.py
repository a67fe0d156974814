"""Work is a row: taking due rows so that a crash, a hang or a twin worker does no harm.

The attempt is committed before the work begins. So work that kills its process is counted too,
comes back only when its lease has run out, and stops coming back after its last attempt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TypeVar

from django.db import models, transaction

M = TypeVar("M", bound=models.Model)


def take(
    due: models.QuerySet[M],
    *,
    until: str,
    attempts: str,
    now: dt.datetime,
    lease: dt.timedelta,
    limit: int,
) -> Sequence[M]:
    """Lease up to `limit` rows of `due` to the caller until `now + lease` and count the attempt.

    `until` and `attempts` name the columns that hold the end of the lease and the count. Rows
    somebody else is taking at this moment are passed over. Committed when this returns, if called
    outside a transaction, as it should be.
    """
    with transaction.atomic():
        rows = list(due.select_for_update(skip_locked=True, of=("self",))[:limit])
        for row in rows:
            setattr(row, until, now + lease)
            setattr(row, attempts, getattr(row, attempts) + 1)
        due.model._default_manager.filter(pk__in=[row.pk for row in rows]).update(
            **{until: now + lease, attempts: models.F(attempts) + 1}
        )
    return rows


def pause(
    attempts: int, *, first: dt.timedelta, factor: float, longest: dt.timedelta
) -> dt.timedelta:
    """How long to wait after the given number of failed attempts: `first`, then ever longer."""
    try:
        return min(longest, first * factor ** (attempts - 1))
    except OverflowError:
        return longest
