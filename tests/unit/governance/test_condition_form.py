"""Conditions as form fields: nothing typed is lost, every valid tree comes back as it was."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance import condition_acts, condition_form, condition_tree, conditions
from governance.condition_tree import Group, Line
from governance.fact_catalogue import Catalogue
from tests import condition_trees

REGISTRY = condition_trees.sample_registry()
CATALOGUE = Catalogue(REGISTRY, known={"kind": ("demo_request", "pricing_page_view")})
FACTS = [*REGISTRY, REGISTRY.get("signal.demo_request.count_45d"),
         REGISTRY.get("signal.never_heard_of.count_7d")]  # fmt: skip


def through_the_form(document: Any) -> Any:
    tree = condition_tree.of_document(document, CATALOGUE)
    sent = condition_tree.fields(tree, "condition")
    back = condition_tree.settled(condition_tree.read(sent, "condition"), CATALOGUE)
    return condition_form.judge(back, CATALOGUE)


@given(condition_trees.trees(FACTS))
def test_every_valid_condition_comes_back_from_the_form_as_it_was(node: conditions.Node) -> None:
    document = conditions.dump(node)
    judged = through_the_form(document)
    assert judged.faults == ()
    assert judged.document == document
    assert judged.condition == conditions.parse(document, REGISTRY)


typed = st.text(max_size=12)
lines = st.builds(
    Line,
    fact=st.sampled_from(["", "Employees", "employees", "company.industry", "Nonsense"]) | typed,
    op=st.sampled_from(["", "eq", "in", "between", "is_set", "like"]),
    values=st.lists(typed.filter(bool), max_size=3).map(tuple),
    numbers=st.just(()) | typed.map(lambda text: (("days", text),)),
    was=st.sampled_from(["", "company.employees", "person.title"]),
)
half_finished = st.recursive(
    lines,
    lambda nodes: st.builds(
        Group, st.sampled_from(list(condition_tree.KINDS)), st.lists(nodes, max_size=3).map(tuple)
    ),
    max_leaves=8,
)


def normal(tree: condition_tree.Tree) -> condition_tree.Tree:
    """What a form can tell apart: a range has two ends."""

    def two_ends(line: Line) -> Line:
        pair = condition_tree.shape_of(line.op) is condition_tree.Shape.PAIR and line.values
        return Line(line.fact, line.op, (*line.values, "")[:2] if pair else line.values,
                    line.numbers, line.was)  # fmt: skip

    return condition_tree.mapped(tree, two_ends)


@given(half_finished)
def test_what_was_typed_comes_back_from_the_form_however_unfinished(tree: Any) -> None:
    tree = normal(tree)
    assert condition_tree.read(condition_tree.fields(tree, "c"), "c") == tree


@given(half_finished)
def test_every_fault_has_its_node_and_a_faultless_tree_can_be_saved(tree: Any) -> None:
    judged = condition_form.judge(tree, CATALOGUE)
    known = dict(condition_tree.walk(tree))
    assert {fault.node_id for fault in judged.faults} <= known.keys()
    assert (judged.condition is None) is bool(judged.faults)
    if judged.condition is not None:
        assert conditions.parse(judged.document, REGISTRY) == judged.condition


@given(half_finished, st.data())
def test_any_act_leaves_a_tree_in_which_the_hand_finds_its_field(tree: Any, data: Any) -> None:
    node_id = data.draw(st.sampled_from([one for one, _ in condition_tree.walk(tree)]))
    verb = data.draw(st.sampled_from(sorted(condition_acts._ACTS)))
    acted = condition_acts.apply(tree, f"{verb}:{node_id}", CATALOGUE)
    known = {one for one, _ in condition_tree.walk(acted.tree)} | {"0"}
    assert not acted.focus or acted.focus.rpartition("-")[0] in known
    condition_form.judge(acted.tree, CATALOGUE)


@given(st.text(alphabet=st.sampled_from(["a", "b", " ", "\t", "\n", "\r", "\\", "n", "s", "r"])))
def test_a_text_is_one_line_and_comes_back_exactly(text: str) -> None:
    line = condition_tree.escaped(text)
    assert "\n" not in line
    assert line == line.strip()
    assert condition_tree.unescaped(line) == text


def faults(tree: condition_tree.Tree) -> list[tuple[str, str, str]]:
    judged = condition_form.judge(tree, CATALOGUE)
    return [(fault.node_id, fault.field, fault.message) for fault in judged.faults]


@pytest.mark.parametrize(
    ("line", "field", "words"),
    [
        (Line(), "fact", "Choose a field."),
        (Line("Employes", "eq", ("5",)), "fact", "did you mean “Employees”"),
        (Line("Employees", "", ("5",)), "op", "Choose how to compare."),
        (Line("Employees", "contains", ("5",)), "op", "cannot be tested with “contains”"),
        (Line("Employees", "gte", ()), "value", "Enter a value."),
        (Line("Employees", "gte", ("many",)), "value", "“many” is no whole number"),
        (Line("Employees", "gte", ("2.5",)), "value", "“2.5” is no whole number"),
        (Line("Employees", "gte", ("99999999999999999999",)), "value", "64 bits"),
        (Line("Employees", "between", ("", "5")), "value", "Enter the lowest value."),
        (Line("Employees", "between", ("5", "")), "value2", "Enter the highest value."),
        (Line("Employees", "between", ("9", "5")), "value", "swap them"),
        (Line("Annual revenue", "eq", ("1.12345678901234567",)), "value", "too many digits"),
        (Line("Annual revenue", "eq", ("1.1234567",)), "value", "decimal places"),
        (Line("Industry", "eq", ("FARMING",)), "value", "not one of its choices"),
        (Line("Industry", "in", ()), "value", "Choose at least one value."),
        (Line("Hand-raiser", "eq", ()), "value", "Choose a value."),
        (Line("Job title", "in", ("\n \n",)), "value", "Enter at least one value."),
        (Line("Job title", "eq", ("VP\nCEO",)), "value", "“is” takes one value; there are 2."),
        (Line("Demo request in … days", "gte", ("1",), (("days", ""),)), "n-days", "from 1 to 365"),
        (Line("Demo request in … days", "gte", ("1",), (("days", "x"),)), "n-days", "from 1"),
        (Line("Demo request in … days", "gte", ("1",), (("days", "366"),)), "n-days", "to 365"),
    ],
)
def test_a_fault_stands_at_its_node_and_field(line: Line, field: str, words: str) -> None:
    sound = Line("Employees", "gte", ("5",))
    tree = Group("all", (sound, Group("none", (sound, line))))
    [(node_id, at, message)] = faults(tree)
    assert (node_id, at) == ("0.1.1", field)
    assert words in message


@pytest.mark.parametrize(
    ("tree", "words"),
    [
        (Group("any"), "Add a test"),
        (Group("none"), "Add a test"),
        (Group("not"), "Add the test that must not hold"),
        (Group("not", (Line("Employees", "gte", ("5",)),) * 2), "Keep one test"),
    ],
)
def test_an_unfinished_group_says_what_it_needs(tree: Group, words: str) -> None:
    [(node_id, field, message)] = faults(Group("all", (tree,)))
    assert (node_id, field) == ("0.0", "kind")
    assert words in message


def test_too_deep_a_tree_is_kept_and_told_at_the_node_that_is_too_deep() -> None:
    tree: Any = Line("Employees", "gte", ("5",))
    for _ in range(conditions.DEPTH):
        tree = Group("any", (tree,))
    assert condition_tree.read(condition_tree.fields(tree, "c"), "c") == tree
    [(node_id, _, message)] = faults(tree)
    assert node_id == "0" + ".0" * conditions.DEPTH
    assert "nested deeper" in message


@pytest.mark.parametrize(
    ("text", "value"),
    [("5,000", 5000), (" 50 ", 50), ("−3", -3), ("+7", 7), ("1,234,567", 1_234_567)],
)
def test_numbers_may_be_written_as_people_write_them(text: str, value: int) -> None:
    judged = condition_form.judge(Line("Employees", "eq", (text,)), CATALOGUE)
    assert judged.document["value"] == value


@pytest.mark.parametrize("text", ["5,00", "1,2", "1,2345", "5 000", "0x10", "1e3", ""])
def test_numbers_that_could_be_misread_are_refused(text: str) -> None:
    assert not condition_form.judge(Line("Employees", "eq", (text,)), CATALOGUE).is_sound


def chosen(before: Line, fact: str) -> Line:
    tree = condition_tree.settled(before, CATALOGUE)
    assert isinstance(tree, Line)
    after = condition_acts.apply(
        Line(fact, tree.op, tree.values, tree.numbers, tree.was), "choose:0", CATALOGUE
    )
    assert isinstance(after.tree, Line)
    return after.tree


@pytest.mark.parametrize(
    ("before", "fact", "op", "values"),
    [
        (Line("Job title", "contains", ("VP",)), "Employees", "gte", ()),
        (Line("Employees", "between", ("1", "5")), "Annual revenue", "between", ()),
        (Line("Employees", "gte", ("5",)), "Demo request in … days", "gte", ("5",)),
        (Line("Industry", "in", ("RETAIL",)), "Hand-raiser", "eq", ()),
        (Line("Employees", "is_set"), "Job title", "is_set", ()),
        (Line(), "Employees", "gte", ()),
        (Line(), "Industry", "eq", ()),
    ],
)
def test_another_field_keeps_what_suits_it(
    before: Line, fact: str, op: str, values: tuple[str, ...]
) -> None:
    after = chosen(before, fact)
    assert (after.op, after.values) == (op, values)


def test_a_field_may_be_given_by_its_full_name_with_its_number() -> None:
    after = chosen(Line(), "signal.demo_request.count_45d")
    assert (after.fact, after.numbers) == ("Demo request in … days", (("days", "45"),))


def test_a_family_is_offered_for_each_known_signal_with_its_number_open() -> None:
    names = [offer.name for offer in CATALOGUE.offers]
    assert names[-2:] == [
        "signal.demo_request.count_{days}d",
        "signal.pricing_page_view.count_{days}d",
    ]
    assert CATALOGUE.offers[-1].numbers[0].usual == "30"


def acted(tree: condition_tree.Tree, *acts: str) -> Any:
    for act in acts:
        tree = condition_acts.apply(tree, act, CATALOGUE).tree
    return tree


A, B, C = (Line("Employees", "gte", (str(n),)) for n in (1, 2, 3))


@pytest.mark.parametrize(
    ("tree", "act", "after"),
    [
        (None, "add-test:0", Line()),
        (None, "add-group:0", Group("any", (Line(),))),
        (A, "add-test:0", Group("all", (A, Line()))),
        (Group("any", (A,)), "add-test:0", Group("any", (A, Line()))),
        (Group("not", (A,)), "add-test:0", Group("none", (A, Line()))),
        (Group("all", (A,)), "add-group:0", Group("all", (A, Group("any", (Line(),))))),
        (A, "remove:0", None),
        (Group("all", (A, B)), "remove:0.0", Group("all", (B,))),
        (Group("all", (A,)), "remove:0.0", None),
        (Group("all", (Group("any", (A,)),)), "remove:0.0.0", Group("all", (Group("any"),))),
        (Group("all", (A, B, C)), "up:0.2", Group("all", (A, C, B))),
        (Group("all", (A, B, C)), "down:0.0", Group("all", (B, A, C))),
        (Group("all", (A, B)), "up:0.0", Group("all", (A, B))),
        (Group("all", (A, B)), "wrap-not:0.1", Group("all", (A, Group("not", (B,))))),
        (A, "wrap-any:0", Group("any", (A,))),
        (Group("all", (A, Group("any", (B, C)))), "unwrap:0.1", Group("all", (A, B, C))),
        (Group("all", (A,)), "unwrap:0", A),
        (Group("all", (A, B)), "unwrap:0", Group("all", (A, B))),
        (Group("all", (A, B)), "remove:0.7", Group("all", (A, B))),
        (Group("all", (A, B)), "explode:0.0", Group("all", (A, B))),
        (Group("all", (A, B)), "remove:x", Group("all", (A, B))),
    ],
)
def test_acts_change_the_tree(tree: Any, act: str, after: Any) -> None:
    assert acted(tree, act) == after


@pytest.mark.parametrize(
    "document",
    [
        5, "all", [], {}, {"all": {}}, {"all": [], "any": []}, {"fact": "company.employees"},
        {"fact": "company.employees", "op": "eq", "value": {}},
        {"fact": "company.employees", "op": "eq", "value": [1]},
        {"fact": "company.employees", "op": "in", "value": 1},
        {"fact": "company.employees", "op": "between", "value": [1]},
        {"fact": "company.employees", "op": "eq", "value": 1, "because": "x"},
    ],
)  # fmt: skip
def test_what_is_no_condition_is_not_shown_as_one(document: Any) -> None:
    with pytest.raises(condition_tree.Unshaped):
        condition_tree.of_document(document, CATALOGUE)


def test_a_stored_condition_that_no_longer_fits_is_shown_with_its_faults() -> None:
    gone = {"fact": "company.gone", "op": "eq", "value": 1}
    farming = {"fact": "company.industry", "op": "in", "value": ["FARMING"]}
    document = {"all": [gone, farming]}
    judged = through_the_form(document)
    assert [fault.node_id for fault in judged.faults] == ["0.0", "0.1"]
    assert judged.document["all"][1] == farming
