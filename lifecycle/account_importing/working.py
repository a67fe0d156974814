"""The worker's side of an import of accounts: the whole table in one go, each row recorded.

A run that lost its worker begins anew: what is in is recognised, and such rows count as unchanged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import transaction

from core import errors
from leads.models import Account
from lifecycle.account_importing import headings, run
from lifecycle.account_importing.fates import FIELDS, Fate
from lifecycle.account_upserts import Outcome
from lifecycle.importing import files, tables, working
from lifecycle.importing.working import Hold
from lifecycle.models import ImportRow, ImportRun, ImportVerdict

MOST_ROWS = 20_000
"""A check holds the accounts it meets until it is rolled back."""
CHANGED = "Changed: "
ANEW = "Its worker was lost, so it was begun anew; rows that were in already count as unchanged."


class TooManyRows(errors.DomainError):
    """More accounts than are taken by page or API."""

    code = "too_many_rows"


def work(run_id: int) -> None:
    """The queue's task: check a table of accounts, or import it for good."""
    hold = working.take_up(run_id)
    if hold is None:
        return
    row = ImportRun.objects.get(pk=run_id)
    with working.minded(hold), files.fetched(row) as path:
        table = tables.open_table(path, folder=path.parent, sheet=row.sheet, encoding=row.encoding)
        if table.rows > MOST_ROWS:
            raise TooManyRows(
                f"{table.rows:,} rows are more than the {MOST_ROWS:,} a file of accounts may have "
                "here. Split it, or have it imported by “manage.py import_accounts”."
            )
        meanings = headings.bind(table.headings, mapping=row.mapping)
        anew = [ANEW] if hold.done else []
        if anew:
            _forget(hold)
        working.begin(hold, table, anew)
        run.run(table, meanings, by_id=row.by_id, dry_run=hold.dry_run, watch=_Recorder(hold))
        working.finish(hold)


@dataclass(frozen=True, slots=True)
class _Recorder:
    """Keeps the rows of a run; of a dry run once it is rolled back."""

    hold: Hold

    def taken(self, fates: Sequence[Fate]) -> bool:
        """Keep a batch; stop after it if the run was cancelled. Raises TakenOver."""
        return self.hold.dry_run or _keep(self.hold, fates) != ImportRun.State.CANCELLED

    def settled(self, fates: Sequence[Fate]) -> None:
        """Keep a batch of a dry run; else mend what parents and later rows changed of it."""
        if self.hold.dry_run:
            _keep(self.hold, fates)
        else:
            _mend(self.hold, fates)


def _keep(hold: Hold, fates: Sequence[Fate]) -> str:
    rows = _rows(hold, fates)
    return working.keep(hold, rows, remarked=sum(map(_is_remarked, rows)))


@transaction.atomic
def _mend(hold: Hold, fates: Sequence[Fate]) -> None:
    last = {row.number: row for row in _rows(hold, fates)}
    kept = ImportRow.objects.filter(run=hold.run, number__in=last)
    moved = [row for row in kept if _said(row) != _said(last[row.number])]
    if not moved:
        return
    run_row = working.held(hold).select_for_update(no_key=True).first()
    if run_row is None:
        raise working.TakenOver
    tallies = Counter(run_row.tallies)
    for row in moved:
        new = last[row.number]
        run_row.remarked += _is_remarked(new) - _is_remarked(row)
        tallies[row.verdict] -= 1
        tallies[new.verdict] += 1
        row.verdict, row.remarks = new.verdict, new.remarks
    ImportRow.objects.bulk_update(moved, ["verdict", "remarks"])
    run_row.tallies = +tallies
    run_row.save(update_fields=["tallies", "remarked"])


@transaction.atomic
def _forget(hold: Hold) -> None:
    ImportRow.objects.filter(run=hold.run).delete()
    working.held(hold).update(done=0, remarked=0, tallies={})


def _is_remarked(row: ImportRow) -> bool:
    return any(not one.startswith(CHANGED) for one in row.remarks)


def _said(row: ImportRow) -> tuple[str, list[str]]:
    return str(row.verdict), row.remarks


def _rows(hold: Hold, fates: Sequence[Fate]) -> list[ImportRow]:
    there = _there(fates) if hold.dry_run else None
    return [_row(hold, fate, there) for fate in fates]


def _there(fates: Iterable[Fate]) -> set[int]:
    """Those accounts that are there although the dry run was taken back."""
    ids = {fate.came_to for fate in fates if fate.came_to is not None}
    return set(Account.objects.filter(pk__in=ids).values_list("pk", flat=True))


def _row(hold: Hold, fate: Fate, there: set[int] | None) -> ImportRow:
    rejected = fate.verdict == Outcome.REJECTED
    told = [FIELDS.get(one, one).lower() for one in fate.changed]
    changed = [f"{CHANGED}{', '.join(told)}."] if fate.verdict == Outcome.UPDATED else []
    return ImportRow(
        run_id=hold.run,
        number=fate.row,
        line=fate.line,
        verdict=ImportVerdict[Outcome(fate.verdict).name],
        account_id=fate.came_to if there is None or fate.came_to in there else None,
        faults=list(fate.remarks) if rejected else [],
        remarks=[] if rejected else [*changed, *fate.remarks],
    )
