"""The facts behind a figure: just those that it counts, and which of them a reader may open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from django.db.models import BooleanField, Case, F, FloatField, Q, When
from django.db.models import Value as Constant
from django.db.models.functions import Cast

from core import errors
from core.errors import FieldError
from leads import selectors as leads
from people.models import User
from reports.facts.cubes import Cube
from reports.metrics import adding, beside
from reports.metrics.declaring import (
    Count,
    Figure,
    Formula,
    Mean,
    Metric,
    Quantile,
    Ratio,
    Share,
    Spans,
    Total,
    is_beside,
    measures_of,
)
from reports.models import DealFact
from reports.periods import Period

Facts: TypeAlias = Any
"""A query set of facts with what was annotated, which types cannot tell."""


@dataclass(frozen=True, slots=True)
class Figures:
    """One figure that is asked for: of one line of a slice, or, without `row`, of all."""

    figure: Figure
    by: str = ""
    row: str | None = None


def read(metric: Metric, *, of: str, by: str = "", row: str | None = None) -> Figures:
    """The figure of this key; of none the metric itself, or the first that leads are behind.

    Raises InvalidInput naming what there is.
    """
    usual = [metric.headline, *metric.figures]
    key = of or next(one.key for one in usual if has_facts(metric, one))
    for one in metric.figures:
        if one.key == key:
            return Figures(one, metric.declaration.slice(by).key, row)
    known = ", ".join(one.key for one in metric.figures)
    message = f"“{of[:40]}” is no figure of this metric; use one of {known}."
    raise errors.InvalidInput(message, errors=[FieldError("of", message, "unknown")])


def counted(
    metric: Metric,
    user: User,
    asked: Figures,
    *,
    period: Period,
    only: Mapping[str, str] | None = None,
    now: dt.datetime | None = None,
) -> Facts:
    """The facts that a figure counts for this reader, each with its `amount` or `hit`, and `at`.

    Of a share they are those it is a share of; `hit` tells which went on. A line of a slice that
    divides the part alone has that part. Raises InvalidInput where none are behind it.
    """
    how, source = asked.figure.how, _source(metric, asked.figure)
    if source is None:
        raise _not_of_leads(metric, asked.figure)
    cube = source.cube
    span = source.span(period, now=now)
    rows: Any = adding.rows_of(cube, user, span or period, dict(only or {}))
    rows = (rows if span else rows.none()).annotate(at=F(cube.at))
    if asked.row is not None:
        rows = rows.annotate(row_of=adding.column(cube, user, asked.by))
        rows = rows.filter(row_of=asked.row)
    if isinstance(how, Ratio | Formula):
        return rows.filter(_condition(cube, metric.of))
    if isinstance(how, Quantile | Spans):
        return rows.annotate(amount=cube.spans[how.span]).filter(amount__isnull=False)
    if isinstance(how, Total | Mean):
        measure: Any = cube.measures[_own(how.measure)]
        rows = rows.annotate(amount=Cast(measure, FloatField()))
        if isinstance(how, Mean):
            return rows.filter(_condition(cube, how.of))
        return rows.filter(amount__isnull=False)
    if isinstance(how, Share):
        divides = asked.row is not None and asked.by in metric.parts
        hit = Case(
            When(_condition(cube, how.part), then=True),
            default=Constant(value=False),
            output_field=BooleanField(),
        )
        return rows.annotate(hit=hit).filter(_condition(cube, how.part if divides else how.whole))
    return rows.filter(_condition(cube, how.measure))


def _condition(cube: Cube, measure: str) -> Q:
    found = cube.measures[_own(measure)]
    if not isinstance(found, Q):
        raise TypeError(f"“{measure}” is added up, not counted.")
    return found


def _own(measure: str) -> str:
    return measure.rpartition(".")[2]


def openable(user: User, facts: Facts) -> Facts:
    """Those of them whose lead (or, of opportunities, whose opportunity) this reader may open."""
    if leads.sees_all(user):
        return facts
    seen = Q(lead__in=leads.visible_to(user).values("pk"))
    return facts.filter(seen | Q(rep=user) if facts.model is DealFact else seen)


def hides_some(user: User) -> bool:
    """Whether figures count leads that this reader may not open: Finance sees numbers alone."""
    return leads.counts_all(user) and not leads.sees_all(user)


def newest_first(facts: Facts) -> Facts:
    """In the order in which they are listed; `at` is when each happened."""
    return facts.order_by("-at", "-pk")


def counts(figure: Figure) -> bool:
    """Whether the figure is the number of its facts."""
    own = not any(is_beside(name) for name in measures_of(figure))
    return own and isinstance(figure.how, Count | Spans)


def has_facts(metric: Metric, figure: Figure) -> bool:
    """Whether there are facts of leads or opportunities behind a figure; none are of a cost."""
    return _source(metric, figure) is not None


def _source(metric: Metric, figure: Figure) -> beside.Facts | None:
    """Whose facts a figure is of; those of a ratio or a formula are what it is told to be of."""
    names = measures_of(figure)
    if isinstance(figure.how, Ratio | Formula):
        if not metric.of:
            return None
        names = (metric.of,)
    keys = {name.rpartition(".")[0] if is_beside(name) else "" for name in names}
    if keys <= {""}:
        return beside.Facts("", metric.cube, metric.cube.names)
    others = [one for one in metric.beside if {one.key} == keys]
    found = others[0] if others else None
    return found if isinstance(found, beside.Facts) else None


def _not_of_leads(metric: Metric, figure: Figure) -> errors.InvalidInput:
    known = ", ".join(one.key for one in metric.figures if has_facts(metric, one))
    message = f"“{figure.label}” is not counted from leads; of these there are some: {known}."
    return errors.InvalidInput(message, errors=[FieldError("of", message, "unknown")])
