"""The facts behind a figure: just those that it counts, and which of them a reader may open."""

from __future__ import annotations

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
from reports.metrics import counting
from reports.metrics.declaring import Count, Figure, Mean, Metric, Quantile, Share, Spans, Total
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
    """The figure of this key. Raises InvalidInput naming what there is."""
    for one in metric.figures:
        if one.key == (of or metric.headline.key):
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
) -> Facts:
    """The facts that a figure counts for this reader, each with its `amount` or `hit`.

    Of a share they are those it is a share of; `hit` tells which went on. A line of a slice that
    divides the part alone has that part.
    """
    rows: Any = counting.rows_of(metric, user, period, dict(only or {}))
    if asked.row is not None:
        rows = rows.annotate(row_of=counting.column(metric, user, asked.by))
        rows = rows.filter(row_of=asked.row)
    how, cube = asked.figure.how, metric.cube
    if isinstance(how, Quantile | Spans):
        return rows.annotate(amount=cube.spans[how.span]).filter(amount__isnull=False)
    if isinstance(how, Total | Mean):
        measure: Any = cube.measures[how.measure]
        rows = rows.annotate(amount=Cast(measure, FloatField()))
        if isinstance(how, Mean):
            return rows.filter(_condition(metric, how.of))
        return rows.filter(amount__isnull=False)
    if isinstance(how, Share):
        divides = asked.row is not None and asked.by in metric.parts
        hit = Case(
            When(_condition(metric, how.part), then=True),
            default=Constant(value=False),
            output_field=BooleanField(),
        )
        return rows.annotate(hit=hit).filter(_condition(metric, how.part if divides else how.whole))
    return rows.filter(_condition(metric, how.measure))


def _condition(metric: Metric, measure: str) -> Q:
    found = metric.cube.measures[measure]
    if not isinstance(found, Q):
        raise TypeError(f"“{measure}” of “{metric.key}” is added up, not counted.")
    return found


def openable(metric: Metric, user: User, facts: Facts) -> Facts:
    """Those of them whose lead (or, of opportunities, whose opportunity) this reader may open."""
    if leads.sees_all(user):
        return facts
    seen = Q(lead__in=leads.visible_to(user).values("pk"))
    return facts.filter(seen | Q(rep=user) if metric.cube.model is DealFact else seen)


def hides_some(user: User) -> bool:
    """Whether figures count leads that this reader may not open: Finance sees numbers alone."""
    return leads.counts_all(user) and not leads.sees_all(user)


def newest_first(metric: Metric, facts: Facts) -> Facts:
    """In the order in which they are listed; `at` is when each happened."""
    return facts.annotate(at=F(metric.cube.at)).order_by("-at", "-pk")


def counts(figure: Figure) -> bool:
    """Whether the figure is the number of its facts."""
    return isinstance(figure.how, Count | Spans)
