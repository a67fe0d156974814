"""Leads that nobody answers for: one number, which should be nought at every minute.

The same questions that `manage.py verify` asks: an owner who is there or a known queue, never both,
and a clock that runs, for every lead from MQL on that is not closed and every open hand-raiser.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection

from lifecycle.invariants import ownership
from lifecycle.invariants.invariant import Context, Query
from people.models import Role, User

KEYS = ("lead.accountable", "lead.owner_is_here", "lead.has_clock", "lead.queue_known",
        "lead.owner_is_assigned", "lead.one_assignment")  # fmt: skip
SHOWN = 100
WATCHING = frozenset({Role.MANAGER, Role.REVOPS, Role.AUDITOR})

_ASKED = " UNION ALL ".join(
    f"SELECT found.id::bigint AS id, found.what FROM ({one.look.sql}) AS found (id, what)"  # noqa: S608 - queries of the invariants
    for one in ownership.INVARIANTS
    if one.key in KEYS and isinstance(one.look, Query)
)


@dataclass(frozen=True, slots=True)
class Leaks:
    """How many leads nobody answers for, the first of them, and when that was so."""

    count: int
    first: tuple[tuple[int, str], ...]
    at: dt.datetime


def watches(by: User) -> bool:
    """Whether the number is shown to them: to managers, RevOps and auditors."""
    return by.is_active and (by.is_superuser or by.plays(*WATCHING))


def look(*, now: dt.datetime) -> Leaks:
    """Ask now. One query."""
    parameters: dict[str, Any] = {
        **Context(now=now).parameters(),
        "handing_on": dt.timedelta(),  # who holds it has left, whether or not that is being mended
        "shown": SHOWN,
    }
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, string_agg(what, '; ' ORDER BY what), count(*) OVER () "  # noqa: S608 - ours
            f"FROM ({_ASKED}) each GROUP BY id ORDER BY id LIMIT %(shown)s",
            parameters,
        )
        rows = cursor.fetchall()
    return Leaks(rows[0][2] if rows else 0, tuple((pk, what) for pk, what, _ in rows), now)
