"""What a pool owes whom: how far somebody stands above the others, not above nought."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import entitlement

MEMBERS = st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 9)), min_size=1, max_size=9)


@pytest.mark.parametrize(
    ("members", "owed"),
    [
        ([(0, 2), (0, 1), (0, 1)], ["0", "0", "0"]),
        ([(-2, 2), (1, 1), (1, 1)], ["-1/2", "1/4", "1/4"]),
        ([(4, 1), (4, 1), (4, 1)], ["0", "0", "0"]),  # one came back to where the others stood
        ([(4, 1), (4, 1), (4, 1), (0, 1)], ["1/4", "1/4", "1/4", "-3/4"]),
    ],
)
def test_debts_are_told_against_the_others(members: list[tuple[int, int]], owed: list[str]) -> None:
    level = entitlement.level(members, by_weight=False)
    assert [level.owes(*one) for one in members] == [Fraction(one) for one in owed]


@given(MEMBERS, st.booleans())
def test_what_some_are_owed_others_owe(members: list[tuple[int, int]], by_weight: bool) -> None:
    level = entitlement.level(members, by_weight=by_weight)
    assert sum(level.owes(*one) for one in members) == 0


@given(MEMBERS, st.integers(-9, 9))
def test_the_same_more_for_all_is_no_debt(members: list[tuple[int, int]], more: int) -> None:
    level = entitlement.level(members, by_weight=False)
    raised = [(credit + more, weight) for credit, weight in members]
    lifted = entitlement.level(raised, by_weight=False)
    assert [lifted.owes(*one) for one in raised] == [level.owes(*one) for one in members]


def test_of_a_pool_by_weight_equal_credit_for_their_weight_is_even() -> None:
    members = [(6, 3), (4, 2), (2, 1)]
    level = entitlement.level(members, by_weight=True)
    assert {level.owes(*one) for one in members} == {0}
