"""Recognising one buyer, or many by one value, while others post at the same instant."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from leads.models import ContactPoint, DuplicateSuggestion, IdentityKey, Lead, Person
from lifecycle import intake
from lifecycle.invariants import run
from tests import factories
from tests.factories import NOW
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)

FIRM = {"domain": "acme.de", "name": "Acme GmbH"}


def post(number: int, **person: Any) -> Callable[[], Any]:
    nobody = {"first_name": None, "last_name": None, "email": None}
    body = factories.touch(person=nobody | person, company=FIRM)
    return lambda: intake.capture([body], scope="t", keys=[str(number)], now=NOW)


def all_through(answers: list[Any]) -> None:
    assert Counter(answer.status for (answer,) in answers) == {201: len(answers)}
    broken = [one for one in run.check(now=NOW, replay=100) if one.broken]
    assert [(one.invariant.key, one.found.offences) for one in broken] == []


def test_forty_posts_in_many_spellings_are_one_buyer() -> None:
    factories.company()
    names = [
        ("Petra", "Kaufmann"),
        ("PETRA", "KAUFMANN"),
        ("P.", "Kaufmann"),
        ("Kaufmann", "Petra"),
    ]
    mails = ["petra@acme.de", "Petra@ACME.DE", "petra+a@acme.de", "<petra@acme.de>"]
    posts = [
        post(i, first_name=names[i % 4][0], last_name=names[i % 4][1], email=mails[i // 4 % 4],
             phone="+49 30 901820" if i % 2 else "030 901820", country="DE")
        for i in range(40)
    ]  # fmt: skip
    all_through(together(posts))
    assert (Person.objects.count(), Lead.objects.count(), IdentityKey.objects.count()) == (1, 1, 2)
    assert not DuplicateSuggestion.objects.exists()


def test_the_third_user_of_a_number_is_counted_once_however_many_come_at_once() -> None:
    factories.company()
    names = [("Anna", "Schmidt"), ("Peter", "Meier"), ("Olga", "Winter"), ("Ida", "Lange")]
    posts = [
        post(i, first_name=names[i % 4][0], last_name=names[i % 4][1], phone="+49 30 901820")
        for i in range(24)
    ]
    all_through(together(posts))
    assert Person.objects.count() == 4
    (number,) = IdentityKey.objects.filter(kind="PHONE")
    assert number.shared_at == NOW
    assert ContactPoint.objects.filter(kind="PHONE").count() == 3
    assert IdentityKey.objects.filter(kind="CONTACT").count() == 4


def test_two_who_share_a_number_do_not_make_it_shared_however_often_they_come() -> None:
    factories.company()
    names = [("Anna", "Schmidt"), ("Peter", "Meier")]
    posts = [
        post(i, first_name=names[i % 2][0], last_name=names[i % 2][1], phone="+49 30 901820")
        for i in range(16)
    ]
    all_through(together(posts))
    assert Person.objects.count() == 2
    assert not IdentityKey.objects.filter(shared_at__isnull=False).exists()


def test_posts_of_a_desk_and_its_people_at_once_are_one_record_each() -> None:
    factories.company()
    names = [(None, None), ("Anna", "Schmidt"), ("Peter", "Meier")]
    posts = [
        post(i, first_name=names[i % 3][0], last_name=names[i % 3][1], email="info@acme.de")
        for i in range(18)
    ]
    all_through(together(posts))
    assert Person.objects.count() == Lead.objects.count() == 3


def test_one_namesake_by_two_addresses_at_once_is_suggested_once() -> None:
    factories.company()
    posts = [
        post(i, first_name="Anna", last_name="Schmidt", email=f"anna{i % 2}@acme.de")
        for i in range(8)
    ]
    all_through(together(posts))
    assert Person.objects.count() == 2
    assert DuplicateSuggestion.objects.count() == 1
