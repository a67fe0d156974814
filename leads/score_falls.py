"""When a score falls below a floor, or rises to the next one as penalties run out. Pure.

What fades, fades together no faster than at its shortest half-life h: with fading D and steady C
the total at t is at least C + D · 2^(−t / h), which meets a floor at t = h · log2(D / (floor − C)).
Asked again from there, that bound closes in on the true instant; it never passes it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable, Sequence
from typing import Protocol

STEPS = 24
"""How often the bound is asked again; after that it is looked at again when it is due."""
NEAR = dt.timedelta(seconds=1)
BEYOND = dt.timedelta(days=3_650)
"""What lies further ahead is not looked for: the instant found last is rechecked then."""
MOST_WINDOWS = 50


class Fading(Protocol):
    """What has a worth at each instant, as a part of a score has."""

    @property
    def half_life_days(self) -> float | None:
        """Days in which half of it is gone."""

    @property
    def fades(self) -> bool:
        """Whether it is worth less as time goes by."""

    def present(self, now: dt.datetime) -> float:
        """Its worth at `now`."""

    def leaves(self, now: dt.datetime) -> list[dt.datetime]:
        """When each of its times leaves its window."""


def leaves(
    parts: Sequence[Fading], floor: float | None, ceiling: float | None, now: dt.datetime
) -> dt.datetime | None:
    """The instant from which the total is below `floor`, or at `ceiling` or above; None if never.

    To the second, and never later than the first such second. May be earlier where more than
    `MOST_WINDOWS` times leave their windows first, or capped parts make the bound slow: then
    nothing has moved at that instant, and it is to be asked again.
    """
    start = now
    edges = sorted({at for part in parts for at in part.leaves(now) if at > now})
    for edge in edges[:MOST_WINDOWS]:
        fall = _fall(parts, floor, start)
        if fall is not None and fall < edge:
            return fall
        total = _total(parts, edge)
        if (floor is not None and total < floor) or (ceiling is not None and total >= ceiling):
            return edge
        start = edge
    if len(edges) > MOST_WINDOWS:
        return start
    fall = _fall(parts, floor, start)
    return fall if fall is None or fall - now <= BEYOND else None


def _fall(parts: Iterable[Fading], floor: float | None, start: dt.datetime) -> dt.datetime | None:
    """When the total falls below the floor, if nothing leaves its window; None if never."""
    if floor is None:
        return None
    at = start
    for _ in range(STEPS):
        days = _days(parts, floor, at)
        if days is None or at - start > BEYOND:
            return None
        step = dt.timedelta(days=min(days, 2.0 * BEYOND.days))
        at += step
        if step < NEAR:
            break
    return at + NEAR


def _days(parts: Iterable[Fading], floor: float, at: dt.datetime) -> float | None:
    """A lower bound of the days from `at` until the total is at the floor; None if never."""
    steady = fading = 0.0
    fastest = math.inf
    for part in parts:
        value = part.present(at)
        if part.fades and value > 0 and part.half_life_days is not None:
            fading += value
            fastest = min(fastest, part.half_life_days)
        else:
            steady += value
    if steady >= floor or fading <= 0:
        return None
    return fastest * math.log2(fading / (floor - steady)) if fading > floor - steady else 0.0


def _total(parts: Iterable[Fading], at: dt.datetime) -> float:
    return math.fsum(part.present(at) for part in parts)
