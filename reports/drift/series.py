"""A figure as it went, day by day or week by week, each point with limits of its own. Pure.

The points show how it came about; an alarm looks at the whole of both sides. The limits of a
point are wide where little was counted, and it alone may leave them by chance.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from reports.drift import control_limits, verdicts
from reports.drift.control_limits import Limits, Sample
from reports.drift.verdicts import Evidence, Metric

DAILY_UP_TO = 14
"""Days on one side; more are taken together by the week."""
WEEK = 7


@dataclass(frozen=True, slots=True)
class Point:
    """One day or week, `after` the publication or before it; without limits nothing was counted."""

    first: dt.date
    last: dt.date
    after: bool
    limits: Limits | None

    @property
    def is_outside(self) -> bool:
        """Whether this day or week alone left its limits."""
        return self.limits is not None and (self.limits.above or self.limits.below)


def of(metric: Metric, evidence: Evidence) -> tuple[Point, ...]:
    """The points of acceptance or of volume over all; of reasons there is no single line."""
    if metric is Metric.REASONS:
        return ()
    pair = (
        verdicts.acceptance(evidence) if metric is Metric.ACCEPTANCE else verdicts.volume(evidence)
    )
    window, by_working_day = evidence.window, metric is Metric.VOLUME
    judge = control_limits.of_rate if by_working_day else control_limits.of_share
    size = 1 if len(window.after) <= DAILY_UP_TO else WEEK
    points: list[Point] = []
    for days, sample, after in (
        (window.before, pair.before, False),
        (window.after, pair.after, True),
    ):
        kept = [day for day in days if not by_working_day or day in evidence.working]
        points += _points(kept, sample, pair.before, judge, size=size, after=after)
    return tuple(points)


def _points(
    days: list[dt.date],
    sample: Sample,
    baseline: Sample,
    judge: Callable[[Sample, Sample], Limits],
    *,
    size: int,
    after: bool,
) -> list[Point]:
    weeks: dict[int, list[int]] = {}
    for place, day in enumerate(days):
        weeks.setdefault((day - days[0]).days // size, []).append(place)
    return [
        Point(days[places[0]], days[places[-1]], after, _limits(sample, places, baseline, judge))
        for places in weeks.values()
    ]


def _limits(
    sample: Sample,
    places: list[int],
    baseline: Sample,
    judge: Callable[[Sample, Sample], Limits],
) -> Limits | None:
    part = Sample(
        tuple(sample.hits[place] for place in places),
        tuple(sample.trials[place] for place in places),
    )
    return judge(baseline, part) if part.n and baseline.n else None
