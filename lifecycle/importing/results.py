"""The result of an import as a table: the file's own columns, then what became of each row.

Refused rows can be mended in it and uploaded again: the columns added here are left out then, and
the mapping of the file is remembered. It is written as the file was. Without the file, only what
became of the rows is told.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from core import errors
from lifecycle import permissions
from lifecycle.importing import files, reading, retold, runs, staying, tables
from lifecycle.importing.reading import EXTRA, Row
from lifecycle.importing.tables import Table
from lifecycle.models import ImportRow, ImportRun, ImportVerdict
from people.models import User

NUMBER = f"{runs.OURS}row"
ADDED = tuple(f"{runs.OURS}{word}" for word in ("line", "verdict", "reason", "remarks"))
TOGETHER = 1_000
MOST_EXTRA = 100
ENDINGS = ("csv", "tsv", "tab", "txt")


@dataclass(frozen=True, slots=True)
class Form:
    """How the file was written: a workbook, or text with a separator; `ending` of its name."""

    separator: str = ","
    ending: str = "csv"

    @property
    def is_workbook(self) -> bool:
        """Whether it is no text."""
        return not self.separator


WORKBOOK = Form("", "xlsx")


@dataclass(frozen=True, slots=True)
class Result:
    """The form of the file, and headings and rows, read as they are asked for."""

    form: Form
    rows: Iterator[Sequence[str]]


def of(run: ImportRun, *, by: User, verdict: str = "", base: str) -> Result:
    """Headings, then the rows of one verdict or of all. `base` is where the product is.

    Raises NotAllowed, and InvalidInput for an unknown verdict.
    """
    permissions.require_import_reader(by, of_accounts=runs.of_accounts(run))
    if verdict and verdict not in ImportVerdict.values:
        raise errors.InvalidInput(f"There is no verdict “{verdict[:40]}”; pick one from the list.")
    fates = run.rows.select_related("touch").defer("touch__payload").order_by("number")
    if verdict:
        fates = fates.filter(verdict=verdict)
    if run.file_until is None:
        is_workbook = run.kind == ImportRun.Kind.WORKBOOK
        return Result(WORKBOOK if is_workbook else Form(), _without_file(run, fates, base))
    rows = _with_file(run, fates, base)
    return Result(next(rows), rows)  # type: ignore[arg-type] # the form comes before the rows


def _without_file(run: ImportRun, fates: QuerySet[ImportRow], base: str) -> Iterator[Sequence[str]]:
    yield (NUMBER, *_added(run))
    for fate in fates.iterator(chunk_size=TOGETHER):
        yield (str(fate.number), *_told(fate, fate.faults, fate.remarks, base))


def _with_file(
    run: ImportRun, fates: QuerySet[ImportRow], base: str
) -> Iterator[Form | Sequence[str]]:
    with files.fetched(run) as path:
        table = tables.open_table(path, folder=path.parent, sheet=run.sheet, encoding=run.encoding)
        yield _form(run, table)
        again = retold.Reader(run, table)
        own = [n for n, name in enumerate(table.headings) if not name.startswith(runs.OURS)]
        more = _most_extra(table)
        extra = [f"{EXTRA}{n}" for n in range(1, more + 1)]
        yield (*(table.headings[n] for n in own), *extra, *_added(run))
        rows = iter(table)
        for fate in fates.iterator(chunk_size=TOGETHER):
            row = next(one for one in rows if one.number == fate.number)
            faults, remarks = again.of(row, fate)
            beyond = spare(row, table.headings)
            beyond += [""] * (more - len(beyond))
            cells = _cells(row, own, len(table.headings))
            yield (*cells, *beyond, *_told(fate, faults, remarks, base))


def _form(run: ImportRun, table: Table) -> Form:
    if not isinstance(table, reading.Table):
        return WORKBOOK
    ending = run.name.rpartition(".")[2].casefold()
    return Form(table.separator, ending if ending in ENDINGS else "csv")


def _cells(row: Row, own: Sequence[int], width: int) -> list[str]:
    """The cells under the file's own headings, as they came; too few are filled up."""
    cells = row.cells or row.raw
    cells = (*cells, *[""] * (width - len(cells)))
    return [cells[n] for n in own]


def spare(row: Row, headings: Sequence[str]) -> list[str]:
    """The cells without a heading: beyond the table, or where an earlier result put them.

    At most MOST_EXTRA: of more only the filled ones, and of more of those how many are left out.
    """
    cells = row.cells or row.raw
    before = [cells[n] for n in sorted(reading.extras(headings)) if n < len(cells)]
    found = [*before, *cells[len(headings) :]]
    while found and not found[-1].strip():
        found.pop()
    if len(found) > MOST_EXTRA:
        found = [one for one in found if one.strip()]
    if len(found) > MOST_EXTRA:
        found = [*found[: MOST_EXTRA - 1], f"… and {len(found) - MOST_EXTRA + 1:,} more"]
    return found


def _most_extra(table: Table) -> int:
    return max((len(spare(row, table.headings)) for row in table if row.raw), default=0)


def _added(run: ImportRun) -> tuple[str, ...]:
    return (*ADDED, f"{runs.OURS}{'account' if runs.of_accounts(run) else 'lead'}")


def _told(
    fate: ImportRow, faults: Sequence[str], remarks: Sequence[str], base: str
) -> tuple[str, ...]:
    url = f"{base}/leads/{fate.came_to}/" if fate.came_to else ""
    url = f"{base}/accounts/{fate.account_id}/" if fate.account_id else url
    return (
        str(fate.line),
        ImportVerdict(fate.verdict).label,
        " ".join(faults),
        " ".join((*remarks, *staying.fate(fate))),
        url,
    )
