"""Over long runs nobody starves, chance keeps to its share, and only turns move the rotation."""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import worktime
from routing import caps, strategies
from routing.batch import Batch
from routing.strategies import Candidate, Terms, Wanted

WEIGHTS = st.lists(st.integers(1, 5), min_size=2, max_size=5)
FEW = settings(max_examples=30)


def reps(weights: list[int], **columns: int) -> list[Candidate]:
    given = {"credit": 0, "open_leads": 0, "open_cap": None, **columns}
    return [
        Candidate(user=user, weight=weight, **given)  # type: ignore[arg-type]
        for user, weight in enumerate(weights, start=1)
    ]


class TestNobodyStarves:
    @FEW
    @given(WEIGHTS, st.booleans(), st.integers(1, 100))
    def test_who_wins_most_leaves_the_others_their_shares_of_the_rest(
        self, weights: list[int], somebody: bool, most: int
    ) -> None:
        members = range(1, len(weights) + 1)
        known = {user: {"": (20 * (somebody and user == 1), 40)} for user in members}
        terms = Terms("BEST_PERFORMER", fewest_outcomes=0, most_percent=most, by_weight=True)
        batch = Batch(terms, reps(weights), outcomes=known)
        got = Counter(batch.pick().user for _ in range(300))
        fair = {
            user: Fraction(weight, sum(weights))
            for user, weight in zip(members, weights, strict=True)
        }
        if somebody and most > 100 * fair[1]:
            rest = (1 - Fraction(most, 100)) / (1 - fair[1])
            fair = {user: rest * share for user, share in fair.items()} | {1: Fraction(most, 100)}
        assert all(abs(got[user] - 300 * share) <= 3 for user, share in fair.items())

    def test_the_lightest_gets_leads_beside_a_heavy_one_and_the_best(self) -> None:
        """Highest credit first, as it once was, gave them none: both others were always richer."""
        known = {1: {"": (0, 40)}, 2: {"": (20, 40)}, 3: {"": (0, 40)}}
        terms = Terms("BEST_PERFORMER", fewest_outcomes=0, most_percent=40)
        before = Batch(terms, reps([10, 1, 1]), outcomes=known)
        now = Batch(replace(terms, by_weight=True), reps([10, 1, 1]), outcomes=known)
        assert Counter(before.pick().user for _ in range(300))[3] == 0
        assert Counter(now.pick().user for _ in range(300))[3] >= 300 * 0.6 / 11 - 2

    @FEW
    @given(WEIGHTS, st.integers(0, 50), st.sampled_from(["WEIGHTED_ROUND_ROBIN", "LEAST_LOADED"]))
    def test_beside_chance_too_everybody_gets_near_their_share(
        self, weights: list[int], percent: int, strategy: str
    ) -> None:
        batch = Batch(Terms(strategy=strategy, random_percent=percent), reps(weights))
        got = Counter(batch.pick(Wanted(seed=f"7.{turn}")).user for turn in range(400))
        for user, weight in enumerate(weights, start=1):
            assert abs(got[user] - Fraction(400 * weight, sum(weights))) <= 4


class TestChance:
    @pytest.mark.parametrize("percent", [1, 5, 20, 50])
    def test_close_to_its_percent_are_drawn_whatever_numbers_leads_have(self, percent: int) -> None:
        for first in (1, 40_000):
            seeds = [f"{first + turn}.{turn}" for turn in range(4_000)]
            drawn = sum(strategies.is_drawn(one, percent) for one in seeds)
            spread = (4_000 * percent * (100 - percent)) ** 0.5 / 100
            assert abs(drawn - 40 * percent) <= 4 * spread

    @given(st.integers(0, 10**9), st.integers(1, 10**6), WEIGHTS, st.integers(1, 50))
    def test_anybody_can_draw_again_from_the_seed_as_the_words_say(
        self, lead: int, turn: int, weights: list[int], percent: int
    ) -> None:
        seed = f"{lead}.{turn}"

        def h(what: str) -> int:
            return int(hashlib.sha256(f"{seed}|{what}".encode()).hexdigest()[:16], 16)

        pick = strategies.pick(Terms(random_percent=percent), reps(weights), Wanted(seed=seed))
        is_drawn = h("share") * 100 // 2**64 < percent
        assert pick.because.startswith("drawn at random") == is_drawn
        if is_drawn:
            places = [user for user, many in enumerate(weights, start=1) for _ in range(many)]
            assert pick.user == places[h("who") * len(places) // 2**64]


class TestOnlyTurnsMoveTheRotation:
    @FEW
    @given(WEIGHTS, st.lists(st.integers(1, 30), min_size=1, max_size=12))
    def test_it_goes_on_from_one_session_to_the_next(
        self, weights: list[int], sessions: list[int]
    ) -> None:
        whole = Batch(Terms(), reps(weights))
        at_once = [whole.pick().user for _ in range(sum(sessions))]
        credits, one_by_one = [0] * len(weights), []
        for turns in sessions:
            members = reps(weights)
            batch = Batch(
                Terms(),
                [
                    Candidate(one.user, one.weight, credit, 0, None)
                    for one, credit in zip(members, credits, strict=True)
                ],
            )
            one_by_one += [batch.pick().user for _ in range(turns)]
            credits = batch.credits
        assert one_by_one == at_once

    @FEW
    @given(WEIGHTS, st.lists(st.integers(0, 5), min_size=5, max_size=60))
    def test_leads_that_people_hand_over_leave_it_where_it_is(
        self, weights: list[int], handed: list[int]
    ) -> None:
        undisturbed, disturbed = Batch(Terms(), reps(weights)), Batch(Terms(), reps(weights))
        for user in handed:
            disturbed.move(user)
            assert disturbed.pick().user == undisturbed.pick().user
        assert disturbed.credits == undisturbed.credits


class TestCapacity:
    @given(st.integers(1, 40), st.integers(1, 12))
    def test_any_cap_of_a_month_gives_leads_from_its_first_day_to_its_last(
        self, cap: int, month: int
    ) -> None:
        """One lead a day comes: a cap below one a day is spread, never rounded to none."""
        days = [dt.datetime(2026, month, day, 12, tzinfo=dt.UTC) for day in range(1, 29)]
        got: list[int] = []
        for at in days:
            limits = caps.limits(
                worktime.ALWAYS, at, caps={"MONTH": cap}, received={"MONTH": sum(got)}
            )
            one = Candidate(1, 1, 0, 0, None, limits=limits)
            got.append(int(strategies.pick(Terms(), [one]).user == 1))
        assert got[0] == 1
        assert sum(got) >= min(28, cap * 28 // 31)
        assert sum(got) <= cap
        gaps = [place for place, one in enumerate(got) if one]
        widest = max((after - before for before, after in itertools.pairwise(gaps)), default=0)
        assert widest <= -(-31 // cap) + 1
