"""What a report says of itself, and the form every report has. Holds no figures and no queries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Generic, Protocol, TypeAlias, TypeVar

from core import errors
from core.errors import FieldError
from reports.periods import Period

Value = str | int | float | None


@dataclass(frozen=True, slots=True)
class Slice:
    """One way to break a report down: `by=key`."""

    key: str
    label: str


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a report; `unit` is count, seconds, share (0 to 1), figure (a number as
    text), text or kit version.

    Columns of a `group` are the parts of its first one; pages show them in a table of their own.
    """

    key: str
    label: str
    unit: str = "count"
    group: str = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """A report by name: what it means, how it is computed, who answers for it, in which unit."""

    key: str
    name: str
    meaning: str
    formula: str
    owner_role: str
    unit: str
    slices: tuple[Slice, ...]
    columns: tuple[Column, ...]

    def slice(self, by: str) -> Slice:
        """The slice of this key; the first when `by` is empty. Raises InvalidInput."""
        for one in self.slices:
            if by in ("", one.key):
                return one
        known = ", ".join(one.key for one in self.slices)
        message = f"“{by[:40]}” is no way to break this report down; use one of {known}."
        raise errors.InvalidInput(message, errors=[FieldError("by", message, "unknown")])


class Row(Protocol):
    """One line: what it is of, and its figures."""

    @property
    def key(self) -> str:
        """The value of the slice; empty where it has none."""
        ...

    @property
    def label(self) -> str:
        """The same in words."""
        ...

    def figures(self) -> Mapping[str, Value]:
        """The values of the declared columns, by key."""
        ...


Row_co = TypeVar("Row_co", bound=Row, covariant=True)


@dataclass(frozen=True, slots=True)
class Made(Generic[Row_co]):
    """What every builder returns: the lines, their total, and all that names the numbers.

    `kits` are the versions that what it counts came about under.
    """

    declaration: Declaration
    by: Slice
    period: Period
    rows: tuple[Row_co, ...]
    totals: Row_co
    kit_version: int | None
    kits: tuple[int, ...]
    generated_at: dt.datetime


Report: TypeAlias = Made[Row]
"""A report of any kind of line."""


def as_data(report: Report) -> dict[str, object]:
    """A report as JSON holds it: what it is, and its rows by column key."""
    declared = report.declaration
    return {
        "report": declared.key,
        "name": declared.name,
        "meaning": declared.meaning,
        "formula": declared.formula,
        "owner_role": declared.owner_role,
        "unit": declared.unit,
        "by": report.by.key,
        "from": report.period.start.isoformat(),
        "to": report.period.end.isoformat(),
        "kit_version": report.kit_version,
        "kits": list(report.kits),
        "generated_at": report.generated_at.isoformat(),
        "columns": [
            {"key": one.key, "label": one.label, "unit": one.unit} for one in declared.columns
        ],
        "rows": [_line(row) for row in report.rows],
        "totals": _line(report.totals),
    }


def lines(report: Report) -> Iterator[list[Value]]:
    """The table row by row for a file: headings, rows, total; each names its period and kit."""
    keys = [one.key for one in report.declaration.columns]
    yield [report.by.label, "key", *keys, "from", "to", "kit_versions"]
    kits = " ".join(map(str, report.kits))
    tail = [report.period.start.isoformat(), report.period.end.isoformat(), kits]
    for row in (*report.rows, report.totals):
        figures = row.figures()
        yield [row.label, row.key, *(figures[key] for key in keys), *tail]


def _line(row: Row) -> dict[str, Value]:
    return {"key": row.key, "label": row.label, **row.figures()}
