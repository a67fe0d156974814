"""All metrics as a page of the guide: what each means, how it is counted, who answers. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from reports.metrics import catalogue
from reports.metrics.declaring import SLICES, Metric

TITLE = """# KPIs

Each KPI is declared once; pages, API, files and the governance review tell it by this declaration.
Written by `manage.py metrics --write`.
"""


def page() -> str:
    """The page as Markdown."""
    return "\n".join([TITLE, *_parts()]).rstrip() + "\n"


def _parts() -> Iterator[str]:
    for group, metrics in catalogue.GROUPS.items():
        yield f"## {group}\n"
        for metric in metrics:
            yield from _metric(metric)


def _metric(metric: Metric) -> Iterator[str]:
    yield f"### {metric.name}\n"
    yield f"{metric.meaning}\n"
    yield f"* Key: `{metric.key}`, version {metric.version}"
    yield f"* Formula: {metric.formula}"
    yield f"* Answered for by: {metric.owner.label}; better is {metric.better.value}"
    told = ", ".join(f"{one.label} ({one.unit})" for one in metric.figures)
    yield f"* Figures: {told}; the metric itself is *{metric.headline.label}*"
    yield f"* Broken down by: {', '.join(SLICES[one].lower() for one in metric.slices)}"
    if metric.benchmark is not None:
        ends = [one for one in (metric.benchmark.low, metric.benchmark.high) if one is not None]
        lies = " to ".join(f"{100 * one:g} %" if metric.headline.unit == "share" else f"{one:g}"
                           for one in ends)  # fmt: skip
        yield f"* Benchmark: {lies}, {metric.benchmark.source}, {metric.benchmark.at}"
    yield ""
