"""What conditions mean, read four ways that agree."""

from __future__ import annotations

import dataclasses
import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import condition_operators, condition_sql, conditions
from governance.conditions import ALWAYS, All, AnyOf, Not, Test
from tests import condition_trees

REGISTRY = condition_trees.sample_registry()
FACTS = [*REGISTRY, REGISTRY.get("signal.pricing_page_view.count_30d")]
HOWTO = Path(__file__).resolve().parents[3] / "docs" / "howto" / "add-an-operator.md"

BLANK: dict[str, Any] = {fact.name: None for fact in FACTS}


@given(node=condition_trees.trees(FACTS), facts=condition_trees.fact_values(FACTS))
def test_all_readings_agree_with_the_plain_meaning(
    node: conditions.Node, facts: dict[str, Any]
) -> None:
    expected = condition_trees.plain_meaning(node, facts)
    assert conditions.compile(node)(facts) is expected
    assert conditions.holds(node, facts) is expected
    assert conditions.explain(node, facts).holds is expected


@given(node=condition_trees.trees(FACTS))
def test_a_condition_survives_being_written_and_read(node: conditions.Node) -> None:
    text = json.dumps(conditions.dump(node))
    again = conditions.parse_json(text, REGISTRY)
    assert again == node
    assert json.dumps(conditions.dump(again)) == text


@given(node=condition_trees.trees(FACTS), facts=condition_trees.fact_values(FACTS))
def test_a_negation_is_always_the_opposite(node: conditions.Node, facts: dict[str, Any]) -> None:
    assert conditions.holds(Not(node), facts) is not conditions.holds(node, facts)


@given(node=condition_trees.trees(FACTS), facts=condition_trees.fact_values(FACTS))
def test_facts_of_names_all_that_matters(node: conditions.Node, facts: dict[str, Any]) -> None:
    named = {name: facts[name] for name in conditions.facts_of(node)}
    assert conditions.holds(node, named) is conditions.holds(node, facts)


@given(
    nodes=st.lists(condition_trees.trees(FACTS), min_size=1, max_size=4),
    facts=condition_trees.fact_values(FACTS),
)
def test_de_morgan_holds(nodes: list[conditions.Node], facts: dict[str, Any]) -> None:
    none_of = Not(AnyOf(tuple(nodes)))
    all_not = All(tuple(map(Not, nodes)))
    assert conditions.holds(none_of, facts) is conditions.holds(all_not, facts)


@pytest.mark.parametrize(
    ("op", "value", "given_value", "expected"),
    [
        ("eq", 50, 50, True),
        ("between", (50, 5000), 50, True),
        ("between", (50, 5000), 5000, True),
        ("between", (50, 5000), 5001, False),
        ("gt", 50, 50, False),
        ("gte", 50, 50, True),
        ("eq", "VP", "vp", False),
        ("contains", "vp", "The VP", True),
        ("contains", "GRÖSSE", "große größe", False),
        ("contains", "MÜLLER", "Anna Müller", True),
        ("starts_with", "vp", "VP Sales", True),
        ("starts_with", "vp", "the VP", False),
        ("contains", "%", "50 of 100", False),
        ("contains", ".*", "anything", False),
        ("in", ("A", "B"), "B", True),
        ("not_in", ("A", "B"), "B", False),
        ("eq", Decimal("0.5"), Decimal("0.50"), True),
    ],
)
def test_what_tests_mean(op: str, value: Any, given_value: Any, expected: bool) -> None:
    assert conditions.holds(Test("x.y", op, value), {"x.y": given_value}) is expected


@pytest.mark.parametrize(
    "operator", list(condition_operators.OPERATORS.values()), ids=lambda o: o.name
)
def test_only_plain_negations_hold_for_a_missing_value(
    operator: condition_operators.Operator,
) -> None:
    value: Any = {"none": None, "one": "1", "list": ("1",), "pair": (1, 2)}[operator.shape]
    met = conditions.holds(Test("x.y", operator.name, value), {"x.y": None})
    assert met is (operator.name in ("ne", "not_in", "is_missing"))


def test_an_empty_all_always_holds_and_its_negation_never() -> None:
    assert conditions.holds(ALWAYS, {})
    assert not conditions.holds(Not(ALWAYS), {})


def test_a_fact_nobody_gathered_is_not_taken_for_missing() -> None:
    with pytest.raises(conditions.FactNotGathered, match=r"company\.employees"):
        conditions.holds(Test("company.employees", "is_missing"), {})


def test_an_explanation_keeps_every_node_and_what_it_saw() -> None:
    large = Test("company.employees", "gte", 50)
    retail = Test("company.industry", "eq", "RETAIL")
    node = AnyOf((large, Not(retail)))
    found = conditions.explain(node, {**BLANK, "company.employees": 420})
    assert found.holds
    assert [(c.node, c.holds, c.value) for c in found.children] == [
        (large, True, 420),
        (Not(retail), True, None),
    ]
    assert found.children[1].children[0].holds is False


def test_a_tree_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        Test("x.y", "eq", 1).value = 2  # type: ignore[misc]


def test_every_operator_that_tests_has_its_sql_and_no_other_has() -> None:
    testing = {o.name for o in condition_operators.OPERATORS.values() if o.test is not None}
    assert set(condition_sql.SQL) == testing
    assert all(
        o.negates in testing
        for o in condition_operators.OPERATORS.values()
        if o.name not in testing
    )


def test_every_operator_is_in_the_handbook() -> None:
    handbook = HOWTO.read_text(encoding="utf-8")
    assert [name for name in condition_operators.OPERATORS if f"| `{name}` |" not in handbook] == []
