"""What a row of speed to lead says of its legs."""

from __future__ import annotations

import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import speed
from reports.speed import Leg, Row
from sla.split import Cause

LEG = st.builds(
    Leg,
    elapsed=st.floats(0, 1e7),
    working=st.floats(0, 1e7),
    verified=st.booleans(),
    seconds=st.fixed_dictionaries({cause: st.integers(0, 10**6) for cause in Cause}),
)
TIMES = st.lists(st.floats(0, 1e7), min_size=2, max_size=30)


@given(st.lists(LEG, max_size=20))
def test_the_time_by_cause_adds_up_to_the_second(legs: list[Leg]) -> None:
    figures = Row("", "All", legs=legs).figures()
    parts = [figures[cause.value.lower()] for cause in Cause]
    assert sum(parts) == figures["total"]  # type: ignore[arg-type]
    assert figures["answered"] == len(legs)


@given(TIMES)
def test_the_quantiles_are_those_of_the_standard_library(times: list[float]) -> None:
    ordered = sorted(times)
    assert speed.quantile(ordered, 0.5) == pytest.approx(statistics.median(ordered))
    ninth = statistics.quantiles(ordered, n=10, method="inclusive")[8]
    assert speed.quantile(ordered, 0.9) == pytest.approx(ninth)


def test_of_nothing_there_is_no_time() -> None:
    figures = Row("", "All").figures()
    assert figures["elapsed_median"] is figures["working_p90"] is figures["verified"] is None
    assert speed.quantile([7.0], 0.9) == 7.0


def test_every_declared_column_has_a_figure() -> None:
    assert set(Row("", "All").figures()) == {one.key for one in speed.DECLARATION.columns}
