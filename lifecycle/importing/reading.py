"""A text table (CSV, TSV) as it is, to numbered rows. Knows nothing of leads.

Files come from spreadsheets, CRMs and scripts: any encoding, any separator, quotes that never
close. Every row is given out, readable or with the fault that makes it unreadable.
"""

from __future__ import annotations

import codecs
import csv
import hashlib
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import errors, phrases
from lifecycle.importing import heading_rows, letters
from lifecycle.importing.lines import LONGEST_LINE, Lines, Overlong, Runaway

MOST_COLUMNS = 2_000
LONGEST_HEADING = 80
SAMPLE = 64 * 1024
_SURE_COLUMNS = 2
"""Separators in the first line by which it is surely one of headings."""
OURS = "LeadGov "
"""Columns that a result file of ours adds begin with it; they are no part of the table."""
EXTRA = f"{OURS}extra cell "
"""Where a result file puts the cells of a row that has more of them than there are headings."""
_LONELY = (
    "This line holds a single cell: it looks like the title or the footer of a report, not a row."
)

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = {
    b"PK\x03\x04": "a workbook or a ZIP file",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook, or one with a password",
    b"\x1f\x8b": "compressed",
    b"%PDF": "a PDF",
    b"\x89PNG": "a picture",
    b"\xff\xd8\xff": "a picture",
    b"GIF8": "a picture",
}
_OTHER_TEXT = (
    (re.compile(r"\s*<(!doctype|html|\?xml|table|head)", re.IGNORECASE), "a web page or XML"),
    (re.compile(r"\s*(\[\s*)?\{\s*\""), "JSON"),
)
_CONTROL = re.compile("[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
ENCODINGS = letters.ENCODINGS
_SEPARATORS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}


class Unreadable(errors.DomainError):
    """The file as a whole is no table that can be imported."""

    code = "unreadable_file"
    status = 422


@dataclass(frozen=True, slots=True)
class Row:
    """One row: its number among the rows, the line it begins at, its cells, or its fault.

    `raw` are the cells of one with a fault as far as they can be told, however many they are.
    """

    number: int
    line: int
    cells: tuple[str, ...] = ()
    fault: str = ""
    remark: str = ""
    raw: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A file that was read once from end to end. `rows` leaves blank ones out."""

    path: Path
    encoding: str
    separator: str
    headings: tuple[str, ...]
    rows: int
    blank: int
    digest: str
    above: int = 0
    notes: tuple[str, ...] = ()
    native_dates = False

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.name

    def __iter__(self) -> Iterator[Row]:
        """Read the rows again, one at a time."""
        rows = _rows(self.path, self.encoding, self.separator, self.above)
        return (row for row in rows if row is not None)

    @property
    def described(self) -> str:
        """One line for people: how it was read."""
        blank = f", {self.blank:,} blank" if self.blank else ""
        return (
            f"{phrases.plural(self.rows, 'row')}{blank}, "
            f"{phrases.plural(len(self.headings), 'column')}, "
            f"{letters.of(self.path, self.encoding)}, separated by "
            f"{_SEPARATORS[self.separator]}"
        )


def open_table(path: Path, *, encoding: str = "") -> Table:
    """Read a file once to know its shape. Raises Unreadable when it is no table.

    `encoding` is one of ENCODINGS where people know better than its bytes tell.
    """
    shape = _shape(path, encoding)
    encoding, separator, headings, above, notes = shape
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    rows = blank = 0
    for row in _rows(path, encoding, separator, above):
        rows, blank = (rows, blank + 1) if row is None else (rows + 1, blank)
    return Table(path, encoding, separator, headings, rows, blank, digest, above, notes)


def peek(path: Path, *, encoding: str = "", most: int) -> tuple[tuple[str, ...], list[Row]]:
    """The headings and the first rows, without reading the rest. Raises Unreadable."""
    encoding, separator, headings, above, _ = _shape(path, encoding)
    rows = (row for row in _rows(path, encoding, separator, above) if row is not None)
    return headings, list(itertools.islice(rows, most))


def _shape(path: Path, encoding: str) -> tuple[str, str, tuple[str, ...], int, tuple[str, ...]]:
    if encoding and encoding not in ENCODINGS:
        raise Unreadable(f"There is no encoding “{encoding[:40]}”; pick one from the list.")
    try:
        with path.open("rb") as stream:
            sample = stream.read(SAMPLE)
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror}.") from None
    if not sample.strip():
        raise Unreadable(f"{path.name} is empty.")
    found = _encoding(sample, path.name)
    # What a byte order mark says is beyond doubt.
    if encoding and found == "utf-8":
        found = encoding
    _require_table(path, found)
    separator = _separator(path, found)
    return found, separator, *_headings(path, found, separator)


def _encoding(sample: bytes, name: str) -> str:
    for magic, what in _NOT_TEXT.items():
        if sample.startswith(magic):
            raise Unreadable(f"{name} is {what}; save the table as CSV (UTF-8) and import that.")
    for bom, encoding in _BOMS:
        if sample.startswith(bom):
            return encoding
    # Latin text in UTF-16 has a zero in every other place.
    pairs = max(1, len(sample) // 2)
    if sample[1::2].count(0) / pairs > 0.3:
        return "utf-16-le"
    if sample[0::2].count(0) / pairs > 0.3:
        return "utf-16-be"
    return "utf-8"


def _require_table(path: Path, encoding: str) -> None:
    with letters.opened(path, encoding) as stream:
        begin = stream.read(SAMPLE)
    for looks, what in _OTHER_TEXT:
        if looks.match(begin):
            raise Unreadable(f"{path.name} is {what}, no table; export it as CSV and import that.")


def _separator(path: Path, encoding: str) -> str:
    with letters.opened(path, encoding) as stream:
        line = "\n"
        while line and not line.strip():
            line = stream.readline(LONGEST_LINE)
        lines = [line, *itertools.islice(stream, heading_rows.LOOKED_AT)]
    if told := _told(line):
        return told
    counts = [[_bare(one).count(sign) for one in lines if one.strip()] for sign in _SEPARATORS]
    if not counts[0]:
        return ","
    first = [one[0] for one in counts]
    if max(first) < _SURE_COLUMNS:
        # Perhaps a title: the lines below it know better.
        first = [sorted(one)[len(one) // 2] for one in counts]
    return list(_SEPARATORS)[first.index(max(first))]


def _bare(line: str) -> str:
    return re.sub(r'"[^"]*"', "", line)


def _told(line: str) -> str:
    """The separator that a first line names by the convention of spreadsheets, `sep=;`."""
    found = re.fullmatch(r"\ufeff?\"?sep=([,;|\t])\"?\s*", line, re.IGNORECASE)
    return found[1] if found else ""


def _headings(
    path: Path, encoding: str, separator: str
) -> tuple[tuple[str, ...], int, tuple[str, ...]]:
    """The headings, how many rows of text stand above them, and what to say of those."""
    with letters.opened(path, encoding) as stream:
        rows = (row for row in _records(Lines(stream), separator) if _holds(row))
        begin = list(itertools.islice(rows, heading_rows.LOOKED_AT))
    if not begin:
        raise Unreadable(f"{path.name} holds no text.")
    whole = list(itertools.takewhile(lambda row: not row.fault, begin))
    above = heading_rows.above([row.cells for row in whole])
    row = begin[above]
    if row.fault:
        raise Unreadable(f"The headings of {path.name} cannot be read: {row.fault}")
    require_columns(len(row.cells), path.name)
    if any(_CONTROL.search(cell) for cell in row.cells):
        raise Unreadable(f"{path.name} is no text; save the table as CSV (UTF-8).")
    return distinct(row.cells), above, heading_rows.note([row.cells for row in begin[:above]])


def _holds(row: Row) -> bool:
    return bool(row.fault) or any(cell.strip() for cell in row.cells)


def require_columns(count: int, name: str) -> None:
    """Raises Unreadable for a table with more columns than any of buyers has."""
    if count > MOST_COLUMNS:
        raise Unreadable(f"{name} has {count:,} columns; at most {MOST_COLUMNS:,} can be read.")


def distinct(cells: tuple[str, ...]) -> tuple[str, ...]:
    """Every heading printable, at most 80 characters, and there once."""
    names: dict[str, None] = {}
    for place, cell in enumerate(cells, start=1):
        printable = "".join(sign if sign.isprintable() else " " for sign in cell)
        base = " ".join(printable.split())[:LONGEST_HEADING].strip() or f"Column {place}"
        name = base
        for again in itertools.count(2):
            if name not in names:
                break
            mark = f" ({again})"
            name = base[: LONGEST_HEADING - len(mark)] + mark
        names[name] = None
    return tuple(names)


def _rows(path: Path, encoding: str, separator: str, above: int) -> Iterator[Row | None]:
    """The rows below the headings, numbered; None for a blank one. `above` are no rows."""
    numbers = itertools.count(1)
    width, extra = 0, frozenset[int]()
    with letters.opened(path, encoding) as stream:
        for row in _records(Lines(stream), separator):
            blank = not _holds(row)
            if not width and not blank and above:
                above -= 1
            elif width and blank:
                yield None
            elif width:
                yield _numbered(row, next(numbers), width, extra)
            elif not blank:
                width, extra = len(row.cells), extras(row.cells)


def extras(headings: Sequence[str]) -> frozenset[int]:
    """The columns of a result file in which cells without a heading stand."""
    return frozenset(place for place, one in enumerate(headings) if one.startswith(EXTRA))


def is_left_over(cells: Sequence[str], extra: Iterable[int]) -> str:
    """The fault of a row of a result file that was not mended; empty for all others."""
    if not any(cells[place].strip() for place in extra):
        return ""
    return (
        f"There are still cells without a heading, under “{EXTRA}1” and so on. Put the values of "
        "this row under their headings and empty those cells."
    )


def _numbered(row: Row, number: int, width: int, extra: Iterable[int]) -> Row:
    """The row under its headings; one that does not fit them would put values in wrong places."""
    cells, fault = row.cells, row.fault
    if not fault and len(cells) > width and not any(cell.strip() for cell in cells[width:]):
        cells = cells[:width]
    if not fault and len(cells) != width:
        fault = (
            f"This row has {len(cells):,} cells under {width:,} headings. A separator or a line "
            "end inside a value must stand in quotes."
        )
        fault = _LONELY if len(cells) == 1 and width > _SURE_COLUMNS else fault
    fault = fault or is_left_over(cells, extra)
    if fault:
        return Row(number, row.line, fault=fault, raw=row.raw or cells)
    return Row(number, row.line, cells, remark=row.remark)


def _records(lines: Lines, separator: str) -> Iterator[Row]:
    """All records, unnumbered. After a broken one, reading goes on with the line below it."""
    reader = csv.reader(lines, delimiter=separator, strict=True)
    while True:
        began = lines.begin()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, Runaway, Overlong) as error:
            yield _broken(lines, began, error, separator)
            reader = csv.reader(lines, delimiter=separator, strict=True)
            continue
        if began == 1 and _told(lines.taken[0]):
            continue
        yield _mended(Row(0, began, tuple(cells)))


def _broken(lines: Lines, began: int, error: Exception, separator: str) -> Row:
    """Only the first line of a broken record is given up; those after it may be whole rows."""
    first, *others = lines.taken
    lines.put_back(others)
    if isinstance(error, Overlong) and not others:
        return Row(0, began, fault=f"Line {began} is longer than {LONGEST_LINE:,} characters.")
    if "field larger" in str(error):
        limit = csv.field_size_limit()
        return Row(0, began, fault=f"A value in line {began} is longer than {limit:,} characters.")
    cells = _loosely(first.rstrip("\r\n"), separator)
    fault = f"The quote opened in line {began} is never closed."
    if "expected after" in str(error):
        if cells and not others:
            return _mended(Row(0, began, cells, remark="Read despite a stray quote."))
        fault = f"Other text follows the closing quote of a value in line {began}."
    return Row(0, began, fault=fault, raw=_mended(Row(0, began, cells)).cells)


def _loosely(line: str, separator: str) -> tuple[str, ...]:
    """A single line with quotes inside quotes can be read if one does not insist."""
    try:
        return tuple(next(csv.reader([line], delimiter=separator), ()))
    except csv.Error:
        return ()


def _mended(row: Row) -> Row:
    """Bytes that were no UTF-8 are Windows-1252, as spreadsheets of the West write it."""
    if not any(not cell.isascii() and letters.STRAYS.search(cell) for cell in row.cells):
        return row
    cells = tuple(letters.STRAYS.sub(_as_cp1252, cell) for cell in row.cells)
    return Row(row.number, row.line, cells, row.fault, row.remark)


def _as_cp1252(found: Any) -> str:
    stray: bytes = found[0].encode("utf-8", "surrogateescape")
    return stray.decode("cp1252", "replace")
