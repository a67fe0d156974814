"""Held lists: released by and by as reps can take them, at once, or held back for good.

The worker looks at each list when its next share is due, and every hour as people come and go.
What is due is leased and committed as received, as the sweep takes touches; a worker that dies
with it leaves it to the sweep, and the pipeline advances a touch once.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import F, QuerySet

from core import database, errors
from core.errors import FieldError
from governance import selectors as kits
from leads.ledger import Ledger
from leads.models import Touch, TouchStatus
from lifecycle import parking, permissions, pipeline
from lifecycle.importing import pacing, undoing, withdrawing
from lifecycle.importing.pacing import Pace
from lifecycle.models import ImportRow, ImportRun, ImportVerdict
from people import selectors as people
from people.availability import SEARCH
from people.models import User
from routing.models import Pool, PoolMember

LOOK_AGAIN = dt.timedelta(hours=1)
AT_ONCE = 500
"""Rows of a list a transaction, when all are released."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far the release of a list is. `next_at` is None when nobody is in sight to take any."""

    held: int
    total: int
    next_at: dt.datetime | None
    next_count: int
    planned: bool


def read_pace(per_rep: str, pool: str, *, live: bool) -> Pace | None:
    """The pace somebody asks for; None without one. Raises InvalidInput naming what is wrong."""
    if not per_rep.strip() and not pool:
        return None
    if not live:
        raise _wrong("pace", "History reaches nobody, so it has no pace: let the rows come in now.")
    text = per_rep.strip()
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
    if not 1 <= number <= pacing.MOST_PER_REP:
        most = f"{pacing.MOST_PER_REP:,}"
        raise _wrong("pace", f"The pace is a number of rows a rep and day, 1 to {most}.")
    if not Pool.objects.filter(key=pool).exists():
        raise _wrong("pool", f"There is no pool “{pool[:40]}”; choose whose reps set the pace.")
    return Pace(number, pool)


def release_due(*, now: dt.datetime | None = None, until: float = float("inf")) -> int:
    """Release what is due of every list, until the monotonic clock passes `until`; how many."""
    count = 0
    while (due := _take_due(now)) is not None:
        if due:
            pipeline.advance(due, now=now)
        count += len(due)
        if time.monotonic() > until:
            break
    return count


@transaction.atomic
def release_all(*, run_id: int, by: User, now: dt.datetime | None = None) -> int:
    """Let the worker release all that is held, at once; returns how many. Raises TooLate."""
    permissions.require_importer(by)
    run = _one(run_id)
    held = _held(run).count()
    if not held:
        raise errors.TooLate("Nothing of this import is held any more.")
    run.pace_per_rep, run.releases_at = None, now or database.now()
    run.save(update_fields=["pace_per_rep", "releases_at"])
    return held


@transaction.atomic
def hold_back(*, run_id: int, by: User, now: dt.datetime | None = None) -> int:
    """Withdraw all that is still held: it reaches nobody; returns how many.

    Raises TooLate, and NotAllowed for all but RevOps and who started the import.
    """
    kit = kits.active_kit()
    run = _one(run_id)
    permissions.require_import_undoer(by, run.by_id)
    at = now or database.now()
    waiting = _held(run).values("touch_id")
    held = Touch.objects.filter(pk__in=waiting, status=TouchStatus.HELD).order_by("pk")
    touches = list(held.select_for_update(no_key=True))
    if not touches:
        raise errors.TooLate("Nothing of this import is held any more.")
    ledger = Ledger(kit=kit, now=at, actor="user", by_id=by.pk, quiet=True)
    since = run.started_at or run.uploaded_at
    withdrawing.withdraw(touches, [], why={}, run_id=run.pk, since=since, ledger=ledger)
    ledger.flush()
    run.releases_at = None
    run.save(update_fields=["releases_at"])
    return len(touches)


def standing(run: ImportRun, *, now: dt.datetime) -> Standing | None:
    """How far the release is, in one query; None for a list that was not held."""
    if not run.pace_pool or run.dry_run:
        return None
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT t.next_attempt_at, count(*) FROM lifecycle_importrow w
                 JOIN leads_touch t ON t.id = w.touch_id
                WHERE w.run_id = %s AND w.verdict = 'HELD' AND w.undone = '' AND t.status = 'HELD'
                GROUP BY 1 ORDER BY 1""",
            [run.pk],
        )
        found = cursor.fetchall()
    held, total = sum(count for _, count in found), run.tallies.get("HELD", 0)
    if not found:
        return Standing(0, total, None, 0, planned=True)
    at, count = found[0]
    if at > now + SEARCH:
        return Standing(held, total, None, 0, planned=True)
    return Standing(held, total, at, count, planned=at > now and run.pace_per_rep is not None)


@transaction.atomic
def _take_due(now: dt.datetime | None) -> list[int] | None:
    """Take what is due of one list and plan the rest anew; None when no list is to be looked at."""
    at = now or database.now()
    runs = ImportRun.objects.filter(releases_at__lte=at, state__in=undoing.ENDED, dry_run=False)
    run = runs.order_by("releases_at").select_for_update(skip_locked=True, no_key=True).first()
    if run is None:
        return None
    held = list(_held(run).order_by("number").values_list("touch_id", "touch__next_attempt_at"))
    whens = _plan(run, len(held), at)
    due = [pk for (pk, _), when in zip(held, whens, strict=True) if when <= at]
    rest = [when for when in whens if when > at]
    moved = [
        (pk, when) for (pk, was), when in zip(held, whens, strict=True) if at < when != was
    ]  # fmt: skip
    run.releases_at = min([at + LOOK_AGAIN, *rest[:1]]) if rest else None
    if run.pace_per_rep is None and len(due) > AT_ONCE:
        due, run.releases_at = due[:AT_ONCE], at
    run.save(update_fields=["releases_at", "paced"])
    _move(moved)
    return _lease(due, at)


def _plan(run: ImportRun, count: int, at: dt.datetime) -> list[dt.datetime]:
    """When each held row is released; notes in the run whose share of the day is out by that."""
    if run.pace_per_rep is None:
        return [at] * count
    members = PoolMember.objects.filter(pool__key=run.pace_pool, active=True)
    reps = people.availabilities(members.values_list("user_id", flat=True), at=at)
    given = {int(pk): dt.date.fromisoformat(day) for pk, day in run.paced.items()}
    shares = pacing.plan(count, per_rep=run.pace_per_rep, reps=reps, given=given, now=at)
    out = {str(one.rep): one.day.isoformat() for one in shares if one.at <= at}
    run.paced = {**run.paced, **out}
    return pacing.instants(shares, count, beyond=at + pacing.HORIZON)


def _held(run: ImportRun) -> QuerySet[ImportRow]:
    return ImportRow.objects.filter(
        run=run, verdict=ImportVerdict.HELD, undone="", touch__status=TouchStatus.HELD
    )


def _lease(due: Sequence[int], at: dt.datetime) -> list[int]:
    """As the sweep takes touches. One that was erased meanwhile is left out."""
    rows = Touch.objects.filter(pk__in=due, status=TouchStatus.HELD).order_by("pk")
    ids = list(rows.select_for_update(no_key=True).values_list("pk", flat=True))
    until = at + parking.LEASE
    Touch.objects.filter(pk__in=ids).update(
        status=TouchStatus.RECEIVED,
        attempts=F("attempts") + 1,
        lease_until=until,
        next_attempt_at=until,
    )
    return ids


def _move(planned: Sequence[tuple[int, dt.datetime]]) -> None:
    if not planned:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE leads_touch t SET next_attempt_at = p.at
                 FROM unnest(%s::bigint[], %s::timestamptz[]) AS p(id, at)
                WHERE t.id = p.id AND t.status = 'HELD'""",
            [[pk for pk, _ in planned], [at for _, at in planned]],
        )


def _one(run_id: int) -> ImportRun:
    rows = ImportRun.objects.filter(pk=min(run_id, 2**63 - 1))
    run = rows.select_for_update(no_key=True).first()
    if run is None:
        raise errors.NotFound("There is no such import.")
    if run.dry_run or run.state not in undoing.ENDED:
        told = run.get_state_display().lower()
        raise errors.TooLate(f"This import is {told} now; look at it again.")
    return run


def _wrong(field: str, message: str) -> errors.InvalidInput:
    return errors.InvalidInput(message, errors=[FieldError(field, message)])
