"""A score told in full adds up: evidence to its rule, rules to the total, whatever the instant."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads import score_told, scoring
from leads.score_told import Seen
from tests.scored_kits import rule, scored

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
KINDS = ("view", "click", "demo")
RULE = st.fixed_dictionaries(
    {
        "signal": st.sampled_from(KINDS),
        "points": st.sampled_from([-20, -0.5, 0.35, 3, 40]),
        "category": st.sampled_from(scoring.CATEGORIES),
    },
    optional={
        "half_life_days": st.sampled_from(["0.5", "7", "30"]),
        "cap": st.sampled_from(["5", "30"]),
        "within_days": st.sampled_from([1, 30, 365]),
        "times": st.sampled_from(["EVERY", "ONCE"]),
    },
)
SHOWN = st.lists(
    st.tuples(st.sampled_from(KINDS), st.floats(0, 400).map(lambda days: round(days, 4))),
    max_size=12,
)


@settings(max_examples=400)
@given(st.lists(RULE, min_size=1, max_size=5), SHOWN, st.floats(0, 100))
def test_all_of_it_adds_up_at_every_instant(
    drawn: list[dict[str, Any]], shown: list[tuple[str, float]], later: float
) -> None:
    kit = scored(*(rule(f"rule{n}", **one) for n, one in enumerate(drawn)))
    now = NOW + later * DAY
    seen = [Seen(n, kind, NOW - days * DAY) for n, (kind, days) in enumerate(shown)]
    parts = list(scoring.behaviour([(one.kind, one.at) for one in seen], kit).values())
    told = score_told.tell(parts, seen, kit, now)
    total = sum((one.points for one in told), Decimal(0))
    assert float(total) == scoring.points(parts, now).rounded()["total"]
    for one in told:
        assert one.rule is not None
        if one.evidence:
            assert sum((e.points for e in one.evidence), Decimal(0)) + one.capped == one.points
            assert {e.seen.kind for e in one.evidence} == {one.rule.signal}
        else:
            assert one.points == 0 or one.part.within_days is not None or one.part.value == 0
        if one.part.cap is None:
            assert one.capped == 0


def test_behaviour_is_told_with_what_is_left_of_it() -> None:
    kit = scored(rule(points=20, half_life_days=7, cap=30))
    seen = [Seen(1, "view", NOW - 14 * DAY, 5), Seen(2, "view", NOW, 6), Seen(3, "click", NOW)]
    parts = list(scoring.behaviour([(one.kind, one.at) for one in seen], kit).values())
    (told,) = score_told.tell(parts, seen, kit, NOW)
    assert [(e.seen.id, e.points) for e in told.evidence] == [(2, Decimal(20)), (1, Decimal(5))]
    assert (told.points, told.capped) == (25, 0)
    more = [*seen, Seen(4, "view", NOW)]
    parts = list(scoring.behaviour([(one.kind, one.at) for one in more], kit).values())
    (told,) = score_told.tell(parts, more, kit, NOW)
    assert (told.points, told.capped) == (30, -15)


@pytest.mark.parametrize("lost", [1, 2])
def test_what_was_taken_back_since_is_no_evidence(lost: int) -> None:
    """A record of then counts behaviour that is gone by now: the points stand, unexplained."""
    kit = scored(rule(points=20))
    seen = [Seen(n, "view", NOW - n * DAY) for n in (1, 2, 3)]
    parts = list(scoring.behaviour([(one.kind, one.at) for one in seen], kit).values())
    (told,) = score_told.tell(parts, seen[lost:], kit, NOW)
    assert (told.points, told.evidence) == (60, ())
