"""Acts on many leads that outlast a process: worked on, handed from job to job, taken up again."""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

from django.db import models
from django.db.models.functions import Coalesce

from core import database, isolation, queue
from lifecycle.models import BulkAct, Reassignment

Act = TypeVar("Act", BulkAct, Reassignment)

OPEN = ("WAITING", "RUNNING")
JOB_SECONDS = 60.0
STALLED_AFTER = dt.timedelta(minutes=3)
MOST_FALLS = 3

log = logging.getLogger(__name__)


def work_on(
    kind: type[Act],
    act_id: int,
    *,
    job: str,
    chunk: int,
    step: Callable[[Sequence[int]], bool],
    park: Callable[[int, Exception], None],
    now: dt.datetime | None,
) -> Act:
    """Work on until all is done or somebody cancels it, or hand on to a new job after a minute.

    `step` does the places of a chunk and says False when the record stands elsewhere by now;
    `park` passes over a place that fails even alone.
    """
    until = time.monotonic() + JOB_SECONDS
    # Before any work: so one that ends its process is counted.
    begun = kind.objects.filter(pk=act_id, state__in=OPEN)
    begun.update(falls=models.F("falls") + 1, beat_at=now or database.now())
    while True:
        act = kind.objects.get(pk=act_id)
        if act.state not in OPEN:
            return act
        if time.monotonic() > until:
            queue.enqueue(job, act.pk)
            return act
        places = range(act.done, min(act.done + chunk, act.total))
        if not all(isolation.together_or_alone(places or [act.done], step, park=park)):
            return kind.objects.get(pk=act_id)


def take_up_stalled(kind: type[Act], *, job: str, now: dt.datetime | None) -> int:
    """Give acts that have shown no sign of life for a while to a worker again; returns how many.

    One that loses its worker again and again without getting on fails: what was done by it stays
    until it is undone.
    """
    at = now or database.now()
    silent = kind.objects.filter(state__in=OPEN).annotate(last=Coalesce("beat_at", "requested_at"))
    taken = 0
    for act in silent.filter(last__lt=at - STALLED_AFTER).only("pk", "falls")[:10]:
        still = kind.objects.filter(pk=act.pk, state__in=OPEN, falls=act.falls)
        if act.falls >= MOST_FALLS:
            if still.update(state=kind.State.FAILED, finished_at=at):
                log.error("Act %s ended its worker %s times and is given up.", act.pk, act.falls)
        elif still.update(beat_at=at):
            queue.enqueue(job, act.pk)
            taken += 1
    return taken
