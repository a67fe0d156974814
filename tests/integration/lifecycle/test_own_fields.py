"""Own fields of leads: read from the tables, by SQL and by the pipeline, they are the same."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

import pytest
from django.db.models import F

from governance import condition_sql, conditions, facts, kit_reader
from governance.conditions import Not
from leads import own_fields
from leads.models import Lead, Person, Touch
from leads.snapshot import Snapshot
from lifecycle import sayings
from lifecycle.sayings import Sayings
from tests import standing_leads

pytestmark = pytest.mark.django_db

NOW = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)
LEADS = 120
ENTRIES: list[dict[str, Any]] = [
    {"key": "city", "label": "City", "reads": ["Stadt", "Größe"], "not_answered": ["Select", "Ö"]},
    {"key": "visits", "label": "Visits", "type": "NUMBER", "reads": ["Total'Visits%"]},
    {"key": "student", "label": "Student", "type": "BOOLEAN"},
    {"key": "work", "label": "Work", "type": "CHOICE",
     "choices": ["Ärzte, 100 %", "none", "NONE", "B"]},
]  # fmt: skip
REGISTRY = kit_reader.registry_of(facts.registry, {"parts": {"own_field": ENTRIES}})
NAMES = ["City", "CITY", "c i t y", "Stadt", "größe", "GRÖSSE", "Visits", "total visits",
         "Totalvisits", "student", "Student?", "{Work}", "work", "Cityx", "'%s"]  # fmt: skip
TEXTS = ["Select", "select", "ö", "Bonn", "KÖLN", " ", "x" * 250, "12", "-1,5", "1.234,5678901",
         "1,234", "0.0000005", "-0.0000005", "12,34,5", "9" * 15, "9" * 16, "40 %", "%", "1\u202f0",
         "yes", "SÍ", "False", "n", True, False, "Ärzte, 100 %", "ÄRZTE, 100 %", "none", "b", "–",
         5, None, ["x"], {"a": "b"}]  # fmt: skip
TESTS = [
    ("field.city", "eq", "Bonn"), ("field.city", "contains", "k"), ("field.city", "is_set", None),
    ("field.visits", "gte", 12), ("field.visits", "eq", 10), ("field.visits", "ne", -1.5),
    ("field.visits", "lt", 0), ("field.student", "eq", True), ("field.student", "ne", True),
    ("field.work", "eq", "none"), ("field.work", "in", ["B", "Ärzte, 100 %"]),
]  # fmt: skip


@pytest.fixture
def leads() -> list[Lead]:
    chance = random.Random(20260303)
    people = Person.objects.bulk_create(Person(created_at=NOW) for _ in range(LEADS))
    standing = standing_leads.standing_anywhere(lead_of(one, chance) for one in people[20:])
    merged = standing_leads.standing_anywhere(
        lead_of(one, chance, stage="MERGED", merged_into=chance.choice(standing))
        for one in people[:20]
    )
    made = [*standing, *merged]
    Touch.objects.bulk_create(
        Touch(
            channel="FORM",
            status=chance.choice(["ADVANCED", "ADVANCED", "WITHDRAWN"]),
            receipt={},
            occurred_at=NOW - dt.timedelta(hours=chance.choice([0, 1, 1, 2, 48])),
            received_at=NOW,
            payload=payload(chance),
            idempotency_scope="test",
            idempotency_key=str(number),
            body_hash="",
            lead=chance.choice(made),
        )
        for number in range(6 * LEADS)
    )
    return list(Lead.objects.order_by("pk"))


def lead_of(person: Person, chance: random.Random, **columns: Any) -> Lead:
    at: dict[str, Any] = dict.fromkeys(("entered_stage_at", "last_touch_at", "created_at"), NOW)
    return Lead(person=person, channel="FORM", own_fields=typed(chance), **at, **columns)


def typed(chance: random.Random) -> dict[str, Any]:
    """What people typed: now and then something, or nothing where something was."""
    at = (NOW - dt.timedelta(hours=1)).isoformat()
    return {
        entry["key"]: [chance.choice(["", "", "Ulm", "7", "yes", "B"]), at]
        for entry in ENTRIES
        if chance.random() < 0.2
    }


def payload(chance: random.Random) -> dict[str, Any]:
    if chance.random() < 0.1:
        return chance.choice([{}, {"fields": "x"}, {"fields": []}, {"fields": None}])
    names = chance.sample(NAMES, chance.randrange(6))
    return {"fields": {name: chance.choice(TEXTS) for name in names}}


def known(leads: list[Lead]) -> list[dict[str, object]]:
    """The facts of the leads as the pipeline reads them."""
    said = Sayings(lead.pk for lead in leads)
    names = [f"field.{entry['key']}" for entry in ENTRIES]
    snapshots = (
        Snapshot(now=NOW, sayings=said.of(lead.pk), typed=lead.own_fields) for lead in leads
    )
    return [REGISTRY.read_all(one, names) for one in snapshots]


def test_sql_gives_the_same_value_as_python(leads: list[Lead]) -> None:
    by_python = known(leads)
    for entry in ENTRIES:
        fact = REGISTRY.get(f"field.{entry['key']}")
        columns, held = condition_sql.columns_of([fact.name], registry=REGISTRY, now=NOW)
        rows = Lead.objects.annotate(**held).order_by("pk").values_list(columns[fact.name])
        by_sql = [fact.clean(value) for (value,) in rows]
        assert by_sql == [one[fact.name] for one in by_python]
        assert len({str(one) for one in by_sql}) > 2  # present, missing, and not all alike


@pytest.mark.parametrize(("name", "op", "value"), TESTS)
def test_a_condition_selects_whom_it_holds_for(
    leads: list[Lead], name: str, op: str, value: Any
) -> None:
    document = {"fact": name, "op": op, "value": value}
    if value is None:
        document.pop("value")
    test = conditions.parse(document, REGISTRY)
    for node in (test, Not(test)):
        held = [one.pk for one, its in zip(leads, known(leads), strict=True)
                if conditions.holds(node, its)]  # fmt: skip
        found = condition_sql.select(Lead.objects.order_by("pk"), node, registry=REGISTRY, now=NOW)
        assert held
        assert list(found.values_list("pk", flat=True)) == held


def test_what_many_leads_said_is_read_in_one_query(
    leads: list[Lead], django_assert_num_queries: Any
) -> None:
    fields = [own_fields.of_entry(entry) for entry in ENTRIES]
    with django_assert_num_queries(1):
        known(leads)
    with django_assert_num_queries(1):
        sayings.answers(fields, leads[30])
    with django_assert_num_queries(0):
        assert sayings.answers([], leads[30]) == {}


def test_a_lead_can_be_ordered_by_one(leads: list[Lead]) -> None:
    expression = REGISTRY.get("field.visits").sql
    assert expression is not None
    rows = Lead.objects.annotate(visits=expression(NOW)).order_by(F("visits").desc(nulls_last=True))
    assert len(rows) == LEADS
