"""Benchmarks and owners of metrics as they count: what people said last, else the declaration."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from people.models import User
from reports.metrics.declaring import Benchmark, Metric
from reports.models import BenchmarkLine, MetricOwner

Slice = tuple[str, str]
"""A slice and its value; ("", "") of all."""
ALL: Slice = ("", "")


@dataclass(frozen=True, slots=True)
class Owner:
    """Who answers for a metric. `person` has left where `gone`."""

    role: str
    person: User | None = None

    @property
    def gone(self) -> bool:
        """Whether nobody answers for it: the person named for it is not at work any more."""
        return self.person is not None and not self.person.is_active


def lines(metric: Metric, *, known: dt.datetime | None = None) -> QuerySet[BenchmarkLine]:
    """All that was said of its benchmarks, the latest first; or by an instant."""
    rows = BenchmarkLine.objects.filter(metric=metric.key).select_related("by")
    if known is not None:
        rows = rows.filter(recorded_at__lte=known)
    return rows.order_by("-recorded_at", "-pk")


def in_force(metric: Metric, said: Iterable[BenchmarkLine]) -> dict[Slice, Benchmark]:
    """The benchmarks that count, given all that was said, the latest first. Pure."""
    last: dict[Slice, BenchmarkLine] = {}
    for row in said:
        last.setdefault((row.slice, row.value), row)
    found = {
        key: Benchmark(row.low, row.high, row.source, row.dated)
        for key, row in last.items()
        if not row.withdrawn and row.dated is not None
    }
    if ALL not in last and metric.benchmark is not None:
        found[ALL] = metric.benchmark
    return found


def fitting(found: Mapping[Slice, Benchmark], only: Mapping[str, str]) -> Benchmark | None:
    """The benchmark of what is kept to one value; of all where nothing else is kept to.

    What holds of all says nothing of a part.
    """
    if not only:
        return found.get(ALL)
    return found.get(next(iter(only.items()))) if len(only) == 1 else None


def owner(metric: Metric, named: Iterable[MetricOwner]) -> Owner:
    """Who answers for a metric, given who was named for it, the latest first. Pure."""
    last = next(iter(named), None)
    return Owner(str(metric.owner.label), last.owner if last else None)


def last_named() -> QuerySet[MetricOwner]:
    """Who was named last for each metric for which somebody was."""
    rows = MetricOwner.objects.order_by("metric", "-recorded_at", "-pk").distinct("metric")
    return rows.select_related("owner")


def history(metric: Metric) -> QuerySet[MetricOwner]:
    """Who was named for it, the latest first."""
    rows = MetricOwner.objects.filter(metric=metric.key).select_related("owner", "by")
    return rows.order_by("-recorded_at", "-pk")
