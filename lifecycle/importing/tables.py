"""A file as a table, whatever it is: text or workbook."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lifecycle.importing import reading, workbook
from lifecycle.importing.reading import Row, Unreadable

SAMPLE = 500
"""Rows one looks at to guess what the columns hold."""


class Table(Protocol):
    """A table that can be read again and again, row by row."""

    @property
    def name(self) -> str:
        """The file's name."""

    @property
    def headings(self) -> tuple[str, ...]:
        """Each there once."""

    @property
    def rows(self) -> int:
        """How many, blank ones left out."""

    @property
    def blank(self) -> int:
        """How many rows hold nothing."""

    @property
    def digest(self) -> str:
        """SHA-256 of the file; of a workbook with the name of the sheet."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What people should know of the table as a whole."""

    @property
    def native_dates(self) -> bool:
        """Whether dates come as dates, beside those that come as text."""

    @property
    def described(self) -> str:
        """One line for people: how it was read."""

    def __iter__(self) -> Iterator[Row]:
        """The rows, one at a time."""


@dataclass(frozen=True, slots=True)
class Peek:
    """What the beginning of a file shows."""

    headings: tuple[str, ...]
    rows: tuple[Row, ...]
    sheets: tuple[str, ...] = ()
    sheet: str = ""
    is_workbook: bool = False


def is_workbook(path: Path) -> bool:
    """Whether it claims to be one. Raises Unreadable for a file that is not there."""
    try:
        with path.open("rb") as stream:
            return stream.read(4) == workbook.MAGIC
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error.strerror}.") from None


def open_table(path: Path, *, folder: Path, sheet: str = "", encoding: str = "") -> Table:
    """The whole table, read once. `folder` takes what a sheet unfolds to. Raises Unreadable."""
    if is_workbook(path):
        return workbook.open_sheet(path, sheet=sheet, folder=folder)
    return reading.open_table(path, encoding=encoding)


def peek(path: Path, *, sheet: str = "", encoding: str = "", most: int = SAMPLE) -> Peek:
    """Headings and first rows, without reading the rest. Raises Unreadable."""
    if is_workbook(path):
        sheets, chosen, headings, rows = workbook.peek(path, sheet=sheet, most=most)
        return Peek(headings, tuple(rows), sheets, chosen, is_workbook=True)
    headings, rows = reading.peek(path, encoding=encoding, most=most)
    return Peek(headings, tuple(rows))
