"""The charts of reports that have no page of their own: the funnel, the spread of waiting."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta, tzinfo

from core.texts import _
from people.models import User
from reports import funnel as funnels
from reports import registry, speed
from reports.declaration import Report
from reports.periods import Period
from web.console import words
from web.console.charts import funnel, histogram
from web.console.charts.parts import Chart, Measure, Unit

COMPARE, BEFORE = "compare", "before"


def compares(name: str) -> bool:
    """Whether a report is shown beside an earlier period."""
    return name == funnels.DECLARATION.key


def made_before(
    reader: User, report: Report, query: Mapping[str, str], *, only: Mapping[str, str], zone: tzinfo
) -> tuple[Report, int] | None:
    """The same report of as many days before, and how many; None where that is not asked for."""
    name = report.declaration.key
    if not compares(name) or query.get(COMPARE) != BEFORE:
        return None
    first = report.period.start.astimezone(zone).date()
    last = (report.period.end.astimezone(zone) - timedelta(microseconds=1)).date()
    days = (last - first).days + 1
    before = Period.of_days(first - timedelta(days=days), first - timedelta(days=1), zone)
    made = registry.build(
        name, reader, period=before, by=report.by.key, only=only, now=report.generated_at
    )
    return made, days


def of_report(report: Report, before: tuple[Report, int] | None) -> tuple[Chart, ...]:
    """What is drawn above the table of a report."""
    if isinstance(report.totals, funnels.Row):
        return (_funnel(report.totals, before),)
    if isinstance(report.totals, speed.Row):
        return (_spread(report.totals),)
    return ()


def _funnel(totals: funnels.Row, before: tuple[Report, int] | None) -> funnel.Funnel:
    then: tuple[funnel.Step, ...] = ()
    compared = note = ""
    if before and isinstance(before[0].totals, funnels.Row):
        then = _steps(before[0].totals)
        compared = _("the {days} before").format(days=words.plural(before[1], "day"))
        note = _(
            "Leads of the time before had longer to move on, so they are further by age alone."
        )
    return funnel.draw(
        "steps", _("How far they came"), _steps(totals), then=then, compared=compared, note=note
    )


def _steps(row: funnels.Row) -> tuple[funnel.Step, ...]:
    """The steps, each of what its rate in the report is a share of."""
    worked = _("Accepted or self-sourced")
    return (
        funnel.Step(_("Leads"), row.leads),
        funnel.Step("MQL", row.mql),
        funnel.Step(_("Accepted"), row.accepted),
        funnel.Step("SQL", row.sql, of=row.worked, of_label=worked),
        funnel.Step(_("Opportunity"), row.opportunity),
        funnel.Step(_("Won"), row.won),
    )


def _spread(totals: speed.Row) -> histogram.Histogram:
    figures = totals.figures()
    marks = []
    for key, label in (("elapsed_median", _("Median")), ("elapsed_p90", _("p90"))):
        value = figures[key]
        marks.append(histogram.Mark(label, float(value) if value is not None else None))
    return histogram.draw(
        "waited",
        _("How long buyers waited, elapsed"),
        histogram.counted([leg.elapsed for leg in totals.legs], histogram.TIMES),
        histogram.TIMES,
        measure=Measure(Unit.SECONDS),
        what=_("Answered"),
        marks=marks,
    )
