"""Aggregates that several reports use. Not what the reports mean: that stands with each."""

from __future__ import annotations

from typing import Any

from django.db.models import Aggregate, DateField, Expression, FloatField, QuerySet, TextField

TEXT = TextField()
DATE = DateField()


class Percentile(Aggregate):
    """The value that `share` of the rows do not exceed, interpolated; NULL of no rows."""

    function = "percentile_cont"
    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()
    window_compatible = False

    def __init__(self, expression: Expression | str, share: float, **extra: Any) -> None:
        super().__init__(expression, share=repr(float(share)), **extra)


def rows(queryset: QuerySet[Any], by: dict[str, Any], **figures: Any) -> list[dict[str, Any]]:
    """One dictionary per group; `by` maps the names of the group's columns to expressions."""
    grouped = queryset.order_by().annotate(**by).values(*by)
    return list(grouped.annotate(**figures))
