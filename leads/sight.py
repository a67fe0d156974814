"""Which rows somebody sees, where there are several reasons: each as a condition and as ids.

A condition is quick to hold against one row, or against row after row where many fit. Where few of
a million do, each reason finds its own by index instead. Both find the same rows.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Exists, Model, OuterRef, Q, QuerySet, Value

M = TypeVar("M", bound=Model)

FEW = 10_000
"""Up to so many are gathered by their ids; of more, a list finds its next page by going on."""

HELD_AGAINST = 50_000
"""Up to so many are gathered by their ids, to be held against others that were gathered so."""


@dataclass(frozen=True, slots=True)
class Way:
    """One reason why rows are seen."""

    of_each: Q
    ids: QuerySet[Any]
    of_many: Q
    """The condition for row after row: what it asks for is read once, not for each."""


def when(rows: QuerySet[Any], which: Q, of_each: Q | None = None) -> Way:
    """Where something is true of a row itself, or of what it points to; `of_each` says it again."""
    return Way(of_each or which, rows.filter(which).values("pk"), which)


def named_by(rows: QuerySet[Any], *, by: str = "lead", at_once: bool = True) -> Way:
    """What other rows point to, by this foreign key of theirs; `at_once` where these are few."""
    each, ids = Q(Exists(rows.filter(**{by: OuterRef("pk")}))), rows.values(by)
    return Way(each, ids, Q(pk__in=ids) if at_once else each)


def of_each(rows: QuerySet[M], ways: Sequence[Way] | None) -> QuerySet[M]:
    """Those that any way leads to, each row looked at for itself; all where `ways` is None."""
    return _that(rows, None if ways is None else [way.of_each for way in ways])


def of_many(rows: QuerySet[M], ways: Sequence[Way] | None, *, few: bool) -> QuerySet[M]:
    """The same rows for a list of them: by their ids where they are `few`."""
    if not ways or not few:
        return _that(rows, None if ways is None else [way.of_many for way in ways])
    return rows.filter(pk__in=ids(ways))


def ids(ways: Sequence[Way]) -> QuerySet[Any, Any]:
    """The numbers of all that these ways lead to; there is one way at least."""
    first, *others = [way.ids for way in ways]
    return first.union(*others)


def _that(rows: QuerySet[M], conditions: Sequence[Q] | None) -> QuerySet[M]:
    """Those that meet one of them; all where there is no need to."""
    if conditions is None:
        return rows
    return rows.filter(functools.reduce(operator.or_, conditions)) if conditions else rows.none()


def are_few(ways: Sequence[Way] | None, *, most: int | None = None) -> bool:
    """Whether there are at most `most`, as far as the ways do not lead to the same. One query.

    `FEW` where it is not told.
    """
    most = FEW if most is None else most
    if not ways:
        return False
    # Ones, not ids: indexes alone can tell how many there are.
    first, *others = [way.ids.annotate(one=Value(1)).values("one") for way in ways]
    found: int = first.union(*others, all=True)[: most + 1].count()
    return found <= most
