"""What the tables refuse is told by place before anything is written."""

from __future__ import annotations

from typing import Any

import pytest
from django.db.models import CheckConstraint

from governance import documents, kit, kit_yaml, part_limits
from governance.models.part import part_models
from lifecycle import playbook


def faults(kind: str, **entries: Any) -> list[tuple[str, str]]:
    document = playbook.document()
    document["parts"][kind][0].update(entries)
    try:
        documents.completed(document)
    except kit.KitInvalid as refusal:
        return [(one.field, one.message) for one in refusal.errors]
    return []


@pytest.mark.parametrize(
    ("kind", "column", "value", "words"),
    [
        ("clock_policy", "warn_percent", 100, "Must be from 1 to 99."),
        ("clock_policy", "minutes", 0, "Must be from 1 to 525600."),
        ("escalation_level", "after_minutes", 5_256_001, "At most 5,256,000: ten years."),
        ("score_rule", "half_life_days", 0, "Must be left out or be above 0."),
        ("signal", "label", "a\0b", "Holds a character that text cannot have "
         "(NUL or half a character)."),
        ("fixture", "given", {"company.name": ["\ud800"]}, "Holds a character that text cannot "
         "have (NUL or half a character)."),
        ("fixture", "expect", {"\0": 1}, "Holds a character that text cannot have "
         "(NUL or half a character)."),
    ],
)  # fmt: skip
def test_each_limit_is_told_with_what_is_allowed(
    kind: str, column: str, value: object, words: str
) -> None:
    key = playbook.document()["parts"][kind][0]["key"]
    assert faults(kind, **{column: value}) == [(f"{kind}.{key}.{column}", words)]


@pytest.mark.parametrize(
    ("kind", "column", "value"),
    [
        ("clock_policy", "warn_percent", 99),
        ("clock_policy", "minutes", 525_600),
        ("escalation_level", "after_minutes", 5_256_000),
        ("score_rule", "half_life_days", None),
        ("score_rule", "half_life_days", "0.01"),
    ],
)
def test_what_lies_within_is_taken(kind: str, column: str, value: object) -> None:
    assert faults(kind, **{column: value}) == []


def test_letters_that_yaml_writes_as_escapes_are_refused_too() -> None:
    text = playbook.PATH.read_text(encoding="utf-8").replace(
        "label: Demo request", 'label: "Demo\\0 request"'
    )
    with pytest.raises(kit.KitInvalid, match=r"signal\.demo_request\.label"):
        documents.completed(kit_yaml.read(text))


@pytest.mark.parametrize("model", part_models(), ids=lambda model: model.kind)
def test_every_limit_of_a_part_can_be_told(model: Any) -> None:
    for constraint in model._meta.constraints:
        if isinstance(constraint, CheckConstraint):
            lookups = [lookup for _, lookup, _ in part_limits._tests(constraint.condition)]
            assert set(lookups) <= set(part_limits._LOOKUPS), constraint.name
