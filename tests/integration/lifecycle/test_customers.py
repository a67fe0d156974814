"""Customers: made by a win, in step with what is said of accounts, renewed, churned."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest

from core import errors
from leads.models import Account, Customer, CustomerStep, Lead, Opportunity
from lifecycle import (
    account_upserts,
    accounts,
    actions,
    customers,
    deal_closing,
    keepers,
    last_steps,
    retention,
    undoing,
)
from lifecycle.account_upserts import Said
from lifecycle.deal_closing import Outcome
from lifecycle.invariants import accounts as invariants
from lifecycle.invariants import run
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db
KEYS = {one.key for one in invariants.INVARIANTS}


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


@pytest.fixture
def lead(company: factories.Company) -> Lead:
    return factories.work(factories.capture(), to="OPPORTUNITY", now=NOW + HOUR)


def broken(now: dt.datetime = NOW + 400 * DAY) -> dict[str, int]:
    factories.check_rules()
    found = run.check(now=now, replay=0, seals=0)
    return {one.invariant.key: one.found.count for one in found if one.found.count
            and one.invariant.key in KEYS}  # fmt: skip


def win(lead: Lead, amount: int = 100, *, now: dt.datetime = NOW + DAY) -> Customer:
    assert lead.owner is not None
    actions.win(lead_id=lead.pk, by=lead.owner, amount=Decimal(amount), now=now)
    return Customer.objects.get(account=lead.account_id)


def kinds(customer: Customer) -> list[str]:
    return list(customer.steps.order_by("sequence").values_list("kind", flat=True))


def account(status: str = "PROSPECT", **columns: Any) -> Account:
    return Account.objects.create(
        name="Acme", name_key="acme", status=status, created_at=NOW, **columns
    )


class TestWins:
    def test_the_first_win_makes_a_customer_and_a_later_one_adds_to_it(
        self, lead: Lead, company: factories.Company
    ) -> None:
        customer = win(lead, 100)
        assert (customer.status, customer.since, customer.value_base) == ("ACTIVE", NOW + DAY, 100)
        rep = company.reps[0]
        more = Opportunity.objects.create(
            account=lead.account, name="More", owner=rep, created_at=NOW
        )
        outcome = Outcome(deal_closing.WIN, amount=Decimal(50))
        deal_closing.close(opportunity_id=more.pk, by=rep, outcome=outcome, now=NOW + 2 * DAY)
        customer.refresh_from_db()
        assert (customer.value_base, customer.since) == (150, NOW + DAY)
        assert kinds(customer) == ["BECAME", "ADDED"]
        assert broken() == {}

    def test_a_win_that_is_taken_back_leaves_no_customer(self, lead: Lead) -> None:
        customer = win(lead)
        assert lead.owner is not None
        undoing.undo(lead_id=lead.pk, by=lead.owner, now=NOW + DAY + MINUTE)
        customer.refresh_from_db()
        assert (customer.status, customer.value_base) == ("WITHDRAWN", None)
        assert Account.objects.get(pk=lead.account_id).status == "OPEN_OPPORTUNITY"
        assert broken() == {}
        again = win(lead, 70, now=NOW + 2 * DAY)
        assert (again.pk, again.status, again.value_base) == (customer.pk, "ACTIVE", 70)

    def test_a_win_taken_back_after_somebody_changed_the_record_keeps_what_they_said(
        self, lead: Lead, company: factories.Company
    ) -> None:
        customer = win(lead)
        said = {"cs_owner": company.reps[0].pk, "renewal_date": dt.date(2027, 3, 1)}
        customers.revise(customer_id=customer.pk, by=company.revops, values=said, now=NOW + DAY)
        assert lead.owner is not None
        undoing.undo(lead_id=lead.pk, by=lead.owner, now=NOW + DAY + MINUTE)
        customer.refresh_from_db()
        assert (customer.status, customer.cs_owner) == ("WITHDRAWN", company.reps[0])
        assert broken() == {}
        again = win(lead, 70, now=NOW + 2 * DAY)
        assert (again.cs_owner, again.renewal_date) == (company.reps[0], None)

    def test_a_lost_deal_of_a_former_customer_leaves_a_former_customer(
        self, company: factories.Company
    ) -> None:
        lead = factories.capture()
        accounts.edit(
            account_id=lead.account_id or 0, by=company.revops, reason="left", now=NOW,
            status="FORMER_CUSTOMER",
        )  # fmt: skip
        lead = factories.work(lead, to="LOST", now=NOW + HOUR)
        assert Account.objects.get(pk=lead.account_id).status == "FORMER_CUSTOMER"
        assert broken() == {}


class TestFollowing:
    @pytest.mark.parametrize(
        ("said", "found"),
        [
            (("CUSTOMER",), "ACTIVE"),
            (("FORMER_CUSTOMER",), "CHURNED"),
            (("CUSTOMER", "FORMER_CUSTOMER"), "CHURNED"),
            (("CUSTOMER", "PROSPECT"), "WITHDRAWN"),
            (("CUSTOMER", "PARTNER"), "ACTIVE"),
            (("CUSTOMER", "DO_NOT_CONTACT", "CUSTOMER"), "ACTIVE"),
            (("FORMER_CUSTOMER", "OPEN_OPPORTUNITY"), "CHURNED"),
            (("FORMER_CUSTOMER", "CUSTOMER"), "ACTIVE"),
            (("FORMER_CUSTOMER", "PROSPECT"), "WITHDRAWN"),
        ],
        ids=str,
    )
    def test_a_record_follows_what_people_say_of_the_account(
        self, company: factories.Company, said: tuple[str, ...], found: str
    ) -> None:
        row = account()
        for days, status in enumerate(said):
            accounts.edit(
                account_id=row.pk, by=company.revops, reason="said", status=status,
                now=NOW + days * DAY,
            )  # fmt: skip
        assert Customer.objects.get(account=row).status == found
        assert broken() == {}

    def test_a_record_follows_imports_and_their_cost_does_not_grow(
        self, company: factories.Company, django_assert_max_num_queries: Any
    ) -> None:
        rows = [Said(name=f"Firma {one}", status="CUSTOMER") for one in range(30)]
        with django_assert_max_num_queries(45):
            account_upserts.upsert(rows, source="import:crm", actor="user", now=NOW)
        assert Customer.objects.filter(status="ACTIVE").count() == 30
        assert broken() == {}


class TestActs:
    def test_it_is_renewed_and_leaves_for_a_reason_and_that_is_taken_back(
        self, lead: Lead, company: factories.Company
    ) -> None:
        customer, by = win(lead), company.reps[0]
        given: dict[str, Any] = {"customer_id": customer.pk}
        due = dt.date(2027, 3, 1)
        values = {"cs_owner": by.pk, "renewal_date": due}
        customers.revise(**given, by=company.revops, values=values, now=NOW + DAY)
        with pytest.raises(errors.InvalidInput, match="later day"):
            customers.renew(**given, by=by, renewal_date=due, now=NOW + 2 * DAY)
        customers.renew(**given, by=by, renewal_date=dt.date(2028, 3, 1), now=NOW + 2 * DAY)
        with pytest.raises(errors.InvalidInput, match="Choose one"):
            customers.churn(**given, by=by, reason="price", now=NOW + 3 * DAY)
        customers.churn(**given, by=by, reason="went_elsewhere", note="cheaper", now=NOW + 3 * DAY)
        row = Account.objects.get(pk=lead.account_id)
        assert (row.status, row.customer.churn_reason) == ("FORMER_CUSTOMER", "went_elsewhere")
        assert broken() == {}
        with pytest.raises(errors.TooLate, match="churned on"):
            customers.revise(**given, by=by, values={"cs_owner": None}, now=NOW + 3 * DAY)
        customers.undo(**given, by=by, now=NOW + 3 * DAY + MINUTE)
        row.refresh_from_db()
        customer.refresh_from_db()
        assert (row.status, customer.status, customer.churn_note) == ("CUSTOMER", "ACTIVE", "")
        assert customer.renewal_date == dt.date(2028, 3, 1)
        assert kinds(customer) == ["BECAME", "CHANGED", "RENEWED", "CHURNED", "TAKEN_BACK"]
        assert broken() == {}

    def test_strangers_do_nothing_and_undo_is_for_who_did_it(
        self, lead: Lead, company: factories.Company
    ) -> None:
        customer = win(lead)
        stranger = factories.user("zoe", role="AE")
        given: dict[str, Any] = {"customer_id": customer.pk, "now": NOW + DAY}
        with pytest.raises(errors.NotAllowed):
            customers.churn(**given, by=stranger, reason="stopped_using")
        customers.churn(**given, by=company.revops, reason="stopped_using")
        with pytest.raises(last_steps.NothingToUndo):
            customers.undo(**given, by=company.manager)

    def test_touchpoints_of_a_customer_are_its_cs_owner_s(self, company: factories.Company) -> None:
        first, second = company.reps
        row = account("CUSTOMER", owner=first)
        made = Customer.objects.create(account=row, since=NOW)
        assert keepers.of([row]) == {row.pk: first.pk}
        Customer.objects.filter(pk=made.pk).update(cs_owner=second)
        assert keepers.of([row]) == {row.pk: second.pk}
        second.is_active = False
        second.save(update_fields=["is_active"])
        assert keepers.of([row]) == {row.pk: first.pk}


class TestRetention:
    def test_cohorts_count_who_stayed_at_the_end_of_each_month(
        self, company: factories.Company
    ) -> None:
        january = dt.datetime(2026, 1, 10, tzinfo=dt.UTC)
        for number, (since, churned) in enumerate(
            [(january, None), (january, january + 40 * DAY), (january + 45 * DAY, None)]
        ):
            row = Account.objects.create(name_key=f"a{number}", name="A", created_at=NOW)
            made = Customer.objects.create(account=row, since=since)
            told: dict[str, Any] = {"customer": made, "recorded_at": NOW}
            CustomerStep.objects.create(
                **told, sequence=1, kind="BECAME", status="ACTIVE", at=since
            )
            if churned is not None:
                CustomerStep.objects.create(
                    **told, sequence=2, kind="CHURNED", status="CHURNED", at=churned
                )
        found = retention.cohorts(dt.datetime(2026, 4, 2, tzinfo=dt.UTC))
        assert [(one.month.month, one.customers, one.staying) for one in found] == [
            (1, 2, (2, 1, 1)),
            (2, 1, (1, 1)),
        ]

    def test_what_was_taken_back_counts_nowhere_and_who_returns_counts_again(
        self, lead: Lead, company: factories.Company
    ) -> None:
        customer = win(lead)
        given: dict[str, Any] = {"customer_id": customer.pk, "by": company.revops}
        customers.churn(**given, reason="stopped_using", now=NOW + 2 * DAY)
        customers.undo(**given, now=NOW + 2 * DAY + MINUTE)
        assert [(one.since, one.until) for one in retention.periods()] == [(NOW + DAY, None)]
        customers.churn(**given, reason="stopped_using", now=NOW + 3 * DAY)
        assert customer.account_id is not None
        accounts.edit(
            account_id=customer.account_id, by=company.revops, reason="back", status="CUSTOMER",
            now=NOW + 9 * DAY,
        )  # fmt: skip
        assert [(one.since, one.until) for one in retention.periods()] == [
            (NOW + DAY, NOW + 3 * DAY),
            (NOW + 9 * DAY, None),
        ]
