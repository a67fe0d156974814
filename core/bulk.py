"""Writing many rows in few statements: ids ahead of time, COPY in, one UPDATE from arrays.

Django's own bulk calls cost about four times as much per row; see bench/ for the figures.
"""

from __future__ import annotations

import datetime as dt
import functools
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from core import reading, round_trip

M = TypeVar("M", bound=models.Model)
AnyField: TypeAlias = "models.Field[Any, Any]"

_PLAIN: dict[tuple[type[AnyField], ...], type] = {
    (models.CharField, models.TextField): str,
    (models.IntegerField, models.ForeignKey): int,
    (models.BooleanField,): bool,
    (models.FloatField,): float,
    (models.DateTimeField,): dt.datetime,
}
"""Values that a field hands to the driver unchanged."""


FEW = 120
"""Up to so many rows an act writes them in one message: COPY takes three for each table."""


def reserve(
    counts: Mapping[type[models.Model], int], *, after: Sequence[reading.Question[Any]] = ()
) -> dict[type[models.Model], list[int]]:
    """Ids for rows yet to be written, one query for all models together.

    Questions are asked in the same message, `after` which the ids are taken.
    """
    wanted = [(model, count) for model, count in counts.items() if count]
    ids: dict[type[models.Model], list[int]] = {model: [] for model, _ in wanted}
    if not wanted:
        if after:
            reading.ask(*after)
        return ids
    tables = {model._meta.db_table: model for model, _ in wanted}
    taken = reading.plain(_NEXT, [*tables], [count for _, count in wanted])
    reading.ask(*after, taken)
    for table, value in taken.found:
        ids[tables[table]].append(value)
    return ids


def delete(rows: models.QuerySet[Any]) -> int:
    """Delete rows unread, without a line in their field history; returns how many.

    What refers to them must be gone by the commit.
    """
    return rows.order_by()._raw_delete(rows.db) or 0


# Materialized, or the name of the sequence is looked up again for each id.
_NEXT = """
    WITH wanted AS MATERIALIZED (
        SELECT name, count, pg_get_serial_sequence(name, 'id')::regclass AS ids
          FROM unnest(%s::text[], %s::int[]) AS w (name, count))
    SELECT name, nextval(ids) FROM wanted, generate_series(1, count)
"""


def copy(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model by COPY. Rows without id get one from the sequence."""
    if rows:
        _new(rows).stream()


class Script:
    """The writes of one act, in order. A few rows go in one message; many by COPY, table by table.

    Either way the number of statements does not depend on the number of rows. `few` is how many
    rows go in one message: more where they are of many tables.
    """

    def __init__(self, *, few: int = FEW) -> None:
        self._few = few
        self._steps: list[_Step] = []

    def insert(self, rows: Sequence[models.Model]) -> None:
        """New rows of one model. Those without id get one from the sequence."""
        if rows:
            self._steps.append(_new(rows))

    def update(self, rows: Sequence[models.Model], fields: Sequence[str]) -> None:
        """`fields` of many rows of one model, found by primary key."""
        if rows and fields:
            self._steps.append(_Change(rows, fields))

    def history(
        self,
        rows: Sequence[models.Model],
        *,
        change: str,
        at: dt.datetime,
        by_id: int | None,
        reason: str | None,
    ) -> None:
        """One history row each, as simple-history would on save; `change` is + or ~."""
        if not rows:
            return
        past, tracked, own = _past(type(rows[0]))
        told = {
            "history_date": at,
            "history_type": change,
            "history_user_id": by_id,
            "history_change_reason": reason,
        }
        # No instances of the history model: making them cost more than writing them.
        ends = [told[field.attname] for field in own]
        self._steps.append(_Insert(past, [*tracked, *own], rows, tracked, ends))

    def run(self) -> None:
        """Write everything."""
        if sum(len(step.rows) for step in self._steps) <= self._few:
            if self._steps:
                round_trip.run([step.statement() for step in self._steps])
        else:
            changes = list(itertools.takewhile(_is_change, self._steps))
            if changes:  # they have no COPY: all in one message
                round_trip.run([step.statement() for step in changes])
            for step in self._steps[len(changes) :]:
                step.stream()
        self._steps.clear()


@dataclass(frozen=True, slots=True)
class _Insert:
    """Rows for one table: `taken` columns are theirs, the `ends` are the same for all."""

    model: type[models.Model]
    fields: Sequence[AnyField]
    rows: Sequence[models.Model]
    taken: Sequence[AnyField]
    ends: Sequence[Any] = ()

    def statement(self) -> round_trip.Statement:
        """All rows in one INSERT."""
        places = f"({', '.join(['%s'] * len(self.fields))})"
        sql = (
            f"INSERT INTO {_table(self.model)} ({_columns(self.fields)}) VALUES "  # noqa: S608
            + ", ".join([places] * len(self.rows))
        )
        return sql, [value for line in self._lines() for value in line]

    def stream(self) -> None:
        """All rows by COPY."""
        _stream(self.model, self.fields, self._lines())

    def _lines(self) -> Iterator[Sequence[Any]]:
        prepared, own = _preparation(tuple(self.taken)), _connection()
        ends = list(self.ends)
        return (prepared(row, own) + ends for row in self.rows)


@dataclass(frozen=True, slots=True)
class _Change:
    """New values of some columns of rows that are there."""

    rows: Sequence[models.Model]
    names: Sequence[str]

    def statement(self) -> round_trip.Statement:
        """One UPDATE from arrays."""
        return _updating(self.rows, self.names)

    def stream(self) -> None:
        """The same: an update has no COPY."""
        update(self.rows, self.names)


_Step: TypeAlias = "_Insert | _Change"


def _is_change(step: _Step) -> bool:
    return isinstance(step, _Change)


def _new(rows: Sequence[models.Model]) -> _Insert:
    model = type(rows[0])
    fields = [f for f in model._meta.concrete_fields if not (f.primary_key and rows[0].pk is None)]
    return _Insert(model, fields, rows, fields)


def update(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write `fields` of many rows of one model in one statement, found by primary key."""
    if not rows or not fields:
        return
    with connection.cursor() as cursor:
        cursor.execute(*_updating(rows, fields))


def _updating(rows: Sequence[models.Model], fields: Sequence[str]) -> tuple[str, list[Any]]:
    model = type(rows[0])
    key = model._meta.pk
    chosen = [_field(model, name) for name in fields]
    prepared, own_connection = _preparation((key, *chosen)), _connection()
    keys, *columns = zip(*(prepared(row, own_connection) for row in rows), strict=True)
    table, own = _table(model), _quoted(key)
    # What is the same for all, or there is but one row, needs no array.
    same = [(f, column) for f, column in zip(chosen, columns, strict=True) if _is_one(column)]
    other = [(f, column) for f, column in zip(chosen, columns, strict=True) if not _is_one(column)]
    sets = [f"{_quoted(f)} = %s" for f, _ in same] + [
        f"{_quoted(f)} = fresh.{_quoted(f)}" for f, _ in other
    ]
    values = [column[0] for _, column in same]
    start = f"UPDATE {table} SET {', '.join(sets)}"  # noqa: S608 - names of ours
    if len(rows) == 1:
        return f"{start} WHERE {own} = %s", [*values, keys[0]]
    changing = [key, *(f for f, _ in other)]
    arrays = ", ".join(map(_array, changing))
    statement = (
        f"{start} FROM unnest({arrays}) AS fresh ({_columns(changing)}) "
        f"WHERE {table}.{own} = fresh.{own}"
    )
    return statement, [*values, list(keys), *(list(column) for _, column in other)]


def _is_one(column: Sequence[Any]) -> bool:
    first = column[0]
    return all(value is first or value == first for value in column)


def insert_new(rows: Sequence[M], *, on: Sequence[str]) -> set[tuple[Any, ...]]:
    """Insert rows unless a unique rule forbids; waits for transactions in flight.

    Returns the values of `on` of the rows that went in. Give rows in sorted order, so that two
    writers wait for each other instead of deadlocking.
    """
    if not rows:
        return set()
    sql, values = _new(rows).statement()
    returned = ", ".join(_quoted(_field(type(rows[0]), name)) for name in on)
    [inserted] = round_trip.run([(f"{sql} ON CONFLICT DO NOTHING RETURNING {returned}", values)])
    return set(inserted)


@functools.cache
def _past(model: type[models.Model]) -> tuple[type[models.Model], list[AnyField], list[AnyField]]:
    """The history model, the columns it shares with the model, and those that tell who and when.

    Kept, because simple-history makes a new manager class each time it is asked.
    """
    past = model.history.model  # type: ignore[attr-defined]
    columns = [field for field in past._meta.concrete_fields if not field.primary_key]
    tracked = {field.attname for field in past.tracked_fields}
    return (
        past,
        [field for field in columns if field.attname in tracked],
        [field for field in columns if field.attname not in tracked],
    )


def _stream(
    model: type[models.Model], fields: Sequence[AnyField], lines: Iterable[Sequence[Any]]
) -> None:
    statement = f"COPY {_table(model)} ({_columns(fields)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for line in lines:
            stream.write_row(line)


def _columns(fields: Sequence[AnyField]) -> str:
    return ", ".join(_quoted(field) for field in fields)


@functools.lru_cache(maxsize=512)
def _preparation(
    fields: tuple[AnyField, ...],
) -> Callable[[models.Model, BaseDatabaseWrapper], list[Any]]:
    """What makes a row's values of these columns ready for the driver of a connection."""
    columns = [(field.attname, _plain_type(field), field) for field in fields]

    def prepared(row: models.Model, own: BaseDatabaseWrapper) -> list[Any]:
        content, values = row.__dict__, []
        for name, plain, field in columns:
            value = content[name] if name in content else getattr(row, name)
            # What the driver takes as it is needs no word from the field, which costs much more.
            if value is not None and type(value) is not plain:
                value = field.get_db_prep_save(value, own)
            values.append(value)
        return values

    return prepared


def _connection() -> BaseDatabaseWrapper:
    """This thread's connection itself: Django's stand-in for it looks it up at each use."""
    return connections[DEFAULT_DB_ALIAS]


@functools.cache
def _plain_type(field: AnyField) -> type | None:
    return next((kind for fields, kind in _PLAIN.items() if isinstance(field, fields)), None)


def _field(model: type[models.Model], name: str) -> AnyField:
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{model.__name__}.{name} is no column")
    return field


@functools.cache
def _quoted(field: AnyField) -> str:
    return str(connection.ops.quote_name(str(field.column)))


@functools.cache
def _array(field: AnyField) -> str:
    kind = str(field.rel_db_type(connection) if field.primary_key else field.db_type(connection))
    # A cast to varchar(n) would cut silently; as text the column itself refuses what is too long.
    return f"%s::{'text' if kind.startswith('varchar') else kind}[]"


def _table(model: type[models.Model]) -> str:
    return str(connection.ops.quote_name(model._meta.db_table))
