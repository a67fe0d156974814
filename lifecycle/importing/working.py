"""The worker's side of an import: taken up, batch by batch recorded, finished, or given up.

Rows, tallies and the place of a run change together, in one transaction after each batch. Whoever
works on it holds it by the number of its attempt; one that lost its worker is taken up where it
stood, and rows that the lost worker had brought in are told as it would have told them.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import DatabaseError, transaction
from django.db.models import F, Q, QuerySet

from core import bulk, database, queue
from core.errors import DomainError
from leads.models import Lead, Touch
from lifecycle.importing import files, mapping, run, runs, tables, telling, translating
from lifecycle.importing.report import Fate
from lifecycle.importing.run import Options
from lifecycle.importing.tables import Table
from lifecycle.importing.translating import Plan
from lifecycle.models import ImportRow, ImportRun, ImportVerdict

State = ImportRun.State
SILENCE = dt.timedelta(minutes=3)
"""A run that gives no sign of life for so long has lost its worker."""
PATIENCE = dt.timedelta(minutes=2)
"""A run that nobody has taken up by then is queued again."""
MOST_FALLS = 3

log = logging.getLogger(__name__)
Progress = Callable[[Sequence[Fate]], None]


class TakenOver(Exception):
    """Somebody else works on it now, or it was taken back."""


class Stopped(Exception):
    """It was cancelled; the batch at hand is recorded."""


class HandedOn(Exception):
    """Time is over; the next job goes on."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A run in hand: which, by which attempt, from where, and whether it is a rehearsal."""

    run: int
    attempt: int
    done: int
    dry_run: bool
    since: dt.datetime


def work(run_id: int) -> None:
    """The queue's task: go on with a run for a while."""
    hold = take_up(run_id)
    if hold is None:
        return
    row = ImportRun.objects.get(pk=run_id)
    until = time.monotonic() + runs.JOB_SECONDS
    with minded(hold), files.fetched(row) as path:
        table = tables.open_table(path, folder=path.parent, sheet=row.sheet, encoding=row.encoding)
        meanings = mapping.read(row.mapping, name="of the import")
        plan = translating.bind(meanings, table, channel=row.channel, live=row.live)
        options = Options(row.live, row.dry_run, held=bool(row.pace_pool))
        carry(hold, table, plan, options, until=until)


@contextmanager
def minded(hold: Hold) -> Iterator[None]:
    """Whatever goes wrong with a run in hand is written down with it."""
    try:
        yield
    except (TakenOver, Stopped):
        log.info("Import %s was stopped, or goes on elsewhere.", hold.run)
    except HandedOn:
        _hand_on(hold)
    except DomainError as refusal:
        fail(hold, refusal.message)
    except DatabaseError:
        raise  # nothing can be written down now; the sweep takes the run up again
    except Exception as error:
        log.exception("Import %s failed.", hold.run)
        fail(hold, f"{type(error).__name__}; see the worker's log of {database.now():%H:%M} UTC.")


def carry(
    hold: Hold,
    table: Table,
    plan: Plan,
    options: Options,
    *,
    until: float = float("inf"),
    progress: Progress | None = None,
) -> None:
    """Work through the table from where the run stands, to its end.

    Raises Stopped, TakenOver, or HandedOn when the monotonic clock passes `until`.
    """
    begin(hold, table, [*plan.doubts, *filter(None, [plan.unread])])

    state = ""

    def settle(fates: Sequence[Fate]) -> None:
        nonlocal state
        state = record(hold, fates)
        if progress is not None:
            progress(fates)

    def go_on() -> None:
        if state == State.CANCELLED:
            raise Stopped
        if time.monotonic() > until:
            raise HandedOn

    try:
        run.run(
            table, plan, options=options, settle=settle, go_on=go_on, done=hold.done,
            ours=lambda ids: _ours(hold, ids),
        )  # fmt: skip
    except Stopped:
        finish(hold)  # if that batch was the last one
        raise
    finish(hold)


@transaction.atomic
def record(hold: Hold, fates: Sequence[Fate]) -> str:
    """Keep the fates of a batch; returns the state the run is in. Raises TakenOver."""
    leads = _known_leads(fates) if hold.dry_run else None
    remarked = sum(bool(fate.remarks) for fate in fates)
    return keep(hold, [_row(hold, fate, leads) for fate in fates], remarked=remarked)


@transaction.atomic
def keep(hold: Hold, rows: Sequence[ImportRow], *, remarked: int) -> str:
    """Keep the next rows with their tallies; returns the state the run is in. Raises TakenOver."""
    row = held(hold).select_for_update(no_key=True).first()
    if row is None:
        raise TakenOver
    bulk.copy(rows)
    row.tallies = dict(Counter(row.tallies) + Counter(str(one.verdict) for one in rows))
    row.remarked += remarked
    row.done += len(rows)
    row.beat_at, row.falls = database.now(), 0
    if any(one.verdict == ImportVerdict.HELD for one in rows):
        row.releases_at = row.beat_at
    row.save(update_fields=["tallies", "remarked", "done", "beat_at", "falls", "releases_at"])
    return row.state


def fail(hold: Hold, why: str) -> None:
    """Give up, with a word."""
    held(hold).filter(state__in=runs.IN_WORK).update(
        state=State.FAILED, error=why[:2_000], finished_at=database.now()
    )


def stop(hold: Hold) -> None:
    """It was stopped by hand, by who started it."""
    held(hold).filter(state__in=runs.IN_WORK).update(
        state=State.CANCELLED, error="Stopped by hand.", finished_at=database.now()
    )


def take_up_left_behind(*, now: dt.datetime | None = None) -> int:
    """Queue runs again that lost their worker or never found one; returns how many.

    One by a command ends: its file is not here. One that ends its worker again and again, too.
    """
    at = now or database.now()
    count = 0
    with transaction.atomic():
        silent = Q(beat_at__lt=at - SILENCE) | Q(beat_at__isnull=True, asked_at__lt=at - PATIENCE)
        states = (*runs.IN_WORK, State.UNDOING)
        # The check of accounts is one transaction, out of which no sign of life is seen.
        busy = Q(subject=ImportRun.Subject.ACCOUNTS, state=State.CHECKING) & Q(
            beat_at__gt=at - runs.JOB_LIMIT
        )
        rows = ImportRun.objects.filter(silent, state__in=states).exclude(busy).order_by("pk")
        for row in rows.select_for_update(skip_locked=True, no_key=True):
            if why := _hopeless(row):
                row.state, row.finished_at, row.error = State.FAILED, at, why
                row.save(update_fields=["state", "finished_at", "error"])
                continue
            row.falls += row.beat_at is not None
            row.beat_at, row.asked_at = None, at
            row.save(update_fields=["falls", "beat_at", "asked_at"])
            job = runs.UNDO if row.state == State.UNDOING else runs.JOBS[row.subject]
            queue.enqueue(job, row.pk, timeout=runs.JOB_LIMIT)
            count += 1
    return count


@transaction.atomic
def take_up(run_id: int) -> Hold | None:
    """Hold a run that waits to be worked on; None if it has ended, or somebody is at it."""
    row = ImportRun.objects.select_for_update(no_key=True).filter(pk=run_id).first()
    if row is None or row.state not in runs.IN_WORK or row.beat_at is not None:
        return None  # it has ended, or somebody is at it
    return take(row)


def take(row: ImportRun) -> Hold:
    """Hold a run that is locked, or that nobody else knows of yet."""
    at = database.now()
    row.attempts += 1
    row.beat_at, row.started_at = at, row.started_at or at
    row.save(update_fields=["attempts", "beat_at", "started_at"])
    return Hold(row.pk, row.attempts, row.done, row.dry_run, row.started_at)


@transaction.atomic
def begin(hold: Hold, table: Table, doubts: Sequence[str] = ()) -> None:
    """What is known of the file once it was read from end to end."""
    told = held(hold).update(
        total=table.rows,
        blank=table.blank,
        notes=[table.described, *table.notes, *doubts],
        beat_at=database.now(),
    )
    if not told:
        raise TakenOver


@transaction.atomic
def finish(hold: Hold) -> None:
    """It is through, if every row is."""
    end = State.READY if hold.dry_run else State.DONE
    held(hold).filter(done=F("total")).update(state=end, finished_at=database.now(), error="")


@transaction.atomic
def _hand_on(hold: Hold) -> None:
    if held(hold).filter(state__in=runs.IN_WORK).update(beat_at=None, asked_at=database.now()):
        queue.enqueue(runs.JOBS[ImportRun.Subject.LEADS], hold.run, timeout=runs.JOB_LIMIT)


def held(hold: Hold) -> QuerySet[ImportRun]:
    """The run, as long as this attempt holds it."""
    return ImportRun.objects.filter(
        pk=hold.run, attempts=hold.attempt, state__in=[*runs.IN_WORK, State.CANCELLED]
    )


def _hopeless(row: ImportRun) -> str:
    if row.state == State.UNDOING:
        return ""  # half undone is no place to stop; whoever looks sees how far it is
    done = f"after row {row.done:,}; rows that are in stay in"
    if row.door == ImportRun.Door.COMMAND:
        return f"The command ended without a word {done}. Run it again to go on."
    if row.falls >= MOST_FALLS:
        return f"Its worker ended {row.falls} times {done}. See the worker's log of that time."
    return ""


def _ours(hold: Hold, touches: Sequence[int]) -> set[int]:
    """Touches that a lost attempt of this run brought in, but had not recorded yet."""
    since = Touch.objects.filter(pk__in=touches, received_at__gte=hold.since)
    told = ImportRow.objects.filter(touch__in=touches).exclude(verdict=ImportVerdict.REPLAYED)
    return set(since.values_list("pk", flat=True)) - set(told.values_list("touch", flat=True))


def _known_leads(fates: Sequence[Fate]) -> set[int]:
    """Those leads that are there although the dry run was taken back."""
    ids = {int(fate.lead) for fate in fates if fate.lead}
    return set(Lead.objects.filter(pk__in=ids).values_list("pk", flat=True)) if ids else set()


def _row(hold: Hold, fate: Fate, known: set[int] | None) -> ImportRow:
    lead = int(fate.lead) if fate.lead else None
    return ImportRow(
        run_id=hold.run,
        number=fate.row,
        line=fate.line,
        verdict=ImportVerdict[fate.verdict.name],
        touch_id=int(fate.touch) if fate.touch and known is None else None,
        lead_id=lead if known is None or lead in known else None,
        codes=sorted({one.code for one in fate.errors}),
        paths=[one.field for one in fate.errors],
        faults=[telling.bare(one) for one in fate.faults],
        remarks=[telling.bare(one) for one in fate.remarks],
    )
