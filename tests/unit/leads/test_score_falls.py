"""When a score next leaves its band: to the second where it falls, at once where windows close."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import scoring
from tests.scored_kits import rule, scored

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
DAY, SECOND = dt.timedelta(days=1), dt.timedelta(seconds=1)


def moves(*rules: dict[str, Any], band: str = "", days: tuple[float, ...] = (0,)) -> float | None:
    """Days from now until the score of who showed each rule's behaviour can leave its band."""
    kit = scored(*rules)
    signals = [(one["signal"], NOW - day * DAY) for one in rules for day in days]
    score = scoring.decide(scoring.behaviour(signals, kit).values(), kit, NOW, band=band)
    return None if score.decays_at is None else (score.decays_at - NOW) / DAY


def test_one_rule_falls_when_the_formula_says() -> None:
    assert moves(rule(points=100, half_life_days=7)) == pytest.approx(
        7 * math.log2(100 / 60), abs=1 / 40_000
    )
    assert moves(rule(points=50, half_life_days=7)) == pytest.approx(
        7 * math.log2(50 / 40), abs=1 / 40_000
    )


def test_what_does_not_fade_never_falls() -> None:
    assert moves(rule(points=100)) is None
    assert moves(rule(points=20, half_life_days=7)) is None  # the lowest band has no floor to miss


def test_a_window_that_closes_is_an_edge() -> None:
    assert moves(rule(points=80, within_days=30), days=(12,)) == 18
    assert moves(rule(points=40, within_days=30), days=(12, 20)) == 10


def test_a_penalty_that_runs_out_lifts_the_score() -> None:
    up = moves(rule("base", 100), rule("bounce", -60, signal="bounce", within_days=10), days=(4,))
    assert up == 6


def test_a_capped_rule_falls_only_once_it_is_below_its_cap() -> None:
    days = moves(rule(points=200, half_life_days=7, cap=80))
    assert days == pytest.approx(7 * math.log2(200 / 60), abs=1 / 40_000)


CLOSING = st.lists(
    st.tuples(
        st.sampled_from([5, 25, 60, 100]),
        st.sampled_from([None, "3", "7", "30"]),
        st.sampled_from([None, None, "50"]),
        st.sampled_from([None, None, 5, 30]),
        st.floats(0, 40).map(lambda days: round(days, 2)),
    ),
    min_size=1,
    max_size=4,
)


@given(CLOSING, st.sampled_from(["", "warm", "hot"]))
def test_nothing_moves_before_the_instant_that_is_stored(
    drawn: list[tuple[Any, ...]], band: str
) -> None:
    """Walked through in steps; and where it has moved at the instant, it had not a bit before."""
    rules, signals = [], []
    for number, (points, half_life, cap, within, age) in enumerate(drawn):
        kind = f"kind{number}"
        rules.append(
            rule(kind, points, signal=kind, half_life_days=half_life, cap=cap, within_days=within)
        )
        signals.append((kind, NOW - age * DAY))
    kit = scored(*rules)
    parts = list(scoring.behaviour(signals, kit).values())
    score = scoring.decide(parts, kit, NOW, band=band)

    def band_at(at: dt.datetime) -> str:
        return kit.band_of(scoring.points(parts, at).total, before=score.band)

    until = score.decays_at or NOW + 3_000 * DAY
    for step in range(60):
        at = NOW + (until - NOW) * step / 60
        assert band_at(min(at, until - 3 * SECOND)) == score.band or at >= until - 3 * SECOND
    if score.decays_at is not None:
        again = scoring.decide(parts, kit, score.decays_at, band=score.band)
        assert again.band != score.band or again.decays_at is None or again.decays_at > until
