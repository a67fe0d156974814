"""Who gets the lead, by each strategy: shares, language, chance, outcomes; and the same again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import strategies
from routing.batch import Batch
from routing.strategies import Candidate, Terms, Wanted

PLAIN = Terms()
LEAST = Terms(strategy="LEAST_LOADED")
BEST = Terms(strategy="BEST_PERFORMER", fewest_outcomes=10, most_percent=40)


def candidate(
    user: int, *, weight: int = 1, open_cap: int | None = None, **more: object
) -> Candidate:
    given = {"credit": 0, "open_leads": 0, **more}
    return Candidate(user=user, weight=weight, open_cap=open_cap, **given)  # type: ignore[arg-type]


def deal(batch: Batch, times: int, wanted: Sequence[Wanted] = ()) -> list[int | None]:
    every = wanted or [Wanted(seed=str(n)) for n in range(times)]
    return [batch.pick(one).user for one in every[:times]]


class TestTurns:
    def test_weights_two_one_one_over_four_hundred(self) -> None:
        picked = deal(Batch(PLAIN, [candidate(1, weight=2), candidate(2), candidate(3)]), 400)
        assert Counter(picked) == {1: 200, 2: 100, 3: 100}

    @given(st.lists(st.integers(1, 9), min_size=1, max_size=7), st.integers(1, 120))
    def test_over_any_run_shares_are_kept_within_one(self, weights: list[int], times: int) -> None:
        reps = [candidate(user, weight=weight) for user, weight in enumerate(weights, start=1)]
        picked = Counter(deal(Batch(PLAIN, reps), times))
        for one in reps:
            share = Fraction(times * one.weight, sum(weights))
            assert abs(picked[one.user] - share) <= 1

    @given(
        st.sampled_from(["WEIGHTED_ROUND_ROBIN", "LEAST_LOADED", "BEST_PERFORMER"]),
        st.integers(0, 50),
        st.lists(st.tuples(st.integers(1, 5), st.integers(0, 3)), min_size=1, max_size=6),
    )
    def test_the_credits_sum_to_what_they_summed_to_before(
        self, strategy: str, percent: int, reps: list[tuple[int, int]]
    ) -> None:
        terms = Terms(strategy=strategy, random_percent=percent)
        batch = Batch(
            terms,
            [
                candidate(user, weight=weight, open_cap=cap or None, credit=user)
                for user, (weight, cap) in enumerate(reps, start=1)
            ],
        )
        before = sum(batch.credits)
        deal(batch, 20)
        assert sum(batch.credits) == before

    def test_who_cannot_take_it_neither_earns_nor_pays(self) -> None:
        batch = Batch(PLAIN, [candidate(1), candidate(2, unavailable="on leave", absent=True)])
        assert deal(batch, 5) == [1] * 5
        assert batch.credits == [0, 0]

    def test_a_pool_that_catches_up_owes_who_was_away_and_evens_it_out(self) -> None:
        away = candidate(3, unavailable="on leave", absent=True)
        before = Batch(Terms(catches_up=True), [candidate(1, weight=2), candidate(2), away])
        first = deal(before, 100)
        back = [
            candidate(1, weight=2, credit=before.credits[0]),
            candidate(2, credit=before.credits[1]),
            candidate(3, credit=before.credits[2]),
        ]
        picked = Counter([*first, *deal(Batch(Terms(catches_up=True), back), 300)])
        for user, fair in ((1, 200), (2, 100), (3, 100)):
            assert abs(picked[user] - fair) <= 1

    def test_who_is_at_the_cap_of_a_day_is_passed_over_with_the_reason(self) -> None:
        full = strategies.Limit("DAY", 5, 5, 5, "2026-03-04T00:00:00+00:00")
        chosen = strategies.pick(PLAIN, [candidate(1, limits=(full,)), candidate(2)])
        assert chosen.user == 2
        assert chosen.considered[0].as_data()["excluded"] == "at the cap: 5 of 5 leads today"
        assert chosen.considered[0].as_data()["until"] == full.until


class TestLeastLoaded:
    def test_open_leads_count_for_their_weight(self) -> None:
        reps = [candidate(1, weight=2, open_leads=5), candidate(2, open_leads=3)]
        assert strategies.pick(LEAST, reps).user == 1

    def test_equals_take_turns(self) -> None:
        batch = Batch(LEAST, [candidate(1), candidate(2), candidate(3)])
        assert sorted(Counter(deal(batch, 30)).values()) == [10, 10, 10]

    @given(st.lists(st.integers(0, 12), min_size=2, max_size=6), st.integers(1, 60))
    def test_loads_never_drift_apart(self, loads: list[int], times: int) -> None:
        reps = [candidate(user, open_leads=load) for user, load in enumerate(loads, start=1)]
        given_to = Counter(deal(Batch(LEAST, reps), times))
        after = [one.open_leads + given_to[one.user] for one in reps]
        for one, load in zip(reps, after, strict=True):
            if given_to[one.user]:
                assert load <= min(after) + 1


class TestLanguage:
    TERMS = Terms(matches_language=True)

    def test_who_speaks_it_comes_first_and_the_others_are_still_ranked(self) -> None:
        reps = [candidate(1), candidate(2, languages=("fr",)), candidate(3, languages=("de",))]
        chosen = strategies.pick(self.TERMS, reps, Wanted(language="de"))
        assert chosen.user == 3
        assert chosen.because.endswith("of those who speak de")
        assert [one.rank for one in chosen.considered] == [2, 3, 1]

    @pytest.mark.parametrize("language", ["", "en", "pl"])
    def test_a_language_that_all_or_none_speak_changes_nothing(self, language: str) -> None:
        reps = [candidate(1), candidate(2, languages=("de",))]
        assert strategies.pick(self.TERMS, reps, Wanted(language=language)).user == 1

    def test_a_pool_that_does_not_ask_does_not_look(self) -> None:
        reps = [candidate(1), candidate(2, languages=("de",))]
        assert strategies.pick(PLAIN, reps, Wanted(language="de")).user == 1


class TestChance:
    TERMS = Terms(strategy="LEAST_LOADED", random_percent=20)

    def test_about_the_share_is_drawn_and_falls_by_weight(self) -> None:
        reps = [candidate(1, weight=3), candidate(2, weight=1)]
        drawn = [str(n) for n in range(10_000) if strategies.is_drawn(str(n), 20)]
        assert 1_850 < len(drawn) < 2_150
        falls = Counter(strategies.draw(seed, reps).user for seed in drawn)
        assert 0.72 < falls[1] / len(drawn) < 0.78

    def test_the_record_says_that_chance_decided(self) -> None:
        reps = [candidate(1), candidate(2, open_leads=9)]
        seeds = (str(n) for n in range(1_000))
        seed = next(
            one
            for one in seeds
            if strategies.is_drawn(one, 20) and strategies.draw(one, reps).user == 2
        )
        chosen = strategies.pick(self.TERMS, reps, Wanted(seed=seed))
        assert (chosen.user, chosen.seed) == (2, seed)
        assert chosen.because == "drawn at random, as 20% are, to compare with"


class TestBestPerformer:
    def reps(self, *outcomes: tuple[int, int], lately: Sequence[int] = ()) -> list[Candidate]:
        counts = [*lately, *[0] * len(outcomes)]
        return [
            candidate(user, won=won, decided=decided, lately=counts[user - 1])
            for user, (won, decided) in enumerate(outcomes, start=1)
        ]

    def test_the_best_gets_it_and_the_numbers_are_kept(self) -> None:
        chosen = strategies.pick(BEST, self.reps((5, 100), (40, 100), (6, 100)))
        assert chosen.user == 2
        told = chosen.considered[1].as_data()
        assert (told["won"], told["decided"]) == (40, 100)
        assert 0.17 < told["rate"] < 0.40

    def test_nobody_passes_their_share_because_of_outcomes(self) -> None:
        known = {1: {"": (60, 100)}, 2: {"": (5, 100)}, 3: {"": (6, 100)}, 4: {"": (4, 100)}}
        batch = Batch(BEST, [candidate(user) for user in known], outcomes=known)
        picked = Counter(deal(batch, 100))
        assert picked[1] == 40
        assert min(picked.values()) >= 19

    def test_few_outcomes_say_nothing(self) -> None:
        assert strategies.pick(BEST, self.reps((30, 100), (9, 9), (31, 100))).user == 1

    def test_differences_that_chance_explains_say_nothing(self) -> None:
        chosen = strategies.pick(BEST, self.reps((20, 100), (22, 100), (21, 100)))
        assert chosen.user == 1
        assert "nobody does better" in chosen.because

    def test_another_segment_has_its_own_outcomes(self) -> None:
        known = {
            1: {"1-10": (80, 100), "10001+": (1, 100)},
            2: {"1-10": (2, 100), "10001+": (70, 100)},
        }
        batch = Batch(BEST, [candidate(1), candidate(2)], outcomes=known)
        assert batch.pick(Wanted(segment="1-10")).user == 1
        assert batch.pick(Wanted(segment="10001+")).user == 2


@st.composite
def pools(draw: st.DrawFn) -> tuple[Terms, list[Candidate]]:
    terms = Terms(
        strategy=draw(st.sampled_from(sorted(strategies.STRATEGIES))),
        matches_language=draw(st.booleans()),
        random_percent=draw(st.integers(0, 50)),
        fewest_outcomes=draw(st.integers(0, 30)),
        most_percent=draw(st.integers(1, 100)),
        catches_up=draw(st.booleans()),
        paced=draw(st.booleans()),
        by_weight=draw(st.booleans()),
    )
    reps = [
        candidate(
            user,
            weight=draw(st.integers(1, 100)),
            credit=draw(st.integers(-300, 300)),
            open_leads=draw(st.integers(0, 9)),
            open_cap=draw(st.none() | st.integers(0, 12)),
            unavailable=draw(st.none() | st.sampled_from(["on leave", "off shift"])),
            absent=draw(st.booleans()),
            languages=tuple(draw(st.sets(st.sampled_from(["de", "fr"])))),
            lent=draw(st.just(0) | st.integers(-90, 90)),
        )
        for user in range(1, draw(st.integers(1, 6)) + 1)
    ]
    return terms, reps


@given(pools(), st.sampled_from(["", "de", "en"]), st.text("0123456789.", max_size=9))
def test_a_pick_is_made_again_from_what_its_record_holds(
    pool: tuple[Terms, list[Candidate]], language: str, seed: str
) -> None:
    terms, reps = pool
    wanted = Wanted(language=language, seed=seed)
    first = strategies.pick(terms, reps, wanted)
    kept = [one.as_data() for one in first.considered]
    again = strategies.pick(
        strategies.terms_of(terms.as_data()), [strategies.of_data(one) for one in kept], wanted
    )
    assert (again.user, again.because) == (first.user, first.because)
    assert [one.as_data() for one in again.considered] == kept


@given(pools())
def test_nobody_is_picked_who_cannot_take_it(pool: tuple[Terms, list[Candidate]]) -> None:
    terms, reps = pool
    chosen = strategies.pick(terms, reps)
    able = {one.user for one in reps if one.exclusion is None}
    assert chosen.user in able if able else chosen.user is None


def test_terms_that_say_nothing_new_keep_the_content_of_older_snapshots() -> None:
    assert PLAIN.as_data() == {"strategy": "WEIGHTED_ROUND_ROBIN"}
    changed = replace(PLAIN, catches_up=True)
    assert strategies.terms_of(changed.as_data()) == changed
