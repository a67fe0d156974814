"""The charts of a metric's page: its course with what came into force, its lines beside others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta

from core.texts import _
from governance.models import KitVersion
from reports.facts import company_days
from reports.metrics import counting
from reports.metrics.bare import Bare
from reports.metrics.declaring import PERIODS, Benchmark, Metric, Share, measures_of
from reports.metrics.values import Row
from web.console import metric_words, words
from web.console.charts import benchmark as benchmarks
from web.console.charts import comparison, trend
from web.console.charts.parts import Chart
from web.console.metric_period import Span

FEWEST = 2
"""Lines are drawn beside each other from so many on."""


def of_report(
    report: counting.Report,
    course: Bare,
    versions: Iterable[KitVersion],
    *,
    step: str,
    days: Span,
    benchmark: Benchmark | None,
    now: datetime,
) -> tuple[Chart, ...]:
    """What is drawn above the table."""
    metric = report.totals.metric
    found: list[Chart] = [over_time(course, versions, step=step, days=days, now=now)]
    if benchmark is not None:
        found.append(_against(report.totals, benchmark))
    if (
        isinstance(metric.headline.how, Share)
        and report.by.key not in (*PERIODS, *metric.parts)
        and len(report.rows) >= FEWEST
        and not any(row.withheld for row in report.rows)
    ):
        found.append(_beside(report, metric.headline.how))
    return tuple(found)


def over_time(
    course: Bare, versions: Iterable[KitVersion], *, step: str, days: Span, now: datetime
) -> trend.Trend:
    """Week by week or month by month."""
    metric = course.totals.metric
    begins = list(_begins(step, days))
    return trend.draw(
        "course",
        _("Week by week") if step == "week" else _("Month by month"),
        [_point(one, course.rows.get(one.isoformat()), step) for one in begins],
        measure=metric_words.measure(metric.headline.unit),
        label=metric.headline.label,
        of=_of(metric),
        events=[_event(one, begins, now) for one in versions],
    )


def _of(metric: Metric) -> str:
    """What it is counted of, in words."""
    named = (one for one in metric.figures if metric.of and measures_of(one) == (metric.of,))
    return next(named, metric.figures[0]).label


def _begins(step: str, days: Span) -> Iterator[date]:
    day = days.first
    while day <= days.last:
        yield day
        if step == "week":
            day += timedelta(days=7)
        else:
            day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _point(begin: date, row: Row | None, step: str) -> trend.Point:
    told = _("week of {day}").format(day=f"{begin.day} {begin:%b}")
    label, short = (told, f"{begin.day} {begin:%b}") if step == "week" else (
        f"{begin:%b %Y}", f"{begin:%b}")  # fmt: skip
    if row is None:
        return trend.Point(label, None, 0, short=short)
    low, high = row.interval or (None, None)
    n = metric_words.number_of(row)
    return trend.Point(label, row.value, n or 0, low, high, short)


def _event(version: KitVersion, begins: list[date], now: datetime) -> trend.Event:
    at = version.published_at or now
    day = company_days.of(at)
    place = max(sum(one <= day for one in begins) - 1, 0)
    ends = begins[place + 1] if place + 1 < len(begins) else begins[place] + timedelta(days=7)
    within = (day - begins[place]).days / max((ends - begins[place]).days, 1)
    told = _("in force from {moment}").format(
        moment=words.moment(at, now=now, zone=company_days.zone())
    )
    title = f": {version.title}" if version.title else ""
    return trend.Event(place + min(within, 1.0), f"v{version.number}", f"{told}{title}")


def _against(row: Row, told: Benchmark) -> Chart:
    metric = row.metric
    return benchmarks.draw(
        "benchmark",
        metric.headline.label,
        row.value,
        benchmarks.Line(told.low, told.high, told.source, told.at),
        measure=metric_words.measure(metric.headline.unit),
        n=metric_words.number_of(row),
        better=metric.better.value,
    )


def _beside(report: counting.Report, how: Share) -> Chart:
    def share(row: Row) -> comparison.Share:
        return comparison.Share(
            row.label, int(row.sums.get(how.part, 0)), int(row.wholes.get(how.whole, 0))
        )

    return comparison.draw(
        "beside",
        _("Beside each other"),
        [share(row) for row in report.rows],
        whole=share(report.totals),
        label=report.by.label,
        what=report.totals.metric.headline.label,
        digits=1,
    )
