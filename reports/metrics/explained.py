"""Why a restated metric differs, in terms of its own columns: lead by lead. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from reports.metrics.declaring import Metric, measures_of
from reports.metrics.restating import Difference, Part, Told


@dataclass(frozen=True, slots=True)
class Explained:
    """One lead that counts otherwise.

    What it added to the columns of the metric, by their keys, and what it adds now; a span, in
    seconds, by the name of the span.
    """

    lead: int
    before: Mapping[str, float]
    after: Mapping[str, float]
    because: Sequence[Told]


def rows(metric: Metric, differences: Iterable[Difference]) -> list[Explained]:
    """The leads that change a column of this metric; others change what only its cube counts."""
    found = (
        Explained(one.lead, _by_column(metric, one.before), _by_column(metric, one.after),
                  one.because)
        for one in differences
    )  # fmt: skip
    return [one for one in found if one.before != one.after]


def _by_column(metric: Metric, parts: Mapping[Part, float]) -> dict[str, float]:
    columns = {
        names[0]: one.key for one in reversed(metric.figures) if len(names := measures_of(one)) == 1
    }
    found: dict[str, float] = {}
    for (_value, name), amount in parts.items():
        if name in columns:
            found[columns[name]] = found.get(columns[name], 0.0) + amount
        elif name not in metric.cube.measures:
            found[name] = amount
    return found
