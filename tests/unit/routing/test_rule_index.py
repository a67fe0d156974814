"""The index leaves out only rules that do not fit, whatever their conditions."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance import conditions, facts
from governance.conditions import FactNotGathered
from routing import matching, rule_index
from routing.rules import Rule

COUNTRIES = ("DE", "AT", "FR", "GB")
TESTS: st.SearchStrategy[dict[str, Any]] = st.one_of(
    st.builds(
        lambda op, value: {"fact": "company.country", "op": op, "value": value},
        st.sampled_from(("eq", "ne")),
        st.sampled_from(COUNTRIES),
    ),
    st.builds(
        lambda op, values: {"fact": "company.industry", "op": op, "value": sorted(values)},
        st.sampled_from(("in", "not_in")),
        st.sets(st.sampled_from(("Software", "Logistics", "Retail")), min_size=1),
    ),
    st.builds(
        lambda op, value: {"fact": "company.employees", "op": op, "value": value},
        st.sampled_from(("eq", "gte", "lt")),
        st.integers(0, 3),
    ),
    st.just({"fact": "person.has_phone", "op": "eq", "value": True}),
)
TREES = st.recursive(
    TESTS,
    lambda inner: st.one_of(
        st.builds(lambda nodes: {"all": nodes}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda nodes: {"any": nodes}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda node: {"not": node}, inner),
    ),
    max_leaves=5,
)
LEADS = st.fixed_dictionaries(
    {
        "company.country": st.sampled_from((*COUNTRIES, None)),
        "company.industry": st.sampled_from(("Software", "Retail", None)),
        "company.employees": st.none() | st.integers(0, 3),
        "person.has_phone": st.booleans(),
    }
)


def rule(number: int, document: dict[str, Any] | None) -> Rule:
    condition = None if document is None else conditions.parse(document, facts.registry)
    return Rule(
        key=f"r{number}",
        label=f"R {number}",
        moment="INBOUND",
        condition=condition,
        pool=f"p{number}",
    )


@settings(deadline=None, max_examples=60)
@given(st.lists(TREES, min_size=4, max_size=8), st.lists(LEADS, min_size=3, max_size=3))
def test_whatever_fits_is_left_in_and_in_order(
    documents: list[dict[str, Any]], leads: list[dict[str, Any]]
) -> None:
    # The same conditions over and over make more rules than are all tried.
    repeated = [documents[n % len(documents)] for n in range(rule_index.FULL + 5)]
    rules = tuple(rule(n, document) for n, document in enumerate(repeated))
    index = rule_index.Index(rules, "INBOUND")
    for lead in leads:
        left = [one.rule.key for one in index.possible(lead)]
        fitting = [
            one.key for one in rules if one.condition and conditions.holds(one.condition, lead)
        ]
        assert [key for key in left if key in set(fitting)] == fitting
        assert left == sorted(left, key=lambda key: int(key[1:]))


def test_of_a_thousand_rules_few_are_tried_and_the_first_that_fits_decides() -> None:
    rules = (
        *(
            rule(n, {"all": [{"fact": "company.country", "op": "eq", "value": f"{n:03}"}]})
            for n in range(1_000)
        ),
        rule(1_000, None),
    )
    known = {"company.country": "700"}
    match = matching.decide(rules, known, moment="INBOUND")
    assert (match.pool, [one.rule for one in match.tried]) == ("p700", ["r700"])
    other = matching.decide(rules, {"company.country": "none"}, moment="INBOUND")
    assert (other.pool, len(other.tried)) == ("p1000", 1)


def test_of_few_rules_each_that_was_tried_is_told() -> None:
    test = {"fact": "company.country", "op": "eq", "value": "DE"}
    rules = (rule(1, test), rule(2, {"not": test}), rule(3, None))
    match = matching.decide(rules, {"company.country": "FR"}, moment="INBOUND")
    assert [one.matched for one in match.tried] == [False, True]


def test_a_fact_that_was_not_gathered_is_a_fault_of_the_caller_as_ever() -> None:
    test = {"fact": "company.country", "op": "eq", "value": "DE"}
    rules = tuple(rule(n, test) for n in range(rule_index.FULL + 1))
    with pytest.raises(FactNotGathered):
        matching.decide(rules, {}, moment="INBOUND")


def test_rules_of_other_moments_are_not_looked_at() -> None:
    rules = (rule(1, None),)
    assert rule_index.of_moment(rules, "HANDOFF").possible({}) == ()
