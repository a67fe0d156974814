"""A metric's numbers without their words: for comparison, for trends, for many metrics at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from core import steps
from people.models import User
from reports.metrics import counting, values
from reports.metrics.declaring import Metric
from reports.metrics.values import Row
from reports.periods import Period


@dataclass(frozen=True, slots=True)
class Bare:
    """The lines by the values of a slice, and all together."""

    rows: Mapping[str, Row]
    totals: Row


@steps.in_steps
def asked_of(
    metric: Metric,
    user: User,
    *,
    period: Period,
    by: str = "",
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> steps.Story[Bare]:
    """The same numbers as `counting.build` makes, to be asked beside others; no slice: totals."""
    kept = dict(only or {})
    summing = counting.sums_asked(metric, user, period, by, kept, now=now)
    measuring = counting.spans_asked(metric, user, period, by, kept)
    yield [summing, measuring]
    (sums, whole), spans = summing.found, measuring.found
    withheld = by in counting.PEOPLE and values.known_too_rarely(metric, sums)
    keys = [*sums, *(key for key in spans if key is not None and key not in sums)] if by else []
    rows = {
        key: Row(
            metric,
            key,
            "",
            sums.get(key, {}),
            whole if by in metric.parts else sums.get(key, {}),
            spans.get(key, {}),
            withheld=withheld and key != "",
        )
        for key in keys
    }
    return Bare(rows, Row(metric, "", "", whole, whole, spans.get(None, {})))
