"""Kept sentences about rows with the values they speak of, for those who may read the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core import database
from lifecycle.importing import files, mapping, runs, tables, telling, translating
from lifecycle.importing.reading import Row
from lifecycle.importing.tables import Table
from lifecycle.models import ImportRow, ImportRun

MOST_BYTES = 2_000_000
"""Larger files are not read for a page; their result file shows the values."""

Told = tuple[Sequence[str], Sequence[str]]
"""Faults and remarks of a row."""


class Reader:
    """Reads rows of a run's table again."""

    def __init__(self, run: ImportRun, table: Table) -> None:
        self.plan = None
        self.live = run.live
        # What is said of accounts is kept with its values: those are of no person.
        if not runs.of_accounts(run) and run.mapping:
            meanings = mapping.read(run.mapping, name="of the import")
            self.plan = translating.bind(meanings, table, channel=run.channel, live=run.live)

    def of(self, row: Row, fate: ImportRow) -> Told:
        """What is kept of the row, with its values."""
        if self.plan is None or row.fault or not telling.is_bare((*fate.faults, *fate.remarks)):
            return fate.faults, fate.remarks
        found = translating.translate(row, self.plan)
        wrong = translating.faults(found, now=database.now(), live=self.live)
        faults = telling.sentences(wrong, found.cells)
        return (
            telling.filled(fate.faults, faults, found.cells),
            telling.filled(fate.remarks, found.remarks, found.cells),
        )


def of_some(run: ImportRun, fates: Sequence[ImportRow]) -> Mapping[int, Told]:
    """Of a page of rows those that lack a value, by number; none where the file is gone."""
    wanted = {one.number: one for one in fates if telling.is_bare((*one.faults, *one.remarks))}
    if not wanted or run.file_until is None or run.size > MOST_BYTES:
        return {}
    found: dict[int, Told] = {}
    with files.fetched(run) as path:
        table = tables.open_table(path, folder=path.parent, sheet=run.sheet, encoding=run.encoding)
        again = Reader(run, table)
        for row in table:
            if row.number in wanted:
                found[row.number] = again.of(row, wanted.pop(row.number))
            if not wanted:
                break
    return found
