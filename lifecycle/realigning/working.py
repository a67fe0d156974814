"""Working on realignments whose day has come: collected once, taken in bounded batches.

A batch is one transaction that hands over its rows and says of each what became of it, so whatever
is killed on the way goes on where it stopped, and nothing is handed over twice.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Sequence

from django.db import transaction

from core import bulk, database, isolation
from core.errors import DomainError
from governance import selectors as kits
from leads.ledger import Ledger
from lifecycle.models import RealignedRow, Realignment
from lifecycle.realigning import handing, planning, telling, terms, touching, undoing
from lifecycle.realigning.touching import Look
from routing import realignment as pure
from routing import selectors as routing_selectors

State, RowState = Realignment.State, RealignedRow.State
BATCH = 100
AT_ONCE_SECONDS = 1.5
ACTOR = "realign"

Work = Callable[[Realignment, Sequence[RealignedRow], Ledger], None]


def run_due(*, now: dt.datetime | None = None, until: float) -> int:
    """Take up every realignment whose day has come and each that is on its way.

    Goes on until `until` (of the monotonic clock); returns how many rows were dealt with.
    """
    day = planning.today(now or database.now())
    open_acts = Realignment.objects.filter(state__in=planning.OPEN, effective_on__lte=day)
    undoing_acts = Realignment.objects.filter(state=State.UNDOING)
    ids = sorted(
        {*open_acts.values_list("pk", flat=True), *undoing_acts.values_list("pk", flat=True)}
    )
    return sum(run(act_id, now=now, until=until) for act_id in ids)


def at_once(act_id: int, *, now: dt.datetime | None = None) -> int:
    """Do what is due of one of them while somebody waits; the rest is the worker's."""
    return run(act_id, now=now, until=time.monotonic() + AT_ONCE_SECONDS)


def run(act_id: int, *, now: dt.datetime | None = None, until: float | None = None) -> int:
    """Work on at one of them whose day has come; returns how many rows were dealt with."""
    _begin(act_id, now)
    count = 0
    while until is None or time.monotonic() < until or not count:
        ids = _next(act_id)
        done = isolation.together_or_alone(
            ids, lambda some: _step(act_id, some, now),
            park=lambda row, error: _pass_over(act_id, row, error),
        )  # fmt: skip
        count += sum(done)
        if not ids or not any(done):
            _finish(act_id, now)
            break
    return count


def _next(act_id: int) -> list[int]:
    act = Realignment.objects.only("state").get(pk=act_id)
    if act.state not in (State.RUNNING, State.UNDOING):
        return []
    rows = act.rows.filter(state=_to_do(act)).order_by("-pk" if _is_back(act) else "pk")
    return list(rows.values_list("pk", flat=True)[:BATCH])


def _is_back(act: Realignment) -> bool:
    return act.state == State.UNDOING


def _to_do(act: Realignment) -> str:
    return RowState.MOVED if _is_back(act) else RowState.PENDING


@transaction.atomic
def _begin(act_id: int, now: dt.datetime | None) -> None:
    """Collect what it touches, once; from then on it runs."""
    at = now or database.now()
    rows = Realignment.objects.filter(
        pk=act_id, state=State.SCHEDULED, effective_on__lte=planning.today(at)
    )
    act = rows.select_for_update(skip_locked=True, no_key=True).first()
    if act is None:
        return
    changes = pure.from_data(act.changes)
    before = pure.changed(routing_selectors.chart_on(act.effective_on), changes.reversed())
    look = Look(before, changes, terms.from_data(act.terms))
    found = [_row(act, one) for one in touching.all_of(look)]
    bulk.copy(found)
    act.state, act.started_at = State.RUNNING, at
    act.save(update_fields=["state", "started_at"])


def _row(act: Realignment, one: touching.Touched) -> RealignedRow:
    return RealignedRow(
        realignment=act,
        kind=one.kind,
        number=one.number,
        stage=one.stage,
        from_user_id=one.from_user,
        from_queue=one.from_queue,
        to_user_id=one.to.user,
        to_pool=one.to.pool,
        state=RowState.PENDING if one.moves else RowState.STAYED,
        why=one.why,
    )


@transaction.atomic
def _step(act_id: int, ids: Sequence[int], now: dt.datetime | None) -> int:
    kit = kits.active_kit()
    act = _held(act_id)
    if act is None:
        return 0
    rows = list(act.rows.filter(pk__in=ids, state=_to_do(act)).order_by("pk"))
    ledger = Ledger(kit=kit, now=now or database.now(), actor=ACTOR, quiet=True,
                    reason=f"Realignment {act.pk}")  # fmt: skip
    work: Work = undoing.give_back if _is_back(act) else handing.hand_over
    work(act, rows, ledger)
    ledger.flush()
    bulk.update(rows, ["state", "why", "mark"])
    return len(rows)


@transaction.atomic
def _pass_over(act_id: int, row_id: int, error: Exception) -> None:
    """A row at fault is left, and says why; the others go on."""
    act = _held(act_id)
    if act is None:
        return
    word = error.message if isinstance(error, DomainError) else type(error).__name__
    state = RowState.LEFT if _is_back(act) else RowState.STAYED
    act.rows.filter(pk=row_id).update(state=state, why=f"could not be done: {word}"[:200])


@transaction.atomic
def _finish(act_id: int, now: dt.datetime | None) -> None:
    act = _held(act_id)
    if act is None or act.rows.filter(state=_to_do(act)).exists():
        return
    act.state = State.UNDONE if _is_back(act) else State.DONE
    act.finished_at = now or database.now()
    act.save(update_fields=["state", "finished_at"])
    telling.tell(act, now=act.finished_at)


def _held(act_id: int) -> Realignment | None:
    """The record, locked, if it is on its way and nobody else works on it."""
    rows = Realignment.objects.filter(pk=act_id, state__in=[State.RUNNING, State.UNDOING])
    return rows.select_for_update(skip_locked=True, no_key=True).first()
