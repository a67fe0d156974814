"""What is said against the targets of rules, and what is not."""

from __future__ import annotations

from typing import Any

import pytest

from governance.findings import Severity
from tests import kit_findings
from tests.kit_findings import Change, add, found, put

GERMAN = {"fact": "company.country", "op": "eq", "value": "DE"}
CEO = {"fact": "person.title", "op": "eq", "value": "CEO"}
HANDOFF = {"moment": "HANDOFF", "condition": None, "target": "POOL", "pool": "dach"}
OWNER = {"target": "ACCOUNT_OWNER", "otherwise": "NEXT_RULE"}


def last(**entries: Any) -> Change:
    return add("routing_rule", key="extra", label="Extra", **entries)


def first(**entries: Any) -> Change:
    return add("routing_rule", first=True, key="extra", label="Extra", **entries)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        (first(condition=CEO, target="REP", rep=""), "no_rep", "routing_rule.extra.rep"),
        (first(condition=CEO, target="BOSS"), "unresolved", "routing_rule.extra.target"),
        (first(condition=CEO, otherwise="ELSE"), "unresolved", "routing_rule.extra.otherwise"),
        (put("routing_rule", "fallback", **OWNER), "no_fallback",
         "routing_rule.fallback.otherwise"),
        (last(moment="HANDOFF", condition=CEO), "no_fallback", "routing_rule"),
        (last(moment="REENTRY", condition=CEO), "no_fallback", "routing_rule"),
        (last(**{**HANDOFF, **OWNER}), "no_fallback", "routing_rule.extra.otherwise"),
        # Who takes every lead whoever can take it leaves nothing to the rules below.
        (first(condition=None, target="CURRENT_OWNER", otherwise="POOL", moment="INBOUND"),
         "unreachable", "routing_rule.partner_registered.position"),
    ],
)  # fmt: skip
def test_each_fault_of_a_target_is_found_at_its_place(
    change: Change, code: str, field: str
) -> None:
    one = kit_findings.findings(change)[0]
    assert (one.code, one.field, one.severity) == (code, field, Severity.ERROR)
    assert one.message.endswith(".")


@pytest.mark.parametrize(
    "change",
    [
        last(**HANDOFF),
        # Whoever passes on hides nothing behind it.
        first(condition=None, moment="INBOUND", target="CURRENT_OWNER", otherwise="NEXT_RULE"),
        first(condition=GERMAN, target="ACCOUNT_OWNER", otherwise="NEXT_RULE", pool="dach"),
        first(condition=CEO, target="REP", rep="katrin", pool="dach"),
        first(condition=CEO, target="QUEUE", pool="dach"),
    ],
)
def test_what_is_usual_is_not_told(change: Change) -> None:
    assert [one for one in found(change) if one[0] != "unknown_branch"] == []


@pytest.mark.parametrize(
    ("condition", "warns"),
    [
        (GERMAN, True),
        ({"fact": "company.employees", "op": "gte", "value": 500}, True),
        ({"fact": "company.industry", "op": "eq", "value": "Software"}, True),
        ({"any": [GERMAN, {"fact": "company.country", "op": "is_missing"}]}, False),
        ({"fact": "company.country", "op": "is_missing"}, False),
        # What nobody ever lacks, and campaigns, need no branch.
        ({"fact": "lead.channel", "op": "eq", "value": "FORM"}, False),
        ({"fact": "source.campaign", "op": "eq", "value": "spring"}, False),
        ({"fact": "signal.demo_request.last_days", "op": "lte", "value": 3}, False),
    ],
)
def test_facts_that_may_be_missing_need_a_branch(condition: Any, warns: bool) -> None:
    said = found(last(**{**HANDOFF, "condition": condition}),
                 add("routing_rule", key="rest", label="Rest", **HANDOFF))  # fmt: skip
    expected = [("unknown_branch", "routing_rule.extra.condition")] if warns else []
    assert said == expected


def test_who_lacks_the_fact_of_an_exception_falls_to_the_general_rules() -> None:
    large = {"fact": "company.employees", "op": "gte", "value": 5000}
    assert found(first(condition=large, pool="inbound")) == []
