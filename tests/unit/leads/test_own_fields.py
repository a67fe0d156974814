"""Own fields: what a touchpoint's words are, whose words count, what they are taken for."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from governance import condition_prose, conditions, facts, kit_reader
from governance.facts import Registry, UnknownFact
from governance.kit import KitInvalid
from governance.texts import compiled_document
from leads import own_fields
from leads.own_fields import Saying
from leads.snapshot import Snapshot

NOW = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)

CITY = {"key": "city", "label": "City", "not_answered": ["Select", "n/a"]}
VISITS = {"key": "visits", "label": "Visits", "type": "NUMBER", "unit": "visits",
          "reads": ["TotalVisits", "Total  Visits?"]}  # fmt: skip
STUDENT = {"key": "student", "label": "Student", "type": "BOOLEAN"}
WORK = {"key": "work", "label": "Work", "type": "CHOICE",
        "choices": ["Banking, Investment", "Ärzte", "None"],
        "reads": ["What do you do?"]}  # fmt: skip


def value(entry: dict[str, Any], *fields: object, typed: Any = None) -> object:
    """What a field is after touchpoints an hour apart."""
    sayings = [
        Saying(NOW + hour * HOUR, hour, own_fields.said_by(one)) for hour, one in enumerate(fields)
    ]
    found = own_fields.answer(own_fields.of_entry(entry), sayings, typed or {})
    return found.value if found else None


@pytest.mark.parametrize(
    "name", ["Total Visits", "TOTALVISITS", "total_visits", "“Total-Visits:”", "visits", "Visits "]
)
def test_case_spaces_and_punctuation_of_a_name_do_not_count(name: str) -> None:
    assert value(VISITS, {name: "7"}) == 7


@pytest.mark.parametrize("name", ["Total Visits 2", "Visit", "Visitš", ""])
def test_another_name_is_not_read(name: str) -> None:
    assert value(VISITS, {name: "7"}) is None


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("674", 674),
        ("-1.50", Decimal("-1.5")),
        ("1,234.5", Decimal("1234.5")),
        ("1.234.567,5", Decimal("1234567.5")),
        ("1.234,5", Decimal("1234.5")),
        ("12,5", Decimal("12.5")),
        ("12,500", 12500),
        ("1 234", 1234),
        ("1\u00a0234'567", 1234567),
        ("40 %", 40),
        ("+3", 3),
        ("12,5,6", None),
        ("1,23.5", None),
        ("1e5", None),
        ("٣", None),
        ("seven", None),
        ("7 visits", None),
        ("--7", None),
        (".5", None),
        ("9" * 16, None),
        ("NaN", None),
    ],
)
def test_numbers_as_people_write_them(text: str, number: object) -> None:
    assert own_fields.number(text) == number


@pytest.mark.parametrize(
    ("said", "found"),
    [(True, True), ("Yes", True), ("SÍ", True), ("nein", False), (False, False), ("maybe", None)],
)
def test_yes_and_no(said: object, found: object) -> None:
    assert value(STUDENT, {"student": said}) is found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("banking, investment", "Banking, Investment"),
        ("ÄRZTE", "Ärzte"),
        (" none ", "None"),
        ("Banking", None),
    ],
)
def test_a_choice_is_found_without_regard_to_case(said: str, found: object) -> None:
    assert value(WORK, {"What do you do": said}) == found


def test_the_last_answer_counts_and_no_answer_is_none() -> None:
    assert value(CITY, {"city": "Bonn"}, {"city": "Köln"}, {"City": "SELECT"}, {"x": "y"}) == "Köln"
    assert value(CITY, {"city": "n/a"}) is None


def test_an_answer_that_cannot_be_read_hides_the_one_before() -> None:
    assert value(VISITS, {"visits": "5"}, {"visits": "many"}) is None


def test_names_are_asked_in_their_order_then_as_spelt() -> None:
    assert value(VISITS, {"TotalVisits": "2", "visits": "1"}) == 1
    assert value(VISITS, {"visits": "2", "VISITS": "1"}) == 1


@pytest.mark.parametrize("fields", [None, "x", [], {"city": ["Bonn"]}, {"city": 5}, {"city": " "}])
def test_what_is_no_text_says_nothing(fields: object) -> None:
    assert value(CITY, fields) is None


def test_what_a_person_typed_goes_before_touchpoints() -> None:
    typed = {"city": ["Ulm", NOW.isoformat()]}
    assert value(CITY, {"city": "Bonn"}, {"city": "Köln"}, typed=typed) == "Ulm"


def test_a_field_that_a_person_emptied_is_answered_by_later_touchpoints_only() -> None:
    typed = {"city": ["", NOW.isoformat()]}
    assert value(CITY, {"city": "Bonn"}, typed=typed) is None
    assert value(CITY, {"city": "Bonn"}, {"city": "Köln"}, typed=typed) == "Köln"


def test_a_long_text_is_cut() -> None:
    assert value(CITY, {"city": "x" * 300}) == "x" * own_fields.LONGEST


# ---------------------------------------------------------------------- the kit declares them


def document(*entries: dict[str, Any], **parts: Any) -> dict[str, Any]:
    return {"schema": 1, "parts": {"own_field": list(entries), **parts}}


def rule(**test: Any) -> dict[str, Any]:
    return {"key": "r", "label": "R", "category": "FIT", "points": "1", "condition": test}


def test_conditions_know_a_field_with_its_type_from_their_own_kit() -> None:
    kit = compiled_document(
        document(VISITS, WORK, score_rule=[rule(fact="field.visits", op="gte", value=3)])
    )
    node = kit.score_rules[0].condition
    assert node is not None
    assert condition_prose.english(node, kit.registry) == "Visits is at least 3 visits"
    said = Saying(NOW, 1, own_fields.said_by({"TotalVisits": "5", "what do you do": "NONE"}))
    known = kit.registry.read_all(
        Snapshot(now=NOW, sayings=(said,)), ["field.visits", "field.work"]
    )
    assert known == {"field.visits": 5, "field.work": "None"}
    assert conditions.holds(node, known)


@pytest.mark.parametrize(
    "test",
    [
        {"fact": "field.visit", "op": "gte", "value": 3},
        {"fact": "field.visits", "op": "contains", "value": "3"},
        {"fact": "field.visits", "op": "eq", "value": "three"},
        {"fact": "field.work", "op": "eq", "value": "Gardening"},
    ],
)
def test_a_condition_that_misuses_a_field_is_refused(test: dict[str, Any]) -> None:
    with pytest.raises(KitInvalid) as refusal:
        compiled_document(document(VISITS, WORK, score_rule=[rule(**test)]))
    assert [fault.field.split(".")[0] for fault in refusal.value.errors] == ["score_rule"]


@pytest.mark.parametrize(
    "entry",
    [
        {"key": "a.b", "label": "A"},
        {"key": "a-b", "label": "A"},
        {"key": "a", "label": "A", "type": "CHOICE"},
        {"key": "a", "label": "A", "type": "TEXT", "choices": ["x"]},
        {"key": "a", "label": "A", "type": "DATE"},
        {"key": "a"},
    ],
)
def test_a_part_that_declares_no_field_is_named(entry: dict[str, Any]) -> None:
    with pytest.raises(KitInvalid) as refusal:
        compiled_document(document(entry))
    assert refusal.value.errors[0].field == f"own_field.{entry['key']}"


def test_what_one_kit_declares_no_other_kit_and_nobody_else_knows() -> None:
    compiled_document(document(VISITS))
    with pytest.raises(UnknownFact):
        facts.registry.get("field.visits")
    with pytest.raises(KitInvalid):
        compiled_document(document(CITY, score_rule=[rule(fact="field.visits", op="gte", value=3)]))


def test_of_two_texts_the_later_says_what_a_field_is() -> None:
    before, after = document(VISITS), document({**VISITS, "label": "Times seen"}, WORK)
    registry: Registry = kit_reader.registry_of(facts.registry, before, after)
    assert registry.get("field.visits").label == "Times seen"
    assert "field.work" in registry
