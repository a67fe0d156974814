"""What people do: who may, what is needed, what becomes of owner and clocks."""

from __future__ import annotations

from typing import Any

import pytest

from core import errors
from leads.models import Account, Activity, EventKind, Lead, LeadEvent, Opportunity
from leads.stages import Stage
from lifecycle import actions
from lifecycle.proofs import Reported
from people.models import Role
from routing.models import Assignment
from sla import sweeps
from sla.models import Clock, ClockEvent
from tests import factories
from tests.acting import LATER, accept, fresh, open_clocks, owner
from tests.factories import BANT, DAY, HOUR, MINUTE

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


@pytest.fixture
def lead(company: factories.Company) -> Lead:
    return factories.capture()


class TestAccept:
    def test_in_time_meets_the_clock_and_starts_the_next(self, lead: Lead) -> None:
        accept(lead)
        assert fresh(lead).stage == Stage.SAL
        clock = Clock.objects.get(lead=lead, obligation="accept")
        assert (clock.state, clock.stopped_at, clock.evidence) == ("STOPPED", LATER, "ACCEPTED")
        assert clock.breached_at is None
        assert open_clocks(lead) == {"first_contact", "sales_qualify"}

    @pytest.mark.parametrize("answer", ["icp_confirmed", "reachable"])
    def test_both_answers_are_needed_and_the_missing_one_is_named(
        self, lead: Lead, answer: str
    ) -> None:
        with pytest.raises(errors.InvalidInput) as refusal:
            accept(lead, **{answer: False})
        assert [fault.field for fault in refusal.value.errors] == [answer]
        assert fresh(lead).stage == Stage.MQL

    def test_after_the_deadline_it_is_late_and_never_met_though_no_sweep_ran(
        self, lead: Lead
    ) -> None:
        clock = Clock.objects.get(lead=lead, obligation="accept")
        accept(lead, now=clock.due_at + MINUTE)
        clock = Clock.objects.get(pk=clock.pk)
        assert clock.stopped_at is not None
        assert clock.breached_at == clock.due_at < clock.stopped_at
        assert clock.events.filter(kind=ClockEvent.Kind.BREACHED).count() == 1
        sweeps.warn_and_breach(now=clock.due_at + HOUR)
        assert clock.events.filter(kind=ClockEvent.Kind.BREACHED).count() == 1

    def test_exactly_at_the_deadline_is_met(self, lead: Lead) -> None:
        clock = Clock.objects.get(lead=lead, obligation="accept")
        accept(lead, now=clock.due_at)
        assert Clock.objects.get(pk=clock.pk).breached_at is None

    def test_a_colleague_is_told_whose_lead_it_is(
        self, company: factories.Company, lead: Lead
    ) -> None:
        colleague = next(rep for rep in company.reps if rep != lead.owner)
        with pytest.raises(errors.TooLate) as refusal:
            accept(lead, by=colleague)
        assert refusal.value.state["owner"] == str(lead.owner_id)

    def test_the_owners_manager_may_and_the_record_calls_it_an_override(
        self, company: factories.Company, lead: Lead
    ) -> None:
        accept(lead, by=company.manager)
        assert LeadEvent.objects.get(lead=lead, transition="accept").because["override"] is True

    def test_a_manager_of_another_team_may_not(self, lead: Lead) -> None:
        stranger = factories.user("stranger", role=Role.MANAGER)
        with pytest.raises(errors.TooLate):
            accept(lead, by=stranger)

    def test_twice_is_refused_with_the_present_stage(self, lead: Lead) -> None:
        accept(lead)
        with pytest.raises(errors.TooLate) as refusal:
            accept(lead)
        assert refusal.value.state["stage"] == Stage.SAL


class TestReject:
    def reject(self, lead: Lead, **more: Any) -> Lead:
        given = {"by": lead.owner, "reason": "timing", "now": LATER, **more}
        return actions.reject(lead_id=lead.pk, **given)

    @pytest.mark.parametrize(
        ("reason", "stage"), [("timing", Stage.NURTURE), ("outside_icp", Stage.DISQUALIFIED)]
    )
    def test_the_reason_says_where_it_goes_and_nobody_owns_it_then(
        self, lead: Lead, reason: str, stage: Stage
    ) -> None:
        self.reject(lead, reason=reason, criterion="icp", note="two people only")
        lead = fresh(lead)
        assert (lead.stage, lead.owner, lead.next_due_at) == (stage, None, None)
        assert open_clocks(lead) == set()
        assert Assignment.objects.filter(lead=lead, ended_at__isnull=True).count() == 0
        step = LeadEvent.objects.get(lead=lead, transition="reject")
        assert (step.because["reason"], step.because["criterion"]) == (reason, "icp")

    def test_free_text_is_kept_where_it_can_be_erased_and_not_in_the_log(self, lead: Lead) -> None:
        self.reject(lead, criterion="icp", note="Petra is on sick leave")
        step = LeadEvent.objects.get(lead=lead, transition="reject")
        assert "sick" not in str(step.because)
        assert Activity.objects.get(pk=step.because["note"]).note == "Petra is on sick leave"

    @pytest.mark.parametrize(
        ("given", "field"),
        [
            ({"reason": "because"}, "reason"),
            ({"reason": ""}, "reason"),
            ({"criterion": "nonsense"}, "criterion"),
        ],
    )
    def test_what_is_missing_is_named(self, lead: Lead, given: dict[str, str], field: str) -> None:
        with pytest.raises(errors.InvalidInput) as refusal:
            self.reject(lead, **given)
        assert [fault.field for fault in refusal.value.errors] == [field]

    def test_old_behaviour_does_not_qualify_a_rejected_lead_again_and_new_does(
        self, company: factories.Company
    ) -> None:
        person = {"email": "petra@acme.de"}
        lead = factories.capture(person=person)
        self.reject(lead, criterion="behaviour")
        view = [{"kind": "page_view"}]
        factories.captures_attached(person=person, signals=view, now=LATER + HOUR)
        assert fresh(lead).stage == Stage.NURTURE
        factories.captures_attached(person=person, now=LATER + 2 * HOUR)
        lead = fresh(lead)
        assert (lead.stage, lead.cycle) == (Stage.MQL, 2)
        assert "accept" in open_clocks(lead)


class TestQualifyAndConvert:
    def test_everything_that_is_missing_is_named_at_once(self, lead: Lead) -> None:
        accept(lead)
        with pytest.raises(errors.InvalidInput) as refusal:
            actions.sales_qualify(
                lead_id=lead.pk, by=owner(lead), checklist={"budget": "50k"}, now=LATER
            )
        fields = {fault.field for fault in refusal.value.errors}
        assert fields == {"discovery_call", "checklist.bant", "checklist.meddic"}
        assert "Authority" in refusal.value.message

    def test_a_scheduled_call_is_not_a_completed_one(self, lead: Lead) -> None:
        accept(lead)
        common: dict[str, Any] = {"lead_id": lead.pk, "by": owner(lead), "now": LATER}
        actions.log_activity(**common, kind="DISCOVERY_CALL", outcome="SCHEDULED", at=LATER + DAY)
        with pytest.raises(errors.InvalidInput):
            actions.sales_qualify(**common, checklist=BANT)
        actions.log_activity(**common, kind="DISCOVERY_CALL")
        actions.sales_qualify(**common, checklist=BANT)
        assert fresh(lead).stage == Stage.SQL

    def test_the_second_lead_of_an_account_joins_its_open_opportunity_and_both_are_won(
        self, company: factories.Company
    ) -> None:
        one = factories.capture(person={"email": "petra@acme.de"})
        two = factories.capture(person={"email": "paul@acme.de"})
        one = factories.work(one, to="OPPORTUNITY", now=LATER)
        two = factories.work(two, to="OPPORTUNITY", now=LATER)
        assert one.opportunity_id == two.opportunity_id
        assert Opportunity.objects.count() == 1
        actions.win(lead_id=two.pk, by=company.manager, amount=None, now=LATER + DAY)
        assert {fresh(one).stage, fresh(two).stage} == {Stage.WON}
        assert Account.objects.get().status == "CUSTOMER"
        assert open_clocks(one) == open_clocks(two) == set()

    def test_an_opportunity_of_another_account_cannot_be_joined(
        self, company: factories.Company
    ) -> None:
        other = factories.work(factories.capture(), to="OPPORTUNITY", now=LATER)
        mine = factories.work(factories.capture(), to="SQL", now=LATER)
        with pytest.raises(errors.InvalidInput):
            actions.convert(
                lead_id=mine.pk,
                by=owner(mine),
                name="x",
                opportunity_id=other.opportunity_id,
                now=LATER,
            )


class TestContact:
    def test_reaching_out_stops_first_contact_with_the_activity_as_evidence(
        self, lead: Lead
    ) -> None:
        done = actions.log_activity(lead_id=lead.pk, by=owner(lead), kind="CALL", now=LATER)
        clock = Clock.objects.get(lead=lead, obligation="first_contact")
        assert (clock.state, clock.evidence, clock.evidence_id) == ("STOPPED", "activity", done.pk)

    @pytest.mark.parametrize(
        "given",
        [
            {"kind": "NOTE"},
            {"kind": "EMAIL", "direction": "INBOUND"},
            {"kind": "EMAIL", "outcome": "BOUNCED"},
        ],
    )
    def test_what_is_no_contact_leaves_the_clock_running(
        self, lead: Lead, given: dict[str, str]
    ) -> None:
        actions.log_activity(lead_id=lead.pk, by=owner(lead), now=LATER, **given)
        assert "first_contact" in open_clocks(lead)

    def test_the_same_report_of_a_system_is_kept_once(self, lead: Lead) -> None:
        given: dict[str, Any] = {
            "lead_id": lead.pk,
            "by": owner(lead),
            "kind": "CALL",
            "reported": Reported("telephony", "c-1"),
            "now": LATER,
        }
        assert actions.log_activity(**given).pk == actions.log_activity(**given).pk
        assert LeadEvent.objects.filter(lead=lead, kind=EventKind.ACTIVITY).count() == 1


@pytest.mark.parametrize(
    ("act", "more"),
    [
        (actions.recycle, {}),
        (actions.reopen, {}),
        (actions.win, {}),
        (actions.return_to_nurture, {"reason": "timing"}),
        (actions.convert, {"name": "x"}),
        (actions.sales_qualify, {"checklist": BANT}),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_step_that_does_not_start_here_is_refused_and_leaves_no_trace(
    company: factories.Company, act: Any, more: dict[str, Any]
) -> None:
    lead = factories.work(factories.capture(), to="LOST", now=LATER)
    if act is actions.reopen:
        lead = factories.capture()
    before = LeadEvent.objects.filter(lead=lead).count()
    with pytest.raises(errors.DomainError):
        act(lead_id=lead.pk, by=company.revops, now=LATER + DAY, **more)
    assert LeadEvent.objects.filter(lead=lead).count() == before
