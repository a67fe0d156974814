"""Every KPI of the month with who answers for it: as a whole, by source, by rep.

Declared once in `reports.metrics`; a metric that is added there stands in the next review.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from people import roles
from people.models import User
from reports import registry
from reports.declaration import Column
from reports.metrics import catalogue
from reports.metrics.declaring import Better, Metric
from reports.metrics.values import Row
from reports.reviews import tables, wording
from reports.reviews.tables import Month, Table

_VALUE = (
    Column("said", "Value", "text"),
    Column("n", "Of"),
    Column("limits", "95 % limits", "text"),
)


def definitions(_month: Month) -> Table:
    """What each KPI means and how it is computed, with who answers for it and its version."""
    return tables.table(
        (
            Column("meaning", "Meaning", "lines"),
            Column("formula", "Formula", "lines"),
            Column("owner", "Owner", "text"),
            Column("version", "Version"),
        ),
        [
            {
                "key": one.key,
                "label": one.name,
                "meaning": one.meaning,
                "formula": one.formula,
                "owner": str(one.owner.label),
                "version": one.version,
            }
            for one in catalogue.ALL.values()
        ],
        head="KPI",
        meaning="What each KPI means, how it is computed, and who answers for it.",
    )


def whole(month: Month) -> Table:
    """Each KPI of the month, with its benchmark and how many people have the role that owns it."""
    rows = [
        {
            **_line(row, metric),
            "key": metric.key,
            "label": metric.name,
            "owner": str(metric.owner.label),
            "owners": _holders(metric),
            "benchmark": _benchmark(metric),
            "verdict": verdict(metric, row),
            "version": metric.version,
        }
        for metric, row in ((one, _made(one, month, "").totals) for one in catalogue.ALL.values())
    ]
    return tables.table(
        (
            *_VALUE,
            Column("benchmark", "Benchmark", "text"),
            Column("verdict", "Against it", "text"),
            Column("owner", "Owner", "text"),
            Column("owners", "People in that role"),
            Column("version", "Version of the formula"),
        ),
        rows,
        head="KPI",
        show=("said", "n", "limits", "benchmark", "verdict", "owner", "version"),
        meaning="Every KPI of the month. Each counts whose first step fell into it, as of opening.",
    )


def by_source(month: Month) -> Table:
    """Each KPI by source."""
    return tables.table(
        (Column("slice", "Source", "text"), *_VALUE),
        list(_sliced(month, "source")),
        head="KPI",
        meaning="Every KPI of the month by the source of its leads.",
    )


def by_rep(month: Month) -> Table:
    """Each KPI by rep, where it has one."""
    return tables.table(
        (Column("slice", "Rep", "text"), *_VALUE),
        list(_sliced(month, "rep")),
        head="KPI",
        meaning="Every KPI of the month that can be told by rep. What is known too rarely is not.",
    )


def verdict(metric: Metric, row: Row) -> str:
    """Where it lies against its benchmark: empty without one, or of nothing."""
    known, value = metric.benchmark, row.value
    if known is None or value is None:
        return ""
    low, high = row.interval or (value, value)
    below = known.low is not None and high < known.low
    above = known.high is not None and low > known.high
    if below:
        return "below" if metric.better is not Better.LOWER else "better"
    if above:
        return "above" if metric.better is not Better.HIGHER else "better"
    return "within"


def _sliced(month: Month, by: str) -> Iterator[dict[str, Any]]:
    for metric in catalogue.ALL.values():
        if by not in metric.slices:
            continue
        for row in _made(metric, month, by).rows:
            yield {
                **_line(row, metric),
                "key": f"{metric.key}/{row.key}",
                "person": row.key,
                "label": metric.name,
                "slice": row.label,
            }


def _made(metric: Metric, month: Month, by: str) -> Any:
    return registry.build(metric.key, month.eyes, period=month.period, by=by, now=month.now)


def _line(row: Row, metric: Metric) -> dict[str, Any]:
    unit, limits = metric.headline.unit, row.interval
    return {
        "value": row.value,
        "unit": unit,
        "said": wording.cell(row.value, unit),
        "n": row.n,
        "limits": " to ".join(wording.cell(one, unit) for one in limits) if limits else "",
    }


def _benchmark(metric: Metric) -> str:
    known = metric.benchmark
    if known is None:
        return ""
    unit = metric.headline.unit
    ends = [wording.cell(one, unit) for one in (known.low, known.high) if one is not None]
    if len(ends) == 2:
        told = " to ".join(ends)
    else:
        told = f"{'at least' if known.low is not None else 'at most'} {ends[0]}"
    return f"{told} ({known.source}, {known.at:%Y-%m-%d})"


def _holders(metric: Metric) -> int:
    return User.objects.filter(roles.playing(metric.owner), is_active=True).count()
