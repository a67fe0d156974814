"""Every metric there is, by its key. What each is stands in the module of its kind."""

from __future__ import annotations

from collections.abc import Mapping

from reports.metrics import decisions, durations, funnel, money, revenue, staying
from reports.metrics.declaring import Metric

GROUPS: Mapping[str, tuple[Metric, ...]] = {
    "Funnel": (*funnel.METRICS, *staying.METRICS),
    "Decisions": decisions.METRICS,
    "Time": durations.METRICS,
    "Revenue": revenue.METRICS,
    "Money": money.METRICS,
}
"""By kind, in the order in which pages list them."""

ALL: Mapping[str, Metric] = {one.key: one for group in GROUPS.values() for one in group}
