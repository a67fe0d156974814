"""Aggregates that several reports use. Not what the reports mean: that stands with each."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import (
    Aggregate,
    BigIntegerField,
    DateField,
    DateTimeField,
    Exists,
    Expression,
    FloatField,
    OuterRef,
    QuerySet,
    TextField,
    Value,
)
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast

from leads.models import EventKind, LeadEvent
from leads.stages import UNDO

TEXT = TextField()
DATE = DateField()
EMPTY = Value("", output_field=TEXT)


class Percentile(Aggregate):
    """The value that `share` of the rows do not exceed, interpolated; NULL of no rows."""

    function = "percentile_cont"
    template = "percentile_cont(%(share)s) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = FloatField()
    window_compatible = False

    def __init__(self, expression: Expression | str, share: float, **extra: Any) -> None:
        super().__init__(expression, share=repr(float(share)), **extra)


def share(part: int, whole: int) -> float | None:
    """The part of the whole, from 0 to 1; None of nothing."""
    return part / whole if whole else None


def rows(queryset: QuerySet[Any], by: dict[str, Any], **figures: Any) -> list[dict[str, Any]]:
    """One dictionary per group; `by` maps the names of the group's columns to expressions."""
    return list(grouped(queryset, by, **figures))


def grouped(queryset: QuerySet[Any], by: dict[str, Any], **figures: Any) -> QuerySet[Any, Any]:
    """The rows for `rows`, to be asked with others."""
    found: QuerySet[Any, Any] = queryset.order_by().annotate(**by).values(*by).annotate(**figures)
    return found


def total(queryset: QuerySet[Any], **figures: Any) -> QuerySet[Any, Any]:
    """One row with the figures of all, as `aggregate` gives them, to be asked with others."""
    return grouped(queryset, {"whole": Value(1)}, **figures)


def taken() -> QuerySet[LeadEvent]:
    """The steps of all leads that were not taken back."""
    undone = Cast(KeyTextTransform("undone", "because"), BigIntegerField())
    back = LeadEvent.objects.filter(lead=OuterRef("lead"), kind=EventKind.STAGE, transition=UNDO)
    return LeadEvent.objects.filter(
        ~Exists(back.annotate(undone=undone).filter(undone=OuterRef("pk"))), kind=EventKind.STAGE
    )


def instant(at: dt.datetime) -> Value:
    """An instant as a column."""
    return Value(at, output_field=DateTimeField())
