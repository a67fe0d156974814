"""The database's clock, the only one decisions use."""

from __future__ import annotations

import datetime as dt

from django.db import OperationalError

from core import reading

TRANSIENT = {"40001", "40P01", "55P03"}
"""Serialisation failure, deadlock, lock timeout: the same work may succeed when tried again."""


def now() -> dt.datetime:
    """The present instant by the database, in UTC. Read it after the locks are held."""
    asked = clock()
    reading.ask(asked)
    return asked.found[0]


def clock() -> reading.Question[dt.datetime]:
    """The question for the present instant, to be asked in one message with others."""
    return reading.Question("SELECT clock_timestamp()", made=_utc)


def _utc(row: tuple[dt.datetime]) -> dt.datetime:
    return row[0].astimezone(dt.UTC)


def is_transient(error: OperationalError) -> bool:
    """Whether trying the same transaction again may help."""
    return getattr(error.__cause__, "sqlstate", None) in TRANSIENT


def took_too_long(error: OperationalError) -> bool:
    """Whether the database gave up on a statement because its time was over."""
    return getattr(error.__cause__, "sqlstate", None) == "57014"
