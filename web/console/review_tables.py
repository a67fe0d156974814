"""The tables of a review for its pages: as many lines as a page bears, the pack has all."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from people.models import User
from reports.reviews import rights, tables, wording
from reports.reviews.tables import Table

SHOWN = 20
"""Lines of one table on a page."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One value in words."""

    text: str
    is_number: bool


@dataclass(frozen=True, slots=True)
class Line:
    """One row; `anchor` is where findings lead to."""

    anchor: str
    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """One table of a chapter. `more` counts the lines that the page leaves out."""

    key: str
    anchor: str
    title: str
    meaning: str
    formula: str
    owner_role: str
    head: str
    columns: tuple[Cell, ...]
    rows: tuple[Line, ...]
    totals: Line | None
    more: int
    withheld: bool


@dataclass(frozen=True, slots=True)
class Chapter:
    """Tables under one heading."""

    anchor: str
    title: str
    tables: tuple[Shown, ...]


def chapters(sections: Sequence[Table], reader: User) -> tuple[Chapter, ...]:
    """Every section this reader may see, chapter by chapter, in the order they are kept."""
    titles = dict.fromkeys(one["chapter"] for one in sections)
    return tuple(
        Chapter(
            anchor(title),
            title,
            tuple(
                _table(rights.as_seen_by(reader, one))
                for one in sections
                if one["chapter"] == title
            ),
        )
        for title in titles
    )


def anchor(*parts: str) -> str:
    """A place of the page, made of letters, digits and dashes."""
    joined = "-".join(part for part in parts if part)
    return "".join(one if one.isalnum() else "-" for one in joined).lower()


def _table(section: Table) -> Shown:
    columns = tables.shown(section)
    rows = section["rows"]
    totals = section["totals"]
    return Shown(
        key=section["key"],
        anchor=anchor(section["key"]),
        title=section["title"],
        meaning=section["meaning"],
        formula=section["formula"],
        owner_role=section["owner_role"],
        head=section["head"],
        columns=tuple(Cell(one["label"], one["unit"] not in wording.READ) for one in columns),
        rows=tuple(_line(section["key"], row, columns) for row in rows[:SHOWN]),
        totals=_line(section["key"], totals, columns) if totals and rows else None,
        more=max(0, len(rows) - SHOWN),
        withheld=bool(section.get("withheld")),
    )


def _line(key: str, row: dict[str, Any], columns: Iterable[dict[str, str]]) -> Line:
    return Line(
        anchor(key, str(row["key"])),
        row["label"],
        tuple(
            Cell(wording.cell(row.get(one["key"]), one["unit"]), one["unit"] not in wording.READ)
            for one in columns
        ),
    )
