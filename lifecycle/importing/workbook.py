"""A sheet of an Excel workbook, to numbered rows. Knows nothing of leads.

Read row by row, so that memory does not grow with the sheet; unfolded once into a file of ours,
since a run reads its rows more than once. Nothing in a workbook is run: of a formula the value
that was stored with it is taken. What unpacks to more than any table of buyers is refused unread.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
import json
import re
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from core import phrases
from lifecycle.importing import heading_rows, reading
from lifecycle.importing.reading import Row, Unreadable

MAGIC = b"PK\x03\x04"
MOST_PARTS = 2_000
MOST_UNPACKED = 300 * 1024 * 1024
"""Bytes of all parts together: a full million short cells stay below."""
MOST_SHARED = 100 * 1024 * 1024
"""Bytes of the texts that cells share; they are held in memory."""
LONGEST_VALUE = 131_072
_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"))
_MERGED = re.compile(rb'<(?:\w+:)?mergeCell [^>]*ref="([A-Z0-9:]+)"')
_PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was read once from end to end and lies unfolded in a file of ours."""

    name: str
    sheet: str
    headings: tuple[str, ...]
    rows: int
    blank: int
    digest: str
    notes: tuple[str, ...]
    unfolded: Path
    native_dates = True

    def __iter__(self) -> Iterator[Row]:
        """Read the rows again, one at a time."""
        with self.unfolded.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                place, cells, fault, remark, raw = json.loads(line)
                yield Row(number, place, tuple(cells), fault, remark, tuple(raw))

    @property
    def described(self) -> str:
        """One line for people: how it was read."""
        blank = f", {self.blank:,} blank" if self.blank else ""
        rows, columns = (
            phrases.plural(self.rows, "row"),
            phrases.plural(len(self.headings), "column"),
        )
        return f"{rows}{blank}, {columns}, sheet “{self.sheet}”"


def open_sheet(path: Path, *, sheet: str = "", folder: Path) -> Sheet:
    """Unfold one sheet (the first that is not empty, unless named) into `folder`.

    Raises Unreadable when it is no workbook, or holds no such sheet.
    """
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256")
    with _opened(path) as book:
        found = _chosen(book, sheet, path.name)
        headings, rows, left_out = _begin(found, path.name)
        unfolded = folder / "unfolded.jsonl"
        counted = blank = 0
        with unfolded.open("w", encoding="utf-8") as out:
            for row in rows:
                if row is None:
                    blank += 1
                    continue
                counted += 1
                json.dump((row.line, row.cells, row.fault, row.remark, row.raw), out)
                out.write("\n")
        notes = (
            *_others(book, found), *left_out,
            *_notes(path, str(getattr(found, "_worksheet_path", ""))),
        )  # fmt: skip
        digest.update(found.title.encode())
        return Sheet(path.name, found.title, headings, counted, blank, digest.hexdigest(), notes,
                     unfolded)  # fmt: skip


def peek(
    path: Path, *, sheet: str = "", most: int
) -> tuple[tuple[str, ...], str, tuple[str, ...], list[Row]]:
    """The names of the sheets, the chosen one, its headings and first rows. Raises Unreadable."""
    with _opened(path) as book:
        names = tuple(one.title for one in book.worksheets)
        found = _chosen(book, sheet, path.name)
        headings, rows, _ = _begin(found, path.name)
        first = [row for row in itertools.islice(rows, most) if row is not None]
        numbered = [
            Row(number, row.line, row.cells, row.fault, row.remark, row.raw)
            for number, row in enumerate(first, start=1)
        ]
        return names, found.title, headings, numbered


@contextmanager
def _opened(path: Path) -> Iterator[Any]:
    """The workbook, if it is one and a sensible one. Any failure within is told as Unreadable."""
    try:
        _require_sensible(path)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of styles and extensions that do not concern us
            with path.open("rb") as stream:  # by the path it would go by its ending
                book = openpyxl.load_workbook(
                    stream, read_only=True, data_only=True, keep_links=False
                )
                try:
                    yield book
                finally:
                    book.close()
    except Unreadable:
        raise
    except Exception as error:  # a damaged workbook breaks its reader in any place
        raise Unreadable(
            f"{path.name} cannot be read as a workbook ({type(error).__name__}). Open it, save it "
            "anew as .xlsx or CSV, and try that."
        ) from error


def _require_sensible(path: Path) -> None:
    with zipfile.ZipFile(path) as packed:
        parts = packed.infolist()
        names = {part.filename for part in parts}
        if "xl/workbook.xml" not in names:
            raise Unreadable(
                f"{path.name} is a ZIP file, but no Excel workbook; save the table as .xlsx or CSV."
            )
        if any(name.endswith("vbaProject.bin") for name in names):
            raise Unreadable(f"{path.name} holds macros; save it as .xlsx, without them.")
        unpacked = sum(part.file_size for part in parts)
        shared = sum(part.file_size for part in parts if part.filename.endswith("Strings.xml"))
        if len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or shared > MOST_SHARED:
            raise Unreadable(
                f"{path.name} unpacks to {unpacked / 1_048_576:,.0f} MB in {len(parts):,} parts; "
                f"at most {MOST_UNPACKED // 1_048_576} MB are read. Split the table, or save it "
                "as CSV."
            )
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                with packed.open(part) as stream:
                    if b"<!" in stream.read(1024).replace(b"<!--", b""):
                        raise Unreadable(f"{path.name} declares entities; no honest workbook does.")


def _chosen(book: Any, sheet: str, name: str) -> Any:
    if sheet:
        found = next((one for one in book.worksheets if one.title == sheet), None)
        if found is None:
            known = ", ".join(f"“{one.title}”" for one in book.worksheets[:20])
            raise Unreadable(f"{name} has no sheet “{sheet[:80]}”; it has {known}.")
        return found
    seen = [one for one in book.worksheets if one.sheet_state == "visible"]
    looks = [(_likeness(one), one) for one in seen]
    # The first of those that look most like a table of buyers: covers and lists of values do not.
    best, found = max(looks, key=lambda pair: pair[0], default=(0, None))
    if found is None or not best:
        raise Unreadable(f"{name} holds no sheet with text in it.")
    return found


def _likeness(sheet: Any) -> int:
    """0 for an empty sheet, 1 for some text, 2 for a table, 3 for one with e-mail addresses."""
    rows = [cells for _, cells, _ in itertools.islice(_records(sheet), heading_rows.LOOKED_AT)]
    if not rows:
        return 0
    if heading_rows.usual_width(rows) < 2 or len(rows) < 2:
        return 2 if any("@" in cell for row in rows for cell in row) else 1
    return 3 if any("@" in cell for row in rows for cell in row) else 2


def _others(book: Any, found: Any) -> tuple[str, ...]:
    """What is not read, where a workbook holds more than one sheet."""
    names = [f"“{one.title}”" for one in book.worksheets if one is not found]
    if not names:
        return ()
    more = f" and {len(names) - 5} more" if len(names) > 5 else ""
    return (f"Only the sheet “{found.title}” is read; not {', '.join(names[:5])}{more}.",)


def _begin(sheet: Any, name: str) -> tuple[tuple[str, ...], Iterator[Row | None], tuple[str, ...]]:
    """The headings, what stands below them (None for a blank row), and what to say of it."""
    records = _records(sheet)
    begin = list(itertools.islice(records, heading_rows.LOOKED_AT))
    if not begin:
        raise Unreadable(f"Sheet “{sheet.title}” of {name} is empty.")
    rows = [cells for _, cells, _ in begin]
    above = heading_rows.above(rows)
    line, cells, _ = begin[above]
    reading.require_columns(len(cells), name)
    headings = reading.distinct(tuple(cells))
    below = itertools.chain(begin[above + 1 :], records)
    return headings, _below(below, line, headings), heading_rows.note(rows[:above])


def _below(
    records: Iterator[tuple[int, list[str], str]], above: int, headings: Sequence[str]
) -> Iterator[Row | None]:
    width, extra = len(headings), reading.extras(headings)
    for line, cells, remark in records:
        # Rows that stand for nothing are left out by `_records`; they count as blank ones.
        yield from itertools.repeat(None, line - above - 1)
        above = line
        whole = (*cells, *[""] * (width - len(cells)))
        fault = reading.is_left_over(whole, extra)
        if len(cells) > width:
            fault = (
                f"This row has {len(cells):,} cells under {width:,} headings: a cell to the right "
                "of the table has no heading."
            )
        yield Row(0, line, fault=fault, raw=whole) if fault else Row(0, line, whole, remark=remark)


def _records(sheet: Any) -> Iterator[tuple[int, list[str], str]]:
    """Number, cells and remark of every row that holds something; empty cells at its end are cut.

    The stated size of a sheet is often wrong, so it is not believed.
    """
    sheet.reset_dimensions()
    for line, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        last = next((n for n in range(len(values), 0, -1) if values[n - 1] not in (None, "")), 0)
        if not last:
            continue
        cells, remark = _cells(values[:last])
        if any(cell.strip() for cell in cells):
            yield line, cells, remark


def _cells(values: Sequence[Any]) -> tuple[list[str], str]:
    wrong = [value for value in values if isinstance(value, str) and value in _ERRORS]
    remark = f"A formula gives {wrong[0]}; the cell counts as empty." if wrong else ""
    return ["" if value in wrong else _text(value) for value in values], remark


def _text(value: Any) -> str:
    """A cell as one would type it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        # A spreadsheet knows fifteen digits, and keeps whole numbers as fractions of one.
        return format(value, ".15g") if abs(value) < 1e15 else f"{value:.0f}"
    if isinstance(value, dt.datetime):
        midnight = value.time() == dt.time()
        return value.date().isoformat() if midnight else value.isoformat(sep=" ")
    return str(value)[:LONGEST_VALUE]


def _notes(path: Path, part: str) -> tuple[str, ...]:
    """What the rows do not show: cells that were merged hold their value in the first one only."""
    merged: list[bytes] = []
    with zipfile.ZipFile(path) as packed:
        if part not in packed.namelist():
            return ()
        with packed.open(part) as stream:
            rest = b""
            while piece := stream.read(_PIECE):
                piece = rest + piece
                whole = piece.rfind(b">") + 1
                merged += _MERGED.findall(piece, 0, whole)
                rest = piece[whole:][:_PIECE]
    if not merged:
        return ()
    return (
        f"{len(merged):,} ranges of cells are merged (the first is {merged[0].decode()}); only the "
        "first cell of each holds its value.",
    )
