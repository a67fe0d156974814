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


@dataclass(frozen=True, slots=True)
class Way:
    """One reason why rows are seen."""

    of_each: Q
    ids: QuerySet[Any]


def named_by(rows: QuerySet[Any], *, by: str = "lead") -> Way:
    """What other rows point to, by this foreign key of theirs."""
    return Way(Q(Exists(rows.filter(**{by: OuterRef("pk")}))), rows.values(by))


def of_each(rows: QuerySet[M], ways: Sequence[Way] | None) -> QuerySet[M]:
    """Those that any way leads to, each row looked at for itself; all where `ways` is None."""
    if ways is None:
        return rows
    if not ways:
        return rows.none()
    return rows.filter(functools.reduce(operator.or_, (way.of_each for way in ways)))


def of_many(rows: QuerySet[M], ways: Sequence[Way] | None, *, few: bool) -> QuerySet[M]:
    """The same rows for a list of them: by their ids where they are `few`."""
    if not ways or not few:
        return of_each(rows, ways)
    first, *others = [way.ids for way in ways]
    return rows.filter(pk__in=first.union(*others))


def are_few(ways: Sequence[Way] | None) -> bool:
    """Whether there are at most `FEW`, as far as the ways do not lead to the same. One query."""
    if not ways:
        return False
    # Ones, not ids: indexes alone can tell how many there are.
    first, *others = [way.ids.annotate(one=Value(1)).values("one") for way in ways]
    found: int = first.union(*others, all=True)[: FEW + 1].count()
    return found <= FEW
