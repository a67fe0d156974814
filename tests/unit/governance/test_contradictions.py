"""What conditions leave possible: certain where something is claimed, silent where it is not."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings

from governance import conditions, contradictions
from governance.conditions import ALWAYS, All, AnyOf, Node, Not, Test
from governance.facts import UnknownFact
from governance.possibilities import Limits
from tests import condition_trees

REGISTRY = condition_trees.sample_registry()
COUNT = "signal.pricing_page_view.count_30d"
FACTS = [*REGISTRY, REGISTRY.get(COUNT)]
SIZE, TITLE, INDUSTRY = "company.employees", "person.title", "company.industry"


def parse(document: Any) -> Node:
    return conditions.parse(document, REGISTRY)


def size(op: str, value: Any = None) -> Test:
    return Test(SIZE, op, value)


def title(op: str, value: Any = None) -> Test:
    return Test(TITLE, op, value)


def industry(op: str, value: Any = None) -> Test:
    return Test(INDUSTRY, op, value)


@pytest.mark.parametrize(
    "node",
    [
        All((size("gt", 500), size("lt", 100))),
        All((size("gt", 5), size("lt", 6))),
        All((Test("company.revenue", "gt", 5), Test("company.revenue", "lt", Decimal("5.000001")))),
        All((size("is_missing"), size("ne", 3), size("gte", 0))),
        All((size("in", (1, 2)), size("between", (3, 9)))),
        All((Not(AnyOf((size("lt", 10), size("is_missing")))), size("eq", 9))),
        All((size("is_set"), Not(size("lt", 10)), Not(size("gte", 10)))),
        All((industry("not_in", ("SOFTWARE", "LOGISTICS", "RETAIL")), industry("is_set"))),
        All((Test("lead.hand_raiser", "ne", True), Test("lead.hand_raiser", "ne", False),
             Test("lead.hand_raiser", "is_set"))),
        All((title("starts_with", "VP Sales"), Not(title("starts_with", "vp")))),
        All((title("starts_with", "VP"), title("starts_with", "Head"))),
        All((title("in", ("CEO", "CFO")), title("contains", "chief"))),
        All((title("contains", "Größe"), Not(title("contains", "größe")))),
        All((AnyOf((size("gt", 500), size("is_missing"))), size("lt", 100))),
        Not(AnyOf((size("is_set"), size("is_missing")))),
        Not(ALWAYS),
    ],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_is_found(node: Node) -> None:
    assert contradictions.satisfiable(node, REGISTRY) is False
    assert contradictions.always(Not(node), REGISTRY) is True


@pytest.mark.parametrize(
    "node",
    [
        ALWAYS,
        All((size("gt", 5), size("lt", 7))),
        All((size("ne", 3), size("not_in", (1, 2)), size("between", (1, 4)))),
        All((title("starts_with", "vp"), title("contains", "sales"), title("ne", "VP Sales"))),
        title("not_in", tuple(f"q{number}" for number in range(400))),
        All((industry("ne", "SOFTWARE"), industry("ne", "RETAIL"))),
        AnyOf((All((size("gt", 5), size("lt", 5))), size("eq", 5))),
    ],
    ids=lambda node: str(node)[:60],
)
def test_what_can_be_comes_with_an_example_that_meets_it(node: Node) -> None:
    found = contradictions.example(node, REGISTRY)
    assert found is not None
    assert conditions.holds(node, dict.fromkeys(one.name for one in FACTS) | found)


@pytest.mark.parametrize(
    ("a", "b", "answer"),
    [
        (size("gt", 500), size("gt", 100), True),
        (size("gt", 100), size("gt", 500), False),
        (size("gt", 500), size("is_set"), True),
        (size("ne", 5), size("is_set"), False),
        (All((size("gt", 9), title("is_set"))), size("gte", 10), True),
        (title("starts_with", "VP Sales"), title("starts_with", "vp"), True),
        (title("eq", "VP Sales"), title("contains", "SALES"), True),
        (industry("ne", "RETAIL"), industry("in", ("SOFTWARE", "LOGISTICS")), False),
        (All((industry("is_set"), industry("ne", "RETAIL"))),
         industry("in", ("SOFTWARE", "LOGISTICS")), True),
        (AnyOf((size("eq", 1), size("eq", 2))), size("between", (1, 2)), True),
        (size("eq", 1), ALWAYS, True),
    ],
    ids=str,
)  # fmt: skip
def test_implication(a: Node, b: Node, answer: bool) -> None:
    assert contradictions.implies(a, b, REGISTRY) is answer


def some_limits(name: str) -> Limits:
    return Limits(low=0, always_known=True) if name == COUNT else contradictions.UNLIMITED


@pytest.mark.parametrize(
    ("op", "value", "can_hold", "always"),
    [
        ("lt", 0, False, False),
        ("gte", 0, True, True),
        ("is_missing", None, False, False),
        ("ne", -1, True, True),
        ("gte", 1, True, False),
    ],
)
def test_what_is_known_of_a_fact_beforehand_counts(
    op: str, value: Any, can_hold: bool, always: bool
) -> None:
    node = Test(COUNT, op, value)
    assert contradictions.satisfiable(node, REGISTRY, some_limits) is can_hold
    assert contradictions.always(node, REGISTRY, some_limits) is always


@given(node=condition_trees.trees(FACTS), sample=condition_trees.fact_values(FACTS))
@settings(max_examples=400)
def test_nothing_is_called_impossible_or_certain_that_a_sample_refutes(
    node: Node, sample: dict[str, Any]
) -> None:
    holds = conditions.holds(node, sample)
    if holds:
        assert contradictions.satisfiable(node, REGISTRY) is not False
    else:
        assert contradictions.always(node, REGISTRY) is not True


@given(
    a=condition_trees.trees(FACTS),
    b=condition_trees.trees(FACTS),
    sample=condition_trees.fact_values(FACTS),
)
@settings(max_examples=400)
def test_no_implication_is_claimed_that_a_sample_refutes(
    a: Node, b: Node, sample: dict[str, Any]
) -> None:
    if conditions.holds(a, sample) and not conditions.holds(b, sample):
        assert contradictions.implies(a, b, REGISTRY) is not True


@given(node=condition_trees.trees(FACTS))
@settings(max_examples=400)
def test_every_example_meets_its_condition(node: Node) -> None:
    try:
        found = contradictions.example(node, REGISTRY)
    except contradictions.NotFoundOut:
        return
    if found is not None:
        assert conditions.holds(node, dict.fromkeys(one.name for one in FACTS) | found)


@given(node=condition_trees.trees(FACTS[:3] + FACTS[4:]))
@settings(max_examples=200)
def test_without_texts_there_is_always_an_answer(node: Node) -> None:
    assert contradictions.satisfiable(node, REGISTRY) is not None
    assert contradictions.implies(node, node, REGISTRY) is True


def test_a_search_that_would_take_for_ever_is_given_up() -> None:
    names = [f"signal.k{number}.count_30d" for number in range(60)]
    pigeons = tuple(
        AnyOf(tuple(Test(names[(hole * 7 + nest) % 60], "eq", hole) for nest in range(8)))
        for hole in range(60)
    )
    answers = {contradictions.satisfiable(All(pigeons), REGISTRY)}
    assert answers <= {True, None}


@pytest.mark.parametrize(
    ("node", "words"),
    [
        (
            All((title("is_set"), size("gt", 500), AnyOf((size("lt", 100), size("lt", 20))))),
            "“Employees is above 500 people” and “Employees is below 100 people or Employees is "
            "below 20 people” cannot both hold.",
        ),
        (Not(ALWAYS), "“never” can never hold."),
    ],
)
def test_a_conflict_is_told_in_words_with_nothing_that_does_not_belong(
    node: Node, words: str
) -> None:
    assert contradictions.conflict(node, REGISTRY) == words


def test_hundreds_of_alternatives_are_no_trouble() -> None:
    countries = [f"C{number}" for number in range(450)]
    others = tuple(
        Not(AnyOf((title("eq", one), All((title("is_missing"), size("eq", number))))))
        for number, one in enumerate(countries)
    )
    last = AnyOf((title("eq", "C449"), All((title("is_missing"), size("eq", 449)))))
    assert contradictions.satisfiable(All((last, *others)), REGISTRY) is False
    assert contradictions.satisfiable(All((last, *others[:-1])), REGISTRY) is True


def test_a_fact_that_is_not_known_is_refused() -> None:
    with pytest.raises(UnknownFact, match=r"company\.mood"):
        contradictions.satisfiable(Test("company.mood", "eq", 1), REGISTRY)


def test_decimals_are_counted_in_their_smallest_steps() -> None:
    node = All((Test("company.revenue", "gt", Decimal("0.123456")),
                Test("company.revenue", "lt", Decimal("0.123458"))))  # fmt: skip
    assert contradictions.example(node, REGISTRY) == {"company.revenue": Decimal("0.123457")}
