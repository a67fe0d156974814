"""What a metric is: its words, who answers for it, how it is counted. Holds no figures, no queries.

Pages, API, files, mails, the guide and the governance review all tell a metric by its declaration.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, TypeAlias

from core import steps
from people.models import Role, User
from reports.declaration import Column, Declaration, Slice
from reports.facts.cubes import Cube
from reports.periods import Period


class Better(Enum):
    """Which way a number should go."""

    HIGHER = "higher"
    LOWER = "lower"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class Count:
    """How many facts."""

    measure: str


@dataclass(frozen=True, slots=True)
class Share:
    """What part of some facts. Pages show it with Wilson's interval at 95 %."""

    part: str
    whole: str


@dataclass(frozen=True, slots=True)
class Quantile:
    """The length of time that `share` of the spans do not exceed, interpolated; in seconds."""

    span: str
    share: float


@dataclass(frozen=True, slots=True)
class Spans:
    """How many spans a quantile is of."""

    span: str


@dataclass(frozen=True, slots=True)
class Total:
    """What something adds up to: money in the base currency, or seconds."""

    measure: str
    unit: str = "money"


@dataclass(frozen=True, slots=True)
class Mean:
    """What one of these has of it on average: money in the base currency, or seconds."""

    measure: str
    of: str
    unit: str = "money"


@dataclass(frozen=True, slots=True)
class Ratio:
    """One sum for each of another; None where one is not known, or there is none of the other."""

    over: str
    under: str
    unit: str = "money"


@dataclass(frozen=True, slots=True)
class Formula:
    """What a pure function makes of these sums, in their order; None where one is not known."""

    of: Callable[..., float | None]
    needs: tuple[str, ...]
    unit: str = "money"


How: TypeAlias = Count | Share | Quantile | Spans | Total | Mean | Ratio | Formula


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a metric: the first one that is a share or a quantile is the metric itself."""

    key: str
    label: str
    how: How

    @property
    def unit(self) -> str:
        """As columns of reports have it."""
        if isinstance(self.how, Share):
            return "share"
        if isinstance(self.how, Total | Mean | Ratio | Formula):
            return self.how.unit
        return "seconds" if isinstance(self.how, Quantile) else "count"


class Source(Protocol):
    """What a metric counts beside its own facts: costs, quotas, facts of another kind.

    Its measures go by `key.measure`.
    """

    @property
    def key(self) -> str:
        """Before each of its measures: `spent` of `spent.amount`."""
        ...

    @property
    def names(self) -> tuple[str, ...]:
        """Its measures."""
        ...

    @property
    def nought(self) -> bool:
        """Whether a line that it does not tell has none of it; else it is not known there."""
        ...

    def asked(
        self,
        user: User,
        period: Period,
        by: str,
        only: Mapping[str, str],
        *,
        now: dt.datetime | None = None,
    ) -> steps.Steps[dict[str, dict[str, float]] | None]:
        """Its measures by the values of a slice, and under "" of all where there is no slice.

        None where nothing is known by this slice, or to this reader.
        """
        ...


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Between what it usually lies elsewhere, in the metric's unit, who says so, and when."""

    low: float | None
    high: float | None
    source: str
    at: dt.date

    def __post_init__(self) -> None:
        if not self.source.strip():
            raise ValueError("A benchmark names its source.")
        if self.low is None and self.high is None:
            raise ValueError("A benchmark has a lower or an upper bound.")


def measures_of(figure: Figure) -> tuple[str, ...]:
    """The measures that a figure is made of."""
    how = figure.how
    if isinstance(how, Count | Total):
        return (how.measure,)
    if isinstance(how, Share):
        return (how.part, how.whole)
    if isinstance(how, Mean):
        return (how.measure, how.of)
    if isinstance(how, Ratio):
        return (how.over, how.under)
    return how.needs if isinstance(how, Formula) else ()


def is_beside(measure: str) -> bool:
    """Whether a measure is not one of the metric's own facts."""
    return "." in measure


SLICES: Mapping[str, str] = {
    "source": "Source",
    "medium": "Medium",
    "channel": "Channel",
    "campaign": "Campaign",
    "segment": "Segment",
    "team": "Team",
    "rep": "Rep",
    "kit": "Kit version",
    "stage": "Stage",
    "obligation": "Obligation",
    "policy": "Clock policy",
    "partner": "Partner",
    "nurtured": "Nurtured",
    "reason": "Reason",
    "criterion": "Criterion",
    "week": "Week",
    "month": "Month",
}
PERIODS = ("week", "month")
"""Slices by when it was."""


@dataclass(frozen=True)
class Metric:
    """A number that somebody answers for.

    `version` counts up with every change of the formula: frozen figures name it. Raises ValueError
    where nobody answers for it, or something is left untold.
    """

    key: str
    name: str
    meaning: str
    formula: str
    owner: Role
    version: int
    cube: Cube
    figures: tuple[Figure, ...]
    slices: tuple[str, ...]
    better: Better
    benchmark: Benchmark | None = None
    parts: tuple[str, ...] = ()
    """Slices that divide what is counted, not what it is a share of: the whole is that of all."""
    beside: tuple[Source, ...] = ()
    main: str = ""
    """Key of the figure that is meant by its name, where it is not the first rate or time."""
    of: str = ""
    """The measure that says of how many a ratio or a formula is."""

    def __post_init__(self) -> None:
        if self.owner not in Role:
            raise ValueError(f"Nobody answers for the metric “{self.key}”.")
        if not (self.name and self.meaning and self.formula):
            raise ValueError(f"The metric “{self.key}” says too little of itself.")
        for one in self.slices:
            if one not in PERIODS and one not in self.cube.dimensions:
                raise ValueError(f"“{self.key}” cannot be sliced by {one}.")
        unknown = {name for one in self.figures for name in measures_of(one)} - {*self.measures}
        if unknown:
            raise ValueError(f"“{self.key}” has nothing that adds up to {', '.join(unknown)}.")

    @property
    def measures(self) -> tuple[str, ...]:
        """What adds up: the measures of its facts, and those beside them."""
        told = (f"{one.key}.{name}" for one in self.beside for name in one.names)
        return (*self.cube.names, *told)

    @property
    def headline(self) -> Figure:
        """The number that is meant by its name."""
        for one in self.figures:
            if self.main == one.key:
                return one
            if not self.main and isinstance(one.how, Share | Quantile | Mean | Ratio | Formula):
                return one
        return self.figures[0]

    @property
    def declaration(self) -> Declaration:
        """The same as reports tell it."""
        columns: list[Column] = []
        for one in self.figures:
            columns.append(Column(one.key, one.label, one.unit))
            if one is self.headline and isinstance(one.how, Share):
                columns += [
                    Column("low", "Lower bound", "share"),
                    Column("high", "Upper bound", "share"),
                ]
        return Declaration(
            key=self.key,
            name=self.name,
            meaning=self.meaning,
            formula=f"{self.formula} (Version {self.version}.)",
            owner_role=str(self.owner.label),
            unit=self.headline.unit,
            slices=tuple(Slice(one, SLICES[one]) for one in self.slices),
            columns=tuple(columns),
        )
