"""Documents that are no conditions: each fault is named with its place and a way out."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from governance import conditions
from tests import condition_trees

REGISTRY = condition_trees.sample_registry()


def leaf(fact: object = "company.employees", op: object = "eq", **rest: Any) -> dict[str, Any]:
    return {"fact": fact, "op": op, **(rest or {"value": 1})}


def nested(levels: int, key: str = "not") -> Any:
    document: Any = leaf()
    for _ in range(levels):
        document = {key: document if key == "not" else [document]}
    return document


def refused(document: object) -> list[tuple[str, str]]:
    with pytest.raises(conditions.ConditionInvalid) as invalid:
        conditions.parse(document, REGISTRY)
    return [(fault.field, fault.message) for fault in invalid.value.errors]


endless: dict[str, Any] = {}
endless["not"] = endless

TITLE, INDUSTRY, REVENUE = "person.title", "company.industry", "company.revenue"

CASES: list[tuple[object, str, str]] = [
    # shapes
    (None, "condition", "must be an object"),
    ([], "condition", "not a list"),
    ("all", "condition", "not the text “all”"),
    ({}, "condition", "needs “all”"),
    ({"and": []}, "condition", "has “and”"),
    ({1: 2}, "condition", "has 1"),
    ({"all": [], "any": []}, "condition", "must stand alone; remove “any”"),
    ({"all": [], "fact": "company.employees"}, "condition", "remove “fact”"),
    ({"all": {}}, "all", "needs a list of nodes, not an object"),
    ({"all": "company.employees"}, "all", "needs a list of nodes"),
    ({"any": []}, "any", "add a node, or remove it"),
    ({"not": []}, "not", "must be an object"),
    ({"all": [leaf(), None]}, "all[1]", "must be an object"),
    ({"any": [{"not": {"all": [5]}}]}, "any[0].not.all[0]", "not 5"),
    ({"fact": "company.employees"}, "condition", "this one has “fact”"),
    ({**leaf(), "field": 1}, "condition", "remove “field”"),
    # facts
    (leaf("company.employes"), "fact", "did you mean “company.employees”"),
    (leaf("__class__"), "fact", "There is no fact “__class__”"),
    (leaf("company.employees.__init__.__globals__"), "fact", "There is no fact"),
    (leaf("signal.demo.count_999d"), "fact", "from 1 to 365"),
    (leaf(["company.employees"]), "fact", "not a list"),
    (leaf(None), "fact", "not nothing"),
    ({"all": [leaf(), leaf("")]}, "all[1].fact", "There is no fact"),
    # operators
    (leaf(op="equals"), "op", "must be an operator (eq, ne"),
    (leaf(op="betwen"), "op", "did you mean “between”"),
    (leaf(op="__eq__"), "op", "not the text “__eq__”"),
    (leaf(op={"eq": 1}), "op", "not an object"),
    (leaf(op="contains"), "op", "“Employees” cannot be tested with “contains”; use one of eq"),
    (leaf(TITLE, "gt", value="A"), "op", "cannot be tested with “gt”"),
    (leaf("lead.hand_raiser", "in", value=[True]), "op", "cannot be tested with “in”"),
    (leaf(op="regex", value="(a+)+$"), "op", "must be an operator"),
    # values
    (leaf(value="50"), "value", "a whole number such as 50, without quotes, not the text “50”"),
    (leaf(value=True), "value", "not true"),
    (leaf(value=50.0), "value", "whole number"),
    (leaf(value=2**63), "value", "at most 64 bits"),
    (leaf(value=9**999), "value", "at most 64 bits"),
    (leaf(value=None), "value", "not nothing"),
    ({"fact": "company.employees", "op": "eq"}, "value", "not nothing"),
    (leaf(value={"all": []}), "value", "not an object"),
    (leaf(REVENUE, "gt", value="9**9**9"), "value", "must be a number"),
    (leaf(REVENUE, "gt", value=False), "value", "must be a number"),
    (leaf(REVENUE, "gt", value=float("nan")), "value", "not nan"),
    (leaf(REVENUE, "gt", value=float("inf")), "value", "not inf"),
    (leaf(REVENUE, "gt", value=1e19), "value", "within 64 bits"),
    (leaf(REVENUE, "gt", value=0.1234567), "value", "more than 6 decimal places"),
    (leaf("lead.hand_raiser", value=1), "value", "must be true or false"),
    (leaf("lead.hand_raiser", value="true"), "value", "without quotes"),
    (leaf(TITLE, value=5), "value", "must be text, not 5"),
    (leaf(TITLE, value=""), "value", "use “is_missing”"),
    (leaf(TITLE, value="x" * 201), "value", "has 201 characters"),
    (leaf(TITLE, value="x" * 1_000_000), "value", "has 1,000,000 characters"),
    (leaf(TITLE, "contains", value="a\0b"), "value", "NUL"),
    (leaf(TITLE, "contains", value="\ud800"), "value", "half a character"),
    (leaf(INDUSTRY, value="SOFTWRE"), "value", "did you mean “SOFTWARE”"),
    (leaf(INDUSTRY, value="retail trade"), "value", "did you mean “RETAIL”"),
    (leaf(INDUSTRY, "in", value="SOFTWARE"), "value", "a list of at least one value"),
    (leaf(INDUSTRY, "in", value=[]), "value", "a list of at least one value"),
    (leaf(INDUSTRY, "in", value=["SOFTWARE", "X"]), "value[1]", "not one of its choices"),
    (leaf(TITLE, "in", value=["a", ["b"]]), "value[1]", "must be text, not a list"),
    (leaf(op="in", value=list(range(501))), "value", "at most 500 are allowed"),
    (leaf(op="in", value=[1, True]), "value[1]", "not true"),
    (leaf(op="between", value=[1]), "value", "two values, low and high"),
    (leaf(op="between", value=[1, 2, 3]), "value", "two values"),
    (leaf(op="between", value=[1, "2"]), "value[1]", "whole number"),
    (leaf(op="between", value=[9, 1]), "value", "swap them"),
    (leaf(op="is_set", value=1), "value", "takes no value"),
    # limits
    (nested(10), "not" + ".not" * 9, "deeper than 10 levels"),
    (nested(10_000), "not" + ".not" * 9, "deeper than 10 levels"),
    (nested(10_000, "any"), "any[0]" + ".any[0]" * 9, "deeper than 10 levels"),
    (endless, "not" + ".not" * 9, "deeper than 10 levels"),
    ({"all": [leaf()] * 200}, "all[199]", "more than 200 nodes"),
    ({"all": [leaf()] * 100_000}, "all[199]", "more than 200 nodes"),
]


@pytest.mark.parametrize(("document", "place", "message"), CASES, ids=range(len(CASES)))
def test_a_faulty_node_is_named_with_a_way_out(document: object, place: str, message: str) -> None:
    ((found_place, found_message),) = refused(document)
    assert found_place == place
    assert message in found_message
    assert len(found_message) < 400


def test_all_faults_are_told_at_once() -> None:
    document = {"all": [leaf("no.fact"), {"any": [leaf(op="like"), leaf(value="x")]}, 7]}
    assert [place for place, _ in refused(document)] == [
        "all[0].fact",
        "all[1].any[0].op",
        "all[1].any[1].value",
        "all[2]",
    ]


def test_faults_stop_being_counted_at_a_limit() -> None:
    assert len(refused({"all": [leaf(op="in", value=[None] * 500)] * 150})) == conditions.FAULTS


def test_places_start_where_the_document_lies() -> None:
    with pytest.raises(conditions.ConditionInvalid) as invalid:
        conditions.parse({"not": leaf(value="x")}, REGISTRY, at="rules[3].when")
    assert [fault.field for fault in invalid.value.errors] == ["rules[3].when.not.value"]


def test_the_refusal_says_the_first_fault_and_counts_the_others() -> None:
    with pytest.raises(conditions.ConditionInvalid) as invalid:
        conditions.parse({"all": [leaf(value="x"), leaf("no.fact")]}, REGISTRY)
    assert invalid.value.status == 422
    assert invalid.value.message.startswith("The condition cannot be used. all[0].value: ")
    assert invalid.value.message.endswith("(and 1 more)")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"all": [\n  {"fact": }\n]}', "line 2, column 12"),
        ("", "line 1, column 1"),
        ("[" * 100_000, "nested too deep"),
        ('{"not": ' * 20_000 + "1" + "}" * 20_000, "nested too deep"),
        ('{"fact": "company.employees", "op": "eq", "op": "ne", "value": 1}', "“op” twice"),
        ('{"fact": "company.revenue", "op": "gt", "value": NaN}', "NaN is not a number"),
        ('{"fact": "company.revenue", "op": "gt", "value": 1e999}', "not inf"),
        ('{"fact": "company.revenue", "op": "gt", "value": ' + "9" * 5000 + "}", "too many digits"),
        ('{"fact": "person.title", "op": "eq", "value": "\\ud800"}', "half a character"),
        ('"' + "x" * 600_000 + '"', "characters; at most"),
    ],
)
def test_bad_json_text_is_refused_with_its_line(text: str, message: str) -> None:
    with pytest.raises(conditions.ConditionInvalid) as invalid:
        conditions.parse_json(text, REGISTRY)
    assert message in invalid.value.errors[0].message


@pytest.mark.parametrize(
    "document",
    [
        {"all": []},
        {"not": {"all": []}},
        leaf(op="is_set", value=None),
        {"fact": "company.employees", "op": "is_missing"},
        leaf(op="between", value=[5, 5]),
        leaf(op="eq", value=-(2**63)),
        leaf(REVENUE, "lte", value=0.1),
        leaf(TITLE, "contains", value="x" * 200),
        leaf(op="in", value=list(range(500))),
        nested(9),
        {"all": [leaf()] * 199},
    ],
    ids=range(11),
)
def test_what_is_within_the_limits_is_read(document: dict[str, Any]) -> None:
    node = conditions.parse(document, REGISTRY)
    assert conditions.parse(conditions.dump(node), REGISTRY) == node


def test_a_value_named_twice_in_a_list_counts_once() -> None:
    node = conditions.parse(leaf(op="in", value=[3, 1, 3]), REGISTRY)
    assert conditions.dump(node)["value"] == [3, 1]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from(["company.employees", "person.title", "eq", "in", "between"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["all", "any", "not", "fact", "op", "value", "x"]), inner, max_size=3
    ),
    max_leaves=20,
)  # fmt: skip


@given(JSON)
@settings(max_examples=300)
def test_any_document_is_read_or_refused_politely(document: object) -> None:
    try:
        node = conditions.parse(document, REGISTRY)
    except conditions.ConditionInvalid as invalid:
        faults = invalid.errors
    else:
        assert conditions.parse(conditions.dump(node), REGISTRY) == node
        return
    assert faults
    assert all(fault.field and fault.message for fault in faults)
