"""One condition in one form: opened from what is stored, or read from what was sent. Pure.

The same condition stands in the form twice: as fields, and as JSON text under the form's own name.
`<name>-shown` tells which text was shown, so that an edit of either is known and none is lost.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from governance import condition_acts, condition_form, condition_tree, conditions
from governance.condition_form import Judged
from governance.condition_tree import Tree, Unshaped
from governance.fact_catalogue import Catalogue

APPLY, DISCARD = "apply-text", "discard-text"
BOTH_CHANGED = (
    "Both the fields and the JSON text were changed. Apply the text, which replaces the fields, "
    "or discard it."
)


@dataclass(frozen=True, slots=True)
class Editor:
    """A condition under edit.

    `text` is what stands in the JSON box, `text_faults` what is wrong with it, `is_text_edited`
    whether somebody typed there and neither applied nor discarded it; `shown` marks the text of
    the fields when both last agreed. `act` is what was asked for besides saving; `focus` the field
    where the hand goes on, `said` what was done. `is_strict` after somebody tried to save.
    """

    tree: Tree
    judged: Judged
    text: str
    shown: str
    text_faults: tuple[str, ...] = ()
    is_text_edited: bool = False
    act: str = ""
    focus: str = ""
    said: str = ""
    is_strict: bool = False

    @property
    def faults(self) -> list[str]:
        """Everything that keeps it from being saved, in sentences."""
        nodes = dict(condition_tree.walk(self.tree))
        told = [
            f"{condition_form.place_of(fault.node_id, nodes.get(fault.node_id))}: {fault.message}"
            for fault in self.judged.faults
        ]
        return [*self.text_faults, *([] if self.text_faults else told)]

    @property
    def document(self) -> Any:
        """The condition as it is stored; half-finished while there are faults."""
        condition = self.judged.condition
        return self.judged.document if condition is None else conditions.dump(condition)


def opened(document: Any, catalogue: Catalogue) -> Editor:
    """The editor of a stored condition; one that fields cannot show is shown as text."""
    try:
        return _of_tree(condition_tree.of_document(document, catalogue), catalogue)
    except Unshaped:
        text = json.dumps(document, ensure_ascii=False, indent=2)
        return _of_text(text, _of_tree(None, catalogue), catalogue)


def posted(data: Mapping[str, Sequence[str]], name: str, catalogue: Catalogue) -> Editor:
    """The editor as it was sent, with the act done that was asked for."""
    text = _last(data, name).replace("\r\n", "\n")
    if f"{name}-shown" not in data:  # a sender that knows the text only
        return _of_text(text, _of_tree(None, catalogue), catalogue)
    shown = _last(data, f"{name}-shown")
    act = next((one for one in reversed(data.get(f"{name}-act", ())) if one), "")
    tree = condition_tree.read(data, name)
    edited = digest(text) != shown
    if act == APPLY:
        return replace(_of_text(text, _of_tree(tree, catalogue), catalogue), act=act)
    if act == DISCARD:
        return replace(_of_tree(tree, catalogue), act=act, said="The text was discarded.")
    if act:
        done = condition_acts.apply(tree, act, catalogue)
        editor = _of_tree(condition_tree.settled(done.tree, catalogue), catalogue)
        editor = replace(editor, act=act, focus=done.focus, said=done.said)
        return _with_edited(editor, text, shown) if edited else editor
    return _to_save(condition_tree.settled(tree, catalogue), text, shown, catalogue)


def strict(editor: Editor) -> Editor:
    """The editor after somebody tried to save it: what is missing is a fault now."""
    return replace(editor, is_strict=True)


def digest(text: str) -> str:
    """A short mark of a text, to see whether it was edited."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _to_save(tree: Tree, text: str, shown: str, catalogue: Catalogue) -> Editor:
    """What is to be saved: the fields, or the text when that alone was edited."""
    editor = _of_tree(tree, catalogue)
    if digest(text) == shown:
        return editor
    if digest(editor.text) == shown:
        return _of_text(text, editor, catalogue)
    return _with_edited(editor, text, shown, BOTH_CHANGED)


def _with_edited(editor: Editor, text: str, shown: str, *faults: str) -> Editor:
    return replace(editor, text=text, shown=shown, text_faults=faults, is_text_edited=True)


def _of_tree(tree: Tree, catalogue: Catalogue) -> Editor:
    judged = condition_form.judge(tree, catalogue)
    text = _text(judged.document)
    return Editor(tree, judged, text, digest(text))


def _of_text(text: str, before: Editor, catalogue: Catalogue) -> Editor:
    """The editor with the text applied; while it is faulty, the fields stay as they were."""
    if not text.strip():
        return replace(_of_tree(None, catalogue), said="The text was applied.")
    try:
        node = conditions.parse_json(text, catalogue.registry, about=catalogue.about)
    except conditions.ConditionInvalid as refusal:
        faults = tuple(f"{fault.field}: {fault.message}" for fault in refusal.errors)
        said = "The text cannot be applied."
        return replace(before, text=text, text_faults=faults, is_text_edited=True, said=said)
    tree = condition_tree.of_document(conditions.dump(node), catalogue)
    return replace(_of_tree(tree, catalogue), said="The text was applied.")


def _text(document: Any) -> str:
    return "" if document is None else json.dumps(document, ensure_ascii=False, indent=2)


def _last(data: Mapping[str, Sequence[str]], name: str) -> str:
    return ("", *data.get(name, ()))[-1]
