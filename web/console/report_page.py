"""Any report as a page: what it means, one table, its file. SLA attainment has its own page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from core.texts import _
from leads.models import SourceCategory
from people.models import User
from reports import registry, uncontacted
from reports.declaration import Column, Declaration, Report, Row, Value
from web.console import (
    decay_curve,
    override_leads,
    report_charts,
    rule_links,
    sla_page,
    speed_leads,
    words,
)
from web.console.charts.parts import Chart
from web.console.decay_curve import Curve
from web.console.lead_list import Filter, Option

BEHIND: Mapping[str, Any] = {
    override_leads.KEY: override_leads,
    speed_leads.KEY: speed_leads,
    rule_links.KEY: rule_links,
}
"""By report, who lists the leads behind its figures."""
OBLIGATION, SOURCE = "obligation", "source"
WORDS = "text"
"""The unit of columns that are read, not compared by their digits."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A figure in words, and where the leads behind it are; empty where they are not listed."""

    text: str
    url: str = ""
    share: str = ""
    is_number: bool = True


@dataclass(frozen=True, slots=True)
class Line:
    """One row: what it is of, and its cells."""

    label: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the first of some columns divides into: a table of its own, with shares."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class ReportPage:
    """The page."""

    declaration: Declaration
    sentence: str
    filters: tuple[Filter, ...]
    label: str
    columns: tuple[Column, ...]
    rows: tuple[Line, ...]
    totals: Line
    parts: Parts | None
    curve: Curve | None
    charts: tuple[Chart, ...]
    csv_url: str
    behind: override_leads.Behind | speed_leads.Behind | None
    """The leads behind one figure."""


def make(
    reader: User, name: str, query: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> Report:
    """The report that the address asks for. Raises NotFound, or InvalidInput naming the fault."""
    period = sla_page.read(query, now=now, zone=zone).period
    return registry.build(
        name, reader, period=period, by=query.get("by", ""), only=_only(name, query), now=now
    )


def _only(name: str, query: Mapping[str, str]) -> dict[str, str]:
    """The one obligation or source that is asked for, where the report tells them apart."""
    known = {one.key for one in registry.get(name).slices} & {OBLIGATION, SOURCE}
    return {key: query[key] for key in sorted(known) if query.get(key)}


def build(
    reader: User, name: str, query: Mapping[str, str], *, now: datetime, zone: tzinfo
) -> ReportPage:
    """The same as a page."""
    report = make(reader, name, query, now=now, zone=zone)
    first = report.period.start.astimezone(zone).date()
    last = (report.period.end.astimezone(zone) - timedelta(microseconds=1)).date()
    days = {"from": first.isoformat(), "to": last.isoformat()}
    link = urlencode({"by": report.by.key, **days, **_only(name, query)})
    before = report_charts.made_before(reader, report, query, only=_only(name, query), zone=zone)
    return ReportPage(
        declaration=report.declaration,
        sentence=_sentence(report, first, last),
        filters=_filters(report, query),
        label=report.by.label,
        columns=tuple(one for one in report.declaration.columns if not one.group),
        rows=tuple(_line(report, row, link, (first, last)) for row in report.rows),
        totals=_line(report, report.totals, link, (first, last)),
        parts=_parts(report),
        curve=decay_curve.of_report(report),
        charts=report_charts.of_report(report, before),
        csv_url=f"{reverse('console:report-csv', args=[name])}?{link}",
        behind=BEHIND[name].build(reader, report, query) if name in BEHIND else None,
    )


def _sentence(report: Report, first: date, last: date) -> str:
    kits = " and ".join(f"v{number}" for number in report.kits[-3:])
    under = _(", under kit {kits}").format(kits=kits) if kits else ""
    return _("{day} {first} to {day2} {last}{under}. {meaning}").format(
        day=first.day,
        first=f"{first:%b}",
        day2=last.day,
        last=f"{last:%b %Y}",
        under=under,
        meaning=report.declaration.meaning,
    )


def _filters(report: Report, query: Mapping[str, str]) -> tuple[Filter, ...]:
    dated = bool(query.get("from") or query.get("to"))
    days = "" if dated else query.get("days") or "30"
    spans = tuple(Option(key, label, key == days) for key, label in sla_page.DAYS)
    slices = tuple(
        Option(one.key, one.label, one == report.by) for one in report.declaration.slices
    )
    found = (
        Filter("days", _("Period"), _("As dated above") if dated else "", spans),
        Filter("by", _("By"), "", slices),
    )
    if report_charts.compares(report.declaration.key):
        chosen = query.get(report_charts.COMPARE) == report_charts.BEFORE
        before = Option(report_charts.BEFORE, _("As many days before"), chosen)
        return (*found, Filter(report_charts.COMPARE, _("Beside"), _("Nothing"), (before,)))
    if report.declaration.key == uncontacted.DECLARATION.key:
        sources = tuple(
            Option(key, str(label), key == query.get(SOURCE))
            for key, label in SourceCategory.choices
        )
        return (*found, Filter(SOURCE, _("Of"), _("All sources"), sources))
    owed = speed_leads.obligations() if report.declaration.key == speed_leads.KEY else {}
    asked = query.get(OBLIGATION, "")
    options = tuple(Option(key, label, key == asked) for key, label in owed.items())
    return (*found, Filter(OBLIGATION, _("Of"), _("First contacts"), options)) if owed else found


def _line(report: Report, row: Row, link: str, days: tuple[date, date]) -> Line:
    figures = row.figures()
    behind = BEHIND.get(report.declaration.key)
    links = behind.links(report, row, link, days) if behind is not None else {}
    return Line(
        row.label,
        tuple(
            Cell(
                _cell(figures[one.key], one.unit),
                links.get(one.key, "") if figures[one.key] else "",
                is_number=one.unit != WORDS,
            )
            for one in report.declaration.columns
            if not one.group
        ),
    )


def _parts(report: Report) -> Parts | None:
    columns = tuple(one for one in report.declaration.columns if one.group)
    if not columns:
        return None
    whole = report.totals.figures()
    columns = (columns[0], *(one for one in columns[1:] if whole[one.key]))
    rows = (*report.rows, report.totals) if report.rows else ()
    return Parts(columns[0].group, columns, tuple(_divided(row, columns) for row in rows))


def _divided(row: Row, columns: Sequence[Column]) -> Line:
    figures = row.figures()
    whole = figures[columns[0].key]
    cells = [Cell(_cell(whole, columns[0].unit))]
    for one in columns[1:]:
        part = figures[one.key]
        share = words.percent(int(part), int(whole)) if part and whole else ""
        cells.append(Cell(_cell(part, one.unit) if part else words.DASH, share=share))
    return Line(row.label, tuple(cells))


def _cell(value: Value, unit: str) -> str:
    if value is None:
        return words.DASH
    if unit == "share":
        return f"{100 * float(value):.1f} %"
    if unit == "seconds":
        return words.span(timedelta(seconds=float(value)))
    return value if isinstance(value, str) else words.number(value)
