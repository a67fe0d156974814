"""How well each rep does with leads of a kind, told carefully: shrunk towards the mean. Pure.

With x won of n known outcomes for each rep, the mean of the pool is μ = Σx / Σn. How much reps
really differ is estimated from those with at least `fewest` outcomes, by the moments of a
beta-binomial model (one-way analysis of variance): with S = Σ n(p − μ)² over these m reps and
n₀ = Σn − Σn²/Σn,

    ρ = (S − (m − 1)·μ(1 − μ)) / ((n₀ − (m − 1))·μ(1 − μ)),   cut to 0 … 1
    k = (1 − ρ) / ρ
    rate = μ + n / (n + k) · (p − μ)

Where the reps differ by no more than chance would make them (ρ ≤ 0), everybody counts as the mean;
so does whoever has fewer than `fewest` outcomes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

DIGITS = 6
"""Rates that agree so far are the same."""


@dataclass(frozen=True, slots=True)
class Rates:
    """The pool's mean, how many outcomes the mean is worth, and each rep's shrunk rate."""

    mean: float
    worth: float | None
    """None: reps do not differ by more than chance."""
    of: Mapping[int, float]


def shrink(outcomes: Mapping[int, tuple[int, int]], *, fewest: int) -> Rates:
    """Rates from each rep's (won, decided)."""
    decided = sum(n for _, n in outcomes.values())
    mean = sum(x for x, _ in outcomes.values()) / decided if decided else 0.0
    counted = [(x, n) for x, n in outcomes.values() if n >= max(fewest, 1)]
    worth = _worth(counted, mean)
    rates = {
        user: mean + n / (n + worth) * (x / n - mean)
        if worth is not None and n >= max(fewest, 1)
        else mean
        for user, (x, n) in outcomes.items()
    }
    return Rates(
        round(mean, DIGITS),
        None if worth is None else round(worth, DIGITS),
        {user: round(rate, DIGITS) for user, rate in rates.items()},
    )


def _worth(counted: list[tuple[int, int]], mean: float) -> float | None:
    spread, total = mean * (1 - mean), sum(n for _, n in counted)
    free = len(counted) - 1
    if free < 1 or spread <= 0:
        return None
    between = sum(n * (x / n - mean) ** 2 for x, n in counted)
    effective = total - sum(n * n for _, n in counted) / total - free
    excess = between - free * spread
    if excess <= 0 or effective <= 0:
        return None
    share = min(1.0, excess / (effective * spread))
    return (1 - share) / share
