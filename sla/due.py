"""Which clocks are due, each question by its own index: what is due costs, never what is open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from core import lock_trial, reading


@dataclass(frozen=True, slots=True)
class _Kind:
    """One way of being due: the column that says when, and which clocks it can come to."""

    column: str
    which: str
    comes: str = "<="


# Breaches first: they are what people wait for. The states stand in the SQL itself, or the planner
# would not see that the partial index of each will do.
_KINDS = (
    _Kind("due_at", "state = 'RUNNING' AND breached_at IS NULL", "<"),
    _Kind("warn_at", "state = 'RUNNING' AND warned_at IS NULL AND breached_at IS NULL"),
    _Kind("escalate_at", "state = 'RUNNING' AND escalate_at IS NOT NULL"),
    _Kind("resume_at", "state = 'PAUSED' AND resume_at IS NOT NULL"),
)
_UNPARKED = "(parked_until IS NULL OR parked_until <= {at})"
# Ordered and limited, the first is read from the end of its index, whatever the statistics say.
_EARLIEST = (
    "(SELECT {column} FROM sla_clock WHERE {which} AND {unparked} ORDER BY {column} LIMIT 1)"
)


def _first(at: str) -> str:
    unparked = _UNPARKED.format(at=at)
    each = (_EARLIEST.format(column=k.column, which=k.which, unparked=unparked) for k in _KINDS)
    return f"LEAST({', '.join(each)})"


_FIRST = f"SELECT statement_timestamp(), {_first('COALESCE(%s, statement_timestamp())')}"
# The limit counts leads whose lock was had: those of somebody else's long work hold up nobody.
_CHOICES = tuple(
    f"SELECT l.id FROM sla_clock JOIN leads_lead l ON l.id = lead_id "  # noqa: S608
    f"WHERE {kind.which} AND {kind.column} {kind.comes} %s "
    f"AND {_UNPARKED.format(at='%s')} ORDER BY {kind.column} LIMIT %s "
    + ("" if "sweep" in lock_trial.LEFT_OUT else "FOR NO KEY UPDATE OF l SKIP LOCKED")
    for kind in _KINDS
)


_PARKED = """
    SELECT count(*),
           count(*) FILTER (WHERE state = 'RUNNING' AND breached_at IS NULL AND due_at < %s)
      FROM sla_clock WHERE state IN ('RUNNING', 'PAUSED') AND parked_until > %s
"""


@dataclass(frozen=True, slots=True)
class Parked:
    """How many open clocks a sweep failed on and leaves alone; how many of them are past their
    deadline without a breach.
    """

    clocks: int
    overdue: int


@dataclass(frozen=True, slots=True)
class First:
    """What is due first, or was; None when no clock will ever be. `at` is when that was asked."""

    at: dt.datetime
    due_at: dt.datetime | None

    @property
    def behind(self) -> dt.timedelta:
        """For how long it has been due; zero when it is still to come."""
        return max(dt.timedelta(), self.at - self.due_at) if self.due_at else dt.timedelta()

    @property
    def has_come(self) -> bool:
        """Whether anything is due."""
        return self.due_at is not None and self.due_at <= self.at


def first(now: dt.datetime | None = None) -> First:
    """The warning, breach, level or end of a pause that comes first among those not parked.

    Judged at `now`, the database's clock unless given. One query, four looks into indexes.
    """
    asked = reading.plain(_FIRST, *[now] * len(_KINDS))
    reading.ask(asked)
    at, due_at = asked.found[0]
    return First(now or at.astimezone(dt.UTC), due_at)


def parked(at: dt.datetime) -> Parked:
    """Those that are left alone at an instant; `first` tells nothing of them. One query."""
    asked = reading.plain(_PARKED, at, at)
    reading.ask(asked)
    return Parked(*asked.found[0])


def take(at: dt.datetime, limit: int) -> Sequence[int]:
    """Lock leads with something due at `at` for the rest of the transaction; those due first.

    Up to `limit` for each way of being due. Leads that somebody else holds are passed over, and
    the next ones taken in their place. One message.
    """
    asked = [reading.plain(sql, at, at, limit) for sql in _CHOICES]
    reading.ask(*asked)
    return list(dict.fromkeys(pk for one in asked for (pk,) in one.found))
