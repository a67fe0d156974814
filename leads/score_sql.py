"""The present score as SQL, the same sum that `scoring` forms: for lists, rules and `verify`."""

from __future__ import annotations

from collections.abc import Mapping
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
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Cast, Coalesce, Round

from leads import scoring
from leads.models import ScorePart

FORGOTTEN_AFTER = 100
"""Half-lives after which a part is worth nothing: PostgreSQL refuses numbers near zero."""


class PresentValue(Func):
    """What a score part is worth at an instant, as `scoring.Part.present`.

    A part with a window reads the behaviours that are within it.
    """

    output_field = FloatField()

    def __init__(self, now: datetime, **extra: Any) -> None:
        columns = (F(name) for name in _COLUMNS)
        super().__init__(*columns, Value(now, output_field=DateTimeField()), **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **_: Any) -> tuple[str, list[Any]]:
        """Columns and the instant stand several times in the formula; only the latter is given."""
        parts = [compiler.compile(one) for one in self.get_source_expressions()]
        names = dict(zip((*_COLUMNS.values(), "now"), (sql for sql, _ in parts), strict=True))
        sql = _formula(names)
        return sql, parts[-1][1] * sql.count(names["now"])


_COLUMNS = {
    "cap": "cap",
    "half_life_days": "half_life",
    "value": "value",
    "at": "at",
    "within_days": "within",
    "signal": "signal",
    "lead_id": "lead",
}
"""What the formula calls the columns of a part."""

_PRESENT = """
    greatest(-abs({cap}), least(abs({cap}), CASE
        WHEN {within} IS NULL THEN {at_last}
        WHEN {signal} = '' AND {now} - {at} < {window} THEN {at_last}
        WHEN {signal} = '' THEN 0
        ELSE coalesce((SELECT sum({at_each}) FROM leads_signal s
                        WHERE s.lead_id = {lead} AND s.kind = {signal}
                          AND s.occurred_at > {now} - {window}), 0)
    END))"""
_FADED = """(CASE
    WHEN {half_life} IS NULL THEN {value}
    WHEN abs({value}) < 1e-100 THEN 0
    WHEN {age} > {forgotten} * {half_life} THEN 0
    ELSE {value} * power(2::float8, -{age} / {half_life}) END)"""
_AGE = "(greatest(0, extract(epoch FROM ({now} - {at})))::float8 / 86400)"


def _formula(names: Mapping[str, str]) -> str:
    """The formula over what is called so, at the instant that is called `now`."""

    def faded(at: str) -> str:
        age = _AGE.format(now=names["now"], at=at)
        return _FADED.format_map({**names, "age": age, "forgotten": FORGOTTEN_AFTER})

    window = f"({names['within']} * interval '86400 seconds')"
    each = {"at_last": faded(names["at"]), "at_each": faded("s.occurred_at")}
    return _PRESENT.format_map({**names, **each, "window": window})


def present_in(table: str) -> str:
    """The same as `present`, for SQL over any table with these columns; at `%(now)s`."""
    names = {called: f"{table}.{column}" for column, called in _COLUMNS.items()}
    return _formula({**names, "now": "%(now)s::timestamptz"})


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


def shown(now: datetime, *, category: str | None = None) -> CombinedExpression | Round:
    """The score of leads to one decimal, halves up, as `scoring.Points.rounded` forms it.

    The total is the sum of the categories as they are shown.
    """
    if category is not None:
        one = Cast(score(now, category=category), _EXACT)
        return Round(one, precision=1)
    fit, engagement, intent = (shown(now, category=name) for name in scoring.CATEGORIES)
    return fit + engagement + intent


_EXACT: DecimalField[Any, Any] = DecimalField(max_digits=20, decimal_places=6)
