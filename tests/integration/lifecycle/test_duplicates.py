"""The search among older people: who is found, who is left alone, and how much it reads."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core import database
from leads import personal_names
from leads.models import (
    ContactPoint,
    DuplicateSearch,
    DuplicateSuggestion,
    IdentityKey,
    Lead,
    Person,
)
from lifecycle import duplicates
from tests import factories, threads

LATER = dt.timedelta(hours=1)


def add(first: str, last: str, *, email: str = "", phone: str = "") -> Person:
    """A person as intake leaves one, with field history."""
    now = database.now()
    person = Person(
        first_name=first,
        last_name=last,
        name_key=personal_names.key(first, last),
        email=email,
        created_at=now,
    )
    person.save()
    if email:
        IdentityKey.objects.create(kind="EMAIL", value=email, person=person)
    if phone:
        ContactPoint.objects.create(kind="PHONE", value=phone, person=person)
    return person


def pairs() -> set[tuple[int, int]]:
    return set(DuplicateSuggestion.objects.values_list("first_id", "second_id"))


def look() -> duplicates.Searched:
    return duplicates.search(now=database.now() + LATER)


@pytest.mark.django_db
def test_people_who_look_alike_are_suggested_once() -> None:
    one = add("Robert", "Müller", phone="+4930123456")
    two = add("Bob", "Mueller", phone="+4930123456")
    add("Jane", "Okafor", phone="+4930123456")
    assert look().suggested == 1
    assert pairs() == {(one.pk, two.pk)}
    told = DuplicateSuggestion.objects.get()
    assert told.source == "SEARCH"
    assert {reason["rule"] for reason in told.reasons} == {"FIRST_NAME", "LAST_NAME", "PHONE"}
    duplicates.start_over()
    assert look().suggested == 0


@pytest.mark.django_db
def test_a_pair_that_was_dismissed_is_not_suggested_again_whatever_changes() -> None:
    one = add("Robert", "Müller", phone="+4930123456")
    two = add("Bob", "Mueller", phone="+4930123456")
    DuplicateSuggestion.objects.create(
        first=one, second=two, status="DISMISSED", source="TOUCH", score=80,
        suggested_at=database.now(), decided_at=database.now(),
    )  # fmt: skip
    two.first_name, two.name_key = "Robert", personal_names.key("Robert", "Mueller")
    two.save()
    look()
    assert DuplicateSuggestion.objects.get().status == "DISMISSED"


@pytest.mark.django_db
def test_who_changes_is_looked_at_again() -> None:
    one = add("Maximilian", "Lindqvist-Petersen", phone="+46812345678")
    two = add("Somebody", "Else", phone="+46812345678")
    look()
    assert not pairs()
    two.first_name, two.last_name = "Max", "Lindqvist Petersen"
    two.name_key = personal_names.key(two.first_name, two.last_name)
    two.save()
    look()
    assert pairs() == {(one.pk, two.pk)}


@pytest.mark.django_db
def test_merged_and_erased_people_are_left_alone() -> None:
    one = add("Robert", "Müller", phone="+4930123456")
    two = add("Bob", "Mueller", phone="+4930123456")
    three = add("Bob", "Müller", phone="+4930123456")
    two.merged_into = one
    two.save()
    three.erased_at = database.now()
    three.save()
    look()
    assert not pairs()


@pytest.mark.django_db
def test_like_names_are_found_through_their_company() -> None:
    factories.company()
    for first, email in (("Elisabeth", "e.krause@nordwind.de"), ("Lisa", "lisa@nordwind.de")):
        who = {"first_name": first, "last_name": "Krause", "email": email}
        factories.capture(person=who, company={})
    people = sorted(Lead.objects.values_list("person_id", flat=True))
    for person in Person.objects.filter(pk__in=people):
        person.name_key = personal_names.key(person.first_name, person.last_name)
        person.save()
    duplicates.search(now=database.now() + LATER)
    assert tuple(people) in pairs()


@pytest.mark.django_db
def test_the_number_of_queries_does_not_grow_with_the_slice() -> None:
    def counted(many: int) -> int:
        for number in range(many):
            add("Robert", f"Müller{number}", phone="+4930123456")
        with CaptureQueriesContext(connection) as read:
            look()
        return len(read)

    look()
    assert counted(3) == counted(40) <= 17


@pytest.mark.django_db(transaction=True)
def test_workers_share_the_search_and_suggest_nothing_twice() -> None:
    for number in range(20):
        add("Robert", "Müller", phone=f"+4930{number:06}")
        add("Bob", "Mueller", phone=f"+4930{number:06}")

    def worker() -> None:
        for _ in range(6):
            duplicates.search(now=database.now() + LATER, limit=10)

    assert not [fault for fault in threads.together([worker] * 4) if fault]
    while look().people:
        pass
    assert DuplicateSearch.objects.get().searched >= 40
    assert len(pairs()) == DuplicateSuggestion.objects.count() >= 20


@pytest.mark.django_db
def test_a_search_for_like_names_that_takes_too_long_still_finds_the_same_ones(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, two = add("Robert", "Müller", phone="+4930123456"), add("Müller", "Robert")
    like, near = add("Roberta", "Müller"), add("Jane", "Okafor", phone="+4930123456")
    slowly = "SELECT w.id, c.id FROM wanted w, (SELECT id FROM leads_person, pg_sleep(1)) c"
    monkeypatch.setattr(duplicates, "CANDIDATES", "WITH wanted AS (SELECT 1 AS id) " + slowly)
    monkeypatch.setattr(duplicates, "PATIENCE_SECONDS", 0.1)
    found = duplicates.candidates([person.pk for person in (one, two, like, near)])
    assert found == {(one.pk, two.pk), (one.pk, near.pk)}
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_sleep(0.2)")  # others have the time that they had
