"""Control limits of a share and of a rate: what chance alone would let through. Pure.

A sample before is held against a sample after. As on Shewhart's charts each limit is crossed by
chance with a probability of 0.00135 (three sigma; Montgomery, Introduction to Statistical Quality
Control, chapter 7); charts that are read together share it (Bonferroni). Two things differ
from the textbook's p ± 3√(p(1−p)/n) and u ± 3√(u/n):

* What was before is itself a sample, often no larger than what came after. The textbook takes it
  for the truth, which with equal lengths makes three sigma 2.1 and alarms thirteen times as often.
  So the limits are those of the exact test that both are alike, given their sum: Fisher's for
  shares (Statistical Methods for Research Workers, 5th edition, 1934, §21.02), that of
  Przyborowski and Wilenski for rates (Biometrika 31, 1940, 313–323). They hold for small numbers
  too, where they are wide.
* Counts of people come in bursts: a campaign, a rep who clears a list. Where the days within each
  sample scatter more than chance, all counts are divided by how much more (Pearson's χ² by its
  degrees of freedom), as Laney's p′ and u′ charts do (Quality Engineering 14, 2002, 531–537).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

THREE_SIGMA = math.erfc(3 / math.sqrt(2)) / 2
"""The probability of one side beyond three sigma, 0.00135."""
ENOUGH_FREEDOM = 4
"""From so many degrees of freedom on it is judged whether days scatter more than chance."""
NEGLIGIBLE = 1e-17

Tail = Callable[[int], float]


@dataclass(frozen=True, slots=True)
class Sample:
    """One period day by day: `hits` out of so many `trials` (of a rate: out of 1 day each)."""

    hits: tuple[int, ...]
    trials: tuple[int, ...]

    @property
    def hit(self) -> int:
        """The hits of all days."""
        return sum(self.hits)

    @property
    def n(self) -> int:
        """The trials of all days."""
        return sum(self.trials)


@dataclass(frozen=True, slots=True)
class Limits:
    """What was seen, what was expected, and between which values chance keeps it.

    Shares are from 0 to 1, rates per trial. `n` counts the trials after, `spread` how many times
    more than chance the days scatter (1: no more).
    """

    observed: float
    expected: float
    low: float
    high: float
    n: int
    spread: float

    @property
    def above(self) -> bool:
        """Whether more was seen than chance explains."""
        return self.observed > self.high

    @property
    def below(self) -> bool:
        """Whether less was seen than chance explains."""
        return self.observed < self.low


def of_share(before: Sample, after: Sample, *, charts: int = 1) -> Limits:
    """Limits of the share after, given the share before; neither sample may be empty.

    `charts` is how many are read together. By Fisher's exact test: among all hits of both samples
    together, those after are hypergeometric.
    """
    spread = _spread(before, after, _scatter_of_shares)
    m, n = (max(1, round(one.n / spread)) for one in (before, after))
    a = min(m, round(before.hit / spread))

    def more(y: int) -> float:
        return _hypergeometric_from(y, drawn=n, marked=a + y, size=m + n)

    def fewer(y: int) -> float:
        return _hypergeometric_from(n - y, drawn=n, marked=m + n - a - y, size=m + n)

    low, high = _unsuspicious(n * a / m, more, fewer, tail=THREE_SIGMA / charts, most=n)
    expected = before.hit / before.n
    return Limits(after.hit / after.n, expected, low / n, high / n, after.n, spread)


def of_rate(before: Sample, after: Sample, *, charts: int = 1) -> Limits:
    """Limits of the hits per trial after, given those before; neither sample may be empty.

    By the test of Przyborowski and Wilenski: of all hits of both samples together, those after
    are binomial with the share of trials that lie after.
    """
    spread = _spread(before, after, _scatter_of_rates)
    share = after.n / (before.n + after.n)
    x = round(before.hit / spread)

    def more(y: int) -> float:
        return _binomial_from(y, n=x + y, p=share)

    def fewer(y: int) -> float:
        return _binomial_from(x, n=x + y, p=1 - share)

    mean = x * after.n / before.n
    low, high = _unsuspicious(mean, more, fewer, tail=THREE_SIGMA / charts)
    expected = before.hit / before.n
    lowest, highest = (y * spread / after.n for y in (low, high))
    return Limits(after.hit / after.n, expected, lowest, highest, after.n, spread)


def _unsuspicious(
    mean: float, more: Tail, fewer: Tail, *, tail: float, most: int | None = None
) -> tuple[int, int]:
    """The fewest and the most hits after whose probability is not below `tail` on their side."""
    low = _first(lambda y: fewer(y) >= tail, 0, math.floor(mean))
    top = math.ceil(mean) + 1
    while (most is None or top < most) and more(top) >= tail:
        top *= 2
    top = top if most is None else min(top, most)
    if more(top) >= tail:
        return low, top
    return low, _first(lambda y: more(y) < tail, math.ceil(mean), top) - 1


def _first(holds: Callable[[int], bool], low: int, high: int) -> int:
    """The first number from `low` to `high` that fulfils what, once fulfilled, stays so."""
    while low < high:
        middle = (low + high) // 2
        if holds(middle):
            high = middle
        else:
            low = middle + 1
    return low


def _hypergeometric_from(k: int, *, drawn: int, marked: int, size: int) -> float:
    """The probability of `k` or more marked ones among those drawn."""
    if k * size <= drawn * marked:
        return 1.0
    first = _choose(marked, k) + _choose(size - marked, drawn - k) - _choose(size, drawn)
    return _sum_from(
        k,
        min(drawn, marked),
        math.exp(first),
        lambda i: (marked - i) * (drawn - i) / ((i + 1) * (size - marked - drawn + i + 1)),
    )


def _binomial_from(k: int, *, n: int, p: float) -> float:
    """The probability of `k` or more of `n`."""
    if k <= n * p:
        return 1.0
    first = _choose(n, k) + k * math.log(p) + (n - k) * math.log1p(-p)
    odds = p / (1 - p)
    return _sum_from(k, n, math.exp(first), lambda i: odds * (n - i) / (i + 1))


def _sum_from(k: int, last: int, term: float, ratio: Callable[[int], float]) -> float:
    """Terms of a falling series from `k` to `last`; `ratio` leads from each to the next."""
    total = term
    for i in range(k, last):
        term *= ratio(i)
        total += term
        if term < total * NEGLIGIBLE:
            break
    return total


def _choose(n: int, k: int) -> float:
    return math.lgamma(n + 1) - math.lgamma(k + 1) - math.lgamma(n - k + 1)


def _spread(before: Sample, after: Sample, scatter: Callable[[Sample], tuple[float, int]]) -> float:
    """How many times more than chance the days scatter within the samples; 1 at least."""
    (a, free_before), (b, free_after) = scatter(before), scatter(after)
    freedom = free_before + free_after
    return max(1.0, (a + b) / freedom) if freedom >= ENOUGH_FREEDOM else 1.0


def _scatter_of_shares(sample: Sample) -> tuple[float, int]:
    share = sample.hit / sample.n
    return _pearson(sample, share, share * (1 - share))


def _scatter_of_rates(sample: Sample) -> tuple[float, int]:
    rate = sample.hit / sample.n
    return _pearson(sample, rate, rate)


def _pearson(sample: Sample, mean: float, variance: float) -> tuple[float, int]:
    """Pearson's χ² of the days around their mean, and its degrees of freedom."""
    days: Sequence[tuple[int, int]] = [
        (hits, trials) for hits, trials in zip(sample.hits, sample.trials, strict=True) if trials
    ]
    if not variance:
        return 0.0, max(0, len(days) - 1)
    squares = sum((hits - mean * trials) ** 2 / (variance * trials) for hits, trials in days)
    return squares, max(0, len(days) - 1)
