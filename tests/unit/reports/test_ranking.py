"""How well a score ranks, by hand and against what must always hold."""

from __future__ import annotations

import math
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import ranking
from reports.ranking import Case

SOME = st.lists(
    st.tuples(st.sampled_from([-5.0, 0.0, 2.5, 10.0, 40.0]), st.booleans()), max_size=60
)


@pytest.mark.parametrize(
    ("cases", "auc"),
    [
        ([(3, True), (2, True), (1, False)], 1.0),
        ([(3, False), (2, True), (1, True)], 0.0),
        ([(1, True), (1, False)], 0.5),
        ([(4, True), (3, False), (2, True), (1, False)], 0.75),
        ([(2, True), (2, False), (1, False), (1, True)], 0.5),
    ],
)
def test_the_area_is_the_share_of_pairs_in_the_right_order(cases: list[Case], auc: float) -> None:
    found = ranking.discrimination(cases)
    assert found is not None
    assert found.auc == pytest.approx(auc)
    assert found.low <= auc <= found.high


@given(SOME)
def test_the_area_is_what_counting_pairs_gives(cases: list[Case]) -> None:
    found = ranking.discrimination(cases)
    pairs = [
        1.0 if high > low else 0.5 if high == low else 0.0
        for (high, _), (low, _) in product(
            [one for one in cases if one[1]], [one for one in cases if not one[1]]
        )
    ]
    if not pairs:
        assert found is None
    else:
        assert found is not None
        assert found.auc == pytest.approx(sum(pairs) / len(pairs))


def test_its_interval_is_that_of_the_paper() -> None:
    """Hanley and McNeil, table II: ratings of 58 normal and 51 abnormal cases; 0.893, SE 0.032."""
    rated = {1: (33, 3), 2: (6, 2), 3: (6, 2), 4: (11, 11), 5: (2, 33)}
    cases = [
        (float(score), came)
        for score, counts in rated.items()
        for came, count in zip((False, True), counts, strict=True)
        for _ in range(count)
    ]
    found = ranking.discrimination(cases)
    assert found is not None
    assert found.auc == pytest.approx(0.893, abs=5e-4)
    assert (found.high - found.low) / 2 / 1.96 == pytest.approx(0.032, abs=1e-3)


def test_the_curve_is_the_one_the_leads_came_from() -> None:
    cases = []
    for score in range(-20, 61, 5):
        hits = round(1_000 / (1 + math.exp(2 - 0.08 * score)))
        cases += [(float(score), place < hits) for place in range(1_000)]
    curve = ranking.calibration(cases)
    assert curve is not None
    assert curve.start == pytest.approx(-2, abs=0.02)
    assert curve.slope == pytest.approx(0.08, abs=0.001)


@given(SOME)
def test_as_many_are_expected_as_came(cases: list[Case]) -> None:
    for found in (ranking.tenths(cases), ranking.groups(cases, [10, 0])):
        assert sum(one.leads for one in found) == len(cases)
        assert sum(one.won for one in found) == sum(came for _, came in cases)
        assert all(upper.least > lower.most for upper, lower in pairwise(found))
        expected = [one.expected for one in found if one.expected is not None]
        if expected:
            assert sum(expected) == pytest.approx(sum(one.won for one in found), abs=1e-3)
            assert found[-1].captured == pytest.approx(1)


def test_a_tenth_is_a_tenth_and_lift_is_how_much_better_it_is() -> None:
    cases = [(float(score), score > 90 or score % 10 == 0) for score in range(1, 101)]
    found = ranking.tenths(cases)
    assert [(one.leads, one.least) for one in found][:3] == [(10, 91), (10, 81), (10, 71)]
    assert len(found) == 10
    assert found[0].lift == pytest.approx(1 / 0.19)
    assert found[0].captured == pytest.approx(10 / 19)
    assert (found[0].off, found[9].off) == (1, 0)


def test_scores_that_part_all_leads_still_have_a_curve() -> None:
    curve = ranking.calibration([(1.0, False)] * 50 + [(2.0, True)] * 50)
    assert curve is not None
    assert curve.share(1) < 0.02
    assert curve.share(2) > 0.98
    assert ranking.calibration([(1.0, True)] * 3) is None
    flat = ranking.calibration([(1.0, True), (1.0, False)])
    assert flat is not None
    assert flat.share(1) == pytest.approx(0.5)
