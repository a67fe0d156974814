"""What was done with the buyer, and the clocks that it meets, corrects or leaves alone."""

from __future__ import annotations

import datetime as dt

import pytest

from core import errors
from leads.models import Account, Activity, Lead, LeadEvent
from lifecycle import actions, next_steps
from lifecycle.invariants import run
from lifecycle.proofs import BY_HAND, Reported
from sla import sweeps
from sla.models import Clock, ClockEvent
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def lead() -> Lead:
    """Due to be contacted within a quarter of an hour."""
    factories.company()
    return factories.capture()


def contact(
    lead: Lead,
    after: int,
    *,
    told: int | None = None,
    reported: Reported = BY_HAND,
    kind: str = "CALL",
) -> Activity:
    """Done `after` so many minutes, told then or `told` after so many."""
    return actions.log_activity(
        lead_id=lead.pk,
        by=Lead.objects.get(pk=lead.pk).owner,
        kind=kind,
        at=NOW + after * MINUTE,
        reported=reported,
        now=NOW + (after if told is None else told) * MINUTE,
    )


def phone(number: int) -> Reported:
    return Reported("phone", f"c-{number}", verified=True)


def first_contact(lead: Lead) -> Clock:
    return Clock.objects.get(lead=lead, obligation="first_contact", void=False)


def is_clean() -> None:
    assert not [one.invariant.key for one in run.check(now=NOW + DAY) if one.broken]


def test_a_call_of_last_month_does_not_meet_what_was_asked_today(lead: Lead) -> None:
    row = contact(lead, -30 * 24 * 60, told=1)
    assert first_contact(lead).state == "RUNNING"
    assert Lead.objects.get(pk=lead.pk).hand_raised_at is not None
    event = LeadEvent.objects.get(lead=lead, because__activity=row.pk)
    assert event.because["uncounted"] == {"why": "BEFORE", "clocks": ["first_contact"]}


def test_a_machine_s_message_meets_nothing(lead: Lead) -> None:
    contact(lead, 1, kind="EMAIL", reported=Reported("mailer", "1", verified=True, automatic=True))
    assert first_contact(lead).state == "RUNNING"


def test_what_happens_between_the_request_and_the_start_counts_at_the_start() -> None:
    factories.company()
    late = factories.capture(occurred_at=(NOW - 20 * MINUTE).isoformat())
    contact(late, -10, told=1)
    clock = first_contact(late)
    assert (clock.stopped_at, clock.is_met) == (NOW, True)
    is_clean()


@pytest.mark.parametrize(
    ("reported", "proof"),
    [
        (phone(1), "VERIFIED"),
        (Reported(verified=True), "SELF"),
        (Reported(source="phone", verified=True), "SELF"),
        (Reported("phone", "c-1"), "SELF"),
        (BY_HAND, "SELF"),
    ],
)
def test_only_a_system_s_own_record_is_verified(lead: Lead, reported: Reported, proof: str) -> None:
    row = contact(lead, 5, reported=reported)
    clock = first_contact(lead)
    assert (clock.proof, clock.evidence, clock.evidence_id) == (proof, "activity", row.pk)
    assert clock.stopped_by == row.by


def test_evidence_that_comes_after_a_late_stop_corrects_it(lead: Lead) -> None:
    sweeps.warn_and_breach(now=NOW + 20 * MINUTE)
    contact(lead, 60)
    assert not first_contact(lead).is_met
    synced = contact(lead, 10, told=120, reported=phone(1))

    clock = first_contact(lead)
    assert clock.is_met
    assert (clock.stopped_at, clock.ended_at) == (NOW + 60 * MINUTE, NOW + 10 * MINUTE)
    assert (clock.proof, clock.evidence_id) == ("VERIFIED", synced.pk)
    assert clock.working_seconds == 600
    assert clock.breached_at is not None
    is_clean()


def test_each_earlier_evidence_is_one_correction_and_a_later_one_none(lead: Lead) -> None:
    contact(lead, 60)
    for number, after in enumerate((30, 40, 12, 12, 14)):
        contact(lead, after, told=100 + number, reported=phone(number))
    clock = first_contact(lead)
    told = LeadEvent.objects.filter(lead=lead, kind="CORRECTED").order_by("sequence")
    assert [dt.datetime.fromisoformat(one.because["at"]) for one in told] == [
        NOW + 30 * MINUTE, NOW + 12 * MINUTE,
    ]  # fmt: skip
    assert ClockEvent.objects.filter(clock=clock, kind="CORRECTED").count() == 2
    assert clock.ended_at == NOW + 12 * MINUTE
    is_clean()


def test_a_system_s_record_of_the_same_instant_makes_it_verified(lead: Lead) -> None:
    contact(lead, 10)
    synced = contact(lead, 10, told=30, reported=phone(1))
    clock = first_contact(lead)
    assert (clock.proof, clock.evidence_id) == ("VERIFIED", synced.pk)
    assert clock.ended_at == clock.stopped_at == NOW + 10 * MINUTE
    is_clean()


@pytest.mark.parametrize(("told", "met"), [(70, True), (71, False)])
def test_a_self_report_of_long_after_cures_no_late_stop(lead: Lead, told: int, met: bool) -> None:
    contact(lead, 65)
    contact(lead, 10, told=told)
    assert first_contact(lead).is_met is met
    is_clean()


def test_a_decision_names_its_event_and_who_took_it(lead: Lead) -> None:
    owner = Lead.objects.get(pk=lead.pk).owner
    actions.accept(
        lead_id=lead.pk, by=owner, icp_confirmed=True, reachable=True, now=NOW + 5 * MINUTE
    )
    clock = Clock.objects.get(lead=lead, obligation="accept", scope="STAGE")
    event = LeadEvent.objects.get(pk=clock.evidence_id)
    assert (event.transition, event.lead_id, clock.stopped_by) == ("accept", lead.pk, owner)
    route = Clock.objects.filter(lead=lead, obligation="route", state="STOPPED").first()
    assert route is None or LeadEvent.objects.get(pk=route.evidence_id).kind == "ASSIGNED"


def test_a_next_step_is_not_done_by_what_was_done_before_it_was_promised(lead: Lead) -> None:
    contact(lead, 5)
    owner = Lead.objects.get(pk=lead.pk).owner
    next_steps.promise(lead_id=lead.pk, by=owner, at=NOW + DAY, now=NOW + HOUR)
    contact(lead, 30, told=90)
    assert Clock.objects.get(lead=lead, obligation="next_step").state == "RUNNING"
    assert Lead.objects.get(pk=lead.pk).next_step_at is not None


def test_a_request_is_not_closed_while_the_answer_is_owed() -> None:
    factories.company()
    keeper = factories.user("karl", role="AE")
    Account.objects.create(
        status="CUSTOMER", owner=keeper, domain="known.example", name="Known", created_at=NOW
    )
    views = [{"kind": "pricing_page_view"}] * 3
    customer = factories.capture(signals=views, company={"domain": "known.example"})
    assert customer.hand_raised_at is None or customer.owner == keeper
    Lead.objects.filter(pk=customer.pk).update(hand_raised_at=None)
    close = {"lead_id": customer.pk, "by": keeper, "now": NOW + 2 * MINUTE}
    with pytest.raises(errors.InvalidInput):
        actions.close_request(**close)
    assert Clock.objects.get(lead=customer, obligation="respond").state == "RUNNING"
    contact(customer, 1)
    actions.close_request(**close)


@pytest.mark.parametrize("year", [1, 1989, 9999])
@pytest.mark.parametrize("outcome", ["COMPLETED", "SCHEDULED"])
def test_what_lies_out_of_all_bounds_is_refused_and_not_kept(
    lead: Lead, year: int, outcome: str
) -> None:
    at = dt.datetime(year, 1, 1, tzinfo=dt.UTC)
    with pytest.raises(errors.InvalidInput) as refused:
        actions.log_activity(
            lead_id=lead.pk, by=lead.owner, kind="MEETING", outcome=outcome, at=at, now=NOW
        )
    assert [fault.field for fault in refused.value.errors] == ["at"]
    assert not Activity.objects.exists()
