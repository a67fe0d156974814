"""A weakened condition never misses a lead; a settled one asks for nothing it was told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import condition_weakening, conditions
from governance.conditions import All, AnyOf, Node, Not, Test

NAMES = ["a.x", "a.y", "b.x", "b.y"]
VALUES = [None, 0, 1, 2]

TESTS = st.builds(
    Test,
    st.sampled_from(NAMES),
    st.sampled_from(["eq", "ne", "gte", "lt"]),
    st.sampled_from([0, 1, 2]),
)
TREES: st.SearchStrategy[Node] = st.recursive(
    TESTS,
    lambda below: st.one_of(
        st.builds(Not, below),
        st.builds(lambda nodes: All(tuple(nodes)), st.lists(below, max_size=3)),
        st.builds(lambda nodes: AnyOf(tuple(nodes)), st.lists(below, min_size=1, max_size=3)),
    ),
    max_leaves=8,
)
FACTS = st.fixed_dictionaries({name: st.sampled_from(VALUES) for name in NAMES})


def of_a(name: str) -> bool:
    return name.startswith("a.")


@given(TREES, FACTS)
def test_what_holds_still_holds_without_the_unknown_facts(
    tree: Node, facts: dict[str, Any]
) -> None:
    weak = condition_weakening.weaken(tree, of_a)
    assert not any(map(of_a, conditions.facts_of(weak)))
    if conditions.holds(tree, facts):
        assert conditions.holds(weak, facts)


@given(TREES, FACTS)
def test_with_nothing_unknown_no_outcome_changes(tree: Node, facts: dict[str, Any]) -> None:
    weak = condition_weakening.weaken(tree, lambda _: False)
    assert conditions.holds(weak, facts) == conditions.holds(tree, facts)


@given(TREES, FACTS)
def test_settling_facts_changes_no_outcome(tree: Node, facts: dict[str, Any]) -> None:
    told = {name: value for name, value in facts.items() if of_a(name)}
    settled = condition_weakening.settle(tree, told)
    assert not any(map(of_a, conditions.facts_of(settled)))
    rest = {name: value for name, value in facts.items() if not of_a(name)}
    assert conditions.holds(settled, rest) == conditions.holds(tree, facts)


@pytest.mark.parametrize(
    ("tree", "holds"),
    [
        (Test("a.x", "eq", 1), True),
        (Not(Test("a.x", "eq", 1)), True),
        (All((Test("a.x", "eq", 1), Test("b.x", "eq", 1))), False),
        (AnyOf((Test("a.x", "eq", 1), Test("b.x", "eq", 1))), True),
        (Not(AnyOf((Test("a.x", "eq", 1), Test("b.x", "eq", 0)))), False),
        (Not(Not(All((Test("a.x", "eq", 1), Test("b.x", "eq", 1))))), False),
    ],
)
def test_the_unknown_is_hoped_for_under_every_node(tree: Node, holds: bool) -> None:
    weak = condition_weakening.weaken(tree, of_a)
    assert conditions.holds(weak, {"b.x": 0}) is holds
