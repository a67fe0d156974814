"""Several statements in one message, and rows read by SQL that is written down."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import Model
from django.db.utils import DataError, IntegrityError
from django.test.utils import CaptureQueriesContext

from core import bulk, made, reading, round_trip
from leads.models import Account, Lead, LeadEvent, Person, ScorePart, Signal
from routing.models import Decision
from sla.models import Clock, ClockEvent

pytestmark = pytest.mark.django_db

AWKWARD = (
    "O'Neil \\ co. %s % ; DROP TABLE leads_person; --",
    "E'\\x41' $1 {0} “quoted” \u2028 \U0001f4a9",
    "",
)
NOW = dt.datetime(2026, 5, 4, 9, 30, 0, 123456, tzinfo=dt.UTC)


@pytest.mark.parametrize("name", AWKWARD)
def test_what_is_read_back_is_what_was_written(name: str) -> None:
    row = Account(
        name=name,
        domain="a.example",
        employees=7,
        annual_revenue=Decimal("1234567890123.45"),
        provenance={"name": [name, 90, None], "nested": {"a": [1.5, True]}},
        created_at=NOW,
    )
    [row.pk] = bulk.reserve({Account: 1})[Account]
    script = bulk.Script()
    script.insert([row])
    script.run()
    found = reading.rows(Account, "WHERE name = %s", name)
    reading.ask(found)
    [same] = found.found
    told = Account.objects.get()
    for field in Account._meta.concrete_fields:
        assert getattr(same, field.attname) == getattr(told, field.attname)
        assert getattr(same, field.attname) == getattr(row, field.attname)
    assert not same._state.adding


def test_a_few_rows_take_one_message_and_many_go_by_copy_with_the_same_outcome() -> None:
    def written(count: int) -> tuple[list[Any], int]:
        people = [Person(first_name=f"N{i}'", created_at=NOW) for i in range(count)]
        ids = bulk.reserve({Person: count})[Person]
        for person, pk in zip(people, ids, strict=True):
            person.pk = pk
        with CaptureQueriesContext(connection) as seen:
            script = bulk.Script()
            script.insert(people)
            script.history(people, change="+", at=NOW, by_id=None, reason="why")
            script.update(people, ["first_name"])
            script.run()
        kept = Person.objects.filter(pk__in=ids)
        past = Person.history.filter(id__in=ids)
        rows = [*kept.values_list("first_name"), *past.values_list("first_name", "history_type")]
        return sorted(rows, key=str), len(seen)

    few, messages = written(3)
    assert messages == 1
    many, statements = written(bulk.FEW)
    assert statements == 3
    assert few == [row for row in many if row[0] in ("N0'", "N1'", "N2'")]


def test_a_row_the_database_refuses_undoes_the_whole_message() -> None:
    one = Account(domain="a.example", created_at=NOW)
    two = Account(domain="a.example", created_at=NOW)
    one.pk, two.pk = bulk.reserve({Account: 2})[Account]
    script = bulk.Script()
    script.insert([one, two])
    with pytest.raises(IntegrityError):
        script.run()


def test_a_text_too_long_is_refused_in_either_way_and_never_cut() -> None:
    long = Person(first_name="x" * 121, created_at=NOW)
    [long.pk] = bulk.reserve({Person: 1})[Person]
    script = bulk.Script()
    script.insert([long])
    with pytest.raises(DataError):
        script.run()


def test_a_question_sees_what_the_statement_before_it_did() -> None:
    first, second = round_trip.run(
        [
            ("INSERT INTO leads_account (domain, name, name_key, industry, currency, country, "
             "region, postal_code, status, provenance, created_at) VALUES (%s, '', '', '', '', '', "
             "'', '', 'PROSPECT', '{}', now()) RETURNING domain", ["b.example"]),
            ("SELECT count(*) FROM leads_account WHERE domain = ANY(%s)", [["b.example", "c"]]),
        ]
    )  # fmt: skip
    assert (first, second) == ([("b.example",)], [(1,)])


def test_values_and_places_that_do_not_match_are_an_error() -> None:
    with pytest.raises(ValueError, match="2 values for 1 places"):
        round_trip.run([("SELECT %s", [1, 2])])


@pytest.mark.parametrize("model", [LeadEvent, Signal, ScorePart, Clock, ClockEvent, Decision])
def test_a_row_made_in_short_is_the_row_that_the_model_makes(model: type[Model]) -> None:
    short, long = made.row(model), model()
    fields = [field.attname for field in model._meta.concrete_fields]
    assert {name: getattr(short, name) for name in fields} == {
        name: getattr(long, name) for name in fields
    }
    assert (short._state.adding, short._state.db) == (long._state.adding, long._state.db)


def test_a_row_made_in_short_knows_its_relations_and_shares_no_default() -> None:
    lead = Lead(pk=7)
    one, other = made.row(LeadEvent, lead=lead, by_id=3), made.row(LeadEvent)
    assert (one.lead, one.lead_id, one.by_id, one.cause) == (lead, 7, 3, None)
    one.because["a"] = 1
    assert other.because == {}
    with pytest.raises(TypeError, match="leed"):
        made.row(LeadEvent, leed=lead)


@pytest.mark.parametrize(
    "value",
    [
        "plain", "", "O'Neil", "back\\slash", "both '\\' of them", "100 %s", "line\nbreak",
        "čšž 名 😀",
        0, 7, -7, 2**40, True, False, None, 1.5, NOW,
        dt.datetime(2026, 3, 29, 3, 30, tzinfo=zoneinfo.ZoneInfo("Europe/Berlin")),
        ["it's", None, "{}"], [],
    ],
)  # fmt: skip
def test_every_value_arrives_as_it_was_sent(value: object) -> None:
    kind = {bool: "boolean", int: "bigint", float: "float8", list: "text[]"}.get(
        type(value), "text"
    )
    kind = "timestamptz" if isinstance(value, dt.datetime) else kind
    assert round_trip.run([(f"SELECT %s::{kind}", [value])]) == [[(value,)]]


def test_a_text_that_the_database_cannot_hold_is_an_error() -> None:
    with pytest.raises(Exception, match="NUL"):
        round_trip.run([("SELECT %s", ["a\0b"])])


@pytest.mark.parametrize("many", [1, 2])
def test_one_row_is_changed_as_many_are(many: int) -> None:
    rows = [Account(domain=f"{n}.example", created_at=NOW) for n in range(many)]
    for row, pk in zip(rows, bulk.reserve({Account: many})[Account], strict=True):
        row.pk = pk
    bulk.copy(rows)
    for row in rows:
        row.country, row.employees, row.provenance = "DE", None, {"name": ["it's", 70, "\\"]}
    bulk.update(rows, ["country", "employees", "provenance"])
    for row in rows:
        kept = Account.objects.get(pk=row.pk)
        assert (kept.country, kept.employees, kept.provenance, kept.domain) == (
            "DE", None, {"name": ["it's", 70, "\\"]}, row.domain
        )  # fmt: skip
