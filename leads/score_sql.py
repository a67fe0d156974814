"""The present score as SQL, the same sum that `scoring` forms: for lists, rules and `verify`."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db.models import (
    DateTimeField,
    DecimalField,
    F,
    FloatField,
    Func,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Cast, Coalesce, Round

from leads.models import ScorePart

FORGOTTEN_AFTER = 100
"""Half-lives after which a part is worth nothing: PostgreSQL refuses numbers near zero."""


class PresentValue(Func):
    """What a score part is worth at an instant: min(cap, value · 2^(-age / half-life))."""

    output_field = FloatField()
    template = """
        least(%(cap)s, CASE
            WHEN %(half_life)s IS NULL THEN %(value)s
            WHEN abs(%(value)s) < 1e-100 THEN 0
            WHEN %(age)s > %(forgotten)s * %(half_life)s THEN 0
            ELSE %(value)s * power(2::float8, -%(age)s / %(half_life)s)
        END)"""

    def __init__(self, now: datetime, **extra: Any) -> None:
        columns = (F("cap"), F("half_life_days"), F("value"), F("at"))
        super().__init__(*columns, Value(now, output_field=DateTimeField()), **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        """Columns stand several times in the formula; the instant is the only parameter."""
        parts = [compiler.compile(one) for one in self.get_source_expressions()]
        cap, half_life, value, at, now = (sql for sql, _ in parts)
        instant = parts[-1][1]
        age = f"(greatest(0, extract(epoch FROM ({now} - {at})))::float8 / 86400)"
        sql = self.template % {
            "cap": cap,
            "half_life": half_life,
            "value": value,
            "age": age,
            "forgotten": FORGOTTEN_AFTER,
        }
        return sql, [*instant, *instant]


def present(now: datetime) -> PresentValue:
    """The worth of each row of a `ScorePart` queryset at `now`."""
    return PresentValue(now)


def score(now: datetime, *, category: str | None = None, lead: str = "pk") -> Coalesce:
    """The score of the rows of a queryset at `now`; 0 without any part.

    `category` keeps to FIT, ENGAGEMENT or INTENT; `lead` is the path to the lead's id.
    """
    parts: QuerySet[ScorePart] = ScorePart.objects.filter(lead=OuterRef(lead))
    if category is not None:
        parts = parts.filter(category=category)
    summed = parts.order_by().values("lead").annotate(sum=Sum(present(now))).values("sum")
    return Coalesce(Subquery(summed), 0.0, output_field=FloatField())


def shown(value: Coalesce) -> Round:
    """To one decimal, halves up, as `scoring.shown`."""
    return Round(Cast(value, DecimalField(max_digits=20, decimal_places=6)), precision=1)
