"""A metric as a page: the number in a sentence, its course, its lines, and how it is counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from core import errors, steps
from core.errors import FieldError
from core.texts import _, lazy
from governance import selectors as kits
from people.models import User
from reports import declared, facts_state, registry
from reports.declaration import Column, Report
from reports.facts import company_days
from reports.metrics import bare, behind, catalogue, counting, labels, restating
from reports.metrics.bare import Bare
from reports.metrics.declaring import PERIODS, SLICES, Better, Metric
from reports.metrics.values import Row
from web.console import metric_charts, metric_declared, metric_period, metric_words, words
from web.console.charts.parts import Chart
from web.console.lead_list import Filter, Option
from web.console.metric_period import Span
from web.console.metric_words import Change
from web.console.report_page import Cell

MOST_FILTERS = 2
BETTER = {
    Better.HIGHER: lazy("higher"),
    Better.LOWER: lazy("lower"),
    Better.NEITHER: lazy("neither higher nor lower"),
}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for."""

    metric: Metric
    span: Span
    by: str
    only: Mapping[str, str]
    compare: str

    @property
    def query(self) -> dict[str, str]:
        """The same in an address, the days by their dates."""
        return {**self.span.query, "by": self.by, "compare": self.compare, **self.only}


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its figures, each with an address of its leads, and what it was before."""

    label: str
    keep_url: str
    cells: tuple[Cell, ...]
    before: str
    change: Change


@dataclass(frozen=True, slots=True)
class Kept:
    """One filter in force."""

    name: str
    key: str
    label: str
    value: str
    drop_url: str


@dataclass(frozen=True, slots=True)
class MetricPage:
    """The page."""

    metric: Metric
    value: str
    sentence: str
    meaning: str
    few: str
    change: Change
    beside: str
    building: str
    filters: tuple[Filter, ...]
    span: Span
    kept: tuple[Kept, ...]
    label: str
    columns: tuple[Column, ...]
    rows: tuple[Line, ...]
    totals: Line
    charts: tuple[Chart, ...]
    slices: str
    owner: str
    better: str
    benchmark: str
    zone: str
    rest: tuple[tuple[str, str], ...]
    """What an address keeps besides its dates."""
    csv_url: str
    xlsx_url: str
    mail_url: str
    leads_url: str
    restated_url: str
    """The same as it was told at the end of the period; empty where that is not known."""


def is_metric(name: str) -> bool:
    """Whether a report has this page."""
    return name in catalogue.ALL


def read(name: str, query: Mapping[str, str], *, now: datetime) -> Asked:
    """Read the address. Raises InvalidInput naming the fault."""
    metric = catalogue.ALL[name]
    by = metric.declaration.slice(query.get("by", "")).key
    only = {one: query[one] for one in metric.slices if query.get(one)}
    if len(only) > MOST_FILTERS:
        message = _("Keep to two values at most; you asked for {slices}.").format(
            slices=", ".join(only)
        )
        raise errors.InvalidInput(message, errors=[FieldError([*only][-1], message)])
    faults = [
        FieldError(one, _("This is no value of it."))
        for one, value in only.items()
        if not value.isprintable()
    ]
    if faults:
        raise errors.InvalidInput(faults[0].message, errors=faults)
    span = metric_period.read(query, now=now)
    return Asked(metric, span, by, only, metric_period.compared(query))


def make(reader: User, asked: Asked, *, now: datetime) -> Report:
    """The report that the address asks for."""
    return registry.build(
        asked.metric.key, reader, period=asked.span.period, by=asked.by, only=asked.only, now=now
    )


def build(reader: User, asked: Asked, *, now: datetime) -> MetricPage:
    """The page, in as few messages as one of its parts takes."""
    metric, span = asked.metric, asked.span
    other = metric_period.beside(span, asked.compare)
    compares = other is not None and asked.by not in PERIODS
    made = counting.asked_of(
        metric, reader, period=span.period, by=asked.by, only=asked.only, now=now
    )
    then = bare.asked_of(
        metric, reader, period=(other or span).period, by=asked.by if compares else "",
        only=asked.only, now=now,
    )  # fmt: skip
    step, course = metric_period.trend(span, by_week="week" in metric.slices)
    trend = bare.asked_of(metric, reader, period=course.period, by=step, only=asked.only, now=now)
    versions = kits.came_into_force(course.period.start, course.period.end)
    said, named = declared.lines(metric), declared.history(metric)
    steps.ask(made, trend, versions, said, named, *([then] if other else []))
    benchmark = declared.fitting(declared.in_force(metric, said), asked.only)
    report, before = made.found, then.found if other else None
    change = metric_words.change(report.totals, before.totals if before else None)
    return MetricPage(
        metric=metric,
        value=metric_words.value(report.totals),
        sentence=_sentence(report, span),
        meaning=report.declaration.meaning,
        few=_few(report.totals),
        change=change,
        beside=_beside(before, other, change) if before and other else "",
        building=_building(),
        filters=_filters(asked),
        span=span,
        kept=_kept(asked),
        label=report.by.label,
        columns=report.declaration.columns,
        rows=tuple(_line(asked, row, before if compares else None) for row in report.rows),
        totals=_line(asked, report.totals, before),
        charts=metric_charts.of_report(
            report, trend.found, versions, step=step, days=course, benchmark=benchmark, now=now
        ),
        slices=", ".join(SLICES[one] for one in metric.slices),
        owner=metric_declared.owner_words(declared.owner(metric, named)),
        better=str(BETTER[metric.better]),
        benchmark=metric_declared.benchmark_words(metric, benchmark),
        zone=_("Whole days of the company, {zone}").format(zone=company_days.zone().key),
        rest=tuple({"by": asked.by, "compare": asked.compare, **asked.only}.items()),
        csv_url=f"{reverse('console:report-csv', args=[metric.key])}?{urlencode(asked.query)}",
        xlsx_url=f"{reverse('console:report-xlsx', args=[metric.key])}?{urlencode(asked.query)}",
        mail_url=_mail_url(asked),
        leads_url=_headline_url(asked),
        restated_url=_restated_url(asked),
    )


def _mail_url(asked: Asked) -> str:
    """Where the same is begun to be had by mail."""
    query = {"key": asked.metric.key, "by": asked.by, **asked.only}
    return f"{reverse('console:mailing-new')}?{urlencode(query)}"


def _headline_url(asked: Asked) -> str:
    """The leads behind the metric; empty where none are."""
    headline = asked.metric.headline
    return leads_url(asked, of=headline.key) if behind.has_facts(asked.metric, headline) else ""


def _restated_url(asked: Asked) -> str:
    if not restating.can_tell(asked.metric):
        return ""
    address = reverse("console:metric-restated", args=[asked.metric.key])
    return f"{address}?{urlencode(asked.span.query)}"


def leads_url(asked: Asked, *, of: str, row: str | None = None, name: str = "metric-leads") -> str:
    """Where the leads behind a figure are listed; of all without a row."""
    query = {**asked.span.query, "by": asked.by, **asked.only, "of": of}
    if row is not None:
        query["row"] = row
    return f"{reverse(f'console:{name}', args=[asked.metric.key])}?{urlencode(query)}"


def _sentence(report: counting.Report, span: Span) -> str:
    totals = report.totals
    told = " and ".join(f"v{number}" for number in report.kits[-3:])
    under = _(", under kit {kits}").format(kits=told) if told else ""
    if totals.value is None and metric_words.number_of(totals):
        return _("{days}{under}: what is known makes no number; see the columns below.").format(
            days=span.words(), under=under
        )
    if totals.value is None:
        return _("{days}{under}: there is nothing to count.").format(days=span.words(), under=under)
    return _("{days}{under}: {headline}.").format(
        days=span.words(), under=under, headline=metric_words.headline(totals)
    )


def _few(row: Row) -> str:
    n = metric_words.number_of(row)
    if not n or not metric_words.is_few(row):
        return ""
    return _("Few: one more or less would move it by {much}.").format(much=f"{100 / n:.0f} %")


def _beside(before: Bare, other: Span, change: Change) -> str:
    told = _("{days}: {headline}.").format(
        days=other.words(), headline=metric_words.headline(before.totals)
    )
    if change.may_be_chance and change.verdict:
        return _("{told} Chance alone may explain the difference.").format(told=told)
    return told


def _building() -> str:
    share = facts_state.made_share()
    if share is None:
        return ""
    return _(
        "Figures are being counted from the log: {share} of the leads are in. They are complete "
        "when this line is gone."
    ).format(share=f"{100 * share:.0f} %")


def _filters(asked: Asked) -> tuple[Filter, ...]:
    periods = tuple(
        Option(key, str(label), key == asked.span.chosen) for key, label in metric_period.CHOICES
    )
    slices = tuple(Option(one, SLICES[one], one == asked.by) for one in asked.metric.slices)
    compared = tuple(
        Option(key, str(label), key == asked.compare) for key, label in metric_period.COMPARED
    )
    own = "" if asked.span.chosen else _("As dated beside")
    return (
        Filter("period", _("Period"), own, periods),
        Filter("by", _("By"), "", slices),
        Filter("compare", _("Beside"), "", compared),
    )


def _kept(asked: Asked) -> tuple[Kept, ...]:
    here = reverse("console:report", args=[asked.metric.key])
    found = []
    for name, value in asked.only.items():
        rest = {key: one for key, one in asked.query.items() if key != name}
        label = labels.of(name, [value]).label(value)
        found.append(Kept(name, value, SLICES[name], label, f"{here}?{urlencode(rest)}"))
    return tuple(found)


def _line(asked: Asked, row: Row, before: Bare | None) -> Line:
    is_total = row.label == "All" and not row.key
    figures = row.figures()
    told = {one.key for one in asked.metric.figures if behind.has_facts(asked.metric, one)}
    at = None if is_total else row.key
    cells = tuple(
        Cell(
            metric_words.say(figures[one.key], one.unit),
            leads_url(asked, of=one.key, row=at) if one.key in told and figures[one.key] else "",
        )
        for one in asked.metric.declaration.columns
    )
    then = None
    if before is not None:
        then = before.totals if is_total else before.rows.get(row.key)
    return Line(
        label=row.label,
        keep_url="" if is_total else _keep_url(asked, row.key),
        cells=cells,
        before=metric_words.value(then) if then else words.DASH,
        change=metric_words.change(row, then),
    )


def _keep_url(asked: Asked, key: str) -> str:
    """Where the same is told of this line alone, by the next slice; empty where it cannot be."""
    more = {**asked.only, asked.by: key}
    if not key or asked.by in PERIODS or len(more) > MOST_FILTERS:
        return ""
    following = next((one for one in asked.metric.slices if one not in more), asked.by)
    query = {**asked.query, **more, "by": following}
    return f"{reverse('console:report', args=[asked.metric.key])}?{urlencode(query)}"
