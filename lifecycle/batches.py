"""Batches that are halved until what is at fault stands alone, so that the others go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from django.db import OperationalError

from core import database
from lifecycle import companies, identities

TRIES = 3
"""How often a transaction that lost against another one is tried again."""

Receipts = dict[int, dict[str, Any]]
Together = Callable[[list[int]], Receipts]
Park = Callable[[int, Exception], None]


def advance(
    row_ids: Iterable[int], together: Together, *, park: Park, within: bool = False
) -> Receipts:
    """Take rows through their path, all `together` in one transaction; returns their receipts.

    A batch that fails is halved until the row at fault is alone; that one is parked with the error.
    `within` a transaction of the caller, a lost race is raised: what that transaction has locked
    before stays locked, so only all of it can be tried again.
    """
    ids = sorted(set(row_ids))
    if not ids:
        return {}
    try:
        return together(ids) if within else _with_patience(ids, together)
    except Exception as error:
        if within and lost_a_race(error):
            raise
        if len(ids) == 1:
            park(ids[0], error)
            return {}
    middle = len(ids) // 2
    halves = (ids[:middle], ids[middle:])
    first, second = (advance(half, together, park=park, within=within) for half in halves)
    return first | second


def lost_a_race(error: Exception) -> bool:
    """Whether others were in the way, so that the same transaction may succeed tried again."""
    if isinstance(error, OperationalError):
        return database.is_transient(error)
    return isinstance(error, identities.Contended | companies.Unsettled)


def _with_patience(ids: list[int], together: Together) -> Receipts:
    for _ in range(TRIES - 1):
        try:
            return together(ids)
        except Exception as error:
            if not lost_a_race(error):
                raise
    return together(ids)
