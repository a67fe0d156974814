"""How the machinery is: who works, how far behind, what failed; and the little that helps it on.

For RevOps and superusers. Nothing here starts a function of somebody's choice: what was queued is
tried again or discarded.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, Min, QuerySet

from core import errors, queue, reading
from leads.models import Touch, TouchStatus
from lifecycle import heartbeats, mails, queue_broker, schedules
from lifecycle.models import Heartbeat, QueuedTask
from lifecycle.signalling import standing
from lifecycle.signalling.standing import Standing
from people.models import Role, User
from sla import due
from sla.models import OPEN, Clock

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Worker:
    """One worker and its queue by their last signs of life."""

    name: str
    beat_at: dt.datetime | None
    queue_at: dt.datetime | None
    failing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Timed:
    """One schedule; an instant is None when it never came, or has not been written yet."""

    name: str
    purpose: str
    every: dt.timedelta
    came: dt.datetime | None
    comes: dt.datetime | None


@dataclass(frozen=True, slots=True)
class Parked:
    """Clocks left alone for a while for one and the same reason."""

    error: str
    count: int
    clock: int
    lead: int
    again_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Operations:
    """Everything the page shows."""

    status: heartbeats.Status
    workers: tuple[Worker, ...]
    clocks: due.First
    left_alone: due.Parked
    depth: queue.Depth
    tasks: Sequence[QueuedTask]
    failures: Sequence[queue.Failure]
    schedules: tuple[Timed, ...]
    parked: Sequence[Parked]
    touches: int
    mails: int
    signals: Standing


def operates(reader: User) -> bool:
    """RevOps and superusers."""
    return reader.is_superuser or reader.plays(Role.REVOPS)


def looks(reader: User) -> bool:
    """Whether this person sees how the machinery is: operators, administrators, auditors."""
    return operates(reader) or (reader.is_active and reader.plays(Role.ADMIN, Role.AUDITOR))


def require_looker(reader: User) -> None:
    """Raises NotAllowed for everybody else."""
    if not looks(reader):
        raise errors.NotAllowed("Only RevOps, administrators and auditors see this.")


def require_operator(reader: User) -> None:
    """Raises NotAllowed for everybody else."""
    if not operates(reader):
        raise errors.NotAllowed("Only RevOps may look at this.")


def look(*, now: dt.datetime) -> Operations:
    """The present state, in a fixed number of queries."""
    runs, signs, left = queue.runs(), heartbeats.signs(), _parked(now)
    tasks = QueuedTask.objects.order_by(F("set_aside_at").desc(nulls_last=True), "-last_at")
    shown = tasks.defer("payload")[:SHOWN]
    touches = reading.count_of(Touch.objects.filter(status=TouchStatus.PARKED))
    letters = reading.count_of(mails.undelivered())
    reading.ask(signs, left, shown, touches, letters)
    return Operations(
        status=heartbeats.judged(signs.found, now),
        workers=tuple(_workers(signs.found)),
        clocks=due.first(),
        left_alone=due.parked(now),
        depth=queue.depth(now),
        tasks=list(shown),
        failures=queue.failures(SHOWN),
        schedules=tuple(
            Timed(one.name, one.purpose, dt.timedelta(minutes=one.every_minutes),
                  *runs.get(one.name, (None, None)))
            for one in schedules.SCHEDULES
        ),
        parked=_reasons(left),
        touches=touches.found[0],
        mails=letters.found[0],
        signals=standing.look(now),
    )  # fmt: skip


def _workers(signs: Iterable[Heartbeat]) -> Sequence[Worker]:
    told: dict[str, dict[str, dict[str, object]]] = {row.part: row.details for row in signs}
    sweeping = told.get(Heartbeat.Part.SUPERVISOR, {})
    queueing = told.get(Heartbeat.Part.QUEUE, {})
    return [
        Worker(
            name,
            _at(sweeping.get(name)),
            _at(queueing.get(name)),
            tuple(map(str, sweeping.get(name, {}).get("failing", []))),  # type: ignore[call-overload]
        )
        for name in sorted({*sweeping, *queueing})
    ]


def _at(sign: dict[str, object] | None) -> dt.datetime | None:
    return dt.datetime.fromisoformat(str(sign["at"])) if sign else None


def _parked(now: dt.datetime) -> QuerySet[Clock, Any]:
    """Open clocks that a sweep failed on and leaves alone, by reason."""
    rows = Clock.objects.filter(state__in=OPEN, parked_until__gt=now)
    found = (
        rows.order_by()
        .values("parked_error")
        .annotate(n=Count("pk"), clock=Min("pk"), lead=Min("lead"), again=Min("parked_until"))
    )
    return found.order_by("-n")[:SHOWN]


def _reasons(found: Iterable[dict[str, Any]]) -> Sequence[Parked]:
    return [
        Parked(row["parked_error"], row["n"], row["clock"], row["lead"], row["again"])
        for row in found
    ]


def unpark(error: str, *, by: User) -> int:
    """Have the clocks that are parked for this reason tried at once; returns how many."""
    require_operator(by)
    rows = Clock.objects.filter(state__in=OPEN, parked_until__isnull=False, parked_error=error)
    return rows.update(parked_until=None, parked_times=0)


def try_signals(*, by: User) -> int:
    """Have the signals that are parked tried at once; returns how many."""
    require_operator(by)
    return standing.try_again()


def try_task(pk: int, *, by: User) -> None:
    """Put a task that was set aside back into the queue."""
    require_operator(by)
    if not queue_broker.again(pk):
        raise errors.NotFound("This task is not set aside any more.")


def discard_task(pk: int, *, by: User) -> None:
    """Throw a task away that was set aside. What it was to work on is a row and stays."""
    require_operator(by)
    if not QueuedTask.objects.filter(pk=pk, set_aside_at__isnull=False).delete()[0]:
        raise errors.NotFound("This task is not set aside any more.")


def try_failure(task: str, *, by: User) -> None:
    """Put a task that failed into the queue anew."""
    require_operator(by)
    try:
        found = queue.try_again(task)
    except ImportError:
        raise errors.TooLate("Its function is not there any more. Discard it.") from None
    if not found:
        raise errors.NotFound("This failure is not there any more.")


def discard_failure(task: str, *, by: User) -> None:
    """Delete the record of a task that failed."""
    require_operator(by)
    if not queue.forget(task):
        raise errors.NotFound("This failure is not there any more.")
