"""An exclusion that took a lead out and ended has changed nothing: it stands where it stood."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from core import errors
from leads.models import Account, Lead, LeadEvent
from lifecycle import accounts, actions, disputes, editing, jobs, waking
from lifecycle import dispute_ends as ends
from lifecycle.models import RejectionDispute
from lifecycle.waking import WakeUp
from reports import funnel, mql_passes
from reports.periods import Period
from sla.models import Clock
from tests import factories, merging_two
from tests.acting import fresh, owner
from tests.factories import DAY, HOUR, MINUTE, NOW, Company

pytestmark = pytest.mark.django_db

REST = NOW + MINUTE
OUT, BACK = NOW + HOUR, NOW + 2 * HOUR
PERIOD = Period(NOW - DAY, NOW + 365 * DAY)
PAGES = [{"kind": "pricing_page_view"}] * 3
STATE = RejectionDispute.State


@pytest.fixture
def company() -> Company:
    return factories.company()


def title(lead: Lead, text: str, company: Company, at: dt.datetime) -> Lead:
    values = {"person.title": text}
    editing.edit(lead_id=lead.pk, by=company.revops, values=values, now=at)
    return fresh(lead)


def out(lead: Lead, company: Company, at: dt.datetime = OUT) -> Lead:
    lead = title(lead, "Student", company, at)
    assert (lead.stage, lead.exclusion, lead.wake_on) == ("DISQUALIFIED", "student", "")
    return lead


def back(lead: Lead, company: Company, at: dt.datetime = BACK) -> Lead:
    lead = title(lead, "VP Operations", company, at)
    assert (lead.exclusion, lead.before_exclusion) == ("", {})
    return lead


def rested(reason: str = "timing", **given: Any) -> Lead:
    lead = factories.capture()
    actions.reject(lead_id=lead.pk, by=owner(lead), reason=reason, note="Not now.", now=REST,
                   criterion="icp", **given)  # fmt: skip
    return fresh(lead)


def touched(lead: Lead, at: dt.datetime, **parts: Any) -> Lead:
    """Its buyer touches us, by the title that we know."""
    person = {"email": lead.person.email, "title": lead.person.title}
    return factories.captures_attached(now=at, person=person, **parts)


def heard(lead: Lead, status: str, company: Company, at: dt.datetime) -> None:
    """How its company stands to us."""
    told: dict[str, Any] = {"status": status, "reason": "Heard it.", "by": company.revops}
    accounts.edit(account_id=lead.account_id, now=at, **told)


def rest_of(lead: Lead) -> tuple[Any, ...]:
    return (
        lead.stage, lead.cycle, lead.reason, lead.wake_at, lead.wake_on, lead.entered_stage_at,
        lead.owner_id, lead.queue, lead.hand_raised_at, lead.unheard_at,
    )  # fmt: skip


class TestRest:
    def test_it_rests_as_it_did_and_wakes_on_its_day(self, company: Company) -> None:
        lead = rested(wake=WakeUp(NOW + 7 * DAY, "signal:trial_start"))
        before = rest_of(lead)
        out(lead, company)
        merging_two.assert_clean(OUT)
        assert jobs.sweep(OUT)["errors"] == 0
        lead = back(lead, company)
        assert rest_of(lead) == before
        merging_two.assert_clean(BACK)
        step = LeadEvent.objects.get(lead=lead, transition="readmit")
        assert (step.to_stage, step.actor, step.cycle) == ("NURTURE", "pipeline", 1)
        waking.run(now=NOW + 7 * DAY)
        lead = fresh(lead)
        assert (lead.stage, lead.cycle, lead.reason) == ("MQL", 2, "")
        merging_two.assert_clean(NOW + 7 * DAY)

    @pytest.mark.parametrize("came", ["day", "signal", "hand", "nothing"])
    def test_what_came_meanwhile_wakes_it_now(self, company: Company, came: str) -> None:
        lead = rested(wake=WakeUp(NOW + 7 * DAY, "signal:trial_start"))
        lead, at = out(lead, company), NOW + 2 * DAY
        if came == "day":
            assert waking.run(now=NOW + 8 * DAY) == 0
            at = NOW + 8 * DAY
        if came == "signal":
            touched(lead, NOW + DAY, signals=[{"kind": "trial_start"}])
        if came == "hand":
            touched(lead, NOW + DAY)
        lead = back(fresh(lead), company, at)
        waking.run(now=at)
        lead = fresh(lead)
        steps = LeadEvent.objects.filter(lead=lead, transition="qualify").order_by("sequence")
        told = [(one.cycle, one.because.get("woken")) for one in steps][1:]
        assert told == {
            "day": [(2, "day")], "signal": [(2, "signal:trial_start")], "hand": [(2, None)],
            "nothing": [],
        }[came]  # fmt: skip
        assert (lead.stage, lead.hand_raised_at) == (
            "NURTURE" if came == "nothing" else "MQL", at if came == "hand" else None,
        )  # fmt: skip
        merging_two.assert_clean(at)

    def test_it_is_let_pass_and_that_is_undone(self, company: Company) -> None:
        lead = rested(wake=WakeUp(NOW + 7 * DAY))
        before, was_out = rest_of(lead), out(lead, company)
        actions.reopen(lead_id=lead.pk, by=company.manager, reason="Buys too.", now=BACK)
        assert rest_of(fresh(lead)) == before
        merging_two.assert_clean(BACK)
        actions.undo(lead_id=lead.pk, by=company.manager, now=BACK + MINUTE)
        lead = fresh(lead)
        assert (lead.exclusion, lead.before_exclusion, lead.wake_at, lead.reason) == (
            "student", was_out.before_exclusion, None, "student",
        )  # fmt: skip
        merging_two.assert_clean(BACK + MINUTE)
        assert rest_of(back(lead, company, NOW + 3 * HOUR)) == before

    def test_a_kit_without_the_exclusion_lets_it_rest_on(self, company: Company) -> None:
        lead = rested(wake=WakeUp(NOW + 7 * DAY))
        before = rest_of(lead)
        lead = out(lead, company)
        factories.next_kit(
            lambda parts: (parts.pop("exclusion"), parts.pop("fixture", None)), by=company.revops
        )
        lead = touched(lead, BACK, signals=[])
        assert rest_of(fresh(lead)) == before
        merging_two.assert_clean(BACK)

    def test_one_exclusion_after_another_keeps_where_it_stood(self, company: Company) -> None:
        lead = rested()
        before = rest_of(lead)
        lead = out(lead, company)
        values = {"person.title": "VP Operations", "person.email": "kim@norrlund.example"}
        editing.edit(lead_id=lead.pk, by=company.revops, values=values, now=BACK)
        lead = fresh(lead)
        assert (lead.exclusion, lead.before_exclusion["stage"]) == ("own_staff", "NURTURE")
        actions.reopen(lead_id=lead.pk, by=company.manager, reason="Buys too.", now=BACK + MINUTE)
        assert rest_of(fresh(lead)) == before
        merging_two.assert_clean(BACK + MINUTE)

    def test_a_merge_that_is_taken_back_finds_it_as_it_was(self, company: Company) -> None:
        lead = rested(wake=WakeUp(NOW + 7 * DAY))
        before = rest_of(lead)
        out(lead, company)
        same = {"email": f"p.{lead.person.email}"}
        twin = factories.capture(now=OUT, person=same, company={"name": lead.account.name})
        made = merging_two.merge(twin, lead, company, now=OUT)
        assert fresh(lead).stage == "MERGED"
        merging_two.unmerge(made, company, now=OUT + MINUTE)
        assert fresh(lead).exclusion == "student"
        assert rest_of(back(lead, company, OUT + 2 * MINUTE)) == before
        merging_two.assert_clean(OUT + 2 * MINUTE)

    def test_what_ended_or_began_while_it_was_merged_counts_when_it_stands_again(
        self, company: Company
    ) -> None:
        kept_out, free = rested(), rested()
        before, merges = rest_of(kept_out), []
        twins = [
            factories.capture(
                now=OUT - MINUTE, person={"email": f"p.{lead.person.email}"}, company={"name": name}
            )
            for lead in (kept_out, free)
            if lead.account is not None and (name := lead.account.name)
        ]
        heard(kept_out, "COMPETITOR", company, OUT)
        assert fresh(kept_out).exclusion == "competitor"
        for lead, twin in zip((kept_out, free), twins, strict=True):
            merges.append(merging_two.merge(twin, lead, company, now=OUT))
            assert fresh(lead).stage == "MERGED"
        heard(kept_out, "PROSPECT", company, OUT + MINUTE)
        heard(free, "COMPETITOR", company, OUT + MINUTE)
        for made in merges:
            merging_two.unmerge(made, company, now=OUT + 2 * MINUTE)
        assert rest_of(fresh(kept_out)) == before
        assert fresh(free).exclusion == "competitor"
        merging_two.assert_clean(OUT + 2 * MINUTE)

    def test_thin_data_waits_for_better_once_more(self, company: Company) -> None:
        thin = {"name": None, "industry": None, "employees": None, "country": None}
        person = {"title": "Clerk"}
        lead = factories.capture(channel="IMPORT", company=thin, person=person, signals=PAGES)
        assert lead.quarantined_at is not None
        lead = back(out(lead, company), company)
        assert (lead.stage, lead.quarantined_at) == ("INQUIRY", BACK)
        merging_two.assert_clean(BACK)


class TestMql:
    def waiting(self) -> Lead:
        lead = factories.capture(company={"country": "US"})
        assert (lead.stage, lead.queue) == ("MQL", "americas")
        return lead

    def test_it_is_one_mql_again_with_new_clocks(self, company: Company) -> None:
        lead = self.waiting()
        assert funnel.build(company.revops, period=PERIOD).totals.disqualified == 0
        out(lead, company)
        assert funnel.build(company.revops, period=PERIOD).totals.disqualified == 1
        lead = back(lead, company)
        assert (lead.stage, lead.cycle, lead.queue) == ("MQL", 1, "americas")
        assert (lead.entered_stage_at, lead.hand_raised_at) == (NOW, BACK)
        routes = Clock.objects.filter(lead=lead, obligation="route").order_by("pk")
        assert [(one.state, one.started_at) for one in routes] == [
            ("CANCELLED", NOW), ("RUNNING", BACK),
        ]  # fmt: skip
        assert mql_passes.selected(company.revops, period=PERIOD).count() == 1
        assert funnel.build(company.revops, period=PERIOD).totals.disqualified == 0
        merging_two.assert_clean(BACK)

    def test_one_that_would_have_been_recycled_meanwhile_rests(self, company: Company) -> None:
        faded, unwanted = self.waiting(), self.waiting()
        for lead in (faded, unwanted):
            out(lead, company)
        Account.objects.filter(pk=unwanted.account_id).update(status="DO_NOT_CONTACT")
        factories.next_kit(
            lambda parts: parts["general_policy"][0].update(recycle_below=90), by=company.revops
        )
        for lead in (unwanted, faded):
            rests = back(lead, company)
            assert (rests.stage, rests.cycle, rests.entered_stage_at) == ("NURTURE", 1, BACK)
        assert (fresh(unwanted).queue, fresh(faded).queue) == ("", "americas")
        assert fresh(faded).hand_raised_at == BACK
        assert not Clock.objects.filter(lead=unwanted, state="RUNNING").exists()
        merging_two.assert_clean(BACK)


class TestDisputes:
    def disputed(self, company: Company) -> Lead:
        lead = rested()
        disputes.dispute(lead_id=lead.pk, by=company.marketing, note="They buy.", now=REST + MINUTE)
        return lead

    def decide(self, lead: Lead, company: Company, outcome: str, at: dt.datetime) -> Lead:
        disputes.rule(lead_id=lead.pk, by=company.revops, outcome=outcome, note="Why.", now=at)
        return fresh(lead)

    def test_the_dispute_stands_and_is_decided_when_the_lead_is_back(
        self, company: Company
    ) -> None:
        lead = self.disputed(company)
        out(lead, company)
        assert ends.run(now=OUT + MINUTE) == 0
        lead = back(lead, company)
        assert ends.run(now=BACK) == 0
        lead = self.decide(lead, company, "OVERTURNED", BACK + MINUTE)
        assert (lead.stage, lead.cycle) == ("MQL", 1)
        assert lead.owner is not None
        merging_two.assert_clean(BACK + MINUTE)

    def test_a_rejection_is_disputed_and_upheld_while_it_is_out(self, company: Company) -> None:
        lead = rested()
        before = rest_of(lead)
        out(lead, company)
        disputes.dispute(lead_id=lead.pk, by=company.marketing, note="They buy.", now=OUT)
        self.decide(lead, company, "UPHELD", OUT + MINUTE)
        assert rest_of(back(lead, company)) == before
        merging_two.assert_clean(BACK)

    def test_overturned_while_it_is_out_it_comes_back_as_an_mql(self, company: Company) -> None:
        lead = self.disputed(company)
        out(lead, company)
        lead = self.decide(lead, company, "OVERTURNED", OUT + MINUTE)
        assert (lead.stage, lead.exclusion) == ("DISQUALIFIED", "student")
        assert lead.unheard_at == NOW
        with pytest.raises(errors.TooLate, match="decided it"):
            self.decide(lead, company, "UPHELD", OUT + 2 * MINUTE)
        merging_two.assert_clean(OUT + 2 * MINUTE)
        lead = back(lead, company)
        assert (lead.stage, lead.cycle, lead.reason, lead.hand_raised_at) == ("MQL", 1, "", BACK)
        assert lead.owner is not None
        assert Clock.objects.filter(lead=lead, obligation="accept", state="RUNNING").exists()
        merging_two.assert_clean(BACK)
        assert disputes.standing(lead) is None
        actions.accept(
            lead_id=lead.pk, by=owner(lead), icp_confirmed=True, reachable=True, now=BACK + MINUTE
        )
        (row,) = mql_passes.selected(company.revops, period=PERIOD)
        assert (row.first, row.final) == ("reject", "accept")

    def test_what_overtakes_it_still_does(self, company: Company) -> None:
        lead = self.disputed(company)
        out(lead, company)
        touched(fresh(lead), OUT + MINUTE)
        back(lead, company)
        assert fresh(lead).cycle == 2
        assert ends.run(now=BACK) == 1
        assert RejectionDispute.objects.get().state == STATE.OVERTAKEN
        merging_two.assert_clean(BACK)


class TestUndone:
    """Who takes a resting lead up, or out, by mistake leaves nothing behind but two events."""

    def step(self, name: str, lead: Lead, company: Company) -> None:
        if name == "self_source":
            actions.self_source(lead_id=lead.pk, by=company.reps[1], now=OUT)
        else:
            actions.disqualify(lead_id=lead.pk, by=company.revops, reason="spam", now=OUT)

    @pytest.mark.parametrize("name", ["self_source", "disqualify"])
    def test_it_rests_as_it_did_and_its_dispute_is_decided(
        self, company: Company, name: str
    ) -> None:
        lead = rested(wake=WakeUp(NOW + 30 * DAY, "signal:demo_request"))
        disputes.dispute(lead_id=lead.pk, by=company.marketing, note="They buy.", now=REST)
        before = rest_of(lead)
        self.step(name, lead, company)
        assert fresh(lead).stage != "NURTURE"
        assert ends.run(now=OUT + MINUTE) == 0
        by = LeadEvent.objects.filter(lead=lead, transition=name).get().by
        actions.undo(lead_id=lead.pk, by=by, now=OUT + 2 * MINUTE)
        assert rest_of(fresh(lead)) == before
        assert ends.run(now=OUT + HOUR) == 0
        merging_two.assert_clean(OUT + HOUR)
        disputes.rule(
            lead_id=lead.pk, by=company.revops, outcome="OVERTURNED", note="Why.", now=OUT + HOUR
        )
        assert fresh(lead).stage == "MQL"
        merging_two.assert_clean(OUT + HOUR)

    def test_once_it_can_be_undone_no_more_the_dispute_is_overtaken(self, company: Company) -> None:
        lead = rested()
        disputes.dispute(lead_id=lead.pk, by=company.marketing, note="They buy.", now=REST)
        self.step("self_source", lead, company)
        assert ends.run(now=OUT + 9 * MINUTE) == 0
        assert ends.run(now=OUT + 11 * MINUTE) == 1
        merging_two.assert_clean(OUT + 11 * MINUTE)
