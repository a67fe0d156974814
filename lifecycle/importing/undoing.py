"""Undoing an import: what came by it alone goes, from what stays its touchpoints are withdrawn.

    DONE, CANCELLED, FAILED ─▶ undo ─▶ UNDOING ─▶ UNDONE

A small import is undone at once, in one transaction; a big one by the worker, so many leads at a
time. Each batch is whole, so one that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

from django.db import OperationalError, transaction

from core import database, errors, phrases, queue
from governance import selectors as kits
from leads import cleansing
from leads.ledger import Ledger
from leads.models import Account, EventKind, IdentityKey, Lead, LeadEvent, Touch
from lifecycle import permissions
from lifecycle.importing import removing, runs, staying, withdrawing, working
from lifecycle.importing.removing import Removed
from lifecycle.models import ImportRow, ImportRun
from people.models import User

State = ImportRun.State
TOGETHER = 2_000
"""Rows a transaction; an import of more than so many touchpoints is left to the worker."""
TRIES = 3
ENDED = (State.DONE, State.CANCELLED, State.FAILED)


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing did so far: rows that went, by kind, and leads that stay, by why."""

    run: int
    state: str
    removed: Removed
    stays: dict[str, int]

    @property
    def is_done(self) -> bool:
        """Whether the whole import is undone; else the worker goes on."""
        return self.state == State.UNDONE

    def told(self) -> list[str]:
        """In sentences."""
        gone = self.removed
        leads, accounts = (
            phrases.plural(gone.leads, "lead"),
            phrases.plural(gone.accounts, "account"),
        )
        people = phrases.plural(gone.people, "person", "people")
        first = f"{leads}, {people} and {accounts} removed."
        return [first, *(staying.sentence(why, count) for why, count in self.stays.items())]


def may_undo(run: ImportRun, by: User) -> bool:
    """Whether there is something to undo, and for this person."""
    begun = not run.dry_run and run.state in ENDED and run.done > 0
    return begun and not runs.of_accounts(run) and permissions.may_undo_import(by, run.by_id)


def preview(*, run_id: int, by: User) -> staying.Preview:
    """What undoing would do now. Raises NotFound, NotAllowed, TooLate."""
    run = ImportRun.objects.filter(pk=min(run_id, 2**63 - 1)).first()
    if run is None:
        raise errors.NotFound("There is no such import.")
    _require(run, by, database.now())
    return staying.preview(run)


def undo(
    *, run_id: int, by: User, reason: str = "", at_once: bool = False,
    now: dt.datetime | None = None,
) -> Undone:  # fmt: skip
    """Undo an import. A big one is left to the worker, unless it is to be done `at_once`.

    Raises NotFound; NotAllowed for all but RevOps and who started it; TooLate in the wrong state.
    """
    run = _begin(run_id, by, reason, now)
    if at_once or run.done <= TOGETHER:
        while _batch(run_id, now=now):
            pass
        run.refresh_from_db()
    return told(run)


def work(run_id: int) -> None:
    """The queue's task: go on with an undoing for a while."""
    until = time.monotonic() + runs.JOB_SECONDS
    while _batch(run_id):
        if time.monotonic() > until:
            queue.enqueue(runs.UNDO, run_id, timeout=runs.JOB_LIMIT)
            return


@transaction.atomic
def _begin(run_id: int, by: User, reason: str, now: dt.datetime | None) -> ImportRun:
    rows = ImportRun.objects.filter(pk=min(run_id, 2**63 - 1))
    run = rows.select_for_update(no_key=True).first()
    if run is None:
        raise errors.NotFound("There is no such import.")
    at = now or database.now()
    _require(run, by, at)
    run.state, run.undo_by = State.UNDOING, by
    run.undo_reason = cleansing.clean_text(reason, 500, field="reason")
    run.asked_at, run.beat_at, run.falls, run.error = at, None, 0, ""
    run.save()
    if run.done > TOGETHER:
        queue.enqueue(runs.UNDO, run.pk, timeout=runs.JOB_LIMIT)
    return run


def _require(run: ImportRun, by: User, at: dt.datetime) -> None:
    permissions.require_import_undoer(by, run.by_id)
    if runs.of_accounts(run):
        raise errors.TooLate(
            "An import of accounts is not undone. Each account's history shows what it changed; "
            "correct the file and import it again."
        )
    if run.dry_run or run.state not in ENDED:
        told = run.get_state_display().lower()
        word = "nothing of it was imported" if run.dry_run else f"it is {told}"
        raise errors.TooLate(f"This import cannot be undone: {word}.", state={"state": run.state})
    # A worker may still have the batch at hand when somebody cancels.
    ended, beat = run.finished_at, run.beat_at
    if run.state == State.CANCELLED and ended and beat and beat <= ended > at - working.SILENCE:
        raise errors.TooLate("Its last batch is being recorded; try again in three minutes.")


def _batch(run_id: int, *, now: dt.datetime | None = None) -> bool:
    """Undo some more; whether there may be more to do."""
    for _ in range(TRIES - 1):
        try:
            return _batch_together(run_id, now)
        except OperationalError as error:
            if not database.is_transient(error):
                raise
    return _batch_together(run_id, now)


@transaction.atomic
def _batch_together(run_id: int, now: dt.datetime | None) -> bool:
    kit = kits.active_kit()
    held = ImportRun.objects.filter(pk=run_id, state=State.UNDOING)
    run = held.select_for_update(no_key=True).first()
    if run is None:
        return False
    touches = _touches(run)
    at = now or database.now()
    run.beat_at = at
    if not touches:
        run.state, run.undone_at = State.UNDONE, at
        run.save(update_fields=["state", "undone_at", "beat_at"])
        return False
    ledger = Ledger(kit=kit, now=at, actor="user", by_id=run.undo_by_id, quiet=True)
    _note(run, *_take_back(run, touches, ledger))
    run.save(update_fields=["undo_tallies", "beat_at"])
    return True


def _touches(run: ImportRun) -> list[Touch]:
    """The next touchpoints, locked, with all others that the run brought to their leads."""
    rows = ImportRow.objects.filter(run=run, touch__isnull=False, undone="")
    rows = rows.exclude(verdict="REPLAYED")
    some = rows.order_by("number").values_list("touch_id", "touch__lead_id")[:TOGETHER]
    found = dict(some)
    leads = {lead for lead in found.values() if lead is not None}
    together = rows.filter(touch__lead_id__in=leads).values_list("touch_id", flat=True)
    wanted = Touch.objects.filter(pk__in={*found, *together}).order_by("pk")
    return list(wanted.select_for_update(of=("self",)))


def _take_back(
    run: ImportRun, touches: Sequence[Touch], ledger: Ledger
) -> tuple[Removed, Counter[str]]:
    """Judge under lock, then remove and withdraw."""
    accounts = _named(touches)
    leads = _lock(touches, accounts)
    why = staying.judge(run.pk, [lead.pk for lead in leads])
    gone = [lead.pk for lead in leads if not why[lead.pk]]
    stays = [lead for lead in leads if why[lead.pk]]
    kept = [touch for touch in touches if touch.lead_id and why[touch.lead_id]]
    handled = [touch for touch in touches if touch.lead_id is None and touch.handlings.exists()]
    leadless = {touch.pk for touch in touches if touch.lead_id is None} - {t.pk for t in handled}
    since = run.started_at or run.uploaded_at
    removed = removing.remove(
        gone, leadless=leadless, accounts=accounts, since=since, kit=ledger.kit,
        act=removing.Act(by_id=ledger.by_id, now=ledger.now, note=f"import {run.pk}"),
    )  # fmt: skip
    _forget_of_companies(accounts, since, ledger)
    ledger.flush()
    withdrawing.withdraw(
        [*kept, *handled], stays, why=why, run_id=run.pk, since=since, ledger=ledger
    )
    ledger.flush()
    return removed, Counter(why[lead.pk] for lead in stays)


def _lock(touches: Sequence[Touch], accounts: Collection[int]) -> list[Lead]:
    """In the order of every other act: keys, accounts, leads."""
    people = {one for touch in touches for one in (touch.person_id, touch.came_as_id) if one}
    keys = IdentityKey.objects.filter(person_id__in=people).order_by("kind", "value")
    list(keys.select_for_update().values_list("pk"))
    list(Account.objects.filter(pk__in=accounts).order_by("pk").select_for_update().values("pk"))
    ids = {touch.lead_id for touch in touches if touch.lead_id}
    return list(Lead.objects.filter(pk__in=ids).order_by("pk").select_for_update())


def _named(touches: Sequence[Touch]) -> dict[int, list[Touch]]:
    """The companies these touchpoints named, and those of their leads, by id."""
    by_pk = {touch.pk: touch for touch in touches}
    leads = {touch.lead_id for touch in touches if touch.lead_id}
    found: dict[int, list[Touch]] = {}
    told = LeadEvent.objects.filter(lead_id__in=leads, kind=EventKind.TOUCHED)
    for because in told.values_list("because", flat=True):
        account = (because.get("company") or {}).get("account")
        touch = by_pk.get(because.get("touch") or 0)
        if account and touch is not None:
            found.setdefault(account, []).append(touch)
    for pk, account in Lead.objects.filter(pk__in=leads).values_list("pk", "account_id"):
        if account and account not in found:
            found[account] = [touch for touch in touches if touch.lead_id == pk]
    return found


def _forget_of_companies(named: dict[int, list[Touch]], since: dt.datetime, ledger: Ledger) -> None:
    """Companies that stay lose what only these touchpoints said of them."""
    rows = {row.pk: row for row in Account.objects.filter(pk__in=named).exclude(provenance={})}
    told = [(touch, rows[pk]) for pk, some in sorted(named.items()) if pk in rows for touch in some]
    withdrawing.forget(told, since=since, ledger=ledger)


def _note(run: ImportRun, removed: Removed, stays: Counter[str]) -> None:
    before = told(run)
    sums = Counter(asdict(before.removed)) + Counter(asdict(removed))
    run.undo_tallies = {"removed": sums, "stays": Counter(before.stays) + stays}


def told(run: ImportRun) -> Undone:
    """What the undoing of a run did so far."""
    tallies = run.undo_tallies
    return Undone(
        run.pk, run.state, Removed(**tallies.get("removed", {})), dict(tallies.get("stays", {}))
    )
