"""How well a score ranks: who came to something, from the highest score to the lowest. Pure.

A case is what a lead scored and whether it came to what was hoped for.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from reports import intervals
from reports.intervals import Z95

Case: TypeAlias = tuple[float, bool]
"""A score, and whether the lead came to it."""

_STEPS = 50
_SURE = 1e-9
_PRIOR = 1e-3
"""How much a slope is held back: scores that part the cases wholly have no end of one."""


@dataclass(frozen=True, slots=True)
class Discrimination:
    """How often a lead that came to it scored higher than one that did not; 0.5 is chance.

    `low` and `high` are its interval at 95 %.
    """

    auc: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Group:
    """Leads next to each other by score: the scores it lies between, how many, how many came to it.

    `captured` is the share of all that came to it with at least the score `least`; `lift` is how
    many times more often than all leads those of the group did; `expected` is how many were to be
    expected by the `Calibration` over all leads.
    """

    least: float
    most: float
    leads: int
    won: int
    captured: float | None
    lift: float | None
    expected: float | None

    @property
    def off(self) -> int:
        """1 where more came to it than the score says, -1 where fewer; 0 within chance (95 %)."""
        bounds = intervals.wilson(self.won, self.leads)
        if bounds is None or self.expected is None:
            return 0
        share = self.expected / self.leads
        return 1 if share < bounds[0] else -1 if share > bounds[1] else 0


@dataclass(frozen=True, slots=True)
class Calibration:
    """What a score has meant: log-odds that go up by `slope` with each point, from `start`."""

    start: float
    slope: float

    def share(self, score: float) -> float:
        """The share of leads of this score that came to it, by the curve."""
        return _logistic(self.start + self.slope * score)


def discrimination(cases: Sequence[Case]) -> Discrimination | None:
    """The area under the ROC curve; None where all came to it, or nobody.

    It is the Mann-Whitney statistic with half a point for ties; the interval is that of Hanley and
    McNeil, The meaning and use of the area under a ROC curve, Radiology 143 (1982).
    """
    won = sum(came for _, came in cases)
    lost = len(cases) - won
    if not won or not lost:
        return None
    below, points = 0, 0.0
    for _, (hits, misses) in _levels(cases):
        points += hits * (below + misses / 2)
        below += misses
    auc = points / (won * lost)
    q1, q2 = auc / (2 - auc), 2 * auc * auc / (1 + auc)
    spread = auc * (1 - auc) + (won - 1) * (q1 - auc * auc) + (lost - 1) * (q2 - auc * auc)
    reach = Z95 * math.sqrt(max(0.0, spread) / (won * lost))
    return Discrimination(auc, max(0.0, auc - reach), min(1.0, auc + reach))


def calibration(cases: Sequence[Case]) -> Calibration | None:
    """The logistic curve that fits best (maximum likelihood); None where all came to it, or nobody.

    Scores that part the cases wholly give a steep curve instead of an endless one.
    """
    levels = list(_levels(cases))
    total = len(cases)
    won = sum(hits for _, (hits, _) in levels)
    if not 0 < won < total:
        return None
    middle = math.fsum(score * sum(both) for score, both in levels) / total
    spread = math.sqrt(
        math.fsum((score - middle) ** 2 * sum(both) for score, both in levels) / total
    )
    base = math.log(won / (total - won))
    if not spread:
        return Calibration(base, 0.0)
    scaled = [((score - middle) / spread, hits, sum((hits, misses)))
              for score, (hits, misses) in levels]  # fmt: skip
    start, slope = _fitted(scaled, base)
    return Calibration(start - slope * middle / spread, slope / spread)


def _fitted(levels: Sequence[tuple[float, int, int]], base: float) -> tuple[float, float]:
    """Newton's method over (scaled score, came to it, all); both parameters of the curve."""
    start, slope = base, 0.0
    for _ in range(_STEPS):
        gradient, bend = [0.0, -_PRIOR * slope], [0.0, 0.0, _PRIOR]
        for score, hits, leads in levels:
            share = _logistic(start + slope * score)
            gap, weight = hits - leads * share, leads * share * (1 - share)
            gradient[0] += gap
            gradient[1] += gap * score
            bend[0] += weight
            bend[1] += weight * score
            bend[2] += weight * score * score
        det = bend[0] * bend[2] - bend[1] * bend[1]
        if det <= 0:
            break
        steps = (
            (bend[2] * gradient[0] - bend[1] * gradient[1]) / det,
            (bend[0] * gradient[1] - bend[1] * gradient[0]) / det,
        )
        # A step too long would leave the region in which the curve bends at all.
        short = min(1.0, 2.0 / max(abs(steps[0]), abs(steps[1]), _SURE))
        start, slope = start + short * steps[0], slope + short * steps[1]
        if max(map(abs, steps)) < _SURE:
            break
    return start, slope


def tenths(cases: Sequence[Case], *, parts: int = 10) -> list[Group]:
    """All leads from the highest score down, in groups of about a tenth; equals stay together."""
    edges: list[float] = []
    taken = 0
    for score, both in _levels(cases, down=True):
        taken += sum(both)
        if taken * parts >= (len(edges) + 1) * len(cases):
            edges.append(score)
            while taken * parts >= (len(edges) + 1) * len(cases):
                edges.append(score)
    return groups(cases, sorted(set(edges), reverse=True))


def groups(cases: Sequence[Case], edges: Sequence[float]) -> list[Group]:
    """The leads from one edge, included, up to the next; `edges` fall. Empty groups are left out.

    What lies below the last edge is one more group.
    """
    curve = calibration(cases)
    won = sum(came for _, came in cases)
    sure = {score: curve.share(score) for score, _ in _levels(cases)} if curve else None
    found, captured, rest = [], 0, sorted(cases, reverse=True)
    for edge in (*edges, -math.inf):
        here = [one for one in rest if one[0] >= edge]
        rest = rest[len(here) :]
        if not here:
            continue
        hits = sum(came for _, came in here)
        captured += hits
        found.append(
            Group(
                least=here[-1][0],
                most=here[0][0],
                leads=len(here),
                won=hits,
                captured=captured / won if won else None,
                lift=hits / len(here) / (won / len(cases)) if won else None,
                expected=math.fsum(sure[score] for score, _ in here) if sure else None,
            )
        )
    return found


def _levels(
    cases: Sequence[Case], *, down: bool = False
) -> Iterator[tuple[float, tuple[int, int]]]:
    """Each score there is, with how many came to it and how many did not; lowest first."""
    for score, same in groupby(sorted(cases, reverse=down), key=lambda one: one[0]):
        came: Mapping[bool, int] = _count(one for _, one in same)
        yield score, (came[True], came[False])


def _count(flags: Iterator[bool]) -> dict[bool, int]:
    found = {True: 0, False: 0}
    for one in flags:
        found[one] += 1
    return found


def _logistic(value: float) -> float:
    if value >= 0:
        return 1 / (1 + math.exp(-value)) if value < 700 else 1.0
    return math.exp(value) / (1 + math.exp(value)) if value > -700 else 0.0
