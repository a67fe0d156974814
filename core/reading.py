"""Several questions in one message: SQL that is written down, or query sets of the ORM.

On the path every lead takes the SQL is written down, since building a query anew costs more than
asking it; pages ask query sets together. What a page needs in several steps: `core.steps`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import Any, Generic, TypeAlias, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.models.base import ModelState

from core import round_trip

T = TypeVar("T")
M = TypeVar("M", bound=models.Model)


class Question(Generic[T]):
    """One SELECT; `found` holds its rows once it was asked."""

    def __init__(self, sql: str, *values: Any, made: Callable[[tuple[Any, ...]], T]) -> None:
        self.sql = sql
        self.values = values
        self.made = made
        self.found: list[T] = []

    def take(self, answer: Sequence[tuple[Any, ...]]) -> None:
        """Keep the answer."""
        self.found = [self.made(row) for row in answer]


def rows(model: type[M], rest: str, *values: Any) -> Question[M]:
    """Rows of a model; `rest` is all of the SELECT that follows the table's name."""
    return Question(f"{_select(model)} {rest}", *values, made=_maker(model))


def plain(sql: str, *values: Any) -> Question[tuple[Any, ...]]:
    """Rows as tuples."""
    return Question(sql, *values, made=_as_it_is)


Asked: TypeAlias = "Question[Any] | models.QuerySet[Any, Any]"


def count_of(rows: models.QuerySet[Any, Any]) -> Question[int]:
    """The question how many rows there are; it has one answer."""
    try:
        short = (rows if rows.query.is_sliced else rows.order_by()).values("pk")
        sql, values = short.query.sql_with_params()
    except EmptyResultSet:
        return Question("SELECT 0", made=_first)
    return Question(f"SELECT count(*) FROM ({sql}) counted", *values, made=_first)  # noqa: S608 - Django's


def ask(*asked: Asked) -> None:
    """Ask all in one message, in order: a question sees what the ones before it locked.

    A query set holds its rows afterwards, as one that was looped over.
    """
    waiting = [_Waiting(one) if isinstance(one, models.QuerySet) else one for one in asked]
    posed = [one for one in waiting if one.sql]
    if not posed:
        return
    answers = round_trip.run([(one.sql, one.values) for one in posed])
    for one, answer in zip(posed, answers, strict=True):
        one.take(answer)


class _Waiting:
    """A query set whose SELECT is sent with others; Django makes its rows of the answer."""

    def __init__(self, rows: models.QuerySet[Any, Any]) -> None:
        self.rows = rows
        self.compiler = rows.query.get_compiler(connection=connection)
        try:
            self.sql, self.values = self.compiler.as_sql()
        except EmptyResultSet:
            self.sql, self.values = "", ()
            self.rows._result_cache = []

    def take(self, answer: Sequence[tuple[Any, ...]]) -> None:
        """Let the query set read the answer where it would ask the database."""
        query = self.rows.query
        vars(self.compiler)["execute_sql"] = lambda *_, **__: [answer]
        vars(query)["get_compiler"] = lambda *_, **__: self.compiler
        try:
            len(self.rows)
        finally:
            del vars(query)["get_compiler"]


def _first(row: tuple[Any, ...]) -> Any:
    return row[0]


def _as_it_is(row: tuple[Any, ...]) -> tuple[Any, ...]:
    return row


@functools.cache
def _select(model: type[models.Model]) -> str:
    quoted = connection.ops.quote_name
    names = ", ".join(str(quoted(str(field.column))) for field in model._meta.concrete_fields)
    return f"SELECT {names} FROM {quoted(model._meta.db_table)}"  # noqa: S608 - names of ours


@functools.cache
def _maker(model: type[M]) -> Callable[[tuple[Any, ...]], M]:
    fields = model._meta.concrete_fields
    names = [field.attname for field in fields]
    converters = [
        (place, converter, field.get_col(model._meta.db_table))
        for place, field in enumerate(fields)
        for converter in field.get_db_converters(connection)
    ]

    alias = connection.alias  # asked once: Django looks the thread's connection up at each use

    def made(row: tuple[Any, ...]) -> M:
        values: Any = row
        if converters:
            values = list(row)
            for place, converter, column in converters:
                values[place] = converter(values[place], column, connection)
        # As `from_db` makes it, without Django's constructor: it takes three times as long.
        new = model.__new__(model)
        state = ModelState()
        state.adding, state.db = False, alias
        new.__dict__.update(zip(names, values, strict=True), _state=state)
        return new

    return made
