"""Customers and open opportunities go to who keeps them; competitors go nowhere."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from leads.models import Account, AccountAlias, Lead, LeadEvent, Opportunity
from lifecycle import actions
from lifecycle.invariants import run
from people.models import User
from sla.models import Clock
from tests import factories
from tests.factories import HOUR, NOW, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


@pytest.fixture
def keeper(company: Company) -> User:
    return factories.user("karl", role="AE")


def account(status: str, *, owner: User | None = None, **columns: Any) -> Account:
    made = {"domain": "known.example", "name": "Known", "name_key": "known"} | columns
    row = Account.objects.create(status=status, owner=owner, created_at=NOW, **made)
    if status == "CUSTOMER":
        factories.customer(row)
    return row


def capture(**parts: Any) -> Lead:
    said = {"company": {"domain": "known.example", "name": "Known"}} | parts
    return factories.capture(now=NOW + HOUR, **said)


def open_clocks(lead: Lead) -> set[str]:
    return set(
        Clock.objects.filter(lead=lead, state="RUNNING").values_list("obligation", flat=True)
    )


def broken(now: dt.datetime = NOW + HOUR) -> dict[str, list[Any]]:
    return {
        one.invariant.key: list(one.found.offences)
        for one in run.check(now=now)
        if one.found.count and not one.invariant.key.endswith("delivered")
    }


def test_a_customer_who_asks_goes_to_the_account_owner_with_a_respond_clock(
    keeper: User,
) -> None:
    account("CUSTOMER", owner=keeper)
    lead = capture()
    assert (lead.stage, lead.owner, lead.queue) == ("INQUIRY", keeper, "")
    assert open_clocks(lead) == {"respond"}
    assert broken() == {}


def test_a_customer_who_would_be_an_mql_goes_to_the_account_owner(keeper: User) -> None:
    account("CUSTOMER", owner=keeper)
    views = [{"kind": "pricing_page_view"}] * 3
    lead = capture(signals=views)
    assert (lead.stage, lead.owner) == ("INQUIRY", keeper)
    assert open_clocks(lead) == {"respond"}


def test_a_customer_who_only_reads_is_left_alone(keeper: User) -> None:
    account("CUSTOMER", owner=keeper)
    lead = capture(signals=[{"kind": "pricing_page_view"}])
    assert (lead.stage, lead.owner, open_clocks(lead)) == ("INQUIRY", None, set())


def test_an_open_opportunity_goes_to_its_owner_first(company: Company, keeper: User) -> None:
    known = account("OPEN_OPPORTUNITY", owner=company.reps[0])
    Opportunity.objects.create(account=known, name="Deal", owner=keeper, created_at=NOW)
    assert capture().owner == keeper


def test_the_parent_s_owner_steps_in_for_one_who_left(company: Company, keeper: User) -> None:
    gone = factories.user("gone", role="AE", is_active=False)
    parent = account("CUSTOMER", owner=keeper, domain="group.example", name_key="group")
    account("CUSTOMER", owner=gone, parent=parent)
    assert capture().owner == keeper


def test_without_a_keeper_routing_finds_somebody_and_it_is_no_mql(company: Company) -> None:
    account("CUSTOMER")
    lead = capture()
    assert lead.stage == "INQUIRY"
    assert lead.owner in company.reps
    assert "respond" in open_clocks(lead)
    assert broken() == {}


def test_a_lead_that_somebody_holds_stays_with_them(company: Company, keeper: User) -> None:
    lead = capture()
    holder = lead.owner
    Account.objects.filter(domain="known.example").update(status="CUSTOMER", owner=keeper)
    person = {"email": lead.person.email}
    again = factories.capture(
        now=NOW + 2 * HOUR, person=person, company={"domain": "known.example", "name": "Known"}
    )
    assert (again.pk, again.owner) == (lead.pk, holder)
    assert "respond" in open_clocks(again)


@pytest.mark.parametrize(
    ("status", "stage"), [("COMPETITOR", "DISQUALIFIED"), ("DO_NOT_CONTACT", "INQUIRY")]
)
def test_the_unwanted_are_kept_and_nothing_follows(
    company: Company, status: str, stage: str
) -> None:
    account(status)
    lead = capture()
    assert (lead.stage, lead.owner, lead.queue, lead.hand_raised_at) == (stage, None, "", None)
    (receipt,) = lead.touches.values_list("receipt", flat=True)
    assert (receipt["owner"], receipt["queue"], receipt["clocks"]) == (None, None, [])
    assert broken() == {}


def test_a_kit_without_that_clock_means_what_it_meant(company: Company, keeper: User) -> None:
    def drop(parts: dict[str, Any]) -> None:
        parts["clock_policy"] = [one for one in parts["clock_policy"] if one["key"] != "respond"]

    factories.next_kit(drop, by=company.revops)
    account("CUSTOMER", owner=keeper)
    assert capture().stage == "MQL"


def test_a_nurtured_customer_is_let_go_once_answered(company: Company, keeper: User) -> None:
    lead = factories.work(capture(), to="SAL", now=NOW + HOUR)
    owner = lead.owner
    assert owner is not None
    actions.return_to_nurture(lead_id=lead.pk, by=owner, reason="timing", now=NOW + HOUR)
    Account.objects.filter(domain="known.example").update(status="CUSTOMER", owner=keeper)
    factories.customer(Account.objects.get(domain="known.example"))
    person = {"email": lead.person.email}
    lead = factories.capture(now=NOW + 2 * HOUR, person=person, company={"name": "Known"})
    assert (lead.stage, lead.owner, open_clocks(lead)) == ("NURTURE", keeper, {"respond"})
    actions.log_activity(lead_id=lead.pk, by=keeper, kind="CALL", now=NOW + 3 * HOUR)
    lead.refresh_from_db()
    assert (lead.owner, open_clocks(lead)) == (None, set())
    assert broken(NOW + 3 * HOUR) == {}


def test_the_event_tells_how_the_account_was_found(company: Company) -> None:
    known = account("PROSPECT")
    AccountAlias.objects.create(
        account=known, kind="DOMAIN", value="knownalias.example", shown="x", created_at=NOW
    )
    lead = capture(company={"domain": "knownalias.example"})
    event = LeadEvent.objects.get(lead=lead, kind="TOUCHED")
    assert event.because["company"] == {"by": "DOMAIN_ALIAS", "account": known.pk}
    assert lead.account == known


def test_the_number_of_queries_does_not_depend_on_the_batch(
    company: Company, keeper: User, django_assert_max_num_queries: Any
) -> None:
    account("CUSTOMER", owner=keeper)
    named = [{"domain": "known.example"}, {"name": "Known"}, {"domain": "other.example"}]
    with django_assert_max_num_queries(80) as few:
        factories.captures([factories.touch(company=one) for one in named * 10], now=NOW)
    with django_assert_max_num_queries(len(few.captured_queries)):
        factories.captures([factories.touch(company=one) for one in named * 25], now=NOW)
