"""Who is no buyer is taken out before anybody is asked, and comes back when that was wrong."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from core.errors import DomainError, InvalidInput, NotAllowed, TooLate
from leads.models import Account, EventKind, Lead, LeadEvent, Touch
from lifecycle import accounts, actions, editing, intake, merging, pipeline, undoing
from lifecycle.invariants import run
from lifecycle.invariants.invariant import Severity
from lifecycle.privacy import erasing
from sla.models import Clock
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW, Company

pytestmark = pytest.mark.django_db

STUDENT: dict[str, Any] = {"person": {"title": "Student of economics"}}
LATER = NOW + HOUR


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def student(company: Company) -> Lead:
    return factories.capture(**STUDENT)


def again(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


def last_step(lead: Lead) -> LeadEvent:
    return LeadEvent.objects.filter(lead=lead, kind=EventKind.STAGE).latest("sequence")


def come_back(lead: Lead, *, now: Any = LATER, **parts: Any) -> Lead:
    """The same buyer touches us again."""
    email = lead.person.email
    person = {"email": email, "title": lead.person.title, **parts.pop("person", {})}
    company = {"name": lead.account.name if lead.account else None}
    return factories.captures_attached(now=now, person=person, company=company, **parts)


def edit(lead: Lead, by: Any, *, now: Any = LATER, **values: Any) -> Lead:
    named = {name.replace("__", "."): value for name, value in values.items()}
    editing.edit(lead_id=lead.pk, by=by, values=named, now=now)
    factories.check_rules()
    return again(lead)


def assert_sound(now: Any = LATER) -> None:
    broken = {
        one.invariant.key: one.found
        for one in run.check(now=now)
        if one.found.count and one.invariant.severity is Severity.FAILURE
    }
    assert not broken


class TestTakenOut:
    @pytest.mark.parametrize(
        ("parts", "key", "facts"),
        [
            (STUDENT, "student", {"person.title": "Student of economics"}),
            ({"person": {"title": "PhD candidate"}}, "student", {"person.title": "PhD candidate"}),
            ({"person": {"email": "kim@Norrlund.example"}}, "own_staff",
             {"person.email_domain": "norrlund.example"}),
        ],
        ids=["student", "doctoral student", "colleague"],
    )  # fmt: skip
    def test_nobody_is_asked_for_who_is_no_buyer(
        self, company: Company, parts: dict[str, Any], key: str, facts: dict[str, Any]
    ) -> None:
        lead = factories.capture(**parts)
        assert (lead.stage, lead.exclusion, lead.reason) == ("DISQUALIFIED", key, key)
        assert (lead.owner_id, lead.queue, lead.hand_raised_at) == (None, "", None)
        assert lead.unheard_at == NOW
        assert not Clock.objects.filter(lead=lead, state="RUNNING").exists()
        step = last_step(lead)
        assert (step.transition, step.actor, step.because["reason"]) == (
            "disqualify",
            "pipeline",
            key,
        )
        assert (step.because["exclusion"], step.because["facts"]) == (key, facts)
        assert step.because["touch"] == Touch.objects.get(lead=lead).pk
        receipt = Touch.objects.get(lead=lead).receipt or {}
        assert (receipt["stage"], receipt["clocks"]) == ("DISQUALIFIED", [])
        assert_sound()

    @pytest.mark.parametrize(
        "parts",
        [{}, {"person": {"title": "Head of Student Services"}},
         {"person": {"email": "k@norrlund.de"}}, {"person": {"title": None}}],
        ids=["a buyer", "works with students", "another company", "nothing is known"],
    )  # fmt: skip
    def test_everybody_else_goes_on(self, company: Company, parts: dict[str, Any]) -> None:
        lead = factories.capture(**parts)
        assert (lead.exclusion, lead.unheard_at) == ("", None)
        assert lead.stage == "MQL"

    def test_a_competitor_is_taken_out_at_the_next_touch(self, company: Company) -> None:
        lead = factories.capture(signals=[])
        assert lead.stage == "INQUIRY"
        Account.objects.filter(pk=lead.account_id).update(status="COMPETITOR")
        lead = come_back(lead, signals=[])
        assert (lead.stage, lead.exclusion) == ("DISQUALIFIED", "competitor")
        assert_sound()

    def test_a_nurtured_lead_is_taken_out_too(self, company: Company) -> None:
        lead = factories.capture()
        actions.reject(lead_id=lead.pk, by=lead.owner, reason="timing", now=NOW + MINUTE)
        lead = edit(again(lead), company.revops, person__title="Student")
        assert (lead.stage, lead.exclusion) == ("DISQUALIFIED", "student")

    def test_whoever_owns_a_lead_keeps_it(self, company: Company) -> None:
        lead = factories.capture()
        owner = lead.owner
        lead = edit(lead, company.revops, person__title="Student")
        assert (lead.stage, lead.owner, lead.exclusion) == ("MQL", owner, "")
        lead = come_back(lead)
        assert (lead.stage, lead.owner, lead.exclusion) == ("MQL", owner, "")

    def test_a_lead_that_waits_leaves_its_queue(self, company: Company) -> None:
        lead = factories.capture(company={"country": "US"})
        assert (lead.stage, lead.queue, lead.owner_id) == ("MQL", "americas", None)
        lead = edit(lead, company.revops, person__title="Student")
        assert (lead.stage, lead.queue, lead.exclusion) == ("DISQUALIFIED", "", "student")
        assert lead.unheard_at == NOW
        assert not Clock.objects.filter(lead=lead, state="RUNNING").exists()
        assert_sound()

    def test_history_is_never_judged(self, company: Company) -> None:
        (received,) = intake.receive(
            [factories.touch(**STUDENT)], scope="list", keys=["1"], now=NOW, historical=True
        )
        pipeline.advance([received.touch_id or 0], now=NOW)
        assert Lead.objects.get().stage == "INQUIRY"

    def test_a_kit_without_exclusions_takes_out_nobody(self, company: Company) -> None:
        factories.next_kit(
            lambda parts: (parts.pop("exclusion"), parts.pop("fixture", None)), by=company.revops
        )
        assert factories.capture(**STUDENT).exclusion == ""


class TestBack:
    def test_a_raised_hand_reopens_nothing_while_the_exclusion_holds(self, student: Lead) -> None:
        before = LeadEvent.objects.filter(lead=student, kind=EventKind.STAGE).count()
        lead = come_back(student)
        assert (lead.stage, lead.cycle, lead.hand_raised_at) == ("DISQUALIFIED", 1, None)
        assert LeadEvent.objects.filter(lead=student, kind=EventKind.STAGE).count() == before

    def test_nor_one_that_a_person_disqualified(self, company: Company) -> None:
        lead = factories.capture()
        actions.disqualify(lead_id=lead.pk, by=lead.owner, reason="student", now=NOW + MINUTE)
        lead = edit(again(lead), company.revops, person__title="Student")
        assert (lead.stage, lead.exclusion) == ("DISQUALIFIED", "")
        lead = come_back(lead, now=NOW + 2 * HOUR)
        assert (lead.stage, lead.exclusion, lead.cycle) == ("DISQUALIFIED", "", 1)
        lead = edit(lead, company.revops, person__title="Buyer", now=NOW + 3 * HOUR)
        assert lead.stage == "DISQUALIFIED"
        assert come_back(lead, now=NOW + 4 * HOUR).cycle == 2

    def test_an_edit_lets_it_in_again_and_what_was_asked_is_heard(
        self, company: Company, student: Lead
    ) -> None:
        lead = edit(student, company.revops, person__title="VP Operations")
        assert (lead.stage, lead.exclusion, lead.reason, lead.cycle) == ("MQL", "", "", 1)
        assert (lead.hand_raised_at, lead.unheard_at) == (LATER, None)
        assert lead.owner_id is not None
        assert Clock.objects.filter(lead=lead, state="RUNNING").exists()
        assert_sound()

    def test_it_goes_out_again_when_the_edit_is_taken_back(self, company: Company) -> None:
        lead = factories.capture(signals=[], **STUDENT)
        lead = edit(lead, company.revops, person__title="VP Operations")
        assert (lead.stage, lead.exclusion) == ("INQUIRY", "")
        actions.undo(lead_id=lead.pk, by=company.revops, now=LATER + MINUTE)
        factories.check_rules()
        lead = again(lead)
        assert (lead.stage, lead.exclusion) == ("DISQUALIFIED", "student")
        assert_sound(LATER + MINUTE)

    def test_a_touch_that_knows_better_lets_it_in(self, company: Company) -> None:
        lead = factories.capture(signals=[], **STUDENT)
        factories.next_kit(
            lambda parts: parts["exclusion"].pop(2) and parts.pop("fixture", None),
            by=company.revops,
        )
        assert again(lead).exclusion == "student"
        lead = come_back(lead)
        assert (lead.stage, lead.exclusion) == ("MQL", "")
        assert_sound()

    def test_one_exclusion_may_follow_another(self, company: Company) -> None:
        lead = factories.capture(person={"title": "Student", "email": "kim@norrlund.example"})
        assert lead.exclusion == "own_staff"
        lead = edit(lead, company.revops, person__email="kim@uni.example")
        assert (lead.stage, lead.exclusion, lead.reason) == ("DISQUALIFIED", "student", "student")
        assert_sound()

    def test_the_status_of_its_account_takes_it_out_and_lets_it_in(self, company: Company) -> None:
        lead = factories.capture(company={"country": "US"})
        common: dict[str, Any] = {"account_id": lead.account_id, "by": company.revops}
        accounts.edit(**common, status="COMPETITOR", reason="Heard it.", now=LATER)
        lead = again(lead)
        assert (lead.stage, lead.exclusion, lead.queue) == ("DISQUALIFIED", "competitor", "")
        accounts.edit(**common, status="PROSPECT", reason="Wrong.", now=LATER + HOUR)
        factories.check_rules()
        lead = again(lead)
        assert (lead.exclusion, lead.queue) == ("", "americas")
        assert_sound(LATER + HOUR)

    def test_so_does_a_deal_that_is_won_and_its_undoing(self, company: Company) -> None:
        acme = {"name": "Acme", "domain": "acme.example", "country": "US"}
        deal = factories.work(
            factories.capture(company=acme | {"country": "DE"}), to="OPPORTUNITY", now=NOW
        )
        Account.objects.filter(pk=deal.account_id).update(country="US")
        out = factories.capture(company=acme, signals=[])
        common: dict[str, Any] = {"account_id": deal.account_id, "by": company.revops}
        accounts.edit(**common, status="COMPETITOR", reason="Heard it.", now=LATER)
        assert (out.account_id, again(out).exclusion) == (deal.account_id, "competitor")
        assert_sound()
        assert deal.owner is not None
        actions.win(lead_id=deal.pk, by=deal.owner, now=LATER + MINUTE)
        factories.check_rules()
        assert (again(out).stage, again(out).exclusion) == ("INQUIRY", "")
        assert_sound(LATER + MINUTE)
        asks = factories.capture(company=acme, now=LATER + 2 * MINUTE)
        assert (asks.account_id, asks.stage) == (deal.account_id, "INQUIRY")
        assert asks.queue == "americas"
        undoing.undo(lead_id=deal.pk, by=deal.owner, now=LATER + 3 * MINUTE)
        factories.check_rules()
        for lead in (again(out), again(asks)):
            assert (lead.stage, lead.exclusion, lead.queue) == ("DISQUALIFIED", "competitor", "")
        assert again(deal).stage == "OPPORTUNITY"
        assert_sound(LATER + 3 * MINUTE)


class TestLetPass:
    def test_a_manager_lets_it_pass_until_its_cycle_ends(
        self, company: Company, student: Lead
    ) -> None:
        actions.reopen(lead_id=student.pk, by=company.manager, reason="Buys too.", now=LATER)
        factories.check_rules()
        lead = again(student)
        assert (lead.stage, lead.passed_exclusions, lead.cycle) == ("MQL", ["student"], 1)
        assert lead.owner_id is not None
        assert come_back(lead, now=LATER + HOUR).stage == "MQL"
        actions.disqualify(lead_id=lead.pk, by=again(lead).owner, reason="spam", now=LATER + DAY)
        lead = come_back(lead, now=LATER + 2 * DAY)
        assert (lead.cycle, lead.stage, lead.exclusion) == (2, "DISQUALIFIED", "student")
        assert lead.passed_exclusions == []
        assert_sound(LATER + 2 * DAY)

    def test_others_still_catch_it(self, company: Company) -> None:
        lead = factories.capture(person={"title": "Student", "email": "kim@norrlund.example"})
        common: dict[str, Any] = {"lead_id": lead.pk, "by": company.revops, "reason": "A test."}
        actions.reopen(**common, now=LATER)
        assert again(lead).exclusion == "student"
        actions.reopen(**common, now=LATER + MINUTE)
        lead = again(lead)
        assert (lead.exclusion, lead.passed_exclusions) == ("", ["own_staff", "student"])
        assert_sound(LATER + MINUTE)

    def test_it_needs_a_reason_and_the_right(self, company: Company, student: Lead) -> None:
        with pytest.raises(InvalidInput):
            actions.reopen(lead_id=student.pk, by=company.manager, reason=" ", now=LATER)
        with pytest.raises(NotAllowed):
            actions.reopen(lead_id=student.pk, by=company.reps[0], reason="Please.", now=LATER)
        assert again(student).exclusion == "student"

    def test_it_is_undone(self, company: Company) -> None:
        lead = factories.capture(signals=[], **STUDENT)
        actions.reopen(lead_id=lead.pk, by=company.manager, reason="Buys too.", now=LATER)
        assert (again(lead).stage, again(lead).reason) == ("INQUIRY", "")
        undoing.undo(lead_id=lead.pk, by=company.manager, now=LATER + MINUTE)
        factories.check_rules()
        lead = again(lead)
        assert (lead.stage, lead.exclusion, lead.reason) == ("DISQUALIFIED", "student", "student")
        assert lead.passed_exclusions == []
        assert_sound()

    def test_what_the_kit_did_is_nobodys_to_undo(self, company: Company) -> None:
        lead = factories.capture(company={"country": "US"})
        edit(lead, company.revops, person__title="Student")
        with pytest.raises(DomainError):
            undoing.undo(lead_id=lead.pk, by=company.revops, now=LATER + MINUTE)
        assert again(lead).exclusion == "student"


class TestGone:
    """Who was erased, or is another's now, never comes back by an exclusion that ends."""

    def waiting(self, name: str) -> Lead:
        person = {"email": f"{name}@acme.example"}
        return factories.capture(person=person, company={"name": "Acme Mills", "country": "US"})

    def stands(self, lead: Lead, status: str, by: Any, *, now: Any) -> None:
        told: dict[str, Any] = {"account_id": lead.account_id, "reason": "Heard it."}
        accounts.edit(**told, status=status, by=by, now=now)
        factories.check_rules()

    def test_who_was_erased_is_not_let_in_again(self, company: Company) -> None:
        lead, other = self.waiting("kim"), self.waiting("lee")
        self.stands(lead, "COMPETITOR", company.revops, now=LATER)
        assert (again(lead).exclusion, again(other).exclusion) == ("competitor", "competitor")
        assert again(lead).unheard_at is not None
        erasing.erase(person_id=lead.person_id, by=company.revops, reason="Asked.", now=LATER)
        assert again(lead).unheard_at is None
        self.stands(lead, "PROSPECT", company.revops, now=LATER + HOUR)
        lead = again(lead)
        assert (lead.stage, lead.queue, lead.hand_raised_at) == ("DISQUALIFIED", "", None)
        assert not Clock.objects.filter(lead=lead, state="RUNNING").exists()
        assert again(other).queue == "americas"
        assert_sound(LATER + HOUR)

    def test_nor_let_pass_or_reopened_by_anybody(self, company: Company, student: Lead) -> None:
        buyer = factories.capture()
        actions.disqualify(lead_id=buyer.pk, by=company.revops, reason="spam", now=LATER)
        for lead in (student, buyer):
            erasing.erase(person_id=lead.person_id, by=company.revops, reason="Asked.", now=LATER)
            with pytest.raises(TooLate, match="erased"):
                actions.reopen(
                    lead_id=lead.pk, by=company.revops, reason="Buys too.", now=LATER + MINUTE
                )
            assert again(lead).stage == "DISQUALIFIED"
        worked = factories.capture()
        erasing.erase(person_id=worked.person_id, by=company.revops, reason="Asked.", now=LATER)
        with pytest.raises(TooLate):
            actions.undo(lead_id=worked.pk, by=company.revops, now=LATER + MINUTE)
        assert again(worked).stage == "DISQUALIFIED"

    def test_a_merged_lead_stays_merged(self, company: Company) -> None:
        lead, other = self.waiting("kim"), self.waiting("lee")
        self.stands(lead, "COMPETITOR", company.revops, now=LATER)
        merging.merge(
            winner_id=lead.person_id, loser_id=other.person_id, by=company.revops, now=LATER
        )
        assert (again(other).stage, again(other).exclusion) == ("MERGED", "competitor")
        self.stands(lead, "PROSPECT", company.revops, now=LATER + HOUR)
        assert (again(lead).queue, again(other).stage) == ("americas", "MERGED")
        assert_sound(LATER + HOUR)


def test_exclusions_cost_no_query(company: Company) -> None:
    def spent(now: Any) -> int:
        factories.capture(now=now)  # what is read once for a kit
        bodies = [factories.touch() for _ in range(20)]
        with CaptureQueriesContext(connection) as captured:
            factories.captures(bodies, now=now)
        return len(captured)

    with_them = spent(NOW)
    factories.next_kit(
        lambda parts: (parts.pop("exclusion"), parts.pop("fixture", None)), by=company.revops
    )
    assert with_them <= spent(LATER)
