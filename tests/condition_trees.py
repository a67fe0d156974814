"""Facts and random conditions that the tests of the rule language share."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from governance import condition_operators, conditions
from governance.condition_operators import Shape
from governance.facts import Fact, FactFamily, FactType, Registry, Slug, Whole

INDUSTRIES = (("SOFTWARE", "Software"), ("LOGISTICS", "Logistics"), ("RETAIL", "Retail trade"))
TERRITORIES = ["south", "north", "paris", "gone"]
"""What a condition may name of a fact whose choices are people data."""
WHOLE = [-3, 0, 1, 2, 49, 50, 51, 5000, 2**31, -(2**31) - 1, 2**63 - 1]
DECIMALS = [*map(Decimal, ("0.1", "0.3", "-1.5", "99.999999", "100.000001")), 0, 100, 2**40]
TEXTS = ["VP", "vp ", "VP Sales", "Größe", "GRÖSSE", "Ärzte", "ßs", "ΣΊΣΥΦΟΣ", "Жук", "İstanbul",
         "50%", "a_b", "back\\slash", "it's", "😀 vp", "Straße", "%"]  # fmt: skip
PARTS = ["vp", "V", "größe", "GRÖ", "ärz", "ß", "σίσ", "жУК", "i", "İ", "%", "_", "\\", "'", "😀"]


def from_mapping(name: str, label: str, fact_type: FactType, **more: Any) -> Fact:
    return Fact(name, label, fact_type, read=lambda snapshot: snapshot[name], **more)


def sample_registry() -> Registry:
    registry = Registry()
    registry.register(
        from_mapping("company.employees", "Employees", FactType.INTEGER, unit="people"),
        from_mapping("company.revenue", "Annual revenue", FactType.NUMBER, unit="EUR"),
        from_mapping("company.industry", "Industry", FactType.CHOICE, choices=INDUSTRIES),
        from_mapping("person.title", "Job title", FactType.TEXT),
        from_mapping("lead.hand_raiser", "Hand-raiser", FactType.BOOLEAN),
    )
    registry.register_family(
        FactFamily(
            "signal.{kind}.count_{days}d",
            "Signals",
            parameters={"kind": Slug(), "days": Whole(1, 365)},
            make=lambda name, kind, days: from_mapping(
                name, f"{kind.replace('_', ' ').capitalize()} in {days} days", FactType.INTEGER
            ),
            example="signal.pricing_page_view.count_30d",
        )
    )
    return registry


def values_for(fact: Fact, op: str) -> list[Any]:
    """Values this operator can test this fact against."""
    if op in ("contains", "starts_with"):
        return PARTS
    return {
        FactType.TEXT: TEXTS,
        FactType.CHOICE: [key for key, _ in fact.choices] or TERRITORIES,
        FactType.INTEGER: WHOLE,
        FactType.NUMBER: DECIMALS,
        FactType.BOOLEAN: [True, False],
    }[fact.type]


def leaves_of(fact: Fact) -> list[conditions.Test]:
    """Every operator for this fact, with every single value and a few lists and pairs."""
    found = []
    for op in condition_operators.allowed(fact.type):
        pool, shape = values_for(fact, op), condition_operators.OPERATORS[op].shape
        found += [
            conditions.Test(fact.name, op, value)
            for value in {
                Shape.NONE: [None],
                Shape.ONE: pool,
                Shape.LIST: [(value,) for value in pool] + [tuple(pool)],
                Shape.PAIR: [tuple(sorted(pair)) for pair in itertools.pairwise(pool)],
            }[shape]
        ]
    return found


@st.composite
def leaves(draw: st.DrawFn, facts: list[Fact]) -> conditions.Test:
    fact = draw(st.sampled_from(facts))
    op = draw(st.sampled_from(condition_operators.allowed(fact.type)))
    shape = condition_operators.OPERATORS[op].shape
    one = st.sampled_from(values_for(fact, op))
    value: Any = None
    if shape is Shape.ONE:
        value = draw(one)
    elif shape is Shape.PAIR:
        value = tuple(sorted([draw(one), draw(one)]))
    elif shape is Shape.LIST:
        value = tuple(draw(st.lists(one, min_size=1, max_size=4, unique=True)))
    return conditions.Test(fact.name, op, value)


def trees(facts: list[Fact]) -> st.SearchStrategy[conditions.Node]:
    """Conditions over these facts, up to six levels deep."""
    return st.recursive(
        leaves(facts) | st.just(conditions.ALWAYS),
        lambda nodes: st.one_of(
            st.lists(nodes, max_size=4).map(lambda n: conditions.All(tuple(n))),
            st.lists(nodes, min_size=1, max_size=4).map(lambda n: conditions.AnyOf(tuple(n))),
            nodes.map(conditions.Not),
        ),
        max_leaves=8,
    )


def fact_values(facts: list[Fact]) -> st.SearchStrategy[dict[str, Any]]:
    """A value for every fact, missing ones included."""
    return st.fixed_dictionaries(
        {fact.name: st.none() | st.sampled_from(values_for(fact, "eq")) for fact in facts}
    )


def plain_meaning(node: conditions.Node, facts: dict[str, Any]) -> bool:
    """What a condition means, said again in the plainest way, to compare with."""
    if isinstance(node, conditions.All):
        return not any(not plain_meaning(child, facts) for child in node.nodes)
    if isinstance(node, conditions.AnyOf):
        return any(plain_meaning(child, facts) for child in node.nodes)
    if isinstance(node, conditions.Not):
        return not plain_meaning(node.node, facts)
    given, value = facts[node.fact], node.value
    if given is None:
        return node.op in ("ne", "not_in", "is_missing")
    return bool(_plain_test(node.op, given, value))


def _plain_test(op: str, given: Any, value: Any) -> bool:
    match op:
        case "eq" | "ne":
            return (given == value) is (op == "eq")
        case "in" | "not_in":
            return any(given == item for item in value) is (op == "in")
        case "lt" | "gte":
            return (given < value) is (op == "lt")
        case "gt" | "lte":
            return (given > value) is (op == "gt")
        case "between":
            return not (given < value[0] or given > value[1])
        case "is_set" | "is_missing":
            return op == "is_set"
    text, part = condition_operators.fold(given), condition_operators.fold(value)
    return text.find(part) == 0 if op == "starts_with" else text.find(part) >= 0
