"""Which rules for a good record a lead fulfils."""

from __future__ import annotations

import pytest

from governance import conditions
from governance.terms import QualityRule
from leads import quality
from tests import condition_trees

REGISTRY = condition_trees.sample_registry()


def rule(key: str, document: object) -> QualityRule:
    node = None if document is None else conditions.parse(document, REGISTRY)
    return QualityRule(key, key.title(), "", node)


SIZE = rule("size", {"fact": "company.employees", "op": "is_set"})
TITLE = rule("title", {"fact": "person.title", "op": "is_set"})
ANYWAY = rule("anyway", None)
RULES = (SIZE, TITLE, ANYWAY)


@pytest.mark.parametrize(
    ("facts", "missed", "share"),
    [
        ({"company.employees": 3, "person.title": "CEO"}, [], 1.0),
        ({"company.employees": None, "person.title": "CEO"}, ["size"], 2 / 3),
        ({"company.employees": None, "person.title": None}, ["size", "title"], 1 / 3),
    ],
)
def test_a_record_is_as_good_as_the_share_of_rules_it_fulfils(
    facts: dict[str, object], missed: list[str], share: float
) -> None:
    judged = quality.decide(RULES, facts)
    assert [one.key for one in judged.missed] == missed
    assert judged.rules == len(RULES)
    assert judged.share == pytest.approx(share)


def test_without_rules_nothing_is_said_about_a_record() -> None:
    assert quality.decide((), {}).share is None


def test_only_the_facts_the_rules_speak_of_are_asked() -> None:
    assert quality.fact_names(RULES) == {"company.employees", "person.title"}
