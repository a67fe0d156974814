"""Thin leads wait, with somebody who answers for them and a clock, until they are better."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core.errors import DomainError, NotAllowed, TooLate
from governance.moments import Moment
from leads.models import EventKind, Lead, LeadEvent, Touch
from lifecycle import actions, intake, pipeline, requalifying, waiting
from lifecycle.invariants import run
from lifecycle.invariants.invariant import Severity
from lifecycle.permissions import EVERYWHERE
from routing.models import Assignment, Pool
from sla import sweeps
from sla.models import ClockState
from tests import factories
from tests.factories import DAY, HOUR, NOW, Company

pytestmark = pytest.mark.django_db

THIN: dict[str, Any] = {
    "channel": "IMPORT",
    "person": {"email": "petra@thin.de", "title": None},
    "company": {"name": None, "industry": None, "employees": None, "country": None},
    "signals": [{"kind": "pricing_page_view"}] * 3,
}
"""A row of a bought list: an address, three page views, nothing else."""
GOOD = {"industry": "Software", "employees": "420", "country": "DE"}


@pytest.fixture
def company() -> Company:
    return factories.company()


@pytest.fixture
def thin(company: Company) -> Lead:
    return factories.capture(**THIN)


def clocks(lead: Lead) -> dict[str, str]:
    return dict(lead.clocks.filter(void=False).values_list("obligation", "state"))


def again(lead: Lead) -> Lead:
    return Lead.objects.get(pk=lead.pk)


def touch_again(now: dt.datetime = NOW + HOUR, **parts: Any) -> dict[str, Any]:
    (answer,) = intake.capture(
        [factories.touch(**{**THIN, **parts})], scope="tests", keys=[f"again {now}"], now=now
    )
    assert answer.receipt is not None
    factories.check_rules()
    return answer.receipt


def assert_sound(now: dt.datetime) -> None:
    broken = {
        one.invariant.key: one.found
        for one in run.check(now=now)
        if one.found.count and one.invariant.severity is Severity.FAILURE
    }
    assert not broken


class TestEntering:
    def test_a_thin_lead_of_a_bought_list_waits_with_a_queue_and_a_clock(self, thin: Lead) -> None:
        assert (thin.stage, thin.owner_id, thin.queue) == ("INQUIRY", None, "data-desk")
        assert (thin.quarantined_at, thin.route_at) == (NOW, None)
        assert clocks(thin) == {"cleanse": ClockState.RUNNING}
        assert thin.next_due_at == NOW + DAY
        assert_sound(NOW)

    def test_its_event_names_what_is_missing_and_its_receipt_says_so(self, thin: Lead) -> None:
        event = LeadEvent.objects.get(lead=thin, kind=EventKind.QUARANTINED)
        assert set(event.because["missed"]) == {"country", "company_size", "industry"}
        receipt = Touch.objects.get(lead=thin).receipt or {}
        assert (receipt["outcome"], receipt["queue"]) == ("quarantined", "data-desk")

    @pytest.mark.parametrize(
        "parts",
        [
            {"signals": [{"kind": "demo_request"}]},
            {"channel": "PHONE"},
            {"channel": "FORM"},
            {"company": {"industry": "Software"}},
        ],
        ids=["asked for a demo", "called", "no floor for forms", "half is known"],
    )
    def test_nobody_else_does(self, company: Company, parts: dict[str, Any]) -> None:
        lead = factories.capture(**{**THIN, **parts})
        assert lead.quarantined_at is None
        assert not LeadEvent.objects.filter(kind=EventKind.QUARANTINED).exists()

    def test_history_never_does(self, company: Company) -> None:
        (received,) = intake.receive(
            [factories.touch(**THIN)], scope="list", keys=["1"], now=NOW, historical=True
        )
        pipeline.advance([received.touch_id or 0], now=NOW)
        assert Lead.objects.get().quarantined_at is None

    def test_whoever_has_an_owner_stays_with_them(self, company: Company) -> None:
        lead = factories.capture(**{**THIN, "signals": [{"kind": "demo_request"}]})
        assert lead.owner_id is not None or lead.queue
        actions.reassign(
            lead_id=lead.pk, by=company.revops, to=company.reps[0].pk, reason="x", now=NOW
        )
        actions.log_activity(lead_id=lead.pk, by=company.reps[0], kind="CALL", now=NOW)
        touch_again(signals=[])
        assert again(lead).quarantined_at is None

    def test_a_large_batch_costs_as_many_queries_as_a_small_one(
        self, company: Company, django_assert_max_num_queries: Any
    ) -> None:
        few, many = (
            [
                factories.touch(**{**THIN, "person": {"email": f"a@{size}-{number}-thin.de"}})
                for number in range(size)
            ]
            for size in (30, 60)
        )
        with django_assert_max_num_queries(200) as spent:
            factories.captures(few)
        with django_assert_max_num_queries(len(spent.captured_queries)):
            factories.captures(many, now=NOW + HOUR)
        assert Lead.objects.filter(quarantined_at__isnull=False).count() == 90

    def test_a_floor_whose_pool_is_gone_parks_the_touch(self, company: Company) -> None:
        Pool.objects.filter(key="data-desk").delete()
        intake.capture([factories.touch(**THIN)], scope="tests", now=NOW)
        touch = Touch.objects.get()
        assert touch.status == "PARKED"
        assert "data-desk" in touch.last_error


class TestWaiting:
    def test_neither_routing_nor_a_claim_nor_requalifying_moves_it(
        self, company: Company, thin: Lead
    ) -> None:
        assert waiting.route(now=NOW + 30 * DAY) == 0
        with pytest.raises(TooLate, match="quarantine"):
            actions.claim(lead_id=thin.pk, by=company.manager, now=NOW)
        shown = requalifying.preview(company.kit, reach=EVERYWHERE, now=NOW)
        assert not shown.gains
        assert again(thin).quarantined_at == NOW

    def test_thin_touches_leave_it_there_on_the_same_clock(self, thin: Lead) -> None:
        receipt = touch_again()
        assert receipt["outcome"] == "quarantined"
        assert (again(thin).quarantined_at, again(thin).next_due_at) == (NOW, NOW + DAY)
        assert LeadEvent.objects.filter(kind=EventKind.QUARANTINED).count() == 1

    def test_its_clock_breaches_like_any_other(self, thin: Lead) -> None:
        assert sweeps.warn_and_breach(now=NOW + 2 * DAY).breached == 1
        assert_sound(NOW + 2 * DAY)


class TestLeaving:
    def test_better_data_makes_it_an_mql_with_an_owner_at_once(self, thin: Lead) -> None:
        touch_again(company=GOOD)
        lead = again(thin)
        assert (lead.stage, lead.quarantined_at, lead.queue) == ("MQL", None, "")
        assert lead.owner_id is not None
        assert clocks(lead)["cleanse"] == ClockState.STOPPED
        assert_sound(NOW + HOUR)

    def test_data_just_good_enough_makes_it_an_inquiry_like_others(self, thin: Lead) -> None:
        touch_again(company={**GOOD, "employees": "3"})
        lead = again(thin)
        assert (lead.stage, lead.owner_id, lead.queue, lead.next_due_at) == (
            "INQUIRY", None, "", None,
        )  # fmt: skip
        assert_sound(NOW + HOUR)

    def test_a_raised_hand_gets_it_out_however_thin(self, thin: Lead) -> None:
        touch_again(signals=[{"kind": "demo_request"}])
        lead = again(thin)
        assert (lead.quarantined_at, lead.queue) == (None, "inbound")
        assert clocks(lead) == {
            "cleanse": "STOPPED", "first_contact": "RUNNING", "resolve": "RUNNING",
        }  # fmt: skip
        assert_sound(NOW + HOUR)

    def test_in_and_out_within_one_batch(self, company: Company) -> None:
        factories.captures(
            [factories.touch(**THIN), factories.touch(**{**THIN, "company": GOOD})], now=NOW
        )
        assert Lead.objects.get().stage == "MQL"
        assert_sound(NOW)

    def test_somebody_lets_it_pass_and_no_floor_holds_it_again(
        self, company: Company, thin: Lead
    ) -> None:
        actions.release(lead_id=thin.pk, by=company.marketing, reason="Known to us", now=NOW)
        lead = again(thin)
        assert (lead.quarantined_at, lead.passed_at, lead.queue) == (None, NOW, "")
        touch_again()
        assert again(thin).quarantined_at is None
        assert_sound(NOW + HOUR)

    def test_letting_pass_judges_and_routes_as_if_it_had_just_come_in(
        self, company: Company
    ) -> None:
        strict = factories.next_kit(
            lambda parts: parts["quality_floor"][0].update(at_least_percent=100, condition=None),
            by=company.revops,
        )
        assert strict
        lead = factories.capture(
            person={"email": None, "phone": None}, external_id="X1",
            signals=[{"kind": "pricing_page_view"}] * 3,
        )  # fmt: skip
        assert lead.quarantined_at == NOW
        actions.release(lead_id=lead.pk, by=company.revops, reason="Known to us", now=NOW)
        assert again(lead).stage == "MQL"
        assert Assignment.objects.filter(lead=lead, ended_at__isnull=True).count() == 1
        assert_sound(NOW)

    @pytest.mark.parametrize("who", ["marketing", "revops", "manager"])
    def test_who_looks_after_it_may_disqualify_it_and_take_that_back(
        self, company: Company, thin: Lead, who: str
    ) -> None:
        by = getattr(company, who)
        actions.disqualify(lead_id=thin.pk, by=by, reason="spam", now=NOW + HOUR)
        assert (again(thin).stage, again(thin).quarantined_at) == ("DISQUALIFIED", None)
        assert_sound(NOW + HOUR)
        actions.undo(lead_id=thin.pk, by=by, now=NOW + HOUR)
        lead = again(thin)
        assert (lead.stage, lead.quarantined_at, lead.queue, lead.route_at) == (
            "INQUIRY", NOW, "data-desk", None,
        )  # fmt: skip
        assert lead.next_due_at == NOW + DAY
        assert_sound(NOW + HOUR)

    def test_whoever_takes_it_or_is_given_it_takes_it_out(self, company: Company) -> None:
        taken, given, routed = factories.captures([
            factories.touch(**{**THIN, "person": {"email": f"{name}@{name}.de"}})
            for name in ("taken", "given", "routed")
        ])  # fmt: skip
        rep = company.reps[0]
        actions.self_source(lead_id=taken.pk, by=rep, now=NOW)
        actions.reassign(lead_id=given.pk, by=company.revops, to=rep.pk, reason="x", now=NOW)
        actions.reassign(lead_id=routed.pk, by=company.revops, to=None, reason="x", now=NOW)
        assert not Lead.objects.filter(quarantined_at__isnull=False).exists()
        assert_sound(NOW)

    def test_a_next_cycle_begins_without_the_pass(self, company: Company, thin: Lead) -> None:
        actions.release(lead_id=thin.pk, by=company.revops, reason="x", now=NOW)
        actions.disqualify(lead_id=thin.pk, by=company.revops, reason="spam", now=NOW)
        actions.reopen(lead_id=thin.pk, by=company.revops, now=NOW + HOUR)
        touch_again(NOW + 2 * HOUR)
        assert again(thin).quarantined_at == NOW + 2 * HOUR


@pytest.mark.parametrize(
    ("who", "reason", "refusal"),
    [("rep", "x", NotAllowed), ("revops", "  ", DomainError)],
)
def test_letting_pass_takes_the_role_and_a_reason(
    company: Company, thin: Lead, who: str, reason: str, refusal: type[DomainError]
) -> None:
    by = company.reps[0] if who == "rep" else company.revops
    with pytest.raises(refusal):
        actions.release(lead_id=thin.pk, by=by, reason=reason, now=NOW)
    assert again(thin).quarantined_at == NOW


def test_a_kit_without_floors_means_what_it_meant(company: Company) -> None:
    factories.next_kit(lambda parts: parts.pop("quality_floor"), by=company.revops)
    assert factories.capture(**THIN).quarantined_at is None


def test_a_clock_that_a_kit_forgot_to_stop_is_not_owed_afterwards(company: Company) -> None:
    def forget(parts: dict[str, Any]) -> None:
        (cleanse,) = [one for one in parts["clock_policy"] if one["key"] == "cleanse"]
        cleanse["stopped_by"] = [Moment.DISQUALIFIED.value]

    factories.next_kit(forget, by=company.revops)
    lead = factories.capture(**THIN)
    touch_again(company={**GOOD, "employees": "3"})
    assert clocks(lead) == {"cleanse": ClockState.CANCELLED}
    assert_sound(NOW + HOUR)
