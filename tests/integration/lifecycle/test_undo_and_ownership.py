"""Taking a step back, handing leads on, and requests that make no MQL."""

from __future__ import annotations

from typing import Any

import pytest

from core import errors
from leads.models import Account, Lead, LeadEvent, Opportunity
from leads.stages import Stage
from lifecycle import actions
from routing.models import Assignment
from sla.models import Clock, ClockState
from tests import factories
from tests.acting import LATER, accept, fresh, open_clocks, owner
from tests.factories import MINUTE, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


@pytest.fixture
def lead(company: factories.Company) -> Lead:
    return factories.capture()


class TestUndo:
    def undo(self, lead: Lead, **more: Any) -> Lead:
        given = {"by": lead.owner, "now": LATER + MINUTE, **more}
        return actions.undo(lead_id=lead.pk, **given)

    def test_an_undone_rejection_leaves_owner_deadline_and_clocks_as_they_were(
        self, lead: Lead
    ) -> None:
        before = open_clocks(lead), fresh(lead).next_due_at, fresh(lead).owner
        who = owner(lead)
        actions.reject(lead_id=lead.pk, by=who, reason="timing", criterion="icp", now=LATER)
        self.undo(lead, by=who)
        after = fresh(lead)
        assert (open_clocks(lead), after.next_due_at, after.owner) == before
        assert after.stage == Stage.MQL
        assert LeadEvent.objects.filter(lead=lead, transition__in=["reject", "undo"]).count() == 2

    def test_an_undone_acceptance_is_no_met_clock(self, lead: Lead) -> None:
        accept(lead)
        self.undo(lead)
        counted = Clock.objects.filter(lead=lead, obligation="accept", void=False)
        assert [clock.state for clock in counted] == [ClockState.RUNNING]

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda lead, mia: {"now": LATER + 11 * MINUTE},
            lambda lead, mia: {"by": mia},
            lambda lead, mia: (
                actions.log_activity(lead_id=lead.pk, by=mia, kind="CALL", now=LATER) and {}
            ),
        ],
        ids=["too late", "somebody else", "something followed"],
    )
    def test_it_is_refused_when_it_can_no_longer_be_clean(
        self, company: factories.Company, lead: Lead, spoil: Any
    ) -> None:
        accept(lead)
        with pytest.raises(errors.TooLate):
            self.undo(lead, **spoil(lead, company.manager))
        assert fresh(lead).stage == Stage.SAL

    def test_what_followed_a_step_is_named_with_who_and_when(
        self, company: factories.Company, lead: Lead
    ) -> None:
        accept(lead)
        actions.disqualify(
            lead_id=lead.pk, by=company.manager, reason="competitor", now=LATER + MINUTE
        )
        who = owner(lead)
        at = (LATER + MINUTE).astimezone(who.zone)
        told = f"followed by: SAL to Disqualified by {company.manager} at {at:%H:%M}"
        with pytest.raises(errors.TooLate, match=told):
            self.undo(lead, by=who, now=LATER + 2 * MINUTE)

    def test_an_undone_conversion_leaves_no_opportunity_and_the_account_as_it_was(
        self, lead: Lead
    ) -> None:
        lead = factories.work(lead, to="OPPORTUNITY", now=LATER)
        self.undo(lead)
        lead = fresh(lead)
        assert (lead.stage, lead.opportunity_id) == (Stage.SQL, None)
        assert Opportunity.objects.count() == 0
        assert Account.objects.get(pk=lead.account_id).status == "PROSPECT"


class TestOwnership:
    def test_a_reassigned_lead_keeps_its_deadline_and_counts_for_the_new_owner(
        self, company: factories.Company, lead: Lead
    ) -> None:
        colleague = next(rep for rep in company.reps if rep != lead.owner)
        due = fresh(lead).next_due_at
        actions.reassign(
            lead_id=lead.pk, by=company.manager, to=colleague.pk, reason="holiday", now=LATER
        )
        lead = fresh(lead)
        assert (lead.owner, lead.next_due_at) == (colleague, due)
        assert set(
            Clock.objects.filter(lead=lead, state="RUNNING").values_list("holder", flat=True)
        ) == {colleague.pk}
        legs = Assignment.objects.filter(lead=lead).order_by("started_at")
        assert [leg.ended_at for leg in legs] == [LATER, None]

    def test_a_reassignment_needs_a_reason_and_an_active_person(
        self, company: factories.Company, lead: Lead
    ) -> None:
        gone = factories.user("gone", is_active=False)
        for to, reason in ((company.reps[0].pk, "  "), (gone.pk, "holiday"), (10**9, "holiday")):
            with pytest.raises(errors.InvalidInput):
                actions.reassign(
                    lead_id=lead.pk, by=company.manager, to=to, reason=reason, now=LATER
                )

    def test_only_pool_members_claim_from_a_queue(self) -> None:
        factories.company(reps=())
        stranger = factories.rep("stranger", pools=["americas"])
        late = factories.rep("late", pools=["dach"], shifts=[(2, "09:00", "17:00")])
        lead = factories.capture()
        with pytest.raises(errors.NotAllowed):
            actions.claim(lead_id=lead.pk, by=stranger, now=LATER)
        actions.claim(lead_id=lead.pk, by=late, now=LATER)
        assert fresh(lead).owner == late
        assert Clock.objects.get(lead=lead, obligation="route").state == ClockState.STOPPED

    def test_a_rep_brings_in_an_unowned_inquiry_and_stays_its_source(
        self, company: factories.Company
    ) -> None:
        lead = factories.capture(channel="OUTBOUND", signals=[{"kind": "page_view"}])
        actions.self_source(lead_id=lead.pk, by=company.reps[0], now=LATER)
        lead = fresh(lead)
        assert (lead.stage, lead.owner, lead.sourced_by) == ("SAL", *[company.reps[0]] * 2)
        assert "sales_qualify" in open_clocks(lead)


class TestHandRaiserOutsideTheIcp:
    def test_the_request_is_closed_once_the_buyer_was_answered_and_not_before(
        self, company: factories.Company
    ) -> None:
        lead = factories.capture(company={"employees": "3"})
        if lead.owner is None:
            lead = actions.reassign(
                lead_id=lead.pk, by=company.revops, to=company.reps[0].pk, reason="you", now=NOW
            )
        common: dict[str, Any] = {"lead_id": lead.pk, "by": owner(lead), "now": LATER}
        with pytest.raises(errors.InvalidInput):
            actions.close_request(**common)
        actions.log_activity(**common, kind="EMAIL")
        actions.close_request(**common, note="told them about the self-serve plan")
        lead = fresh(lead)
        assert (lead.stage, lead.owner, lead.hand_raised_at) == (Stage.INQUIRY, None, None)
        assert Clock.objects.get(lead=lead, obligation="resolve").state == ClockState.STOPPED
        assert open_clocks(lead) == set()

    def test_a_good_one_is_self_sourced_and_worked_like_any_other(
        self, company: factories.Company
    ) -> None:
        lead = factories.capture(company={"employees": "3"})
        actions.self_source(lead_id=lead.pk, by=lead.owner or company.reps[0], now=LATER)
        assert fresh(lead).stage == Stage.SAL
        assert "resolve" not in open_clocks(lead)
