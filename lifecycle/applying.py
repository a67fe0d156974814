"""Bringing the kit in force to leads that were there before it: recorded, in chunks, each once.

A chunk is one transaction that does the work and moves the record on, so whatever is killed on
the way goes on where it stopped. A row at fault is passed over with its error; a kit that comes
into force meanwhile ends the run.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from django.db import OperationalError, transaction
from django.db.models import F
from django.db.models.functions import Coalesce

from core import database, isolation, queue
from core.errors import DomainError
from governance import selectors as kits
from governance.kit import Kit
from leads import cleansing
from lifecycle import reasons
from lifecycle.models import KitApplication
from people.models import User

Act = KitApplication.Act
State = KitApplication.State
OPEN = (State.WAITING, State.RUNNING)
JOBS = {
    Act.RECALCULATE: "lifecycle.recalculating.resume",
    Act.REQUALIFY: "lifecycle.requalifying.resume",
    Act.RESCORE: "lifecycle.rescoring.resume",
}
CHUNK = 100
OF_BLOCKS = {Act.RESCORE: 1}
"""Items of one transaction where an item is many leads."""
AT_ONCE = 5
"""More transactions than this are left to the worker."""
JOB_SECONDS = 60.0
"""How long one job works before it hands on to the next; the queue ends those of two minutes."""
STALLED_AFTER = dt.timedelta(minutes=3)
MOST_FALLS = 3
LOG = "See the worker's log of that time."
TRIES = 3
LONGEST_REASON = 500
MOST_FAILURES = 200

log = logging.getLogger(__name__)

Item: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Worked:
    """What a chunk did: how many rows it changed, and how many it left as they were, by why."""

    changed: int = 0
    passed_over: Counter[str] = field(default_factory=Counter)


Work: TypeAlias = Callable[[KitApplication, Sequence[Item], Kit, "dt.datetime | None"], Worked]
"""Does the items of one chunk under locks of its own, within the transaction it is called in."""


def submit(
    act: Act, items: Sequence[Item], *, kit: Kit, by: User, reason: str, work: Work,
    now: dt.datetime | None = None,
) -> KitApplication:  # fmt: skip
    """Record the act and do it: at once when it is small, by the worker when it is not."""
    application = KitApplication.objects.create(
        act=act,
        kit_id=kit.id,
        by=by,
        reason=checked_reason(reason),
        selection=[list(item) for item in items],
        total=len(items),
        requested_at=now or database.now(),
    )
    if len(items) > AT_ONCE * _size(act):
        queue.enqueue(JOBS[act], application.pk)
        return application
    return run(application.pk, work=work, now=now)


def checked_reason(reason: str) -> str:
    """The reason as it is kept. Raises InvalidInput when there is none, or it is an essay."""
    if not reason.strip():
        raise reasons.missing("reason", "Say why, in a few words: the leads' owners will read it.")
    return cleansing.clean_text(reason, LONGEST_REASON, field="reason")


def run(application_id: int, *, work: Work, now: dt.datetime | None = None) -> KitApplication:
    """Work on until all is done, or hand on to a new job after a minute.

    Two that run the same application do nothing twice: each chunk has one worker.
    """
    until = time.monotonic() + JOB_SECONDS
    tries = 0
    # Before any work: so one that ends its process is counted.
    begun = KitApplication.objects.filter(pk=application_id, state__in=OPEN)
    begun.update(falls=F("falls") + 1, beat_at=now or database.now())
    while True:
        application = KitApplication.objects.get(pk=application_id)
        if application.state not in OPEN:
            return application
        if time.monotonic() > until or tries == TRIES:
            queue.enqueue(JOBS[Act(application.act)], application.pk)
            return application
        try:
            if not _chunk(application, work, now):
                return application
            tries = 0
        except OperationalError as error:
            if not database.is_transient(error):
                raise
            tries += 1


def take_up_stalled(*, now: dt.datetime | None = None) -> int:
    """Give applications that have shown no sign of life for a while to a worker again.

    One that loses its worker again and again without getting on fails with a word instead.
    """
    at = now or database.now()
    silent = KitApplication.objects.filter(state__in=OPEN).annotate(
        last=Coalesce("beat_at", "requested_at")
    )
    taken = 0
    for row in silent.filter(last__lt=at - STALLED_AFTER).only("pk", "act", "done", "falls")[:10]:
        still = KitApplication.objects.filter(pk=row.pk, state__in=OPEN, falls=row.falls)
        if row.falls >= MOST_FALLS:
            word = f"Its worker ended {row.falls} times in a row after {row.done:,}. {LOG}"
            still.update(state=State.FAILED, finished_at=at, error=word)
        elif still.update(beat_at=at):
            queue.enqueue(JOBS[Act(row.act)], row.pk)
            taken += 1
    return taken


def _chunk(application: KitApplication, work: Work, now: dt.datetime | None) -> bool:
    """Work on the next places; False when somebody else is at it."""
    size = _size(application.act)
    places = range(application.done, min(application.done + size, application.total))
    done = isolation.together_or_alone(
        places or [application.done],
        lambda some: _step(application.pk, some, work, now),
        park=lambda place, error: _pass_over(application.pk, place, error),
    )
    return all(done)


def _size(act: str) -> int:
    return OF_BLOCKS.get(Act(act), CHUNK)


@transaction.atomic
def _step(pk: int, places: Sequence[int], work: Work, now: dt.datetime | None) -> bool:
    kit = kits.active_kit()
    row = _held(pk, places[0])
    if row is None:
        return False
    at = now or database.now()
    if kit.id != row.kit_id:
        row.state, row.finished_at = State.FAILED, at
        row.error = (
            f"Kit v{kit.number} came into force meanwhile. {row.done:,} of {row.total:,} were "
            "dealt with; look again for the rest."
        )
        row.save(update_fields=["state", "finished_at", "error"])
        return True
    items = [(verb, int(one)) for verb, one in row.selection[places[0] : places[-1] + 1]]
    worked = work(row, items, kit, now) if items else Worked()
    row.changed += worked.changed
    row.passed_over = dict(Counter(row.passed_over) + worked.passed_over)
    _move_on(row, len(items), at)
    return True


@transaction.atomic
def _pass_over(pk: int, place: int, error: Exception) -> None:
    row = _held(pk, place)
    if row is None:
        return
    word = error.message if isinstance(error, DomainError) else f"{type(error).__name__}: {error}"
    if len(row.failures) < MOST_FAILURES:
        verb, one = row.selection[place]
        row.failures = [*row.failures, {"verb": verb, "id": one, "why": word[:500]}]
    row.passed_over = dict(Counter(row.passed_over) + Counter(failed=1))
    _move_on(row, 1, database.now())


def _held(pk: int, place: int) -> KitApplication | None:
    """The record, locked, if it stands at this place and nobody else works on it."""
    rows = KitApplication.objects.filter(pk=pk, state__in=OPEN, done=place)
    return rows.select_for_update(skip_locked=True, no_key=True).first()


def _move_on(row: KitApplication, count: int, at: dt.datetime) -> None:
    row.done += count
    row.beat_at, row.falls = at, 0
    row.started_at = row.started_at or at
    row.state = State.DONE if row.done >= row.total else State.RUNNING
    row.finished_at = at if row.state == State.DONE else None
    row.save(
        update_fields=["done", "changed", "passed_over", "failures", "state", "beat_at", "falls",
                       "started_at", "finished_at"]
    )  # fmt: skip
