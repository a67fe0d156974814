"""What an invariant is, and how one that is a query is asked."""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db import connection

from leads import stages
from people import holders
from routing import answering

GRACE = dt.timedelta(seconds=60)
"""How long the worker may take with what is due."""

HANDING_ON = dt.timedelta(minutes=10)
"""How long the worker may take to hand on what a leaver holds."""

SEALS = 2
"""Of so many of the last sealed days every row is looked at, unless asked for more."""

OWED = """(l.stage = ANY(%(worked)s)
           OR (l.hand_raised_at IS NOT NULL AND l.stage <> ALL(%(closed)s)))"""
"""That a lead `l` is owed something: Sales works it, or the buyer asked for a person."""

EXEMPT = """EXISTS (SELECT 1 FROM governance_kitversion k,
                             jsonb_array_elements(k.document->'parts'->'clock_exemption') x
                 WHERE k.published_at IS NOT NULL
                   AND (k.retired_at IS NULL OR k.retired_at >= l.entered_stage_at)
                   AND x->'stages' ? l.stage
                   AND (coalesce(x->'channels', '[]') = '[]' OR x->'channels' ? l.channel))"""
"""That a kit in force since a lead `l` entered its stage says that something is not owed there."""


class Severity(StrEnum):
    """Whether a breach is a fault of the record, or work that lies too long."""

    FAILURE = "FAILURE"
    WARNING = "WARNING"


@dataclass(frozen=True, slots=True)
class Context:
    """The instant of the check, how many offenders to name, how many records to replay.

    `seals` is of how many of the last sealed days every row is looked at; of all with 0.
    """

    now: dt.datetime
    first: int = 100
    replay: int = 500
    seals: int = SEALS

    @functools.lru_cache(maxsize=4)  # noqa: B019 - contexts are few, small, and equal by value
    def parameters(self) -> Mapping[str, Any]:
        """What queries may name."""
        return {
            "now": self.now,
            "grace": GRACE,
            "handing_on": HANDING_ON,
            "first": self.first,
            "working": list(holders.ROLES),
            "managing": sorted(answering.ROLES),
            "worked": _values(stages.WORKED),
            "closed": _values(stages.CLOSED),
            "steps": [step for step, _, _ in stages.legal_steps()],
            "sources": [source for _, source, _ in stages.legal_steps()],
            "targets": [target for _, _, target in stages.legal_steps()],
        }


@dataclass(frozen=True, slots=True)
class Offence:
    """One row that breaks an invariant: its id, and what is wrong with it."""

    id: str
    what: str


@dataclass(frozen=True, slots=True)
class Found:
    """How many rows break an invariant, and the first of them."""

    count: int = 0
    offences: tuple[Offence, ...] = ()


Look = Callable[[Context], Found]


@dataclass(frozen=True, slots=True)
class Invariant:
    """One sentence that must hold. `key` is subject.property: the subject is what the ids are."""

    key: str
    title: str
    look: Look
    severity: Severity = Severity.FAILURE


@dataclass(frozen=True, slots=True)
class Query:
    """One query for (id, what is wrong); it may name the parameters of the context."""

    sql: str

    def __call__(self, context: Context) -> Found:
        """Ask it."""
        return ask(self.sql, context.parameters(), first=context.first)


def query(sql: str) -> Look:
    """Ask one query for (id, what is wrong); it may name the parameters of the context."""
    return Query(sql)


def ask(sql: str, parameters: Mapping[str, Any], *, first: int) -> Found:
    """Run a query for (id, what); counts all rows and brings the first ones by id."""
    with connection.cursor() as cursor:
        cursor.execute(_counted(sql), {**parameters, "first": first})
        return _found(cursor.fetchall())


def ask_together(queries: Sequence[Query], context: Context) -> Iterator[tuple[Found, float]]:
    """What each query finds, and how many seconds it took; all are sent in one message."""
    with connection.cursor() as cursor:
        asked = ";\n".join(f"{_counted(one.sql)};\n{_CLOCK}" for one in queries)
        cursor.execute(f"{_CLOCK};\n{asked}", context.parameters())
        answers = cursor.cursor  # the driver's own: what Django wraps around it costs more
        before: dt.datetime = answers.fetchall()[0][0]
        while answers.nextset():
            found = _found(answers.fetchall())
            answers.nextset()
            now: dt.datetime = answers.fetchall()[0][0]
            yield found, (now - before).total_seconds()
            before = now


_CLOCK = "SELECT clock_timestamp()"


def _counted(sql: str) -> str:
    return (
        f"SELECT found.id::text, found.what, count(*) OVER () FROM ({sql}) AS found (id, what) "  # noqa: S608 - queries of this package
        "ORDER BY found.id LIMIT %(first)s"
    )


def _found(rows: Sequence[tuple[str, str, int]]) -> Found:
    return Found(rows[0][2] if rows else 0, tuple(Offence(pk, what) for pk, what, _ in rows))


def tell(offences: Iterable[Offence], *, first: int) -> Found:
    """What code found, in the same form."""
    every = tuple(offences)
    return Found(len(every), every[:first])


def _values(some: Iterable[stages.Stage]) -> list[str]:
    return sorted(stage.value for stage in some)
