"""Asking all invariants over one moment of the database."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction

from core import database
from lifecycle.invariants import (
    accounts,
    capture,
    clocks,
    courses,
    decisions,
    disputes,
    enriching,
    escalations,
    exclusions,
    guards,
    identity,
    imports,
    kit,
    legs,
    log,
    merges,
    opportunities,
    ownership,
    partners,
    realignments,
    replay,
    score,
    signals,
    telling,
    turns,
)
from lifecycle.invariants import (
    seals as seals_kept,
)
from lifecycle.invariants.invariant import (
    SEALS,
    Context,
    Found,
    Invariant,
    Query,
    Severity,
    ask_together,
)

QUERIES: tuple[Invariant, ...] = (
    *capture.INVARIANTS,
    *identity.INVARIANTS,
    *log.INVARIANTS,
    *merges.INVARIANTS,
    *signals.INVARIANTS,
    *ownership.INVARIANTS,
    *legs.INVARIANTS,
    *realignments.INVARIANTS,
    *accounts.INVARIANTS,
    *opportunities.INVARIANTS,
    *decisions.INVARIANTS,
    *turns.INVARIANTS,
    *disputes.INVARIANTS,
    *exclusions.INVARIANTS,
    *clocks.INVARIANTS,
    *courses.INVARIANTS,
    *escalations.INVARIANTS,
    *score.INVARIANTS,
    *enriching.INVARIANTS,
    *kit.INVARIANTS,
    *imports.INVARIANTS,
    *partners.INVARIANTS,
    *seals_kept.INVARIANTS,
    *telling.INVARIANTS,
    *guards.INVARIANTS,
)
REPLAYS: tuple[Invariant, ...] = replay.INVARIANTS
FURTHER: dict[str, Invariant] = {}
"""Those of apps that stand above this one, by their keys."""


def register(invariants: Iterable[Invariant]) -> None:
    """Have these asked, too. For apps that stand above this one; called from their `ready()`."""
    FURTHER.update({one.key: one for one in invariants})


@dataclass(frozen=True, slots=True)
class Result:
    """One invariant, what was found against it, and how long the asking took."""

    invariant: Invariant
    found: Found
    seconds: float

    @property
    def broken(self) -> bool:
        """Whether it is a failure, not only a warning."""
        return bool(self.found.count) and self.invariant.severity is Severity.FAILURE


def check(
    *,
    now: dt.datetime | None = None,
    replay: int = 500,
    seals: int = SEALS,
    first: int = 100,
) -> list[Result]:
    """Ask every invariant, all over the same moment, without keeping anybody from working.

    `replay` is how many of the last decisions, clocks and scores are made again (none with 0);
    `seals` of how many of the last sealed days every row is looked at (of all with 0); `first` how
    many offenders each result names. `now` is the database's clock unless given.
    """
    with _one_moment():
        context = Context(now=now or database.now(), first=first, replay=replay, seals=seals)
        asked = (*QUERIES, *FURTHER.values(), *(REPLAYS if replay else ()))
        queries = [one for one in asked if isinstance(one.look, Query)]
        told = ask_together([one.look for one in queries if isinstance(one.look, Query)], context)
        results = {
            one.key: Result(one, found, seconds)
            for one, (found, seconds) in zip(queries, told, strict=True)
        }
        return [results.get(one.key) or _ask(one, context) for one in asked]


def _ask(invariant: Invariant, context: Context) -> Result:
    started = time.monotonic()
    found = invariant.look(context)
    return Result(invariant, found, time.monotonic() - started)


@contextmanager
def _one_moment() -> Iterator[None]:
    """A snapshot of the database that nothing can change; within a transaction, that one."""
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
            # Sorting a log of millions in memory, not on disk; for this transaction only.
            cursor.execute("SET LOCAL work_mem = '256MB'")
        yield
