"""Rows of models by SQL that is written down: building a query anew costs more than asking it.

For the path every lead takes, and for several questions in one message; elsewhere the ORM reads.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, Generic, TypeVar

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


def rows(model: type[M], rest: str, *values: Any) -> Question[M]:
    """Rows of a model; `rest` is all of the SELECT that follows the table's name."""
    return Question(f"{_select(model)} {rest}", *values, made=_maker(model))


def plain(sql: str, *values: Any) -> Question[tuple[Any, ...]]:
    """Rows as tuples."""
    return Question(sql, *values, made=_as_it_is)


def ask(*questions: Question[Any]) -> None:
    """Ask all in one message, in order: a question sees what the ones before it locked."""
    if not questions:
        return
    answers = round_trip.run([(one.sql, one.values) for one in questions])
    for question, answer in zip(questions, answers, strict=True):
        question.found = [question.made(row) for row in answer]


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
