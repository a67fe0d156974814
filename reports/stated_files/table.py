"""A file as rows that can be kept for a moment: what people look at before it is taken in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.core import signing

from core.texts import _
from lifecycle.importing import tables
from lifecycle.importing.reading import OURS, Row, Unreadable
from reports.stated_files import columns
from reports.stated_files.columns import Meanings

MOST_ROWS = 5_000
MOST_KEPT = 2_000_000
"""Signs of a table that travels with its page."""
_SALT = "reports.stated_files"


@dataclass(frozen=True, slots=True)
class Kept:
    """A table with everything that is needed of it."""

    name: str
    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    native: bool
    notes: tuple[str, ...] = ()

    def meanings(self, book: str) -> Meanings:
        """Which column means what. Raises Unreadable."""
        cells = [row.cells for row in self.rows]
        return columns.bind(book, self.headings, cells, native=self.native)


def read(path: Path, *, name: str, folder: Path, sheet: str = "", encoding: str = "") -> Kept:
    """The whole table. Raises Unreadable for none, an empty one, and one that is too long."""
    table = tables.open_table(path, folder=folder, sheet=sheet, encoding=encoding)
    if table.rows > MOST_ROWS:
        told = _("{name} has {rows} rows; at most {most} are taken at once. Split it.")
        raise Unreadable(told.format(name=name, rows=f"{table.rows:,}", most=f"{MOST_ROWS:,}"))
    if not table.rows:
        raise Unreadable(_("{name} has headings, but no rows below them.").format(name=name))
    return Kept(name, table.headings, tuple(table), table.native_dates, tuple(table.notes))


def pack(table: Kept) -> str:
    """The table as a text that nobody can change. Raises Unreadable where it is too large."""
    rows = [(one.number, one.line, one.cells, one.fault, one.raw) for one in table.rows]
    document = [table.name, table.headings, rows, table.native, table.notes]
    text: str = signing.Signer(salt=_SALT).sign_object(document, compress=True)
    if len(text) > MOST_KEPT:
        raise Unreadable(_("{name} is too large: split it.").format(name=table.name))
    return text


def unpack(text: str) -> Kept:
    """The table that was packed. Raises Unreadable."""
    try:
        name, headings, rows, native, notes = signing.Signer(salt=_SALT).unsign_object(text)
    except signing.BadSignature:
        raise Unreadable(_("The file did not come back whole: upload it again.")) from None
    return Kept(name, tuple(headings), tuple(map(_row, rows)), native, tuple(notes))


def refused_rows(table: Kept, faults: Sequence[tuple[int, str]]) -> Iterator[list[str]]:
    """Headings, then the rows with these numbers and what is wrong with them.

    Mended, it is uploaded as it is: the columns added here are left out then.
    """
    own = [place for place, heading in enumerate(table.headings) if not heading.startswith(OURS)]
    yield [*(table.headings[place] for place in own), f"{OURS}line", f"{OURS}reason"]
    told = dict(faults)
    for row in table.rows:
        if row.number in told:
            cells = row.cells or row.raw
            whole = [cells[place] if place < len(cells) else "" for place in own]
            yield [*whole, str(row.line), told[row.number]]


def _row(document: Sequence[Any]) -> Row:
    number, line, cells, fault, raw = document
    return Row(number, line, tuple(cells), fault=fault, raw=tuple(raw))
