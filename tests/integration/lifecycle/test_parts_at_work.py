"""What channels, identity rules and exemptions of the kit do to what comes in."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from leads.models import Lead, Person
from lifecycle import actions, intake, playbook
from lifecycle.invariants import run
from sla.models import Clock
from tests import factories
from tests.factories import DAY, HOUR, NOW

pytestmark = pytest.mark.django_db

PHONE = "+49 30 901820"
NOBODY_ASKED = [{"kind": "page_view"}]


def text(**parts: list[dict[str, Any]]) -> dict[str, Any]:
    """The playbook with other parts of some kinds; an empty list leaves a kind out.

    Its examples go: they say what the playbook's own parts do.
    """
    document = playbook.document()
    document["parts"] |= {"fixture": [], **parts}
    document["parts"] = {kind: entries for kind, entries in document["parts"].items() if entries}
    return document


def channel(code: str, *, asks: bool) -> dict[str, Any]:
    return {"key": code.lower(), "channel": code, "label": code, "asks_for_person": asks}


def identity(**use: str) -> list[dict[str, Any]]:
    return [{"key": value.lower(), "value": value, "use": said} for value, said in use.items()]


def raised(code: str) -> bool:
    lead = factories.capture(channel=code, signals=NOBODY_ASKED)
    return lead.hand_raised_at is not None


class TestChannels:
    def test_the_kit_says_which_channel_asks_for_a_person(self) -> None:
        channels = [channel("SOCIAL", asks=True), channel("PHONE", asks=False)]
        factories.company(text=text(channel=channels))
        assert raised("SOCIAL")
        assert not raised("PHONE")
        assert not raised("CHAT"), "a channel of which the kit says nothing asks for nobody"

    def test_a_kit_from_before_channels_were_parts_means_phone_and_chat(self) -> None:
        factories.company(text=text(channel=[]))
        assert [code for code in ("PHONE", "CHAT", "SOCIAL", "FORM") if raised(code)] == [
            "PHONE", "CHAT",
        ]  # fmt: skip


class TestIdentityRules:
    def two(self, *, first: dict[str, Any], second: dict[str, Any]) -> tuple[Lead, Lead]:
        """The leads of two touches that came one after the other."""
        return factories.capture(person=first), factories.capture(person=second, now=NOW + HOUR)

    def test_a_known_phone_that_only_suggests_makes_a_new_person_and_a_case_for_review(
        self,
    ) -> None:
        factories.company(text=text(identity_rule=identity(PHONE="SUGGEST")))
        known = {"email": "petra@acme.de", "phone": PHONE}
        first = factories.capture(person=known)
        body = factories.touch(person={"email": None, "phone": PHONE})
        (answer,) = intake.capture([body], scope="tests", now=NOW + HOUR)
        assert answer.receipt is not None
        assert answer.receipt["outcome"] == "review"
        second = Lead.objects.get(pk=answer.receipt["lead"])
        assert second.person_id != first.person_id
        (event,) = second.events.filter(kind="TOUCHED")
        assert event.because["identity"]["suggestion"] == first.person_id
        assert set(first.person.keys.values_list("kind", flat=True)) == {"EMAIL", "PHONE"}
        assert not second.person.keys.exists()

    def test_an_ignored_phone_says_nothing_and_belongs_to_nobody(self) -> None:
        factories.company(text=text(identity_rule=identity(PHONE="IGNORE")))
        first, second = self.two(
            first={"email": None, "phone": PHONE}, second={"email": None, "phone": PHONE}
        )
        assert first.person_id != second.person_id
        (event,) = second.events.filter(kind="TOUCHED")
        assert event.because["identity"]["suggestion"] is None
        assert not first.person.keys.exists()

    def test_within_one_batch_too(self) -> None:
        factories.company(text=text(identity_rule=identity(EMAIL="SUGGEST")))
        same = [factories.touch(person={"email": "petra@acme.de"}) for _ in range(3)]
        leads = factories.captures(same)
        assert len({lead.person_id for lead in leads}) == 3
        assert sum(lead.person.keys.count() for lead in leads) == 1

    @pytest.mark.parametrize(
        ("parts", "people"),
        [
            ({}, 1),
            ({"identity_rule": [{"key": "email", "value": "EMAIL", "strip_plus": False}]}, 2),
            # a kit from before there were identity rules
            ({"identity_rule": []}, 1),
        ],
    )
    def test_the_kit_says_which_spellings_are_one_address(
        self, parts: dict[str, Any], people: int
    ) -> None:
        factories.company(text=text(**parts))
        self.two(first={"email": "petra@acme.de"}, second={"email": "petra+news@acme.de"})
        assert Person.objects.count() == people


class TestExemptions:
    WHY = "A partner works the lead with us and reports every week."

    def company(self, **entry: Any) -> factories.Company:
        exemption = {
            "key": "partners", "stages": ["MQL", "SAL"], "channels": ["PARTNER"],
            "because": self.WHY, **entry,
        }  # fmt: skip
        made = factories.company(text=text(clock_exemption=[exemption]))
        factories.PoolMember.objects.create(pool=made.pools["partners"], user=made.reps[0])
        return made

    def is_clean(self) -> None:
        broken = [one for one in run.check(now=NOW + DAY, replay=50) if one.broken]
        assert not broken

    def test_in_an_exempt_cell_no_clock_runs_and_the_lead_is_still_worked(self) -> None:
        company = self.company()
        lead = factories.capture(channel="PARTNER")
        assert (lead.stage, lead.owner) == ("MQL", company.reps[0])
        assert not Clock.objects.exists()
        assert lead.next_due_at is None
        self.is_clean()
        lead = factories.work(lead, to="SAL", now=NOW + HOUR)
        assert not Clock.objects.exists()
        lead = factories.work(lead, to="SQL", now=NOW + 2 * HOUR)
        assert [clock.obligation for clock in Clock.objects.all()] == ["convert"]
        self.is_clean()

    def test_other_channels_and_stages_owe_what_they_owed(self) -> None:
        self.company()
        lead = factories.capture(channel="FORM")
        assert Clock.objects.filter(lead=lead, state="RUNNING").count() == 2

    def test_one_obligation_may_be_exempt_alone(self) -> None:
        self.company(obligation="first_contact")
        lead = factories.capture(channel="PARTNER")
        running = Clock.objects.filter(lead=lead, state="RUNNING")
        assert [clock.obligation for clock in running] == ["accept"]
        self.is_clean()

    def test_a_clock_ends_when_its_lead_comes_where_nothing_is_owed(self) -> None:
        self.company(stages=["SAL"])
        lead = factories.capture(channel="PARTNER")
        lead = factories.work(lead, to="SAL", now=NOW + HOUR)
        states = dict(Clock.objects.filter(lead=lead).values_list("obligation", "state"))
        assert states == {
            "route": "STOPPED", "accept": "STOPPED", "first_contact": "CANCELLED",
        }  # fmt: skip
        self.is_clean()

    def test_a_lead_elsewhere_without_a_clock_is_still_an_offence(self) -> None:
        self.company(stages=["SAL"])
        lead = factories.capture(channel="PARTNER")
        Clock.objects.filter(lead=lead, state="RUNNING").update(
            state="CANCELLED", stopped_at=NOW, working_seconds=0
        )
        broken = {one.invariant.key for one in run.check(now=NOW, replay=0) if one.broken}
        assert "lead.has_clock" in broken

    def test_the_page_of_the_lead_says_why_nothing_is_due(self) -> None:
        company = self.company()
        lead = factories.capture(channel="PARTNER")
        client = Client()
        client.force_login(company.reps[0])
        page = client.get(reverse("console:lead", args=[lead.pk])).content.decode()
        assert f"No SLA here: {self.WHY}" in page

    def test_contact_may_be_logged_where_none_is_owed(self) -> None:
        self.company()
        lead = factories.capture(channel="PARTNER")
        actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="CALL", now=NOW + HOUR)
        self.is_clean()
