"""What rules are worth, at once and later: points, windows, caps, and sums that are what is shown.

Expected values are worked out by the definition in `worth`, behaviour by behaviour, apart from how
parts keep them.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leads import score_rows, scoring
from leads.scoring import Part
from tests.scored_kits import rule, scored

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def ago(*days: float) -> list[tuple[str, dt.datetime]]:
    return [("view", NOW - one * DAY) for one in days]


def part_of(*days: float, now: dt.datetime = NOW, **of: Any) -> float:
    parts = scoring.behaviour(ago(*days), scored(rule(**of)))
    return parts["views"].present(now)


@pytest.mark.parametrize(
    ("days", "of", "worth"),
    [
        ([0], {}, 10),
        ([0, 5, 400], {}, 30),
        ([7], {"half_life_days": 7}, 5),
        ([14, 0], {"half_life_days": 7}, 12.5),
        ([0, 1, 2], {"cap": 25}, 25),
        ([0, 1, 2], {"times": "ONCE"}, 10),
        ([7, 21], {"times": "ONCE", "half_life_days": 7}, 5),
        ([1, 29.999, 30, 31], {"within_days": 30}, 20),
        ([7, 31], {"within_days": 30, "half_life_days": 7}, 5),
        ([31, 45], {"within_days": 30, "times": "ONCE"}, 0),
        ([3, 45], {"within_days": 30, "times": "ONCE"}, 10),
        ([0, 1, 2], {"points": -15}, -45),
        ([0, 1, 2], {"points": -15, "cap": 20}, -20),
        ([0, 1, 2], {"points": -15, "cap": -20}, -20),
        ([-3], {"half_life_days": 7}, 10),
    ],
)
def test_behaviour_counts_as_its_rule_says(
    days: list[float], of: dict[str, Any], worth: float
) -> None:
    assert part_of(*days, **of) == pytest.approx(worth)


def test_a_hundred_points_are_halved_every_week() -> None:
    kit = scored(rule(points=100, half_life_days=7))
    parts = scoring.behaviour(ago(0), kit).values()
    assert [scoring.points(parts, NOW + n * DAY).total for n in (0, 7, 14)] == [100, 50, 25]
    fresh = scoring.behaviour([("view", NOW + 14 * DAY)], scored(rule(points=60, half_life_days=7)))
    assert scoring.points(fresh.values(), NOW + 14 * DAY).total > 25


def test_kinds_without_a_rule_are_worth_nothing() -> None:
    assert scoring.behaviour([("other", NOW)], scored(rule())) == {}


SIZE = {"fact": "company.employees", "op": "gte", "value": 50}


def test_facts_are_worth_their_points_while_they_hold() -> None:
    kit = scored(
        rule("size", 15, category="FIT", condition=SIZE),
        rule("news", 20, category="ENGAGEMENT", condition=SIZE, half_life_days="10"),
    )
    large, small = {"company.employees": 80}, {"company.employees": 8}
    first = scoring.judged({}, large, kit, NOW)
    later = scoring.judged(first, large, kit, NOW + 10 * DAY)
    assert later == first, "since when is kept"
    assert scoring.points(later.values(), NOW + 10 * DAY) == scoring.Points(15, 10, 0)
    gone = scoring.judged(later, small, kit, NOW + 11 * DAY)
    assert gone == {}
    again = scoring.judged(gone, large, kit, NOW + 12 * DAY)
    assert again["news"].present(NOW + 12 * DAY) == 20


DAYS = st.floats(-2, 800, allow_nan=False).map(lambda days: round(days, 3))
RULES = st.fixed_dictionaries(
    {"points": st.sampled_from([-20, -0.5, 0.1, 3, 40])},
    optional={
        "half_life_days": st.sampled_from(["0.5", "7", "30"]),
        "cap": st.sampled_from(["5", "30", "-12"]),
        "within_days": st.sampled_from([1, 30, 365]),
        "times": st.sampled_from(["EVERY", "ONCE"]),
    },
)


def worth(rule: dict[str, Any], days: list[float], later: float) -> float:
    """The definition, said once more: each time that counts, faded by its own age."""
    ages = [max(0.0, one + later) for one in days]
    if rule.get("times") == "ONCE":
        ages = [min(ages)]
    ages = [age for age in ages if age < rule.get("within_days", 1e9)]
    half_life = float(rule.get("half_life_days", "inf"))
    value = sum(rule["points"] * 2.0 ** (-age / half_life) for age in ages)
    cap = abs(float(rule.get("cap", "inf")))
    return max(-cap, min(cap, value))


@given(RULES, st.lists(DAYS, min_size=1, max_size=8), st.sampled_from([0, 0.25, 6.5, 40, 500]))
def test_a_part_is_worth_the_sum_of_its_times(
    of: dict[str, Any], days: list[float], later: float
) -> None:
    now = NOW + later * DAY
    if any(one + later < 0 for one in days):
        later, now = max(later, 3), max(now, NOW + 3 * DAY)
    got = part_of(*days, now=now, **of)
    assert got == pytest.approx(worth(of, days, later), rel=1e-9, abs=1e-9)


@given(RULES, st.lists(DAYS, min_size=1, max_size=8), st.randoms())
def test_the_order_in_which_behaviour_comes_does_not_matter(
    of: dict[str, Any], days: list[float], chance: Any
) -> None:
    kit, shown = scored(rule(**of)), ago(*days)
    mixed = list(shown)
    chance.shuffle(mixed)
    assert scoring.behaviour(mixed, kit) == scoring.behaviour(shown, kit)


PARTS = st.lists(
    st.builds(
        Part,
        rule=st.uuids().map(str),
        category=st.sampled_from(scoring.CATEGORIES),
        value=st.floats(-200, 200, allow_nan=False),
        at=st.floats(0, 60).map(lambda days: NOW - days * DAY),
        half_life_days=st.sampled_from([None, 0.5, 7.0, 30.0]),
        cap=st.sampled_from([None, 5.0, 30.0]),
    ),
    max_size=8,
)


@given(PARTS, st.floats(0, 400))
def test_what_is_shown_of_each_rule_adds_up_to_what_is_shown(
    parts: list[Part], days: float
) -> None:
    now = NOW + days * DAY
    shown = scoring.points(parts, now).rounded()
    told = scoring.shared(parts, now)
    for name in ("fit", "engagement", "intent"):
        own = [value for part, value in told if part.category == name.upper()]
        assert float(sum(own, Decimal(0))) == pytest.approx(shown[name], abs=1e-9)
    assert float(sum((value for _, value in told), Decimal(0))) == pytest.approx(
        shown["total"], abs=1e-9
    )
    for part, value in told:
        assert abs(float(value) - part.present(now)) < 0.1 + 1e-6


@given(st.lists(st.floats(-500, 500, allow_nan=False), max_size=12))
@example([0.05, 0.05, 0.05])
@example([-0.05, 0.15])
def test_shares_add_up_to_the_rounded_sum(values: list[float]) -> None:
    told = scoring.shares(values)
    assert all(one == one.quantize(Decimal("0.1")) for one in told)
    whole = Decimal(str(scoring.shown(sum(values)))) if values else Decimal(0)
    assert abs(sum(told, Decimal(0)) - whole) <= Decimal("0.1")
    assert all(
        abs(float(share) - value) < 0.1001 for share, value in zip(told, values, strict=True)
    )


@given(RULES, st.lists(DAYS, min_size=1, max_size=5))
def test_a_record_gives_back_what_it_kept(of: dict[str, Any], days: list[float]) -> None:
    parts = scoring.behaviour(ago(*days), scored(rule(**of)))
    assert score_rows.from_document(score_rows.document(parts.values())) == list(parts.values())


@pytest.mark.parametrize(
    ("before", "score", "band"),
    [
        ("", 69.9, "warm"), ("", 70, "hot"), ("hot", 69, "hot"), ("hot", 60, "hot"),
        ("hot", 59.9, "warm"), ("hot", 42, "warm"), ("hot", 39, "cold"), ("warm", 69, "warm"),
        ("warm", 40, "warm"), ("cold", 44, "cold"), ("gone", 44, "cold"), ("", -2000, ""),
    ],
)  # fmt: skip
def test_a_band_is_left_later_than_it_is_reached(before: str, score: float, band: str) -> None:
    assert scored(rule()).band_of(score, before=before) == band
