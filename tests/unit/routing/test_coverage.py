"""Routing rules against each other: what is told is true, and what is usual is not told."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import conditions, contradictions
from governance.conditions import All, AnyOf, Node, Not, Test
from governance.findings import Finding, Severity
from routing import coverage, matching
from routing.rules import Rule
from tests import condition_trees

REGISTRY = condition_trees.sample_registry()
FACTS = [*REGISTRY, REGISTRY.get("signal.pricing_page_view.count_30d")]
NOTHING = dict.fromkeys(fact.name for fact in FACTS)


def rule(key: str, condition: Node | None, pool: str = "") -> Rule:
    return Rule(key, key.title(), "INBOUND", condition, pool or key)


def said(*rules: Rule) -> list[Finding]:
    return list(coverage.findings(rules, REGISTRY, contradictions.no_bounds))


def title(*names: str) -> Test:
    return Test("person.title", "in", names)


def size(op: str, value: Any) -> Test:
    return Test("company.employees", op, value)


EVERYBODY = rule("rest", None)


def test_a_rule_behind_several_that_together_take_its_leads_names_them() -> None:
    small, large = rule("small", size("lt", 100)), rule("large", size("gte", 100))
    (found,) = said(rule("other", title("CEO")), small, large, rule("known", size("is_set", None)))
    assert found.message == (
        "“Known” never gets a lead: “small” and “large” before it take every lead it fits."
    )
    assert (found.code, found.field) == ("shadowed", "routing_rule.known.position")


def test_a_rule_that_goes_where_its_leads_go_anyway_is_only_pointless() -> None:
    (found,) = said(rule("some", title("CEO", "CFO"), "a"), rule("one", title("CEO"), "a"))
    assert (found.severity, found.fix) == (Severity.ERROR, "Remove it.")


def test_rules_behind_one_without_a_condition_are_unreachable() -> None:
    codes = [one.code for one in said(EVERYBODY, rule("ceo", title("CEO")), rule("more", None))]
    assert codes == ["unreachable", "unreachable"]


@pytest.mark.parametrize(
    "rules",
    [
        (rule("ceo", title("CEO")), rule("cfo", title("CFO")), EVERYBODY),
        # The special case before the general one.
        (rule("big", All((title("CEO"), size("gt", 500)))), rule("ceo", title("CEO")), EVERYBODY),
        (rule("tiny", size("lt", 5)), rule("small", size("lt", 50)), EVERYBODY),
        (rule("not_ceo", Not(title("CEO"))), rule("ceo", title("CEO")), EVERYBODY),
        # Rules about different things overlap wherever both are true.
        (rule("big", size("gt", 500)), rule("ceo", title("CEO")), EVERYBODY),
        (rule("a", title("CEO"), "same"), rule("b", title("CEO", "CFO"), "same"), EVERYBODY),
        (rule("small", size("between", (1, 99))), rule("mid", size("between", (100, 500)))),
    ],
)  # fmt: skip
def test_what_is_usual_is_not_told(rules: tuple[Rule, ...]) -> None:
    assert said(*rules) == []


def test_values_that_two_rules_name_are_told_once_for_the_pair() -> None:
    (found,) = said(
        rule("dach", title("DE", "AT", "CH")),
        rule("emea", AnyOf((title("DE", "FR", "AT"), size("lt", 0)))),
        EVERYBODY,
    )
    assert found.message == "DE, AT stand in “dach” and in “emea”; the first wins."
    assert found.severity is Severity.WARNING


def test_a_number_that_two_rules_fit_is_told_with_an_example() -> None:
    (found,) = said(
        rule("small", size("between", (1, 100))), rule("mid", size("between", (100, 500)))
    )
    assert found.message == (
        "“small” and “mid” both fit a lead with Employees 100 people; the first wins."
    )


RULES = st.lists(condition_trees.trees(FACTS), min_size=1, max_size=4).map(
    lambda nodes: [rule(f"r{number}", node) for number, node in enumerate(nodes)]
)


@given(rules=RULES, sample=condition_trees.fact_values(FACTS))
def test_no_rule_that_gets_a_lead_is_called_unreachable(
    rules: list[Rule], sample: dict[str, Any]
) -> None:
    match = matching.decide([*rules, EVERYBODY], sample, moment="INBOUND")
    idle = {one.field for one in said(*rules) if one.code in ("shadowed", "unreachable")}
    assert f"routing_rule.{match.rule}.position" not in idle


def test_what_only_seems_apart_is_compared() -> None:
    mixed = AnyOf((size("gt", 5), AnyOf((title("CFO"), title("COO")))))
    large = All((title("CEO"), size("gt", 9)))
    told = [one.code for one in said(rule("mixed", mixed), rule("ceo", large))]
    assert told == ["shadowed"]


@given(node=condition_trees.trees(FACTS))
def test_a_claimed_value_is_one_that_the_rule_fits(node: Node) -> None:
    for claim in coverage.claims(node):
        assert contradictions.implies(claim.node, node, REGISTRY) is not False
        found = contradictions.example(claim.node, REGISTRY)
        if found is not None:
            assert conditions.holds(node, NOTHING | found)


def test_hundreds_of_rules_are_held_against_each_other() -> None:
    rules = [
        rule(f"r{number}", AnyOf((
            title(f"T{number}", f"U{number}"),
            All((Test("person.title", "is_missing"), size("eq", number))),
        )))
        for number in range(450)
    ]  # fmt: skip
    late = rule("late", title("T7"))
    told = [(one.code, one.field) for one in said(*rules, late, EVERYBODY)]
    assert told == [("shadowed", "routing_rule.late.position")]
