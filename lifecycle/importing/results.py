"""The result of an import as a table: the file's own columns, then what became of each row.

Refused rows can be mended in it and uploaded again: the columns added here are left out then, and
the mapping of the file is remembered. Without the file, only what became of the rows is told.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from core import database, errors
from leads import intake
from lifecycle import permissions
from lifecycle.importing import files, mapping, runs, staying, tables, translating
from lifecycle.importing.reading import Row
from lifecycle.importing.tables import Table
from lifecycle.importing.translating import Plan
from lifecycle.models import ImportRow, ImportRun, ImportVerdict
from people.models import User

ADDED = tuple(f"{runs.OURS}{word}" for word in ("verdict", "reason", "remarks"))
TOGETHER = 1_000


def lines(run: ImportRun, *, by: User, verdict: str = "", base: str) -> Iterator[Sequence[str]]:
    """Headings, then the rows of one verdict or of all. `base` is where the product is."""
    permissions.require_importer(by, of_accounts=runs.of_accounts(run))
    if verdict and verdict not in ImportVerdict.values:
        raise errors.InvalidInput(f"There is no verdict “{verdict[:40]}”; pick one from the list.")
    fates = run.rows.select_related("touch").defer("touch__payload").order_by("number")
    if verdict:
        fates = fates.filter(verdict=verdict)
    outcome = _Accounts(base) if runs.of_accounts(run) else _Leads(base)
    rows = _with_file if run.file_until is not None else _without_file
    return rows(run, fates, outcome)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What is told of a row beside its verdict."""

    base: str


class _Leads(_Outcome):
    added = (*ADDED, f"{runs.OURS}lead")

    def url(self, fate: ImportRow) -> str:
        """Where its lead is shown."""
        return f"{self.base}/leads/{fate.came_to}/" if fate.came_to else ""

    def faults(self, run: ImportRun, table: Table) -> Callable[[Row], list[str]]:
        """The faults of a refused row with the values they speak of: the file is the reader's."""
        meanings = mapping.read(run.mapping, name="of the import")
        plan = translating.bind(meanings, table, channel=run.channel, live=run.live)
        return lambda row: _faults(row, plan, live=run.live)


class _Accounts(_Outcome):
    added = (*ADDED, f"{runs.OURS}account")

    def url(self, fate: ImportRow) -> str:
        """Where its account is shown."""
        return f"{self.base}/accounts/{fate.account_id}/" if fate.account_id else ""

    def faults(self, run: ImportRun, table: Table) -> Callable[[Row], list[str]]:
        """They are kept as they were told."""
        return lambda row: []


def _without_file(
    run: ImportRun, fates: QuerySet[ImportRow], outcome: _Leads | _Accounts
) -> Iterator[Sequence[str]]:
    yield (f"{runs.OURS}row", f"{runs.OURS}line", *outcome.added)
    for fate in fates.iterator(chunk_size=TOGETHER):
        told = _told(fate, fate.faults, outcome.url(fate))
        yield (str(fate.number), str(fate.line), *told)


def _with_file(
    run: ImportRun, fates: QuerySet[ImportRow], outcome: _Leads | _Accounts
) -> Iterator[Sequence[str]]:
    with files.fetched(run) as path:
        table = tables.open_table(path, folder=path.parent, sheet=run.sheet, encoding=run.encoding)
        again = outcome.faults(run, table)
        own = [n for n, name in enumerate(table.headings) if not name.startswith(runs.OURS)]
        yield (*(table.headings[n] for n in own), *outcome.added)
        rows = iter(table)
        for fate in fates.iterator(chunk_size=TOGETHER):
            row = next(one for one in rows if one.number == fate.number)
            cells = row.cells or [""] * len(table.headings)
            faults = again(row) if fate.verdict == ImportVerdict.REJECTED else fate.faults
            told = _told(fate, faults or fate.faults, outcome.url(fate))
            yield (*(cells[n] for n in own), *told)


def _told(fate: ImportRow, faults: Sequence[str], url: str) -> tuple[str, str, str, str]:
    return (
        ImportVerdict(fate.verdict).label,
        "; ".join(faults),
        " ".join((*fate.remarks, *staying.fate(fate))),
        url,
    )


def _faults(row: Row, plan: Plan, *, live: bool) -> list[str]:
    if row.fault:
        return [row.fault]
    translation = translating.translate(row, plan)
    read = intake.read(translation.body, now=database.now(), historical=not live)
    found = translation.errors or read.errors
    return [f"{one.field}: {one.message}" if one.field else one.message for one in found]
