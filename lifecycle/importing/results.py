"""The result of an import as a table: the file's own columns, then what became of each row.

Refused rows can be mended in it and uploaded again: the columns added here are left out then, and
the mapping of the file is remembered. Without the file, only what became of the rows is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from django.db.models import QuerySet

from core import database, errors
from leads import intake
from lifecycle import permissions
from lifecycle.importing import files, mapping, runs, staying, tables, translating
from lifecycle.importing.reading import Row
from lifecycle.importing.translating import Plan
from lifecycle.models import ImportRow, ImportRun, ImportVerdict
from people.models import User

ADDED = tuple(f"{runs.OURS}{word}" for word in ("verdict", "reason", "remarks", "lead"))
TOGETHER = 1_000


def lines(run: ImportRun, *, by: User, verdict: str = "", lead_url: str) -> Iterator[Sequence[str]]:
    """Headings, then the rows of one verdict or of all. `lead_url` ends where the id follows."""
    permissions.require_importer(by)
    if verdict and verdict not in ImportVerdict.values:
        raise errors.InvalidInput(f"There is no verdict “{verdict[:40]}”; pick one from the list.")
    fates = run.rows.select_related("touch").defer("touch__payload").order_by("number")
    if verdict:
        fates = fates.filter(verdict=verdict)
    if run.file_until is None:
        return _without_file(fates, lead_url)
    return _with_file(run, fates, lead_url)


def _without_file(fates: QuerySet[ImportRow], lead_url: str) -> Iterator[Sequence[str]]:
    yield (f"{runs.OURS}row", f"{runs.OURS}line", *ADDED)
    for fate in fates.iterator(chunk_size=TOGETHER):
        yield (str(fate.number), str(fate.line), *_told(fate, fate.faults, lead_url))


def _with_file(
    run: ImportRun, fates: QuerySet[ImportRow], lead_url: str
) -> Iterator[Sequence[str]]:
    with files.fetched(run) as path:
        table = tables.open_table(path, folder=path.parent, sheet=run.sheet, encoding=run.encoding)
        meanings = mapping.read(run.mapping, name="of the import")
        plan = translating.bind(meanings, table, channel=run.channel, live=run.live)
        own = [n for n, name in enumerate(table.headings) if not name.startswith(runs.OURS)]
        yield (*(table.headings[n] for n in own), *ADDED)
        rows = iter(table)
        for fate in fates.iterator(chunk_size=TOGETHER):
            row = next(one for one in rows if one.number == fate.number)
            cells = row.cells or [""] * len(table.headings)
            faults = (
                _faults(row, plan, live=run.live)
                if fate.verdict == ImportVerdict.REJECTED
                else fate.faults
            )
            yield (*(cells[n] for n in own), *_told(fate, faults or fate.faults, lead_url))


def _told(fate: ImportRow, faults: Sequence[str], lead_url: str) -> tuple[str, str, str, str]:
    return (
        ImportVerdict(fate.verdict).label,
        "; ".join(faults),
        " ".join((*fate.remarks, *staying.fate(fate))),
        f"{lead_url}{fate.came_to}/" if fate.came_to else "",
    )


def _faults(row: Row, plan: Plan, *, live: bool) -> list[str]:
    """The faults of a refused row with the values they speak of: the file is the reader's own."""
    if row.fault:
        return [row.fault]
    translation = translating.translate(row, plan)
    read = intake.read(translation.body, now=database.now(), historical=not live)
    found = translation.errors or read.errors
    return [f"{one.field}: {one.message}" if one.field else one.message for one in found]
