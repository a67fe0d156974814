"""Rows that many tests begin with: made once by the services, then put back as they were.

What a maker writes is compared with what stood there before, and kept as text. Later calls insert
those rows with their own ids, in one message and past the triggers, which have passed them before.
A test that wants to see rows being made calls the maker itself.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db import connection
from psycopg import sql

_TABLES = """
    SELECT c.oid::regclass::text, array_agg(a.attname ORDER BY a.attnum)::text[]
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
      AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    GROUP BY c.oid ORDER BY 1
"""
_INSERT = sql.SQL(
    "INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE "
    "SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, {rows}::jsonb)"
)


Told = TypeVar("Told")


@dataclass(frozen=True, slots=True)
class _Memory:
    at: str
    statements: str
    told: Any


_memories: dict[str, _Memory] = {}


def once(key: str, make: Callable[[], Told], *, now: dt.datetime) -> Told:
    """The rows that `make` writes at `now`: made the first time, put back at any later one.

    `key` names the rows; equal keys mean equal rows but for `now`, which stands in them as it is.
    Returns what `make` returned the first time. Only on the tests' own cluster: elsewhere we may
    not be allowed to pass triggers, and it is made each time.
    """
    if not os.environ.get("LEADGOV_TEST_CLUSTER"):
        return make()
    if key in _memories:
        _put_back(_memories[key], now)
        known: Told = _memories[key].told
        return known
    before = _rows()
    told = make()
    written = {
        table: (columns, sorted(rows - before[table][1]))
        for table, (columns, rows) in _rows().items()
    }
    _memories[key] = _Memory(_spelt(now), _statements(written), told)
    return told


def standing(*, without: Collection[str] = ()) -> str:
    """Statements that write every row there is now, but for those of some tables."""
    rows = {table: (columns, sorted(found)) for table, (columns, found) in _rows().items()}
    return _statements({table: row for table, row in rows.items() if table not in without})


def _put_back(memory: _Memory, now: dt.datetime) -> None:
    text = memory.statements.replace(memory.at, _spelt(now))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica;" + text)
        cursor.execute("SET session_replication_role = origin")


def _spelt(at: dt.datetime) -> str:
    """An instant as the rows' text spells it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(%s::timestamptz)::text", [at])
        return str(cursor.fetchone()[0])


def _rows() -> dict[str, tuple[list[str], set[str]]]:
    found: dict[str, tuple[list[str], set[str]]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        for table, columns in cursor.fetchall():
            cursor.execute(f"SELECT to_jsonb(t)::text FROM {table} t")
            found[table] = (columns, {row for (row,) in cursor.fetchall()})
    return found


def _statements(written: dict[str, tuple[list[str], list[str]]]) -> str:
    return "".join(
        _INSERT.format(
            table=sql.SQL(table),  # as PostgreSQL quotes it
            columns=sql.SQL(", ").join(map(sql.Identifier, columns)),
            rows=sql.Literal(f"[{','.join(rows)}]"),
        ).as_string(None)
        + ";"
        for table, (columns, rows) in written.items()
        if rows
    )
