"""Breaking the books on purpose: raw SQL behind the back of every guard the database has."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pgtrigger
from django.db import connection

from leads.models import LeadEvent
from tests import factories

Ids = set[str]
Break = Callable[[dt.datetime], Ids]

BREAKS: dict[str, list[Break]] = defaultdict(list)
"""By invariant: what breaks it, and returns the ids that must be named."""


def breaks(key: str) -> Callable[[Break], Break]:
    """Register a way to break an invariant."""

    def register(function: Break) -> Break:
        BREAKS[key].append(function)
        return function

    return register


def broken_by(key: str, sql: str) -> None:
    """Register a statement whose RETURNING names the offenders; it may speak of %(now)s."""
    BREAKS[key].append(lambda now: ids(sql, now=now))


def ids(sql: str, **parameters: object) -> Ids:
    """Run a statement; the first column of what it returns, as text."""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters or None)
        if cursor.description is None:
            return set()
        found = {str(row[0]) for row in cursor.fetchall()}
    assert found, f"nothing to break: {sql}"
    return found


def one(sql: str, **parameters: object) -> int:
    """The one number a query finds."""
    (found,) = ids(sql, **parameters)
    return int(found)


@contextmanager
def off_guard() -> Iterator[None]:
    """Without our triggers; they are on again afterwards, and blind to what happened."""
    tables = sorted({model._meta.db_table for model, _ in pgtrigger.registered()})
    factories.check_rules()
    for table in tables:
        ids(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    yield
    factories.check_rules()
    for table in tables:
        ids(f"ALTER TABLE {table} ENABLE TRIGGER USER")


def without(table: str, rule: str) -> None:
    """Drop a constraint or a unique index."""
    ids(f"ALTER TABLE {table} DROP CONSTRAINT IF EXISTS {rule}")
    ids(f"DROP INDEX IF EXISTS {rule}")


def append_event(lead: int, kind: str, *, owner: int | None = None, queue: str = "") -> int:
    """One more event at the end of a lead's log; returns its id."""
    before = LeadEvent.objects.filter(lead=lead).order_by("sequence").last()
    assert before is not None
    event = LeadEvent.objects.create(
        lead_id=lead,
        sequence=before.sequence + 1,
        kind=kind,
        cycle=before.cycle,
        owner_id=owner,
        queue=queue,
        actor="pipeline",
        kit_id=before.kit_id,
        at=before.recorded_at,
        recorded_at=before.recorded_at,
    )
    ids("UPDATE leads_lead SET version = version + 1 WHERE id = %(lead)s RETURNING id", lead=lead)
    return int(event.pk)


def copied(table: str, row: int, **changes: object) -> int:
    """A copy of a row with other values in some columns; returns its id."""
    with connection.cursor() as cursor:
        columns = [
            field.name for field in connection.introspection.get_table_description(cursor, table)
        ]
    kept = [name for name in columns if name != "id"]
    values = [f"%({name})s" if name in changes else name for name in kept]
    return one(
        f"INSERT INTO {table} ({', '.join(kept)}) "
        f"SELECT {', '.join(values)} FROM {table} WHERE id = %(row)s RETURNING id",
        row=row,
        **changes,
    )
