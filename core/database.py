"""The database's clock, the only one decisions use."""

from __future__ import annotations

import datetime as dt

from django.db import OperationalError, connection

TRANSIENT = {"40001", "40P01", "55P03"}
"""Serialisation failure, deadlock, lock timeout: the same work may succeed when tried again."""


def now() -> dt.datetime:
    """The present instant by the database, in UTC. Read it after the locks are held."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        instant: dt.datetime = cursor.fetchone()[0]
    return instant.astimezone(dt.UTC)


def is_transient(error: OperationalError) -> bool:
    """Whether trying the same transaction again may help."""
    return getattr(error.__cause__, "sqlstate", None) in TRANSIENT
