"""Pauses between attempts grow and are bounded."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from core import work

SECOND = dt.timedelta(seconds=1)


@given(attempts=st.integers(1, 40_000), factor=st.floats(1, 10))
def test_a_pause_is_never_shorter_than_the_one_before_nor_longer_than_the_longest(
    attempts: int, factor: float
) -> None:
    longest = dt.timedelta(hours=4)
    this, following = (
        work.pause(count, first=SECOND, factor=factor, longest=longest)
        for count in (attempts, attempts + 1)
    )
    assert SECOND <= this <= following <= longest
