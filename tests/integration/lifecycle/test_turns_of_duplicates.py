"""A lead that was a duplicate or a customer's costs no turn; undoing says that it does."""

from __future__ import annotations

import pytest

from leads.models import Lead
from lifecycle import actions, merging
from lifecycle.invariants import run
from routing.models import Assignment, CreditEntry, PoolMember
from tests import factories
from tests.factories import MINUTE, NOW, Company

pytestmark = pytest.mark.django_db
LATER = NOW + 2 * MINUTE


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


def credit(lead: Lead) -> int:
    return PoolMember.objects.get(pool__key="dach", user=lead.owner_id).credit


def verified() -> None:
    ours = ("pool.", "member.", "turn.", "entry.", "assignment.")
    broken = [one.invariant.key for one in run.check(now=LATER) if one.found.count]
    assert [key for key in broken if key.startswith(ours)] == []


@pytest.mark.parametrize(
    ("reason", "returned"), [("duplicate", True), ("existing_customer", True), ("spam", False)]
)
def test_the_reason_says_whether_the_turn_is_given_back(
    company: Company, reason: str, returned: bool
) -> None:
    lead = factories.capture()
    paid = credit(lead)
    actions.disqualify(lead_id=lead.pk, by=lead.owner, reason=reason, note="seen before", now=LATER)
    assert CreditEntry.objects.filter(why="RETURNED", note=reason).exists() == returned
    assert (credit(lead) > paid) == returned
    (following,) = factories.captures([factories.touch()], now=LATER)
    assert (following.owner_id == lead.owner_id) == returned
    verified()


def test_undoing_it_counts_the_turn_after_all(company: Company) -> None:
    lead = factories.capture()
    paid = credit(lead)
    actions.disqualify(lead_id=lead.pk, by=lead.owner, reason="duplicate", note="x", now=LATER)
    actions.undo(lead_id=lead.pk, by=lead.owner, now=LATER + MINUTE)
    assert credit(lead) == paid
    assert Lead.objects.get(pk=lead.pk).owner_id == lead.owner_id
    verified()


def test_however_often_it_is_disqualified_and_that_undone_the_turn_goes_back_and_counts_again(
    company: Company,
) -> None:
    lead = factories.capture()
    paid = credit(lead)
    decision = Assignment.objects.get(lead=lead).decision
    stood = []
    for round in range(3):
        at = LATER + round * 4 * MINUTE
        actions.disqualify(lead_id=lead.pk, by=lead.owner, reason="duplicate", note="x", now=at)
        stood.append(credit(lead) - paid)
        actions.undo(lead_id=lead.pk, by=lead.owner, now=at + MINUTE)
        stood.append(credit(lead) - paid)
        assert Assignment.objects.get(lead=lead, ended_at=None).decision == decision
    assert stood[0] > 0
    assert stood == [stood[0], 0] * 3
    verified()


def test_two_leads_of_one_buyer_cost_one_turn_once_they_are_one(company: Company) -> None:
    one, other = factories.captures([factories.touch() for _ in range(2)])
    assert one.owner_id != other.owner_id
    merging.merge(winner_id=one.person_id, loser_id=other.person_id, by=company.revops, now=LATER)
    (entry,) = CreditEntry.objects.filter(why="RETURNED", user=other.owner_id)
    assert entry.note == "merged"
    verified()
