"""Conditions in English: one meaning, readable to the people who own the rules."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given

from governance import condition_prose, conditions
from governance.condition_prose import Line, ReasonLine
from governance.conditions import ALWAYS, All, AnyOf, Not, Test
from tests import condition_trees

REGISTRY = condition_trees.sample_registry()
FACTS = list(REGISTRY)

SIZE = Test("company.employees", "between", (50, 5000))
TRADE = Test("company.industry", "in", ("SOFTWARE", "RETAIL"))
ASKED = Test("lead.hand_raiser", "eq", True)
VP = Test("person.title", "contains", "vp")
RICH = Test("company.revenue", "gte", Decimal("1500000.5"))


@pytest.mark.parametrize(
    ("node", "sentence"),
    [
        (SIZE, "Employees is between 50 and 5,000 people"),
        (RICH, "Annual revenue is at least 1,500,000.5 EUR"),
        (VP, "Job title contains “vp”"),
        (ASKED, "Hand-raiser is yes"),
        (TRADE, "Industry is one of Software, Retail trade"),
        (Test("company.industry", "is_missing"), "Industry is missing"),
        (
            Test("company.industry", "ne", "RETAIL"),
            "Industry is not Retail trade (or is missing)",
        ),
        (Not(Test("company.industry", "ne", "RETAIL")), "Industry is Retail trade"),
        (Not(VP), "Job title does not contain “vp” (or is missing)"),
        (Not(Test("person.title", "is_set")), "Job title is missing"),
        (Not(Not(VP)), "Job title contains “vp”"),
        (ALWAYS, "always"),
        (Not(ALWAYS), "never"),
        (All((VP,)), "Job title contains “vp”"),
        (All((VP, ASKED)), "Job title contains “vp” and Hand-raiser is yes"),
        (
            All((SIZE, TRADE, AnyOf((ASKED, VP)))),
            "Employees is between 50 and 5,000 people and Industry is one of Software, "
            "Retail trade, and (Hand-raiser is yes or Job title contains “vp”)",
        ),
        (
            AnyOf((All((ASKED, VP)), RICH)),
            "(Hand-raiser is yes and Job title contains “vp”) "
            "or Annual revenue is at least 1,500,000.5 EUR",
        ),
        (Not(AnyOf((ASKED, VP))), "none of (Hand-raiser is yes or Job title contains “vp”)"),
        (Not(All((ASKED, VP))), "not all of (Hand-raiser is yes and Job title contains “vp”)"),
        (Test("old.fact", "gte", 5), "old.fact is at least 5"),
    ],
)
def test_a_condition_reads_as_a_sentence(node: conditions.Node, sentence: str) -> None:
    assert condition_prose.english(node, REGISTRY) == sentence


def test_a_long_list_is_cut_in_the_sentence_and_whole_in_the_lines() -> None:
    node = Test("person.title", "in", tuple(f"t{number}" for number in range(40)))
    assert condition_prose.english(node, REGISTRY).endswith("“t11” and 28 more")
    assert condition_prose.lines(node, REGISTRY)[0].text.endswith("“t38”, “t39”")


def test_a_condition_reads_as_an_indented_list() -> None:
    node = All((SIZE, AnyOf((ASKED, Not(All((VP, RICH)))))))
    assert condition_prose.lines(node, REGISTRY) == [
        Line(0, "All of these"),
        Line(1, "Employees is between 50 and 5,000 people"),
        Line(1, "At least one of these"),
        Line(2, "Hand-raiser is yes"),
        Line(2, "Not all of these"),
        Line(3, "Job title contains “vp”"),
        Line(3, "Annual revenue is at least 1,500,000.5 EUR"),
    ]


def test_an_outcome_shows_what_was_asked_and_what_was_there() -> None:
    facts: dict[str, Any] = {
        "company.employees": 420,
        "company.industry": None,
        "lead.hand_raiser": False,
        "person.title": "VP Sales",
    }
    found = conditions.explain(All((SIZE, Not(TRADE), AnyOf((ASKED, Not(VP))))), facts)
    assert condition_prose.explain_lines(found, REGISTRY) == [
        ReasonLine(0, "All of these", False, "2 of 3 met"),
        ReasonLine(1, "Employees is between 50 and 5,000 people", True, "420 people"),
        ReasonLine(
            1, "Industry is none of Software, Retail trade (or is missing)", True, "missing"
        ),
        ReasonLine(1, "At least one of these", False, "0 of 2 met"),
        ReasonLine(2, "Hand-raiser is yes", False, "no"),
        ReasonLine(2, "Job title does not contain “vp” (or is missing)", False, "“VP Sales”"),
    ]


@given(node=condition_trees.trees(FACTS), facts=condition_trees.fact_values(FACTS))
def test_every_condition_can_be_said_and_its_first_line_tells_the_outcome(
    node: conditions.Node, facts: dict[str, Any]
) -> None:
    assert condition_prose.english(node, REGISTRY)
    assert condition_prose.lines(node, REGISTRY)[0].depth == 0
    reasons = condition_prose.explain_lines(conditions.explain(node, facts), REGISTRY)
    assert reasons[0].met is conditions.holds(node, facts)


@given(node=condition_trees.trees(FACTS))
def test_brackets_of_a_sentence_are_balanced(node: conditions.Node) -> None:
    depth = 0
    for letter in condition_prose.english(node, REGISTRY):
        depth += (letter == "(") - (letter == ")")
        assert depth >= 0
    assert depth == 0
