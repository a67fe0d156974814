"""Reports as CSV files that spreadsheets open without running anything."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from typing import Any

from core import spreadsheets
from reports import declaration
from reports.declaration import Report, Value


def stream(report: Report) -> Iterator[str]:
    """The file line by line, CRLF-ended as the format wants."""
    for cells in declaration.lines(report):
        yield line(cells)


def line(cells: Sequence[Value]) -> str:
    """One line of the file, its cells made safe and quoted where needed."""
    writer: Any = csv.writer(spreadsheets.Echo())
    return str(writer.writerow([safe(value) for value in cells]))


def safe(value: Value) -> Value:
    """The value as a cell; text that a spreadsheet would take for a formula gets an apostrophe.

    Numbers stay numbers, negative ones too.
    """
    if isinstance(value, str):
        return spreadsheets.safe(value)
    return round(value, 4) if isinstance(value, float) else value


def file_name(report: Report) -> str:
    """A name that says what it is: `sla-by-rep-2026-01-01-2026-01-31.csv`."""
    first, last = report.period.start.date(), report.period.end.date()
    return f"{report.declaration.key}-by-{report.by.key}-{first}-{last}.csv"
