"""The one form everything in a review has: a table with its words, as JSON keeps it. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from people.models import User
from reports.declaration import Column, Report
from reports.periods import Period

Table: TypeAlias = dict[str, Any]
"""One section as it is kept: key, title, words, columns, rows, totals."""


@dataclass(frozen=True, slots=True)
class Month:
    """What a section is made of: the month, whose eyes look, and when they do."""

    month: dt.date
    period: Period
    eyes: User
    now: dt.datetime


@dataclass(frozen=True, slots=True)
class Section:
    """One part of every review. `chapter` is the heading it stands under.

    `of_people`: its rows are single people, whose figures colleagues do not see. `confidential`:
    only who reads all sees any of it.
    """

    key: str
    chapter: str
    title: str
    make: Callable[[Month], Table]
    of_people: bool = False
    confidential: bool = False

    def table(self, month: Month) -> Table:
        """The section of this month."""
        made = self.make(month)
        known = {"key": self.key, "chapter": self.chapter, "title": self.title}
        whose = {"of_people": self.of_people, "confidential": self.confidential}
        return known | made | whose


def of_report(report: Report, show: Sequence[str]) -> Table:
    """A report as a section: all of its columns, of which pages and the pack print `show`."""
    declared = report.declaration
    return table(
        declared.columns,
        [_line(row) for row in report.rows],
        head=report.by.label,
        show=show,
        totals=_line(report.totals),
        meaning=declared.meaning,
        formula=declared.formula,
        owner_role=declared.owner_role,
        report=declared.key,
        by=report.by.key,
        kits=list(report.kits),
    )


def table(
    columns: Iterable[Column],
    rows: list[dict[str, Any]],
    *,
    head: str,
    meaning: str,
    show: Sequence[str] = (),
    totals: Mapping[str, Any] | None = None,
    formula: str = "",
    owner_role: str = "",
    **more: Any,
) -> Table:
    """A table of its own. Every row has `key`, `label` and a value for each column."""
    declared = [{"key": one.key, "label": one.label, "unit": one.unit} for one in columns]
    return {
        "head": head,
        "meaning": meaning,
        "formula": formula,
        "owner_role": owner_role,
        "columns": declared,
        "show": list(show) or [one["key"] for one in declared],
        "rows": rows,
        "totals": dict(totals) if totals is not None else None,
        **more,
    }


def shown(section: Table) -> list[dict[str, str]]:
    """The columns that pages and the pack print, in the order the section names them."""
    by_key = {one["key"]: one for one in section["columns"]}
    return [by_key[key] for key in section["show"] if key in by_key]


def row_of(section: Table | None, key: str) -> dict[str, Any] | None:
    """The row of this key; None where there is none."""
    rows = section["rows"] if section else ()
    return next((one for one in rows if one["key"] == key), None)


def section_of(snapshot: Mapping[str, Any], key: str) -> Table | None:
    """The section of this key; None where the review has none."""
    return next((one for one in snapshot["sections"] if one["key"] == key), None)


def instant(at: dt.datetime | None) -> str | None:
    """An instant as tables keep it."""
    return at.astimezone(dt.UTC).isoformat() if at is not None else None


def _line(row: Any) -> dict[str, Any]:
    return {"key": row.key, "label": row.label, **row.figures()}
