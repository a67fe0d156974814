"""Marketing disputes a rejection, and RevOps decides: it stands, or the lead is an MQL again."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import Error, transaction

from core import errors
from leads.models import Activity, Lead, LeadEvent
from lifecycle import actions, dispute_ends, disputes, jobs, notices
from lifecycle.invariants import run as invariants
from lifecycle.models import Notice, RejectionDispute
from lifecycle.privacy import erasing
from people.models import Leave, User
from routing.models import Assignment, PoolMember
from sla.models import Clock
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW, Company

pytestmark = pytest.mark.django_db

State = RejectionDispute.State


@pytest.fixture
def company() -> Company:
    return factories.company()


def mql() -> tuple[Lead, User]:
    lead = Lead.objects.select_related("owner").get(pk=factories.capture(now=NOW).pk)
    assert lead.owner is not None
    return lead, lead.owner


def _part(parts: dict[str, Any], kind: str, key: str) -> dict[str, Any]:
    return next(one for one in parts[kind] if one["key"] == key)


def rejected(reason: str = "outside_icp", at: Any = NOW + HOUR) -> tuple[Lead, User]:
    lead, owner = mql()
    actions.reject(lead_id=lead.pk, by=owner, reason=reason, note="Much too small.", now=at)
    lead.refresh_from_db()
    return lead, owner


def rejection(lead: Lead) -> LeadEvent:
    return LeadEvent.objects.filter(lead=lead, transition="reject").latest("sequence")


def dispute(lead: Lead, by: User, at: Any = NOW + 2 * HOUR) -> RejectionDispute:
    disputes.dispute(lead_id=lead.pk, by=by, note="They have 420 people.", now=at)
    return RejectionDispute.objects.get(rejection=rejection(lead))


def decide(lead: Lead, by: User, outcome: str, at: Any = NOW + 3 * HOUR) -> None:
    disputes.rule(lead_id=lead.pk, by=by, outcome=outcome, note="Looked it up.", now=at)
    lead.refresh_from_db()


def sound(at: Any = NOW + 3 * HOUR + MINUTE) -> None:
    found = invariants.check(now=at)
    assert {one.invariant.key: one.found.offences for one in found if one.broken} == {}


def told(kind: str) -> set[str]:
    while notices.drain(now=NOW + 3 * HOUR).done:
        pass
    return set(Notice.objects.filter(kind=kind).values_list("to__username", flat=True))


def credits() -> dict[int, int]:
    return dict(PoolMember.objects.filter(pool__key="dach").values_list("user", "credit"))


@pytest.mark.parametrize(("reason", "why"), [("outside_icp", "CRITERION"), ("not_involved", "ALL")])
def test_a_rejection_that_the_facts_contradict_is_contestable(
    company: Company, reason: str, why: str
) -> None:
    said = rejection(rejected(reason)[0]).because
    assert said["contestable"] == why
    assert {one["criterion"] for one in said["held"]} == {"icp", "behaviour"}
    assert told(Notice.Kind.CONTESTABLE) == {"mark"}


def test_a_rejection_that_the_facts_bear_out_is_not(company: Company) -> None:
    lead, owner = mql()
    lead.account.employees = 7  # type: ignore[union-attr]
    lead.account.save(update_fields=["employees"])  # type: ignore[union-attr]
    actions.reject(lead_id=lead.pk, by=owner, reason="outside_icp", note="Seven.", now=NOW + MINUTE)
    assert "contestable" not in rejection(lead).because
    assert told(Notice.Kind.CONTESTABLE) == set()
    dispute(lead, company.marketing)  # any rejection may be disputed
    assert told(Notice.Kind.DISPUTED) == {"rita", owner.username}


def test_an_upheld_rejection_stands_and_both_sides_hear(company: Company) -> None:
    lead, owner = rejected()
    dispute(lead, company.marketing)
    decide(lead, company.revops, "UPHELD")
    assert (lead.stage, lead.owner_id, lead.reason) == ("DISQUALIFIED", None, "outside_icp")
    row = RejectionDispute.objects.get()
    assert (row.state, row.ruled_by, row.ruling.note) == (  # type: ignore[union-attr]
        State.UPHELD, company.revops, "Looked it up.",
    )  # fmt: skip
    assert told(Notice.Kind.RULED) == {"mark", owner.username}
    assert row.history.count() == 2
    sound()


def test_an_overturned_lead_is_its_owners_again_with_new_clocks(company: Company) -> None:
    lead, owner = rejected()
    dispute(lead, company.marketing)
    before = set(Clock.objects.values_list("pk", flat=True))
    decide(lead, company.revops, "OVERTURNED")
    assert (lead.stage, lead.owner, lead.cycle, lead.reason) == ("MQL", owner, 1, "")
    assert lead.hand_raised_at == NOW
    accept = Clock.objects.exclude(pk__in=before).get(obligation="accept", state="RUNNING")
    assert accept.started_at == NOW + 3 * HOUR
    step = LeadEvent.objects.get(lead=lead, transition="reinstate")
    assert step.by == company.revops
    assert step.cause is not None
    assert step.cause.because["outcome"] == "OVERTURNED"
    sound()
    actions.accept(
        lead_id=lead.pk, by=owner, icp_confirmed=True, reachable=True, now=NOW + 4 * HOUR
    )


def test_a_turn_that_was_given_back_counts_again(company: Company) -> None:
    factories.next_kit(
        lambda parts: _part(parts, "reason", "spam").update(returns_turn=True), by=company.revops
    )
    lead, owner = mql()
    spent = credits()
    actions.reject(lead_id=lead.pk, by=owner, reason="spam", now=NOW + MINUTE)
    assert credits() != spent
    dispute(lead, company.marketing)
    decide(lead, company.revops, "OVERTURNED")
    assert credits() == spent
    leg = Assignment.objects.get(lead=lead, ended_at=None)
    assert leg.decision is not None
    sound()


@pytest.mark.parametrize("gone", ["left", "leave"])
def test_without_its_owner_it_goes_to_somebody_by_the_rules(company: Company, gone: str) -> None:
    lead, owner = rejected()
    dispute(lead, company.marketing)
    if gone == "left":
        owner.is_active = False
        owner.save(update_fields=["is_active"])
    else:
        Leave.objects.create(user=owner, starts_at=NOW, ends_at=NOW + 3 * DAY)
    decide(lead, company.revops, "OVERTURNED")
    assert lead.owner in set(company.reps) - {owner}
    assert Assignment.objects.get(lead=lead, ended_at=None).automatic


def test_the_second_is_told_who_was_first(company: Company) -> None:
    lead, _ = rejected()
    dispute(lead, company.marketing)
    second = factories.user("mona", role="MARKETING")
    with pytest.raises(disputes.AlreadyDisputed, match=r"Mark disputed it at 12:00"):
        dispute(lead, second)
    decide(lead, company.revops, "UPHELD")
    other = factories.user("rob", role="REVOPS")
    with pytest.raises(disputes.AlreadyDisputed, match=r"Rita decided it at 13:00.*upheld"):
        decide(lead, other, "OVERTURNED")


def test_the_time_to_dispute_is_the_kits(company: Company) -> None:
    lead, _ = rejected()
    until = rejection(lead).because["disputable_until"]
    assert until == (NOW + HOUR + 2 * DAY).isoformat()  # 48 hours from Tuesday to Thursday
    with pytest.raises(errors.TooLate, match="could be disputed until"):
        dispute(lead, company.marketing, at=NOW + HOUR + 2 * DAY + MINUTE)
    row = dispute(lead, company.marketing, at=NOW + 2 * DAY)
    assert row.due_at == NOW + 6 * DAY  # Thursday and Friday, Monday: weekends do not count


def test_a_kit_without_hours_lets_nobody_dispute(company: Company) -> None:
    factories.next_kit(
        lambda parts: parts["general_policy"][0].update(dispute_hours=0), by=company.revops
    )
    lead, _ = rejected()
    assert "contestable" not in rejection(lead).because
    with pytest.raises(errors.TooLate, match="lets nobody dispute"):
        dispute(lead, company.marketing)


@pytest.mark.parametrize("who", ["revops", "manager"])
def test_only_marketing_disputes(company: Company, who: str) -> None:
    lead, owner = rejected()
    for by in (getattr(company, who), owner):
        with pytest.raises(errors.NotAllowed, match="Only Marketing"):
            dispute(lead, by)


def test_nobody_decides_what_is_their_own(company: Company) -> None:
    lead, _ = mql()
    actions.reject(
        lead_id=lead.pk, by=company.revops, reason="outside_icp", note="x", now=NOW + HOUR
    )
    dispute(lead, company.marketing)
    for by, why in ((company.marketing, "Only RevOps"), (company.revops, "Who rejected")):
        with pytest.raises(errors.NotAllowed, match=why):
            decide(lead, by, "UPHELD")


def test_notes_and_outcomes_are_asked_for(company: Company) -> None:
    lead, _ = rejected()
    with pytest.raises(errors.InvalidInput, match="Say why"):
        disputes.dispute(lead_id=lead.pk, by=company.marketing, note=" ", now=NOW + HOUR)
    dispute(lead, company.marketing)
    with pytest.raises(errors.InvalidInput, match="UPHELD or OVERTURNED"):
        decide(lead, company.revops, "OVERTAKEN")
    with pytest.raises(errors.InvalidInput, match="both sides"):
        disputes.rule(
            lead_id=lead.pk, by=company.revops, outcome="UPHELD", note="", now=NOW + 3 * HOUR
        )


def test_a_buyer_who_comes_back_overtakes_the_dispute(company: Company) -> None:
    lead, _ = rejected()
    dispute(lead, company.marketing)
    again = {"email": lead.person.email}
    factories.capture(now=NOW + 3 * HOUR, person=again)  # the same buyer asks for a demo again
    lead.refresh_from_db()
    assert lead.cycle == 2
    with pytest.raises(errors.TooLate, match="gone on since"):
        decide(lead, company.revops, "OVERTURNED")
    jobs.sweep(NOW + 3 * HOUR)
    row = RejectionDispute.objects.get()
    assert (row.state, row.ruled_by) == (State.OVERTAKEN, None)
    with pytest.raises(errors.TooLate, match="does not stand rejected"):
        dispute(lead, company.marketing)
    assert dispute_ends.run(now=NOW + 4 * HOUR) == 0
    sound()


def test_erasing_the_buyer_ends_it_and_leaves_nothing_that_was_written(company: Company) -> None:
    lead, _ = rejected()
    dispute(lead, company.marketing)
    erasing.erase(
        person_id=lead.person_id, by=company.revops, reason="Asked for it.", now=NOW + 3 * HOUR
    )
    assert not Activity.objects.exclude(note="").exists()
    assert dispute_ends.run(now=NOW + 4 * HOUR) == 1
    sound()


def test_a_disputed_rejection_is_not_undone(company: Company) -> None:
    lead, owner = rejected()
    dispute(lead, company.marketing, at=NOW + HOUR + MINUTE)
    with pytest.raises(errors.TooLate, match="Rejection disputed by Mark"):
        actions.undo(lead_id=lead.pk, by=owner, now=NOW + HOUR + 2 * MINUTE)


def test_an_undone_rejection_is_nobodys_to_dispute(company: Company) -> None:
    lead, owner = rejected()
    actions.undo(lead_id=lead.pk, by=owner, now=NOW + HOUR + MINUTE)
    assert told(Notice.Kind.CONTESTABLE) == {"mark"}
    assert Notice.objects.get(kind=Notice.Kind.CONTESTABLE).mail_due_at is None
    with pytest.raises(errors.TooLate, match="does not stand rejected"):
        dispute(lead, company.marketing)


def test_it_can_be_rejected_and_disputed_once_more(company: Company) -> None:
    lead, owner = rejected()
    dispute(lead, company.marketing)
    decide(lead, company.revops, "OVERTURNED")
    actions.reject(
        lead_id=lead.pk, by=owner, reason="outside_icp", note="Still.", now=NOW + 4 * HOUR
    )
    dispute(lead, company.marketing, at=NOW + 5 * HOUR)
    assert list(RejectionDispute.objects.order_by("pk").values_list("state", flat=True)) == [
        State.OVERTURNED, State.OPEN,
    ]  # fmt: skip


@pytest.mark.parametrize("change", [{"state": "OPEN", "ruled_at": None}, {"ruled_at": NOW}])
def test_a_ruling_is_final_in_the_database(company: Company, change: dict[str, Any]) -> None:
    lead, _ = rejected()
    dispute(lead, company.marketing)
    decide(lead, company.revops, "UPHELD")
    with pytest.raises(Error, match="Cannot update"), transaction.atomic():
        RejectionDispute.objects.update(**change)
