"""Several statements in one message: a single lead's reads and writes wait longer than they work.

Sent together, each statement still sees what the ones before it did and waited for. Values go in as
literals, quoted by the driver.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any, TypeAlias

from django.db import connection
from psycopg.adapt import Transformer

Statement: TypeAlias = "tuple[str, Sequence[Any]]"
"""SQL with a `%s` for each value (and no other percent sign), and the values."""

LONG = 4_000
"""Characters of a statement that is not kept for the next time."""


def run(statements: Sequence[Statement]) -> list[list[tuple[Any, ...]]]:
    """Send all in one message; returns the rows of each, in order (none for what gives none)."""
    found: list[list[tuple[Any, ...]]] = []
    with connection.cursor() as cursor:
        quote = Transformer(connection.connection).as_literal
        cursor.execute(";\n".join(_written(sql, values, quote) for sql, values in statements))
        while True:
            found.append(cursor.fetchall() if cursor.description else [])
            if not cursor.nextset():
                return found


def _written(sql: str, values: Sequence[Any], quote: Any) -> str:
    pieces = _pieces(sql) if len(sql) < LONG else sql.split("%s")
    if len(pieces) != len(values) + 1:
        raise ValueError(f"{len(values)} values for {len(pieces) - 1} places in: {sql[:80]}")
    text = [pieces[0]]
    for value, piece in zip(values, pieces[1:], strict=True):
        text += ("NULL" if value is None else quote(value).decode(), piece)
    return "".join(text)


@functools.lru_cache(maxsize=512)
def _pieces(sql: str) -> Sequence[str]:
    return sql.split("%s")
