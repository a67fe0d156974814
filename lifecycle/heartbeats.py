"""Signs of life: what the worker writes, what `/readyz` and the console's banner read.

The supervisor beats while its sweep moves on. The queue beats when a canary task has gone all the
way: enqueued by a supervisor, run by a process of the cluster. All instants are the database's.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from core import database, queue, reading
from lifecycle.models import Heartbeat

WORKER_VARIABLE = "LEADGOV_WORKER"
"""Names, in the environment of a queue's processes, the worker they belong to."""
WORKER_STALE_AFTER = dt.timedelta(seconds=30)
QUEUE_STALE_AFTER = dt.timedelta(seconds=60)
QUEUE_AWAY_AFTER = dt.timedelta(seconds=100)
"""Longer than the worker takes to replace a queue that hangs: then people are to know."""
FORGOTTEN_AFTER = dt.timedelta(minutes=10)
MOST_HOPS = 30


@dataclass(frozen=True, slots=True)
class Status:
    """How the moving parts are. An age is None when there was never a sign of life."""

    worker_ok: bool
    queue_ok: bool
    worker_age: dt.timedelta | None
    queue_age: dt.timedelta | None
    failing: tuple[str, ...]


def status(now: dt.datetime) -> Status:
    """Judge the last signs of life at `now` (the database's clock). One query."""
    asked = signs()
    reading.ask(asked)
    return judged(asked.found, now)


def signs() -> reading.Question[Heartbeat]:
    """The question for the last sign of life of every part."""
    return reading.rows(Heartbeat, "")


def judged(found: Iterable[Heartbeat], now: dt.datetime) -> Status:
    """How the parts are at `now`, by their last signs of life."""
    rows = {row.part: row for row in found}
    worker = rows.get(Heartbeat.Part.SUPERVISOR)
    worker_age = age(worker.beat_at, now) if worker else None
    queue_row = rows.get(Heartbeat.Part.QUEUE)
    queue_age = age(queue_row.beat_at, now) if queue_row else None
    failing = {
        step
        for sign in (worker.details if worker else {}).values()
        if age(dt.datetime.fromisoformat(sign["at"]), now) <= WORKER_STALE_AFTER
        for step in sign.get("failing", [])
    }
    return Status(
        worker_ok=worker_age is not None and worker_age <= WORKER_STALE_AFTER,
        queue_ok=queue_age is not None and queue_age <= QUEUE_STALE_AFTER,
        worker_age=worker_age,
        queue_age=queue_age,
        failing=tuple(sorted(failing)),
    )


def age(beat_at: dt.datetime, now: dt.datetime) -> dt.timedelta:
    """How far a sign lies from `now`.

    One from the future was given before the clock was set back: nobody knows how old it is, and
    counted as fresh it would hide for an hour that its worker is gone.
    """
    return abs(now - beat_at)


def beat(part: Heartbeat.Part, *, worker: str, now: dt.datetime, **details: Any) -> None:
    """Write a sign of life of one worker's part; forgets workers not heard of for long."""
    sign = {"at": now.isoformat(), **details}
    with transaction.atomic():
        Heartbeat.objects.get_or_create(part=part, defaults={"beat_at": now})
        row = Heartbeat.objects.select_for_update().get(part=part)
        others = {
            name: told
            for name, told in row.details.items()
            if age(dt.datetime.fromisoformat(told["at"]), now) < FORGOTTEN_AFTER
        }
        row.details = others | {worker: sign}
        overtaken = now < row.beat_at <= now + WORKER_STALE_AFTER  # by a sign of another worker
        row.beat_at = row.beat_at if overtaken else now
        row.save(update_fields=["details", "beat_at"])


def last_beat(part: Heartbeat.Part, *, worker: str) -> dt.datetime | None:
    """When this worker's part last gave a sign of life."""
    details = Heartbeat.objects.filter(part=part).values_list("details", flat=True).first() or {}
    return dt.datetime.fromisoformat(details[worker]["at"]) if worker in details else None


def send_canary(*, worker: str) -> None:
    """Put a task into the queue that will beat for the cluster of that worker."""
    queue.enqueue("lifecycle.heartbeats.canary", worker, MOST_HOPS)


def canary(worker: str, hops: int) -> None:
    """The task: beat for the cluster it runs in, and pass it on if it was meant for another.

    Clusters share one queue, so any of them may get it; without passing it on, a hung cluster
    would go unnoticed behind a healthy one, and a healthy one with few turns would look hung.
    """
    here = os.environ.get(WORKER_VARIABLE, "")
    beat(Heartbeat.Part.QUEUE, worker=here, now=database.now())
    if here != worker and hops > 0:
        queue.enqueue("lifecycle.heartbeats.canary", worker, hops - 1)
