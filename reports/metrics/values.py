"""Figures of metrics from what was added up. Pure.

A rate by person is stated only where it is known of most whose they were: where that is known of
the successful ones alone, every rate would be one.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reports import intervals
from reports.declaration import Value
from reports.metrics.declaring import (
    Count,
    Formula,
    How,
    Mean,
    Metric,
    Quantile,
    Ratio,
    Share,
    Spans,
    Total,
    is_beside,
)

KNOWN_OF = 0.8
"""Of so many of the whole it must be known whose they were, at least …"""
APART = 0.1
"""… or of no larger share of the part than of the whole by this much."""

Sums = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a metric: what was added up, and the quantiles of its spans in seconds."""

    metric: Metric
    key: str
    label: str
    sums: Sums
    wholes: Sums
    """Of what shares are a part: the row's own sums, or those of all."""
    quantiles: Mapping[str, float | None]
    withheld: bool = False
    """Whether its rates cannot be stated."""

    def figures(self) -> Mapping[str, Value]:
        """The values of the declared columns."""
        found: dict[str, Value] = {}
        for one in self.metric.figures:
            how = one.how
            if isinstance(how, Share):
                part, whole = self._share(how)
                found[one.key] = part / whole if whole and not self.withheld else None
            elif isinstance(how, Quantile):
                found[one.key] = self.quantiles.get(one.key)
            elif isinstance(how, Spans):
                found[one.key] = int(self.quantiles.get(one.key) or 0)
            else:
                found[one.key] = self._made(how)
        low, high = self.interval or (None, None)
        return {**found, **({"low": low, "high": high} if self._has_interval else {})}

    def _made(self, how: How) -> Value:
        """A figure that sums make."""
        if isinstance(how, Formula):
            known = [self._sum(name) for name in how.needs]
            return how.of(*known) if None not in known else None
        if isinstance(how, Mean | Ratio):
            over, under = (how.measure, how.of) if isinstance(how, Mean) else (how.over, how.under)
            sums = self._sum(over), self._sum(under)
            return sums[0] / sums[1] if sums[0] is not None and sums[1] else None
        if not isinstance(how, Count | Total):
            raise TypeError(f"Sums do not make {how}.")
        told = self._sum(how.measure)
        if told is None:
            return None
        return int(told) if isinstance(how, Count) else round(told, 2)

    def _sum(self, name: str) -> float | None:
        """What a measure adds up to: nought where there are no facts, None where it is unknown."""
        return self.sums.get(name, None if is_beside(name) else 0.0)

    @property
    def value(self) -> float | None:
        """The metric itself."""
        found = self.figures()[self.metric.headline.key]
        return float(found) if isinstance(found, int | float) else None

    @property
    def n(self) -> int:
        """How many it is counted of."""
        how = self.metric.headline.how
        if isinstance(how, Share):
            return self._share(how)[1]
        if isinstance(how, Mean):
            return int(self.sums.get(how.of, 0))
        if isinstance(how, Ratio | Formula):
            return int(self.sums.get(self.metric.of, 0))
        return int(self.quantiles.get(self.metric.figures[0].key) or 0)

    @property
    def interval(self) -> tuple[float, float] | None:
        """Wilson's at 95 % of the metric, where it is a share that can be stated."""
        how = self.metric.headline.how
        if not isinstance(how, Share) or self.withheld:
            return None
        return intervals.wilson(*self._share(how))

    @property
    def _has_interval(self) -> bool:
        return isinstance(self.metric.headline.how, Share)

    def _share(self, how: Share) -> tuple[int, int]:
        return int(self.sums.get(how.part, 0)), int(self.wholes.get(how.whole, 0))


def known_too_rarely(metric: Metric, by_person: Mapping[str, Sums]) -> bool:
    """Whether rates by person cannot be stated: it is known of the part whose they were, not of
    the whole. `by_person` has what nobody had under an empty key.
    """
    how = metric.headline.how
    if not isinstance(how, Share):
        return False
    part, whole = (sum(sums.get(name, 0) for sums in by_person.values())
                   for name in (how.part, how.whole))  # fmt: skip
    nobody = by_person.get("", {})
    if not whole or not part:
        return False
    of_whole = 1 - nobody.get(how.whole, 0) / whole
    of_part = 1 - nobody.get(how.part, 0) / part
    return of_whole < KNOWN_OF and of_part - of_whole > APART
