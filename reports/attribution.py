"""Attribution models: to which touchpoints the revenue of a won opportunity is put down. Pure.

No model is true; each is named with every number that it makes. Touchpoints are those before the
win, in their order; shares of one opportunity add up to 1 in each model.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Mapping, Sequence

Shares = tuple[float, ...]

HALF_LIFE = dt.timedelta(days=7)
"""Time decay: a touchpoint that lies so much further back counts half as much."""
ENDS = 0.4
"""Position-based: so much each for the first and the last, the rest for those between, evenly."""

LABELS: Mapping[str, str] = {
    "first": "first touch",
    "last": "last touch",
    "linear": "linear",
    "position": "position-based (40-20-40)",
    "decay": "time decay (half-life 7 days)",
}


def first(touched: Sequence[dt.datetime]) -> Shares:
    """All of it to the first touchpoint."""
    return tuple(float(place == 0) for place in range(len(touched)))


def last(touched: Sequence[dt.datetime]) -> Shares:
    """All of it to the last touchpoint before the win."""
    return tuple(float(place == len(touched) - 1) for place in range(len(touched)))


def linear(touched: Sequence[dt.datetime]) -> Shares:
    """The same to each."""
    return tuple(1 / len(touched) for _ in touched)


def position(touched: Sequence[dt.datetime]) -> Shares:
    """Two fifths to the first and to the last, the rest to those between; of two a half each."""
    count = len(touched)
    if count < 3:
        return linear(touched)
    between = (1 - 2 * ENDS) / (count - 2)
    return (ENDS, *[between] * (count - 2), ENDS)


def decay(touched: Sequence[dt.datetime]) -> Shares:
    """The closer to the last touchpoint the more, by half-life."""
    if not touched:
        return ()
    ages = [(touched[-1] - one) / HALF_LIFE for one in touched]
    weights = [math.exp2(-age) for age in ages]
    return tuple(weight / sum(weights) for weight in weights)


MODELS: Mapping[str, Callable[[Sequence[dt.datetime]], Shares]] = {
    "first": first,
    "last": last,
    "linear": linear,
    "position": position,
    "decay": decay,
}


def of(touched: Sequence[dt.datetime]) -> dict[str, Shares]:
    """The share of each touchpoint by every model; `touched` are their instants in order."""
    return {name: model(touched) for name, model in MODELS.items()}
