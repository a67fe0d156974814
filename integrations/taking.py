"""Takes what is due: by lease, endpoint by endpoint, and never more than each may get at once."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet

from core import work
from integrations import retrying
from integrations.models import Endpoint, Sending

AT_ONCE = 2
"""Requests to one endpoint at a time, whatever number of workers there is."""
LEASE = dt.timedelta(seconds=45)
"""Longer than any request takes."""
DIGEST_FROM = 5
"""So many messages that wait for one channel become one."""
DIGEST_MOST = 200


@dataclass(frozen=True, slots=True)
class Portion:
    """What goes to one endpoint in one request: one sending, or many for a chat."""

    endpoint: Endpoint
    sendings: tuple[Sending, ...]


def take(now: dt.datetime, *, room: int) -> list[Portion]:
    """Lease what may go out at `now`, in at most `room` requests; attempts are counted already.

    Endpoints that somebody else is looking at, that rest or are switched off are passed over.
    """
    due = Sending.objects.filter(
        Q(lease_until=None) | Q(lease_until__lte=now),
        state=Sending.State.RETRYING,
        due_at__lte=now,
    ).order_by("due_at", "id")
    found: list[Portion] = []
    with transaction.atomic():
        awake = Endpoint.objects.filter(
            Q(resting_until=None) | Q(resting_until__lte=now),
            Exists(due.filter(endpoint=OuterRef("pk"))),
            active=True,
        )
        rows = list(awake.order_by("id").select_for_update(skip_locked=True, of=("self",)))
        busy = _busy(rows, now)
        for row in rows:
            most = 1 if row.failures >= retrying.TRIPS_AT else AT_ONCE
            free = min(most - busy.get(row.pk, 0), room - len(found))
            if free > 0:
                found += _portions(row, due.filter(endpoint=row), now=now, free=free)
    return found


def _busy(endpoints: list[Endpoint], now: dt.datetime) -> dict[int, int]:
    """How much of each endpoint is under way."""
    leased = Sending.objects.filter(
        endpoint__in=endpoints, state=Sending.State.RETRYING, lease_until__gt=now
    )
    counted = leased.values("endpoint").annotate(count=Count("id"))
    return dict(counted.values_list("endpoint", "count"))


def _portions(
    endpoint: Endpoint, due: QuerySet[Sending], *, now: dt.datetime, free: int
) -> list[Portion]:
    def leased(limit: int) -> list[Sending]:
        return list(
            work.take(
                due, until="lease_until", attempts="attempts", now=now, lease=LEASE, limit=limit
            )
        )

    if endpoint.kind == Endpoint.Kind.EVENTS or due[:DIGEST_FROM].count() < DIGEST_FROM:
        return [Portion(endpoint, (one,)) for one in leased(free)]
    return [Portion(endpoint, tuple(leased(DIGEST_MOST)))]
