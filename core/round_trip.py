"""Several statements in one message: a single lead's reads and writes wait longer than they work.

Sent together, each statement still sees what the ones before it did and waited for. Values go in as
literals, quoted by the driver.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

from django.db import connection
from psycopg.adapt import Transformer
from psycopg.types.datetime import TimestamptzLoader

Statement: TypeAlias = "tuple[str, Sequence[Any]]"
"""SQL with a `%s` for each value, and `%%` for a percent sign; and the values."""

Quote: TypeAlias = "Callable[[Any], bytes]"

LONG = 4_000
"""Characters of a statement that is not kept for the next time."""


def run(statements: Sequence[Statement]) -> list[list[tuple[Any, ...]]]:
    """Send all in one message; returns the rows of each, in order (none for what gives none)."""
    found: list[list[tuple[Any, ...]]] = []
    with connection.cursor() as cursor:
        # The driver's own reading of instants, in UTC as Django's, takes a third of the time.
        cursor.cursor.adapters.register_loader("timestamptz", TimestamptzLoader)
        quote = Transformer(connection.connection).as_literal
        cursor.execute(";\n".join(_written(sql, values, quote) for sql, values in statements))
        # The driver's own cursor: what Django wraps around each call costs more than the call.
        answers = cursor.cursor
        while True:
            found.append(answers.fetchall() if answers.pgresult.nfields else [])
            if not answers.nextset():
                return found


def _written(sql: str, values: Sequence[Any], quote: Quote) -> str:
    pieces = _pieces(sql) if len(sql) < LONG else _split(sql)
    if len(pieces) != len(values) + 1:
        raise ValueError(f"{len(values)} values for {len(pieces) - 1} places in: {sql[:80]}")
    text = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        text += (_literal(value, quote), piece)
    return "".join(text)


def _literal(value: Any, quote: Quote) -> str:
    """As the driver writes it, who is asked wherever there is anything to quote."""
    if value is None:
        return "NULL"
    kind = type(value)
    if kind is str and not ("'" in value or "\\" in value or "\0" in value):
        return f"'{value}'"
    if kind is bool:
        return "true" if value else "false"
    if kind is int and value >= 0:
        return str(value)
    if kind is dt.datetime and value.tzinfo is not None:
        return f"'{value}'::timestamptz"
    return quote(value).decode()


@functools.lru_cache(maxsize=512)
def _pieces(sql: str) -> Sequence[str]:
    return _split(sql)


def _split(sql: str) -> Sequence[str]:
    if "%%" not in sql:
        return sql.split("%s")
    return [piece.replace("\0", "%") for piece in sql.replace("%%", "\0").split("%s")]
