"""Many stored decisions made again, in the order in which they were made."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, Min

from routing import replay
from routing.models import Decision
from routing.records import Dealer

AT_ONCE = 500
LOOKED_AT = 4
"""How many numbers are drawn at once for each decision that is still wanted."""


@dataclass(frozen=True, slots=True)
class Found:
    """How many came out as recorded, which did not and why, and how many nobody can tell of."""

    same: int
    differing: tuple[tuple[int, str], ...]
    erased: int


def last(size: int) -> list[int]:
    """The last decisions, by id."""
    return sorted(Decision.objects.order_by("-pk").values_list("pk", flat=True)[:size])


def sample(size: int, *, seed: int) -> list[int]:
    """So many decisions drawn at random over all, or all where there are fewer; the same for the
    same seed and records. Reads no more rows than it looks at.
    """
    ends = Decision.objects.aggregate(low=Min("pk"), high=Max("pk"))
    if ends["low"] is None:
        return []
    low, high = ends["low"], ends["high"]
    draw = random.Random(seed)  # noqa: S311 - to be drawn again, not to be secret
    if high - low < LOOKED_AT * size:
        known = list(Decision.objects.order_by("pk").values_list("pk", flat=True))
        return sorted(draw.sample(known, min(size, len(known))))
    found: set[int] = set()
    for _ in range(100):  # ids have few gaps: two rounds will do
        drawn = [draw.randint(low, high) for _ in range(LOOKED_AT * (size - len(found)))]
        there = set(Decision.objects.filter(pk__in=drawn).values_list("pk", flat=True))
        for pk in drawn:
            if pk in there and len(found) < size:
                found.add(pk)
        if len(found) == size:
            break
    return sorted(found)


def check(ids: Sequence[int]) -> Found:
    """Make these decisions again; ids in order. Those of erased people are only counted."""
    dealer = Dealer()
    same = erased = 0
    differing: list[tuple[int, str]] = []
    for start in range(0, len(ids), AT_ONCE):
        rows = Decision.objects.filter(pk__in=ids[start : start + AT_ONCE]).order_by("pk")
        erased += rows.filter(lead__person__erased_at__isnull=False).count()
        known = rows.filter(lead__person__erased_at__isnull=True).prefetch_related("snapshot")
        for row in known:
            again = replay.of(row, dealer)
            if again.is_same:
                same += 1
            else:
                differing.append((row.pk, again.differs or again.fault))
    return Found(same, tuple(differing), erased)
