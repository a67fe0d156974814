"""How buyers are recognised: shared values, names at them, merged people, suggestions."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from leads.models import (
    ContactPoint,
    DuplicateSuggestion,
    IdentityKey,
    Lead,
    LeadEvent,
    Person,
    Touch,
)
from lifecycle import intake
from lifecycle.invariants import run
from tests import factories, kit_versions
from tests.factories import NOW

pytestmark = pytest.mark.django_db

NUMBER = "+49 30 901820"
FIRM = {"domain": "acme.de", "name": "Acme GmbH"}
COLLEAGUES = [("Anna", "Schmidt"), ("Peter", "Meier"), ("Olga", "Winter"), ("Ida", "Lange")]


def said(name: tuple[str, str] = ("", ""), **person: Any) -> dict[str, Any]:
    """A touch of somebody at Acme with nothing but what is given here."""
    first, last = name
    return factories.touch(
        person={"first_name": first, "last_name": last, "email": None} | person, company=FIRM
    )


def outcomes(bodies: list[dict[str, Any]], *, keys: str) -> list[str]:
    answers = intake.capture(
        bodies, scope="t", keys=[f"{keys}{i}" for i in range(len(bodies))], now=NOW
    )
    factories.check_rules()
    return [answer.receipt["outcome"] for answer in answers if answer.receipt]


def is_clean() -> None:
    assert [one.invariant.key for one in run.check(now=NOW, replay=50) if one.broken] == []


def shared() -> set[tuple[str, str]]:
    return set(IdentityKey.objects.filter(shared_at__isnull=False).values_list("kind", "value"))


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


def kit(**rules: dict[str, Any]) -> factories.Company:
    """The playbook with other words in its identity rules, by key; None leaves one out."""
    text = kit_versions.rules()
    for rule in text["parts"]["identity_rule"]:
        rule.update(rules.get(rule["key"], {}))
    return factories.company(text=text)


class TestOneNumber:
    def test_colleagues_on_one_number_are_people_of_their_own_and_the_number_stops_being_a_key(
        self, company: factories.Company
    ) -> None:
        posts = [said(name, phone=NUMBER) for name in COLLEAGUES]
        assert outcomes(posts, keys="a") == ["created", "review", "review", "created"]
        assert Person.objects.count() == 4
        assert shared() == {("PHONE", "+4930901820")}
        assert ContactPoint.objects.filter(kind="PHONE").count() == 3
        assert outcomes(posts, keys="b") == ["attached"] * 4
        assert Person.objects.count() == 4
        is_clean()

    def test_a_batch_decides_as_the_same_touches_one_by_one(
        self, company: factories.Company
    ) -> None:
        posts = [said(name, phone=NUMBER) for name in (*COLLEAGUES, *COLLEAGUES[::-1])]
        posts += [said(phone=NUMBER), said(phone=NUMBER), said(email="info@acme.de")]
        posts += [said(COLLEAGUES[0], email=mail, phone=NUMBER) for mail in ("a@acme.de", "b@x.de")]

        def outcome() -> tuple[Any, ...]:
            touches = Touch.objects.order_by("idempotency_key")
            people: dict[int, int] = {}
            return (
                [people.setdefault(one, len(people)) for one in
                 touches.values_list("person_id", flat=True)],
                list(touches.values_list("outcome", flat=True)),
                sorted(IdentityKey.objects.values_list("kind", "value")),
                sorted(ContactPoint.objects.values_list("kind", "value")),
                sorted(DuplicateSuggestion.objects.values_list("score", flat=True)),
                shared(),
            )  # fmt: skip

        keys = [f"{index:02}" for index in range(len(posts))]
        with transaction.atomic():
            intake.capture(posts, scope="t", keys=keys, now=NOW)
            together = outcome()
            is_clean()
            transaction.set_rollback(True)
        for key, post in zip(keys, posts, strict=True):
            intake.capture([post], scope="t", keys=[key], now=NOW)
        assert outcome() == together
        is_clean()

    def test_an_extension_is_a_number_of_its_own(self, company: factories.Company) -> None:
        posts = [said(phone=f"+1 202 555 0143 ext. {line}") for line in (12, 13, 12)]
        assert outcomes(posts, keys="a") == ["created", "created", "attached"]

    def test_a_kit_that_never_shares_takes_every_caller_for_the_holder(self) -> None:
        kit(phone={"shared_after": 0}, email={"shared_after": 0})
        posts = [said(name, phone=NUMBER) for name in COLLEAGUES]
        assert outcomes(posts, keys="a") == ["created"] + ["attached"] * 3
        others = [("Max", "Muster"), ("Eva", "Klein"), ("Jan", "Gross"), ("Uta", "Berg")]
        posts = [said(name, email="sam@acme.de") for name in others]
        assert outcomes(posts, keys="b") == ["created"] + ["attached"] * 3
        assert shared() == set()


@pytest.mark.usefixtures("company")
class TestOneMailbox:
    def test_a_thousand_spellings_of_one_buyer_are_one_lead(self) -> None:
        spellings = ["Petra", "PETRA", "petra", "P.", "Petra Maria", "Petrra", ""]
        mails = ["petra@acme.de", "Petra@ACME.de", "petra+x@acme.de", "PETRA@acme.de."]
        posts = [
            said((spellings[i % 7], "" if i % 3 else "Kaufmann"), email=mails[i % 4])
            for i in range(84)
        ]
        assert outcomes(posts, keys="a") == ["created"] + ["attached"] * 83
        assert IdentityKey.objects.count() == 1

    def test_a_couple_by_one_mailbox_are_two_people_to_review(self) -> None:
        couple = [("Anna", "Schmidt"), ("Bernd", "Schmidt")]
        posts = [said(name, email="schmidt@acme.de") for name in couple * 2]
        assert outcomes(posts, keys="a") == ["created", "review", "attached", "attached"]
        assert shared() == set()
        (pair,) = DuplicateSuggestion.objects.all()
        assert (pair.source, pair.status, pair.first_id < pair.second_id) == ("TOUCH", "OPEN", True)
        found = {one["rule"]: one["found"] for one in pair.reasons}
        assert (found["EMAIL"], found["FIRST_NAME"], found["LAST_NAME"]) == (
            "EQUAL", "ANOTHER", "EQUAL",
        )  # fmt: skip
        is_clean()

    def test_what_a_whole_team_reads_is_nobodys_address(self) -> None:
        posts = [said(name, email="berlin-crew@acme.de") for name in COLLEAGUES]
        outcomes(posts, keys="a")
        assert shared() == {("EMAIL", "berlin-crew@acme.de")}
        assert outcomes([said(email="berlin-crew@acme.de")], keys="b") == ["created"]
        assert outcomes([said(email="berlin-crew@acme.de")], keys="c") == ["attached"]
        assert outcomes(posts, keys="d") == ["attached"] * 4
        assert Person.objects.count() == 5
        is_clean()

    def test_a_desk_is_one_record_and_its_people_are_people(self) -> None:
        info = "Info@acme.de"
        assert outcomes([said(email=info), said(email=info)], keys="a") == ["created", "attached"]
        anna, peter = (said(name, email=info) for name in COLLEAGUES[:2])
        assert outcomes([anna, peter, anna, said(email=info)], keys="b") == [
            "created", "created", "attached", "attached",
        ]  # fmt: skip
        desk = Person.objects.get(keys__value="info@acme.de|")
        assert (desk.name_key, desk.touches.count()) == ("", 3)
        assert ContactPoint.objects.filter(kind="EMAIL", value="info@acme.de").count() == 3
        is_clean()


@pytest.mark.usefixtures("company")
class TestMergedPeople:
    @pytest.fixture
    def people(self) -> tuple[Person, Person]:
        """The one who stays and the one found to be the same."""
        stays = factories.capture(said(("Anna", "Schmidt"), email="anna@acme.de")).person
        goes = factories.capture(said(("Anna", "Meier"), email="meier@other.de")).person
        goes.merged_into = stays
        goes.save(update_fields=["merged_into"])
        return stays, goes

    def test_a_key_stays_with_its_own_person_and_names_who_they_are_found_to_be(
        self, people: tuple[Person, Person]
    ) -> None:
        stays, goes = people
        post = said(("Anna", "Meier"), email="meier@other.de", phone=NUMBER)
        assert outcomes([post], keys="a") == ["attached"]
        touch = Touch.objects.latest("pk")
        assert (touch.person_id, touch.came_as_id) == (stays.pk, goes.pk)
        assert set(goes.keys.values_list("kind", flat=True)) == {"EMAIL", "PHONE"}

    def test_two_addresses_of_one_merged_person_are_no_conflict(
        self, people: tuple[Person, Person]
    ) -> None:
        stays, _ = people
        outcomes([said(email="anna@acme.de", phone=NUMBER)], keys="a")
        before = DuplicateSuggestion.objects.count()
        assert outcomes([said(email="meier@other.de", phone=NUMBER)], keys="b") == ["attached"]
        assert set(
            Touch.objects.filter(idempotency_scope="t").values_list("person", flat=True)
        ) == {stays.pk}
        assert DuplicateSuggestion.objects.count() == before
        assert outcomes([said(email="third@acme.de", phone=NUMBER)], keys="c") == ["review"]

    def test_an_unmerged_person_answers_to_their_own_key_again(
        self, people: tuple[Person, Person]
    ) -> None:
        _, goes = people
        Person.objects.filter(pk=goes.pk).update(merged_into=None)
        outcomes([said(email="meier@other.de")], keys="a")
        touch = Touch.objects.latest("pk")
        assert (touch.person_id, touch.came_as_id) == (goes.pk, None)


class TestNamesAtACompany:
    def test_the_name_of_a_colleague_is_suggested_and_asked_once(
        self, company: factories.Company
    ) -> None:
        first = said(("Anna", "Schmidt"), email="anna@acme.de")
        second = said(("Anna", "Schmitt"), email="a.schmitt@acme.de")
        assert outcomes([first], keys="a") == ["created"]
        assert outcomes([second], keys="b") == ["review"]
        pair = DuplicateSuggestion.objects.get()
        assert (pair.touch_id, pair.suggested_at) == (Touch.objects.latest("pk").pk, NOW)
        event = LeadEvent.objects.filter(kind="TOUCHED").latest("pk")
        assert event.because["identity"]["suggestion"] == pair.first_id
        elsewhere = said(("Anna", "Schmidt"), email="anna@other.de")
        elsewhere["company"] = {"domain": "other.de"}
        assert outcomes([elsewhere], keys="c") == ["created"]
        is_clean()

    def test_a_dismissed_pair_is_not_suggested_again(self, company: factories.Company) -> None:
        outcomes([said(("Anna", "Schmidt"), email="anna@acme.de", phone=NUMBER)], keys="a")
        outcomes([said(("Anna", "Schmidt"), email="as@acme.de")], keys="b")
        DuplicateSuggestion.objects.update(
            status="DISMISSED", decided_at=NOW, decided_by=company.revops
        )
        outcomes([said(("Anna", "Schmidt"), email="as@acme.de", phone=NUMBER)], keys="c")
        assert DuplicateSuggestion.objects.get().status == "DISMISSED"

    def test_a_kit_may_let_the_name_join_unless_an_address_speaks_against_it(self) -> None:
        kit(name={"use": "MERGE"})
        by_desk = said(("Anna", "Schmidt"), email="info@acme.de")
        own = said(("Anna", "Schmidt"), email="anna@acme.de", phone=NUMBER)
        other = said(("Anna", "Schmidt"), email="as@acme.de")
        assert outcomes([by_desk], keys="a") == ["created"]
        assert outcomes([own, own, other], keys="b") == ["attached", "attached", "review"]
        anna = Person.objects.earliest("pk")
        assert set(anna.keys.values_list("kind", flat=True)) == {"CONTACT", "EMAIL", "PHONE"}
        assert LeadEvent.objects.filter(because__identity__reason="NAME").count() == 1
        assert Lead.objects.count() == 2
        is_clean()


class TestQueries:
    def test_the_number_of_queries_does_not_depend_on_how_buyers_are_recognised(
        self, company: factories.Company
    ) -> None:
        def posts(firms: range) -> list[dict[str, Any]]:
            return [
                factories.touch(
                    person={"first_name": first, "last_name": last, "email": mail,
                            "phone": f"+49 30 9018{number:02}"},
                    company={"domain": f"firm{number}.de"},
                )
                for number in firms
                for first, last in COLLEAGUES
                for mail in (None, f"info@firm{number}.de", f"{first}@firm{number}.de")
            ]  # fmt: skip

        def queries(firms: range, name: str) -> int:
            with CaptureQueriesContext(connection) as seen:
                outcomes(posts(firms), keys=name)
            return len(seen)

        outcomes([factories.touch()], keys="warm")
        few, many = queries(range(5), "few"), queries(range(10, 25), "many")
        assert many == few
        again, more = queries(range(5), "again"), queries(range(10, 25), "more")
        assert more == again
        is_clean()


def test_a_later_name_is_kept_for_comparing(company: factories.Company) -> None:
    lead = factories.capture(said(email="anna@acme.de"))
    assert lead.person.name_key == ""
    outcomes([said(("Änna", "SCHMIDT-Meier"), email="anna@acme.de")], keys="a")
    assert Person.objects.get().name_key == "anna meier schmidt"
