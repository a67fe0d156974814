"""Any report as a page: what it means, one table, its file. SLA attainment has its own page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from urllib.parse import urlencode

from django.urls import reverse

from people.models import User
from reports import registry
from reports.declaration import Declaration, Report, Row, Value
from web.console import override_leads, sla_page, words
from web.console.lead_list import Filter, Option


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure in words, and where the leads behind it are; empty where they are not listed."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what it is of, and its cells."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The page."""

    declaration: Declaration
    sentence: str
    filters: tuple[Filter, ...]
    label: str
    rows: tuple[Line, ...]
    totals: Line
    csv_url: str
    behind: override_leads.Behind | None
    """The leads behind one figure of overrides."""


def make(
    reader: User, name: str, query: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> Report:
    """The report that the address asks for. Raises NotFound, or InvalidInput naming the fault."""
    period = sla_page.read(query, now=now, zone=zone).period
    return registry.build(name, reader, period=period, by=query.get("by", ""), now=now)


def build(
    reader: User, name: str, query: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> ReportPage:
    """The same as a page."""
    report = make(reader, name, query, now=now, zone=zone)
    first = report.period.start.astimezone(zone).date()
    last = (report.period.end.astimezone(zone) - timedelta(microseconds=1)).date()
    link = urlencode({"by": report.by.key, "from": first.isoformat(), "to": last.isoformat()})
    return ReportPage(
        declaration=report.declaration,
        sentence=_sentence(report, first, last),
        filters=_filters(report, query),
        label=report.by.label,
        rows=tuple(_line(report, row, link) for row in report.rows),
        totals=_line(report, report.totals, link),
        csv_url=f"{reverse('console:report-csv', args=[name])}?{link}",
        behind=override_leads.build(reader, report, query) if name == override_leads.KEY else None,
    )


def _sentence(report: Report, first: date, last: date) -> str:
    kits = " and ".join(f"v{number}" for number in report.kits[-3:])
    under = f", under kit {kits}" if kits else ""
    return f"{first.day} {first:%b} to {last.day} {last:%b %Y}{under}. {report.declaration.meaning}"


def _filters(report: Report, query: Mapping[str, str]) -> tuple[Filter, ...]:
    dated = bool(query.get("from") or query.get("to"))
    days = "" if dated else query.get("days") or "30"
    spans = tuple(Option(key, label, key == days) for key, label in sla_page.DAYS)
    slices = tuple(
        Option(one.key, one.label, one == report.by) for one in report.declaration.slices
    )
    return (
        Filter("days", "Period", "As dated above" if dated else "", spans),
        Filter("by", "By", "", slices),
    )


def _line(report: Report, row: Row, link: str) -> Line:
    figures = row.figures()
    links = override_leads.links(report, row, link)
    return Line(
        row.label,
        tuple(
            Cell(
                _cell(figures[one.key], one.unit),
                links.get(one.key, "") if figures[one.key] else "",
            )
            for one in report.declaration.columns
        ),
    )


def _cell(value: Value, unit: str) -> str:
    if value is None:
        return words.DASH
    if unit == "share":
        return f"{100 * float(value):.1f} %"
    if unit == "seconds":
        return words.span(timedelta(seconds=float(value)))
    return value if isinstance(value, str) else words.number(value)
