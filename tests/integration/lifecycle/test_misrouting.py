"""Owners give back what is not theirs; overrides are counted with their reason."""

from __future__ import annotations

from typing import Any

import pytest

from core import errors
from leads.models import Activity, EventKind, Lead
from lifecycle import actions, gathering, possession, possessions, waiting
from lifecycle.invariants import run as invariants
from lifecycle.possession import Reader
from people.models import User
from routing import discretion, entitlement, turn_sums
from routing.models import Assignment, CreditEntry, Decision, Override, Pool, PoolMember
from routing.passing import DECLINED
from sla.models import Clock
from tests import factories
from tests.factories import HOUR, MINUTE, NOW, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> Company:
    return factories.company(reps=("anna", "ben", "cleo"))


def routed() -> tuple[Lead, User]:
    lead = Lead.objects.select_related("owner").get(pk=factories.capture(now=NOW).pk)
    assert lead.owner is not None
    return lead, lead.owner


def credits() -> dict[int, int]:
    return dict(PoolMember.objects.filter(pool__key="dach").values_list("user", "credit"))


def sound() -> None:
    found = invariants.check(now=NOW + 2 * MINUTE)
    assert {one.invariant.key: one.found.offences for one in found if one.broken} == {}


def test_a_misroute_is_no_rejection_returns_the_turn_and_goes_to_somebody_else(
    company: Company,
) -> None:
    before = credits()
    lead, owner = routed()
    assert credits() != before
    actions.misroute(
        lead_id=lead.pk, by=owner, why="SEGMENT", note="Far too big.", now=NOW + MINUTE
    )
    lead.refresh_from_db()
    assert lead.stage == "MQL"
    assert lead.owner in set(company.reps) - {owner}
    assert CreditEntry.objects.filter(why="RETURNED").count()
    row = Override.objects.get()
    assert (row.kind, row.why, row.from_user, row.to_user) == ("MISROUTED", "SEGMENT", owner, None)
    first, second = Assignment.objects.filter(lead=lead).order_by("pk")
    assert (first.end_reason, first.decision_id) == ("misrouted", row.decision_id)
    assert second.decision_id not in (None, row.decision_id)
    event = lead.events.filter(kind=EventKind.ASSIGNED).latest("sequence")
    assert (event.because["again"], event.because["reason"]) == ("misrouted", "SEGMENT")
    assert Activity.objects.get(pk=event.because["note"]).note == "Far too big."
    sound()


def test_whose_it_is_can_be_said_and_then_no_turn_is_taken(company: Company) -> None:
    before = credits()
    lead, owner = routed()
    other = next(one for one in company.reps if one != owner)
    actions.misroute(lead_id=lead.pk, by=owner, why="KNOWN", to=other.pk, now=NOW + MINUTE)
    lead.refresh_from_db()
    assert lead.owner == other
    assert credits() == before
    sound()


def test_what_people_gave_is_reassigned_not_misrouted(company: Company) -> None:
    lead, owner = routed()
    other = next(one for one in company.reps if one != owner)
    actions.reassign(
        lead_id=lead.pk, by=company.manager, to=other.pk, reason="Knows them.", why="KNOWN",
        now=NOW + MINUTE,
    )  # fmt: skip
    with pytest.raises(errors.TooLate, match="No rule gave this lead"):
        actions.misroute(lead_id=lead.pk, by=other, why="OTHER", now=NOW + HOUR)
    row = Override.objects.get()
    assert (row.kind, row.why, row.by, row.to_user) == (
        "REASSIGNED", "KNOWN", company.manager, other,
    )  # fmt: skip
    actions.reassign(lead_id=lead.pk, by=other, to=owner.pk, reason="Back.", now=NOW + HOUR)
    assert Override.objects.count() == 1  # of a person's word, not of a rule's


@pytest.mark.parametrize("why", ["", "territory", "NONE"])
def test_a_reason_that_is_none_is_refused_with_those_there_are(company: Company, why: str) -> None:
    lead, owner = routed()
    with pytest.raises(errors.InvalidInput, match="TERRITORY"):
        actions.misroute(lead_id=lead.pk, by=owner, why=why, now=NOW)
    assert not Override.objects.exists()


def test_colleagues_do_not_give_back_what_is_not_theirs(company: Company) -> None:
    lead, owner = routed()
    other = next(one for one in company.reps if one != owner)
    with pytest.raises(errors.TooLate, match="belongs to"):
        actions.misroute(lead_id=lead.pk, by=other, why="OTHER", now=NOW)


def test_what_a_rule_gave_is_misrouted_also_after_a_rejection_was_taken_back(
    company: Company,
) -> None:
    lead, owner = routed()
    actions.reject(lead_id=lead.pk, by=owner, reason="timing", criterion="icp", now=NOW)
    actions.undo(lead_id=lead.pk, by=owner, now=NOW)
    actions.misroute(lead_id=lead.pk, by=owner, why="TERRITORY", now=NOW + MINUTE)
    given, again, other = Assignment.objects.filter(lead=lead).order_by("pk")
    assert (again.user, again.decision, again.automatic) == (owner, given.decision, False)
    assert other.user != owner
    assert CreditEntry.objects.filter(why="RETURNED", decision=given.decision).exists()
    sound()


def test_nobody_who_said_it_was_not_theirs_gets_it_again_by_rule(company: Company) -> None:
    anna = company.reps[0]
    PoolMember.objects.filter(user=anna).update(weight=5)  # whose turn is given back is next again
    lead, first = routed()
    held = [first]
    for step in range(1, 3):
        at = NOW + step * MINUTE
        actions.misroute(lead_id=lead.pk, by=held[-1], why="OTHER", now=at)
        lead.refresh_from_db()
        assert lead.owner is not None
        held.append(lead.owner)
    assert set(held) == set(company.reps)
    last = Decision.objects.filter(lead=lead).latest("pk")
    whys = {one["user"]: one["excluded"] for one in last.candidates}
    assert whys == {one.pk: DECLINED for one in held[:2]} | {held[2].pk: None}
    actions.misroute(lead_id=lead.pk, by=held[-1], why="OTHER", now=NOW + HOUR)
    lead.refresh_from_db()
    assert (lead.owner, lead.queue) == (None, "dach")
    for hours in (2, 24, 48):
        waiting.route(now=NOW + hours * HOUR)
    lead.refresh_from_db()
    assert lead.owner is None
    names = {one.pk: one.first_name for one in company.reps}
    reader = Reader(company.manager.pk, names, {}, str, discretion.ALL)
    said = possession.sentence(possessions.of_leads([lead])[lead.pk], reader)
    assert "Anna, Ben and Cleo had said it was not theirs." in said
    dora = factories.rep("dora", pools=["dach"])
    waiting.route(now=NOW + 72 * HOUR)
    lead.refresh_from_db()
    assert lead.owner == dora
    shares = entitlement.shares(turn_sums.tallies(Pool.objects.get(key="dach"), since=NOW))
    assert [shares[one.pk].passed["DECLINED"] for one in company.reps] == [1, 1, 1]
    sound()


def clocks(lead: Lead) -> set[tuple[str, int | None, object]]:
    rows = Clock.objects.filter(lead=lead, state="RUNNING")
    return set(rows.values_list("policy", "holder", "due_at"))


@pytest.mark.parametrize("way", ["rules", "named", "queue"])
def test_giving_it_back_is_undone_by_who_did(company: Company, way: str) -> None:
    lead, owner = routed()
    turn, owed = credits(), clocks(lead)
    other = next(one for one in company.reps if one != owner)
    if way == "queue":
        PoolMember.objects.exclude(user=owner).update(active=False)
    to = other.pk if way == "named" else None
    given: dict[str, Any] = {"why": "SEGMENT", "to": to, "note": "Too big."}
    actions.misroute(lead_id=lead.pk, by=owner, now=NOW + MINUTE, **given)
    lead.refresh_from_db()
    assert lead.owner != owner
    with pytest.raises(errors.TooLate, match="nothing of yours"):
        actions.undo(lead_id=lead.pk, by=other, now=NOW + 2 * MINUTE)
    actions.undo(lead_id=lead.pk, by=owner, now=NOW + 2 * MINUTE)
    lead.refresh_from_db()
    assert (lead.owner, lead.queue, lead.stage) == (owner, "", "MQL")
    assert clocks(lead) == owed
    if way != "queue":  # there the pool has lost members meanwhile, who took credit along
        assert credits() == turn
    sound()
    # It was theirs after all: the next to give it back does not find them out of the question.
    actions.reassign(lead_id=lead.pk, by=owner, to=other.pk, reason="-", now=NOW + 3 * MINUTE)
    assert owner.pk not in gathering.open_cases([lead])[lead.pk].declined


def test_what_the_next_owner_has_begun_is_not_undone(company: Company) -> None:
    lead, owner = routed()
    actions.misroute(lead_id=lead.pk, by=owner, why="SEGMENT", now=NOW + MINUTE)
    lead.refresh_from_db()
    actions.log_activity(lead_id=lead.pk, by=lead.owner, kind="CALL", now=NOW + 2 * MINUTE)
    with pytest.raises(errors.TooLate, match=f"followed by: Activity by {lead.owner} at "):
        actions.undo(lead_id=lead.pk, by=owner, now=NOW + 3 * MINUTE)
