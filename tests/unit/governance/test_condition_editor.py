"""One condition, twice in a form: as fields and as text. Whoever edits either loses nothing."""

from __future__ import annotations

import json
from typing import Any

import pytest

from governance import condition_editor, condition_tree
from governance.condition_editor import Editor
from governance.fact_catalogue import Catalogue
from tests import condition_trees

REGISTRY = condition_trees.sample_registry()
CATALOGUE = Catalogue(REGISTRY, known={"kind": ("demo_request",)})
LARGE = {"fact": "company.employees", "op": "gte", "value": 100}
RETAIL = {"fact": "company.industry", "op": "eq", "value": "RETAIL"}


def sent(editor: Editor, **changes: Any) -> Editor:
    """The editor after its form was sent back, with some fields changed."""
    data = {
        **condition_tree.fields(editor.tree, "c"),
        "c": [editor.text.replace("\n", "\r\n")],
        "c-shown": [editor.shown],
        "c-act": [""],
        **{name.replace("_", "-"): [value] for name, value in changes.items()},
    }
    return condition_editor.posted(data, "c", CATALOGUE)


def opened(document: Any) -> Editor:
    return condition_editor.opened(document, CATALOGUE)


@pytest.mark.parametrize("document", [None, LARGE, {"all": []}, {"not": {"any": [LARGE, RETAIL]}}])
def test_what_is_sent_as_it_was_shown_is_what_was_stored(document: Any) -> None:
    editor = sent(opened(document))
    assert (editor.document, editor.faults) == (document, [])


def test_a_changed_field_is_what_counts() -> None:
    editor = sent(opened(LARGE), **{"c-0-value": "250"})
    assert editor.document == {**LARGE, "value": 250}


def test_a_changed_text_is_what_counts_also_without_pressing_apply() -> None:
    editor = sent(opened(LARGE), c=json.dumps(RETAIL))
    assert (editor.document, editor.faults) == (RETAIL, [])


def test_a_faulty_text_is_kept_told_and_not_saved() -> None:
    typed = '{"fact": "company.employes", "op": "gte", "value": 1}'
    editor = sent(opened(LARGE), c=typed)
    assert editor.text == typed
    assert "did you mean “company.employees”" in editor.faults[0]
    assert editor.document == LARGE


def test_when_fields_and_text_were_both_changed_neither_is_dropped() -> None:
    editor = sent(opened(LARGE), c=json.dumps(RETAIL), **{"c-0-value": "250"})
    assert "Both" in editor.faults[0]
    assert json.loads(editor.text) == RETAIL
    assert editor.judged.document["value"] == 250


def test_an_act_beside_an_edited_text_loses_neither() -> None:
    typed = json.dumps(RETAIL)
    acted = sent(opened(LARGE), c=typed, **{"c-act": "add-test:0"})
    assert acted.text == typed
    saved = sent(acted)
    assert "Both" in saved.faults[0]
    assert sent(acted, **{"c-act": "apply-text"}).document == RETAIL
    assert sent(acted, **{"c-act": "discard-text"}).judged.document["all"][0] == LARGE


def test_an_act_is_done_and_says_so() -> None:
    acted = sent(opened(LARGE), **{"c-act": "wrap-not:0"})
    assert acted.judged.document == {"not": LARGE}
    assert acted.act == "wrap-not:0"
    assert acted.said


def test_the_empty_text_asks_nothing() -> None:
    assert sent(opened(LARGE), c=" ").document is None


def test_a_sender_that_knows_only_the_text_is_understood() -> None:
    assert condition_editor.posted({"c": [json.dumps(LARGE)]}, "c", CATALOGUE).document == LARGE
    assert condition_editor.posted({}, "c", CATALOGUE).document is None


def test_a_stored_document_that_is_no_condition_is_shown_as_text_with_its_faults() -> None:
    editor = opened({"every": [LARGE]})
    assert json.loads(editor.text) == {"every": [LARGE]}
    assert editor.faults
    assert sent(editor).faults == editor.faults


def test_another_field_brings_its_own_operator_when_the_form_is_sent_without_script() -> None:
    editor = sent(opened(LARGE), **{"c-0-fact": "Job title", "c-0-op": "gte"})
    line = editor.tree
    assert isinstance(line, condition_tree.Line)
    assert (line.op, line.values) == ("eq", ())
    assert editor.faults == ["The test: Enter a value."]
