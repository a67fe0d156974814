"""Kits as YAML: the same document gives the same text; only plain values are read."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance import documents, kit, kit_yaml
from governance.kit_yaml import NotYaml
from governance.models import KitPart
from governance.models.part import part_models
from lifecycle import playbook
from tests import kit_documents

WORDS = st.text(max_size=120)
KEYS = st.text("abcdefghij_.-", min_size=1, max_size=8).filter(lambda key: key[0] in "abcdefghij")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


def kit_of(entry: dict[str, Any]) -> dict[str, Any]:
    return {"schema": 1, "parts": {"calendar": [{"key": "c", "label": "C", **entry}]}}


@given(label=WORDS, closed=st.dictionaries(WORDS, VALUES, max_size=4))
def test_whatever_is_written_is_read_back_the_same(label: str, closed: dict[str, Any]) -> None:
    written = kit_yaml.dump(kit_of({"label": label, "closed": closed, "zone": "UTC"}))
    (entry,) = kit_yaml.read(written)["parts"]["calendar"]
    assert entry.get("label", "") == label
    assert entry.get("closed", {}) == closed
    assert kit_yaml.dump(kit_yaml.read(written)) == written


def test_the_playbook_is_written_as_it_is_read() -> None:
    text = playbook.PATH.read_text(encoding="utf-8")
    assert kit_yaml.dump(kit_yaml.read(text)) == text


@pytest.mark.parametrize(
    "word", ["NO", "yes", "off", "2026-01-01", "12:30", "012", "1_000", "0x1F"]
)
def test_words_that_other_readers_take_for_something_else_stay_words(word: str) -> None:
    assert kit_yaml.read(f"label: {word}") == {"label": word}
    assert f"'{word}'" in kit_yaml.dump(kit_of({"label": word}))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: 1\na: 2", "Line 2, column 1: “a” stands twice"),
        ("a: &x [1]\nb: *x", "Line 2, column 4: references"),
        ("a: [1, 2", "Line 1"),
        ("a: !!python/object/apply:os.system [ls]", "Line 1"),
        ("a: !!binary aGk=", "tag|binary|determine"),
        ("- a\n- b", "object with “schema” and “parts”"),
        ("? [1, 2]\n: b", "a key must be text"),
        ("1: b", "a key must be text"),
        ("", "object with “schema” and “parts”"),
        ("a: " + "[" * 3000, "not YAML"),
        ("a: \x00", "not YAML"),
        ("x" * 2_000_001, "at most 2,000,000"),
    ],
    ids=lambda value: value[:20],
)
def test_what_is_no_plain_yaml_is_refused_with_its_place(text: str, message: str) -> None:
    with pytest.raises(NotYaml, match=message):
        kit_yaml.read(text)


@pytest.mark.parametrize("model", part_models(), ids=lambda model: model.kind)
@given(data=st.data())
@settings(max_examples=25, suppress_health_check=list(HealthCheck))
def test_parts_of_every_kind_come_back_from_yaml_byte_for_byte(
    model: type[KitPart], data: st.DataObject
) -> None:
    document = data.draw(kit_documents.of_kind(model))
    text = kit_yaml.dump(document)
    again = documents.completed(kit_yaml.read(text))
    assert again == document
    assert kit_yaml.dump(again).encode() == text.encode()
    assert kit.checksum(again) == kit.checksum(document)
