"""Sharing by weight with the fewest moves: against every other way to share, counted one by one."""

from __future__ import annotations

import itertools
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import fair_shares
from routing.fair_shares import Part

MUCH = 10**6


def after(parts: list[Part], loose: int) -> dict[int, int]:
    """What each has once the moves are made."""
    moves = fair_shares.deal(parts, loose=loose)
    return {
        one.user: one.has - moves.gives.get(one.user, 0) + moves.takes.get(one.user, 0)
        for one in parts
    }


def parts_of(*known: tuple[int, int, int]) -> list[Part]:
    """Of weight, room and what each has."""
    return [Part(user, *one) for user, one in enumerate(known, start=1)]


def level(parts: list[Part], dealt: int) -> dict[int, Fraction]:
    """The exact shares, found otherwise: the water rises until so many are dealt."""
    for top in sorted({Fraction(one.room, one.weight) for one in parts}):
        poured = {one.user: min(Fraction(one.room), one.weight * top) for one in parts}
        if sum(poured.values()) >= dealt:
            full = [one for one in parts if Fraction(one.room, one.weight) < top]
            rest = dealt - sum(one.room for one in full)
            others = sum(one.weight for one in parts if one not in full)
            return {
                one.user: Fraction(one.room) if one in full else Fraction(one.weight * rest, others)
                for one in parts
            }
    raise AssertionError("more is dealt than there is room for")


anybody = st.builds(
    lambda weight, room, has: (weight, room, has),
    st.integers(1, 5),
    st.one_of(st.integers(0, 6), st.just(MUCH)),
    st.integers(0, 6),
)
teams = st.lists(anybody, min_size=1, max_size=4).map(lambda some: parts_of(*some))
crowds = st.lists(
    st.tuples(
        st.integers(1, 100),
        st.one_of(st.integers(0, 900), st.just(MUCH)),
        st.integers(0, 900),
    ),
    min_size=1,
    max_size=40,
).map(lambda some: parts_of(*some))


@given(crowds, st.integers(0, 900))
def test_everybody_is_less_than_one_from_their_share_and_nobody_beyond_their_room(
    parts: list[Part], loose: int
) -> None:
    whole = loose + sum(one.has for one in parts)
    dealt = min(whole, sum(one.room for one in parts))
    found, shares = after(parts, loose), level(parts, dealt)
    if dealt == whole:
        assert sum(found.values()) == whole
        assert all(abs(found[one.user] - shares[one.user]) < 1 for one in parts)
        assert all(found[one.user] <= one.room for one in parts)
    else:
        assert all(found[one.user] >= one.room for one in parts)
        grown = [one for one in parts if found[one.user] > one.has]
        assert all(found[one.user] <= one.room for one in grown)


@given(crowds, st.integers(0, 900))
def test_what_is_got_was_given_or_loose_and_a_second_look_moves_nothing(
    parts: list[Part], loose: int
) -> None:
    moves = fair_shares.deal(parts, loose=loose)
    got, gave = sum(moves.takes.values()), sum(moves.gives.values())
    assert gave <= got <= gave + loose
    assert not moves.gives.keys() & moves.takes.keys()
    assert min([*moves.gives.values(), *moves.takes.values()], default=1) > 0
    found = after(parts, loose)
    again = [Part(one.user, one.weight, one.room, found[one.user]) for one in parts]
    assert not fair_shares.deal(again, loose=loose - (got - gave))


@given(teams, st.integers(0, 5))
def test_no_other_way_to_even_shares_moves_fewer_leads(parts: list[Part], loose: int) -> None:
    whole = loose + sum(one.has for one in parts)
    if whole > sum(one.room for one in parts):
        return
    shares = level(parts, whole)
    ways = itertools.product(
        *(
            [n for n in range(min(one.room, whole) + 1) if abs(n - shares[one.user]) < 1]
            for one in parts
        )
    )
    fewest = min(
        sum(max(0, n - one.has) for n, one in zip(way, parts, strict=True))
        for way in ways
        if sum(way) == whole
    )
    assert sum(fair_shares.deal(parts, loose=loose).takes.values()) == fewest


@given(crowds, st.integers(0, 900), st.randoms())
def test_who_is_named_first_does_not_matter(parts: list[Part], loose: int, chance: object) -> None:
    mixed = list(parts)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    assert fair_shares.deal(mixed, loose=loose) == fair_shares.deal(parts, loose=loose)


@pytest.mark.parametrize(
    ("parts", "loose", "expected"),
    [
        ([(2, MUCH, 0), (1, MUCH, 8), (1, MUCH, 8)], 0, {1: 8, 2: 4, 3: 4}),
        ([(2, MUCH, 0), (1, MUCH, 0), (1, MUCH, 20)], 0, {1: 10, 2: 5, 3: 5}),
        ([(1, MUCH, 8), (1, MUCH, 4)], 4, {1: 8, 2: 8}),
        # One is left over: who has it keeps it, else the greatest rest and the lower number.
        ([(1, MUCH, 2), (1, MUCH, 3)], 0, {1: 2, 2: 3}),
        ([(1, MUCH, 0), (1, MUCH, 0)], 5, {1: 3, 2: 2}),
        ([(1, MUCH, 5), (1, MUCH, 0)], 0, {1: 3, 2: 2}),
        ([(1, MUCH, 0), (1, MUCH, 5)], 0, {1: 2, 2: 3}),
        ([(3, MUCH, 0), (1, MUCH, 0)], 5, {1: 4, 2: 1}),
        # Beyond somebody's room the others share, and what nobody has room for stays.
        ([(2, 3, 0), (1, MUCH, 9), (1, MUCH, 3)], 0, {1: 3, 2: 5, 3: 4}),
        ([(1, 2, 6), (1, 3, 1)], 4, {1: 4, 2: 3}),
        ([(1, 0, 6)], 4, {1: 6}),
        ([], 4, {}),
    ],
)  # fmt: skip
def test_shares_in_numbers(
    parts: list[tuple[int, int, int]], loose: int, expected: dict[int, int]
) -> None:
    assert after(parts_of(*parts), loose) == expected
