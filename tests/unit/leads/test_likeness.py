"""What speaks for one person and what for two."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import likeness, personal_names
from leads.likeness import Field, Traits

NAMES = st.text(alphabet="abcdeéüßñ 'A-Z陳", max_size=14)


def person(first: str = "", last: str = "", email: str = "", **more: str) -> Traits:
    phones = frozenset(filter(None, (more.pop("phone", ""),)))
    emails = frozenset(filter(None, (email,)))
    return Traits(first_name=first, last_name=last, emails=emails, phones=phones, **more)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (person("Robert", "Müller", company="acme"), person("Bob", "Mueller", company="acme")),
        (person("Anna", "O'Brien", company="acme"), person("ANNA", "OBrien", company="acme")),
        (person("J.", "Lindqvist", domain="a.se"), person("Jonas", "Lindqvist", domain="a.se")),
        (
            person("Katharina", "Petersen", company="nordwind"),
            person("Katharina", "Petersen-Voss", company="nordwind"),
        ),
        (
            person("Anna", "Weber", phone="+4930123456"),
            person("Anna", "Weber", phone="+4930123456"),
        ),
        (
            person("Mara", "Lindqvist", "mara.lindqvist@gmail.com"),
            person("Mara", "Lindqvist", "mara.lindqvist@nordwind.de"),
        ),
        (
            person("Tom", "Okafor", "rocketman77@a.com", domain="a.com"),
            person("Tom", "Okafor", "rocketman77@b.com", domain="b.com"),
        ),
        (person("Wei", "Chen", company="tsmc"), person("Chen", "Wei", company="tsmc")),
        (person("Elisabeth", "Krause", domain="b.de"), person("Elisabet", "Krause", domain="b.de")),
    ],
    ids=lambda traits: f"{traits.first_name} {traits.last_name}",
)
def test_one_person_in_two_spellings_is_worth_a_look(one: Traits, other: Traits) -> None:
    found = likeness.decide(one, other)
    assert found.is_worth_a_look
    assert not found.conflict


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (person("Jane", "Smith", company="acme"), person("John", "Smith", company="acme")),
        (person("Anna", "Weber", company="acme"), person("Anna", "Weber", company="globex")),
        (person("Anna", "Weber"), person("Anna", "Weber")),
        (
            person("Heike", "Lüders", "heike.lueders@stadtwerke.de", domain="stadtwerke.de"),
            person("Heike", "Lüders", "heike.lueders@telekom.de", domain="telekom.de"),
        ),
        (
            person("Abigail", "Whitaker", "awhitaker@a.com", domain="a.com", country="US"),
            person("Abigail", "Whitaker", "awhitaker+x@b.com", domain="b.com", country="US"),
        ),
        (person("Tom", "Okafor", domain="a.com"), person("Tom", "Baker", domain="a.com")),
        (
            person("Tom", "Okafor", phone="+442079460000", company="fenwick"),
            person("Lucy", "Hale", phone="+442079460000", company="fenwick"),
        ),
        (person(email="info@acme.com"), person(email="sales@acme.com")),
    ],
    ids=lambda traits: f"{traits.first_name} {traits.last_name}",
)
def test_two_people_are_not_shown_as_one(one: Traits, other: Traits) -> None:
    assert not likeness.decide(one, other).is_worth_a_look


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        (("Anna", "Schmidt"), ("A.", "Schmidt"), False),
        (("Anna", "Schmidt"), ("Schmidt", "Anna"), False),
        (("Anna", "Schmidt"), ("", "Schmidt"), False),
        (("Anna", ""), ("", "Meyer"), False),
        (("Mike", "Jones"), ("Mick", "Jones"), False),
        (("Ana García", "López"), ("Ana", "García"), False),
        (("Jörg", "Groß"), ("Joerg", "Gross"), False),
        (("Jan-Erik", "Holm"), ("Jan", "Holm"), False),
        (("Anna", "Schmidt"), ("Bernd", "Schmidt"), True),
        (("Anna", "Schmidt"), ("Anna", "Meyer"), True),
        (("怡君", "陳"), ("怡君", "林"), True),
        (("Jan", "Holm"), ("Jon", "Holm"), True),
    ],
)
def test_names_differ_only_where_both_speak(
    one: tuple[str, str], other: tuple[str, str], *, differ: bool
) -> None:
    assert personal_names.differ(one, other) is differ
    assert personal_names.differ(other, one) is differ


def test_two_mailboxes_of_one_company_without_names_are_a_conflict() -> None:
    ours, theirs = person(email="a.weber@acme.de"), person(email="t.okafor@acme.de")
    assert likeness.decide(ours, theirs).conflict


def test_evidence_holds_no_value_of_the_two() -> None:
    ours = person("Mara", "Lindqvist", "mara@nordwind.de", phone="+4930123456", company="nordwind")
    told = repr(likeness.decide(ours, ours).as_data())
    assert not any(value in told for value in ("Mara", "Lindqvist", "nordwind", "123456"))


@given(NAMES, NAMES, NAMES, NAMES)
def test_the_order_of_the_two_does_not_matter(first: str, last: str, other: str, rest: str) -> None:
    ours, theirs = person(first, last), person(other, rest)
    assert likeness.decide(ours, theirs).score == likeness.decide(theirs, ours).score
    assert personal_names.differ((first, last), (other, rest)) == personal_names.differ(
        (other, rest), (first, last)
    )


@given(NAMES, NAMES)
def test_nobody_differs_from_themselves(first: str, last: str) -> None:
    assert not personal_names.differ((first, last), (first, last))
    found = likeness.decide(person(first, last), person(first, last))
    assert {one.bits > 0 for one in found.evidence} <= {True}


@given(NAMES, NAMES)
def test_the_key_of_a_name_does_not_see_order_case_or_accents(first: str, last: str) -> None:
    key = personal_names.key(first, last)
    assert key == personal_names.key(last, first) == personal_names.key(first.upper(), last.lower())
    assert len(key) <= 160


def test_what_one_lacks_says_nothing() -> None:
    found = likeness.decide(person("Anna", "Weber", company="acme"), person("Anna", "Weber"))
    assert Field.COMPANY not in {one.field for one in found.evidence}
