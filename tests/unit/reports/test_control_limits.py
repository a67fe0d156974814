"""Limits hold what they promise: hardly ever an alarm over nothing, an alarm over a real shift."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.drift import control_limits
from reports.drift.control_limits import Limits, Sample

BOTH_SIDES = 0.0027
"""Three sigma on either side."""
WHOLE_WATCH = 0.05
"""Over eight weeks with a look a day, all looks together."""


def share(hits: int, n: int) -> Sample:
    return Sample((hits,), (n,))


def rate(hits: int, days: int) -> Sample:
    """All on the first day would look like a burst, so it is one long day."""
    return Sample((hits,), (days,))


def binomial(n: int, p: float) -> list[float]:
    return [math.comb(n, k) * p**k * (1 - p) ** (n - k) for k in range(n + 1)]


def poisson(mean: float) -> list[float]:
    last = int(mean + 12 * math.sqrt(mean) + 12)
    return [math.exp(k * math.log(mean) - mean - math.lgamma(k + 1)) for k in range(last)]


def alarms(limits: Limits, counts: int, per: int) -> list[int]:
    """The counts after that would raise an alarm."""
    return [k for k in range(counts) if not limits.low <= k / per <= limits.high]


def chance_of_alarm_over_shares(m: int, p: float, n: int, q: float, charts: int = 1) -> float:
    after = binomial(n, q)
    return sum(
        weight * sum(after[k] for k in alarms(of_share(a, m, 0, n, charts), n + 1, n))
        for a, weight in enumerate(binomial(m, p))
    )


def of_share(a: int, m: int, y: int, n: int, charts: int = 1) -> Limits:
    return control_limits.of_share(share(a, m), share(y, n), charts=charts)


def chance_of_alarm_over_rates(before: float, days: int, after: float, later: int) -> float:
    weights = poisson(after)
    return sum(
        weight
        * sum(
            weights[k]
            for k in alarms(
                control_limits.of_rate(rate(x, days), rate(0, later)), len(weights), later
            )
        )
        for x, weight in enumerate(poisson(before))
    )


@pytest.mark.parametrize("p", [0.02, 0.3, 0.6, 0.97])
@pytest.mark.parametrize(("m", "n"), [(30, 30), (12, 80), (120, 40)])
def test_equal_shares_alarm_no_more_often_than_three_sigma(m: int, n: int, p: float) -> None:
    assert chance_of_alarm_over_shares(m, p, n, p) <= BOTH_SIDES


@pytest.mark.parametrize("mean", [0.4, 3.0, 25.0, 90.0])
@pytest.mark.parametrize(("days", "later"), [(5, 5), (10, 40), (40, 5)])
def test_equal_rates_alarm_no_more_often_than_three_sigma(
    mean: float, days: int, later: int
) -> None:
    found = chance_of_alarm_over_rates(mean, days, mean * later / days, later)
    assert found <= BOTH_SIDES


def test_charts_that_are_read_together_share_the_risk() -> None:
    assert chance_of_alarm_over_shares(60, 0.4, 60, 0.4, charts=9) <= BOTH_SIDES / 9


@pytest.mark.parametrize(
    ("n", "before", "after", "least"),
    [(200, 0.6, 0.4, 0.8), (120, 0.7, 0.4, 0.9), (60, 0.05, 0.4, 0.9), (60, 0.8, 0.2, 0.99)],
)
def test_a_shift_of_a_share_is_seen(n: int, before: float, after: float, least: float) -> None:
    assert chance_of_alarm_over_shares(n, before, n, after) >= least


@pytest.mark.parametrize(
    ("before", "after", "least"), [(60.0, 15.0, 0.95), (40.0, 100.0, 0.95), (30.0, 0.01, 0.99)]
)
def test_a_shift_of_a_rate_is_seen(before: float, after: float, least: float) -> None:
    assert chance_of_alarm_over_rates(before, 10, after, 10) >= least


def hypergeometric_from(k: int, drawn: int, marked: int, size: int) -> Fraction:
    ways = sum(
        math.comb(marked, i) * math.comb(size - marked, drawn - i)
        for i in range(k, min(drawn, marked) + 1)
        if drawn - i <= size - marked
    )
    return Fraction(ways, math.comb(size, drawn))


@given(st.data(), st.integers(1, 60), st.integers(1, 60))
def test_the_limits_are_the_last_counts_that_fisher_would_let_pass(
    data: st.DataObject, m: int, n: int
) -> None:
    a = data.draw(st.integers(0, m))
    limits = of_share(a, m, 0, n)
    tail = Fraction(control_limits.THREE_SIGMA)
    more = [hypergeometric_from(y, n, a + y, m + n) for y in range(n + 1)]
    fewer = [hypergeometric_from(n - y, n, m + n - a - y, m + n) for y in range(n + 1)]
    assert round(limits.high * n) == max(y for y in range(n + 1) if more[y] >= tail)
    assert round(limits.low * n) == min(y for y in range(n + 1) if fewer[y] >= tail)


@settings(deadline=None)
@given(st.integers(0, 40), st.integers(1, 9), st.integers(1, 9))
def test_the_limits_are_the_last_counts_that_the_test_of_rates_would_let_pass(
    x: int, days: int, later: int
) -> None:
    limits = control_limits.of_rate(rate(x, days), rate(0, later))

    def more(y: int) -> Fraction:
        """The chance that `y` or more of all fall after."""
        n = x + y
        fewer = sum(math.comb(n, i) * later**i * days ** (n - i) for i in range(y))
        return 1 - Fraction(fewer, (days + later) ** n)

    high, tail = round(limits.high * later), Fraction(control_limits.THREE_SIGMA)
    assert more(high) >= tail > more(high + 1)
    assert limits.low <= limits.expected <= limits.high + 1 / later


@given(
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=20),
    st.integers(1, 12),
)
def test_limits_are_in_order_and_more_charts_make_them_wider(
    before: list[tuple[int, int]], after: list[tuple[int, int]], charts: int
) -> None:
    def sample(days: list[tuple[int, int]]) -> Sample:
        return Sample(tuple(min(day) for day in days), tuple(max(1, *day) for day in days))

    for of in (control_limits.of_share, control_limits.of_rate):
        alone = of(sample(before), sample(after))
        together = of(sample(before), sample(after), charts=charts)
        assert 0 <= together.low <= alone.low <= alone.high <= together.high
        assert alone.spread >= 1
        assert not (alone.above and alone.below)


def test_what_is_as_before_is_never_outside() -> None:
    for days in ((3, 9), (0, 5), (5, 5), (4000, 9000)):
        same = Sample((days[0],) * 6, (days[1],) * 6)
        for of in (control_limits.of_share, control_limits.of_rate):
            limits = of(same, same)
            assert limits.low <= limits.observed <= limits.high
            assert limits.observed == limits.expected


def test_days_that_come_in_bursts_widen_the_limits() -> None:
    even, bursts = Sample((10,) * 10, (1,) * 10), Sample((50, 0, 0, 0, 0) * 2, (1,) * 10)
    after = Sample((17,) * 10, (1,) * 10)
    assert control_limits.of_rate(even, after).above
    assert not control_limits.of_rate(bursts, after).above
    assert control_limits.of_rate(bursts, after).spread > 10


def test_a_handful_of_days_tells_nothing_of_bursts() -> None:
    assert control_limits.of_rate(Sample((9, 0), (1, 1)), Sample((9, 0), (1, 1))).spread == 1


def drawn(rng: random.Random, mean: float) -> int:
    product, count, least = rng.random(), 0, math.exp(-mean)
    while product > least:
        product *= rng.random()
        count += 1
    return count


Day = Callable[[random.Random], tuple[int, int]]


def decisions(rng: random.Random) -> tuple[int, int]:
    n = drawn(rng, 8)
    return sum(rng.random() < 0.6 for _ in range(n)), n


def arrivals(rng: random.Random) -> tuple[int, int]:
    return drawn(rng, 5), 1


@pytest.mark.parametrize(
    ("day", "of"),
    [(decisions, control_limits.of_share), (arrivals, control_limits.of_rate)],
    ids=["shares", "rates"],
)
def test_eight_weeks_of_daily_looks_at_equal_data_seldom_alarm(
    day: Day, of: Callable[[Sample, Sample], Limits]
) -> None:
    rng, watches, alarmed = random.Random(20260303), 100, 0

    def sample(days: list[tuple[int, int]]) -> Sample:
        hits, trials = zip(*days, strict=True)
        return Sample(tuple(hits), tuple(trials))

    for _ in range(watches):
        before, after = ([day(rng) for _ in range(56)] for _ in "ab")
        looks = (of(sample(before[:n]), sample(after[:n])) for n in range(5, 57))
        alarmed += any(look.above or look.below for look in looks)
    assert alarmed <= WHOLE_WATCH * watches
