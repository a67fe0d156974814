"""Absences in a pool that catches up: lent by weight, paid back by and by, even in the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from routing import lending, strategies
from routing.batch import Batch
from routing.lending import Account
from routing.strategies import Candidate, Terms

PACED = Terms(catches_up=True, paced=True)
AT_ONCE = Terms(catches_up=True)
STILL = Terms()
TWO_ONE_ONE = (2, 1, 1)
LONG = 20_000
"""More turns than any of these debts need."""

Weights = Sequence[int]


class Pool:
    """Members by number from 1 on, who come and go; keeps who took which turn."""

    def __init__(self, terms: Terms, weights: Weights) -> None:
        self.terms = terms
        self.weights = dict(enumerate(weights, start=1))
        self.credits = dict.fromkeys(self.weights, 0)
        self.lents = dict.fromkeys(self.weights, 0)
        self.took: list[int | None] = []
        self.entitled: dict[int, Fraction] = dict.fromkeys(self.weights, Fraction(0))

    def deal(self, turns: int, *, away: Collection[int] = (), off: Collection[int] = ()) -> None:
        """So many turns while these are on leave and those off shift."""
        batch = Batch(self.terms, [self._one(user, away, off) for user in self.weights])
        there = [user for user in self.weights if user not in {*away, *off}]
        whole = sum(self.weights[user] for user in there)
        for _ in range(turns):
            chosen = batch.pick().user
            self.took.append(chosen)
            for user in there:
                self.entitled[user] += Fraction(self.weights[user], whole)
        self.credits = dict(zip(batch.users, batch.credits, strict=True))
        self.lents = dict(zip(batch.users, batch.lents, strict=True))

    def settle(self) -> None:
        """Deal to everybody until nothing is lent any more."""
        while any(self.lents.values()):
            assert len(self.took) < LONG, "it is never paid back"
            self.deal(1)

    def _one(self, user: int, away: Collection[int], off: Collection[int]) -> Candidate:
        why = "on leave" if user in away else "off shift" if user in off else None
        return Candidate(
            user, self.weights[user], self.credits[user], 0, None, why,
            absent=user in away, lent=self.lents[user],
        )  # fmt: skip

    @property
    def got(self) -> Mapping[int | None, int]:
        """How many turns each took."""
        return Counter(self.took)

    def furthest(self) -> Fraction:
        """How far somebody is from their share of all turns, in leads."""
        whole, turns = sum(self.weights.values()), len(self.took)
        return max(
            abs(self.got[user] - Fraction(turns * weight, whole))
            for user, weight in self.weights.items()
        )


WEIGHTS = st.lists(st.integers(1, 5), min_size=2, max_size=5)


@st.composite
def absences(draw: st.DrawFn, weights: Weights) -> list[tuple[frozenset[int], int]]:
    """Stretches of turns, and who is away in each; somebody is always there."""
    users = range(1, len(weights) + 1)
    away = st.frozensets(st.sampled_from(users), max_size=len(weights) - 1)
    return draw(st.lists(st.tuples(away, st.integers(1, 40)), max_size=6))


class TestLending:
    @given(WEIGHTS, st.integers(1, 120))
    def test_the_share_of_who_is_away_goes_by_weight(self, weights: Weights, turns: int) -> None:
        pool = Pool(PACED, weights)
        pool.deal(turns, away={1})
        whole = sum(weights[1:])
        for user, weight in list(pool.weights.items())[1:]:
            assert abs(pool.got[user] - Fraction(turns * weight, whole)) <= 1

    @given(WEIGHTS, st.data())
    def test_credits_and_what_is_lent_sum_to_nought(
        self, weights: Weights, data: st.DataObject
    ) -> None:
        pool = Pool(PACED, weights)
        for away, turns in data.draw(absences(weights)):
            pool.deal(turns, away=away)
            assert sum(pool.credits.values()) == sum(pool.lents.values()) == 0

    def test_records_made_before_lend_in_equal_parts_and_pay_back_at_once(self) -> None:
        pool = Pool(strategies.terms_of(AT_ONCE.as_data()), TWO_ONE_ONE)
        pool.deal(80, away={3})
        assert pool.got == {1: 50, 2: 30}
        pool.deal(20)
        assert pool.took[80:] == [3] * 20
        assert set(pool.lents.values()) == {0}


class TestPayingBack:
    @settings(max_examples=40, deadline=None)
    @given(WEIGHTS, st.data())
    def test_whoever_was_away_when_in_the_end_all_have_their_share(
        self, weights: Weights, data: st.DataObject
    ) -> None:
        pool = Pool(PACED, weights)
        for away, turns in data.draw(absences(weights)):
            pool.deal(turns, away=away)
        pool.settle()
        assert pool.furthest() <= 1

    @given(st.integers(0, 100), st.integers(1, 90), st.sampled_from((1, 2, 3)))
    def test_two_one_one_over_four_hundred_with_a_leave_in_between(
        self, before: int, leave: int, who: int
    ) -> None:
        pool = Pool(PACED, TWO_ONE_ONE)
        pool.deal(before)
        pool.deal(leave, away={who})
        pool.deal(400 - before - leave)
        assert not any(pool.lents.values())
        assert all(abs(pool.got[user] - fair) <= 1 for user, fair in ((1, 200), (2, 100), (3, 100)))

    @given(WEIGHTS, st.integers(1, 60), st.integers(1, 30), st.integers(0, 30))
    def test_at_most_double_for_who_was_away_and_at_least_half_for_the_others(
        self, weights: Weights, leave: int, stretch: int, later: int
    ) -> None:
        pool = Pool(PACED, weights)
        pool.deal(leave, away={1})
        pool.deal(later)
        pool.deal(stretch)
        got, whole = Counter(pool.took[-stretch:]), sum(weights)
        assert got[1] <= Fraction(2 * stretch * weights[0], whole) + 2
        for user, weight in list(pool.weights.items())[1:]:
            assert got[user] >= Fraction(stretch * weight, 2 * whole) - 2

    def test_one_of_four_equals_gets_every_second_turn_until_even(self) -> None:
        pool = Pool(PACED, (1, 1, 1, 1))
        pool.deal(40, away={4})
        pool.deal(40)
        back = pool.took[40:]
        assert back.count(4) == 20
        assert all(back[at : at + 2].count(4) <= 1 for at in range(0, 40, 2))
        assert pool.got == {1: 20, 2: 20, 3: 20, 4: 20}

    def test_who_owes_nothing_gives_nothing(self) -> None:
        pool = Pool(PACED, (1, 1, 1))
        pool.deal(30, away={3}, off={2})
        pool.deal(30)
        assert abs(Counter(pool.took[30:])[2] - 10) <= 1

    @pytest.mark.parametrize("strategy", sorted(strategies.STRATEGIES))
    def test_other_strategies_book_it_as_well(self, strategy: str) -> None:
        pool = Pool(Terms(strategy=strategy, catches_up=True, paced=True), TWO_ONE_ONE)
        pool.deal(40, away={3})
        assert pool.lents == {1: -2 * pool.got[1], 2: -2 * pool.got[2], 3: 80}
        pool.deal(200)
        assert not any(pool.lents.values())


class TestRepaid:
    ACCOUNTS = st.lists(st.tuples(st.integers(1, 100), st.integers(-500, 500)), max_size=8).map(
        lambda some: [Account(user, *one) for user, one in enumerate(some)]
    )

    @given(ACCOUNTS)
    def test_it_adds_up_and_keeps_to_its_bounds(self, accounts: list[Account]) -> None:
        found = lending.repaid(accounts)
        assert sum(found.values()) == 0
        for one in accounts:
            part = found.get(one.user, 0)
            assert -min(one.weight, max(0, -one.lent)) <= part
            assert part <= min(2 * one.weight, max(0, one.lent))

    def test_without_a_debtor_at_hand_nothing_is_paid(self) -> None:
        assert lending.repaid([Account(1, 2, 50), Account(2, 1, 0)]) == {}

    def test_who_owes_most_for_their_weight_gives_first(self) -> None:
        some = [Account(1, 2, -30), Account(2, 1, -30), Account(3, 1, 1)]
        assert lending.repaid(some) == {2: -1, 3: 1}


class TestCreditThatStandsStill:
    @given(st.integers(0, 100), st.integers(1, 90), st.sampled_from((1, 2, 3)))
    def test_turns_without_the_absent_count_for_nobody_s_share(
        self, before: int, leave: int, who: int
    ) -> None:
        """Of turns all could take, two one one; of the others what their takers' weights say."""
        pool = Pool(STILL, TWO_ONE_ONE)
        pool.deal(before)
        pool.deal(leave, away={who})
        pool.deal(400 - before)
        for user, share in pool.entitled.items():
            assert abs(pool.got[user] - share) <= 1

    @settings(max_examples=60)
    @given(WEIGHTS, st.sampled_from([STILL, PACED]), st.data())
    def test_shifts_that_change_from_lead_to_lead_leave_all_near_their_entitlement(
        self, weights: Weights, terms: Terms, data: st.DataObject
    ) -> None:
        pool = Pool(terms, weights)
        for off, turns in data.draw(absences(weights)):
            pool.deal(turns, off=off)
        # Nobody knows who is there next: no rule keeps pools of any size within one fixed bound.
        for user, share in pool.entitled.items():
            assert abs(pool.got[user] - share) <= len(weights)
