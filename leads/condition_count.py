"""How many of the latest leads a condition fits, for whoever writes it. Quick, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import psycopg
from django.db import OperationalError, connection, transaction

from core import errors
from governance import condition_sql
from governance.conditions import Node
from governance.facts import Registry, Subject
from leads.models import Lead, Touch
from leads.stages import Stage

DAYS = 30
MOST = 5_000
PATIENCE_MS = 3_000


class TooSlowToCount(errors.DomainError):
    """Counting was given up."""

    code = "too_slow_to_count"


@dataclass(frozen=True, slots=True)
class Matching:
    """`matched` of `looked_at` leads; `is_capped` when there are more than were looked at."""

    matched: int
    looked_at: int
    is_capped: bool


def latest(
    node: Node | None,
    *,
    registry: Registry,
    now: datetime,
    days: int = DAYS,
    about: Subject = Subject.LEAD,
) -> Matching:
    """How many of the leads (or touchpoints) of the last `days` the condition fits, as they are.

    At most the newest `MOST` are looked at; merged leads are not. None fits every one. Raises
    `NotSelectable` for a fact without SQL, `TooSlowToCount` when the database takes too long.
    """
    rows, recent = _recent(about, since=now - timedelta(days=days), until=now)
    found = recent[: MOST + 1].count()
    looked_at = min(found, MOST)
    if node is None or not found:
        return Matching(looked_at, looked_at, found > MOST)
    fitting = condition_sql.select(
        rows.filter(pk__in=recent.values("pk")[:MOST]), node, registry=registry, now=now
    )
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(PATIENCE_MS)])
            matched = fitting.count()
    except OperationalError as fault:
        if isinstance(fault.__cause__, psycopg.errors.QueryCanceled):
            raise TooSlowToCount("Counting the leads took too long and was stopped.") from fault
        raise
    return Matching(matched, looked_at, found > MOST)


def _recent(about: Subject, *, since: datetime, until: datetime) -> tuple[Any, Any]:
    """All rows of a subject, and those that came in between, newest first."""
    if about is Subject.TOUCHPOINT:
        # By id, which has an index and grows with the time of receipt.
        came = Touch.objects.filter(received_at__gte=since, received_at__lte=until)
        return Touch.objects.all(), came.order_by("-id")
    born = Lead.objects.filter(created_at__gte=since, created_at__lte=until)
    return Lead.objects.all(), born.exclude(stage=Stage.MERGED.value).order_by("-created_at", "-id")
