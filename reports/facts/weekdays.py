"""Time on weekdays, Monday to Friday, as the company counts its days. Holidays are not left out."""

from __future__ import annotations

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import F, FloatField, Func
from django.db.models.expressions import Combinable
from django.db.models.sql.compiler import SQLCompiler

from reports.facts import company_days

DAY, WEEK = 86_400.0, 604_800.0


class _Since(Func):
    """Seconds on weekdays from the first Monday of 1970 until an instant."""

    arity = 1
    output_field = FloatField()

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, *_: Any, **extra: Any
    ) -> tuple[str, tuple[str | int, ...]]:
        """Whole weeks of five days, and of the week under way as much as lies before Saturday."""
        column, parameters = compiler.compile(self.get_source_expressions()[0])
        local = f"(({column}) AT TIME ZONE %s)"
        told = f"EXTRACT(EPOCH FROM {local} - TIMESTAMP '1970-01-05')::float8"
        weeks = f"floor({told} / {WEEK})"
        sql = f"({5 * DAY} * {weeks} + least({told} - {WEEK} * {weeks}, {5 * DAY}))"
        return sql, (*parameters, company_days.zone().key) * 3


def seconds(until: str, since: str) -> Combinable:
    """The time between two columns that lies on weekdays, in seconds."""
    return _Since(F(until)) - _Since(F(since))
