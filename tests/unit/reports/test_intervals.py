from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import intervals


@pytest.mark.parametrize(
    ("part", "whole", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (1, 1, 0.2065, 1.0),
        (850, 1000, 0.8265, 0.8708),
    ],
)
def test_the_interval_is_wilsons(part: int, whole: int, low: float, high: float) -> None:
    assert intervals.wilson(part, whole) == pytest.approx((low, high), abs=5e-5)


def test_of_nothing_there_is_no_interval() -> None:
    assert intervals.wilson(0, 0) is None


@given(st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_the_share_always_lies_within(counts: tuple[int, int]) -> None:
    part, whole = counts
    interval = intervals.wilson(part, whole)
    assert interval is not None
    assert 0 <= interval[0] <= part / whole <= interval[1] <= 1


@given(st.integers(1, 500), st.integers(1, 500))
def test_more_of_the_same_makes_it_narrower(part: int, missed: int) -> None:
    def width(times: int) -> float:
        low, high = intervals.wilson(part * times, (part + missed) * times) or (0.0, 1.0)
        return high - low

    assert width(4) < width(1)
