"""Writing many rows in few statements: ids ahead of time, COPY in, one UPDATE from arrays.

Django's own bulk calls cost about four times as much per row; see bench/ for the figures.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from django.db import connection, models

M = TypeVar("M", bound=models.Model)


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
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    statement = f"COPY {quote(model._meta.db_table)} ({columns}) FROM STDIN"
    started = time.monotonic()
    with connection.cursor() as cursor, cursor.copy(statement) as stream:
        for row in rows:
            stream.write_row([_prepared(field, row) for field in fields])
    _log(statement, started)


def update(rows: Sequence[models.Model], fields: Sequence[str]) -> None:
    """Write `fields` of many rows of one model in one statement, found by primary key."""
    if not rows or not fields:
        return
    model = type(rows[0])
    key = model._meta.pk
    chosen = [model._meta.get_field(name) for name in fields]
    quote = connection.ops.quote_name
    arrays = ", ".join(
        f"%s::{field.rel_db_type(connection) if field is key else field.db_type(connection)}[]"
        for field in (key, *chosen)
    )
    names = ", ".join(quote(field.column) for field in (key, *chosen))
    sets = ", ".join(f"{quote(f.column)} = fresh.{quote(f.column)}" for f in chosen)
    table = quote(model._meta.db_table)
    statement = (
        f"UPDATE {table} SET {sets} FROM unnest({arrays}) AS fresh ({names}) "
        f"WHERE {table}.{quote(key.column)} = fresh.{quote(key.column)}"
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
    quote = connection.ops.quote_name
    columns = ", ".join(quote(field.column) for field in fields)
    arrays = ", ".join(f"%s::{field.db_type(connection)}[]" for field in fields)
    returned = ", ".join(quote(model._meta.get_field(name).column) for name in on)
    statement = (
        f"INSERT INTO {quote(model._meta.db_table)} ({columns}) "
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


def _prepared(field: models.Field[Any, Any], row: models.Model) -> Any:
    return field.get_db_prep_save(getattr(row, field.attname), connection)


def _log(statement: str, started: float) -> None:
    """Make COPY visible to query counts, which see only what cursors execute."""
    if connection.queries_logged:
        connection.queries_log.append(
            {"sql": statement, "time": f"{time.monotonic() - started:.3f}"}
        )
