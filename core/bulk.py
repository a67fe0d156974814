"""Writing many rows in few statements: ids ahead of time, COPY in, one UPDATE from arrays.

Django's own bulk calls cost about four times as much per row; see bench/ for the figures.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)
AnyField: TypeAlias = "models.Field[Any, Any]"


def reserve(counts: Mapping[type[models.Model], int]) -> dict[type[models.Model], list[int]]:
    """Ids for rows yet to be written, one query for all models together."""
    wanted = [(model, count) for model, count in counts.items() if count]
    ids: dict[type[models.Model], list[int]] = {model: [] for model, _ in wanted}
    if not wanted:
        return ids
    selects = " UNION ALL ".join(
        "SELECT %s::int, nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
        for _ in wanted
    )
    parameters: list[Any] = []
    for index, (model, count) in enumerate(wanted):
        parameters += [index, model._meta.db_table, count]
    with connection.cursor() as cursor:
        cursor.execute(selects, parameters)
        for index, value in cursor.fetchall():
            ids[wanted[index][0]].append(value)
    return ids


def copy(rows: Sequence[models.Model]) -> None:
    """Insert rows of one model by COPY. Rows without id get one from the sequence."""
    if not rows:
        return
    model = type(rows[0])
    fields = [f for f in model._meta.concrete_fields if not (f.primary_key and rows[0].pk is None)]
    columns = ", ".join(_quoted(field) for field in fields)
    statement = f"COPY {_table(model)} ({columns}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row([_prepared(field, row) for field in fields])


def update(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write `fields` of many rows of one model in one statement, found by primary key."""
    if not rows or not fields:
        return
    model = type(rows[0])
    key = model._meta.pk
    chosen = [_field(model, name) for name in fields]
    arrays = ", ".join(_array(field) for field in (key, *chosen))
    names = ", ".join(_quoted(field) for field in (key, *chosen))
    sets = ", ".join(f"{_quoted(f)} = fresh.{_quoted(f)}" for f in chosen)
    table = _table(model)
    statement = (
        f"UPDATE {table} SET {sets} FROM unnest({arrays}) AS fresh ({names}) "  # noqa: S608
        f"WHERE {table}.{_quoted(key)} = fresh.{_quoted(key)}"
    )
    parameters = [[_prepared(field, row) for row in rows] for field in (key, *chosen)]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def insert_new(rows: Sequence[M], *, on: Sequence[str]) -> set[tuple[Any, ...]]:
    """Insert rows unless a unique rule forbids; waits for transactions in flight.

    Returns the values of `on` of the rows that went in. Give rows in sorted order, so that two
    writers wait for each other instead of deadlocking.
    """
    if not rows:
        return set()
    model = type(rows[0])
    fields = [f for f in model._meta.concrete_fields if not (f.primary_key and rows[0].pk is None)]
    columns = ", ".join(_quoted(field) for field in fields)
    arrays = ", ".join(_array(field) for field in fields)
    returned = ", ".join(_quoted(_field(model, name)) for name in on)
    statement = (
        f"INSERT INTO {_table(model)} ({columns}) "  # noqa: S608
        f"SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING RETURNING {returned}"
    )
    parameters = [[_prepared(field, row) for row in rows] for field in fields]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return set(cursor.fetchall())


def history(
    rows: Sequence[models.Model],
    *,
    change: str,
    at: dt.datetime,
    by_id: int | None,
    reason: str | None,
) -> None:
    """Write one history row each, as simple-history would on save; `change` is + or ~."""
    if not rows:
        return
    past = type(rows[0]).history.model  # type: ignore[attr-defined]
    names = [field.attname for field in past.tracked_fields]
    copy(
        [
            past(
                **{name: getattr(row, name) for name in names},
                history_date=at,
                history_type=change,
                history_user_id=by_id,
                history_change_reason=reason,
            )
            for row in rows
        ]
    )


def _prepared(field: AnyField, row: models.Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


def _field(model: type[models.Model], name: str) -> AnyField:
    field = model._meta.get_field(name)
    if not isinstance(field, models.Field):
        raise TypeError(f"{model.__name__}.{name} is no column")
    return field


def _quoted(field: AnyField) -> str:
    return str(connection.ops.quote_name(str(field.column)))


def _array(field: AnyField) -> str:
    kind = str(field.rel_db_type(connection) if field.primary_key else field.db_type(connection))
    # A cast to varchar(n) would cut silently; as text the column itself refuses what is too long.
    return f"%s::{'text' if kind.startswith('varchar') else kind}[]"


def _table(model: type[models.Model]) -> str:
    return str(connection.ops.quote_name(model._meta.db_table))
