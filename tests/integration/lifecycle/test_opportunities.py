"""Opportunities on their way: sales stages, rates, the end and its reasons, and all of it back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from core import bulk, errors
from leads import exchange
from leads.models import (
    Account,
    Activity,
    ExchangeRate,
    Lead,
    LeadEvent,
    Opportunity,
    OpportunityStep,
)
from lifecycle import actions, deal_closing, deal_edits, deal_moving, last_steps, undoing
from lifecycle.deal_closing import Outcome
from people.models import User
from tests import factories
from tests.factories import DAY, HOUR, MINUTE, NOW

pytestmark = pytest.mark.django_db
LATER = NOW + HOUR


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


def deal_of(lead: Lead) -> Opportunity:
    return Opportunity.objects.get(leads=lead)


@pytest.fixture
def lead(company: factories.Company) -> Lead:
    return factories.work(factories.capture(), to="OPPORTUNITY", now=LATER)


@pytest.fixture
def owner(lead: Lead) -> User:
    assert lead.owner is not None
    return lead.owner


def steps(deal: Opportunity) -> list[tuple[str, str]]:
    rows = OpportunityStep.objects.filter(opportunity=deal).order_by("sequence")
    return list(rows.values_list("kind", "to_stage"))


@transaction.atomic
def cut(step: OpportunityStep) -> None:
    """Delete a step without its opportunity."""
    bulk.delete(OpportunityStep.objects.filter(pk=step.pk))
    factories.check_rules()


def rate(currency: str, day: dt.date, worth: str) -> None:
    ExchangeRate.objects.create(currency=currency, day=day, rate=Decimal(worth), source="ECB")


class TestStages:
    def test_it_begins_at_the_kit_s_first_stage_and_goes_on_step_by_step(
        self, lead: Lead, owner: User
    ) -> None:
        deal = deal_of(lead)
        assert (deal.sales_stage, deal.sales_stage_at) == ("discovery", LATER)
        deal_moving.move(opportunity_id=deal.pk, by=owner, stage="proposal", now=LATER + DAY)
        deal.refresh_from_db()
        assert (deal.sales_stage, deal.sales_stage_at) == ("proposal", LATER + DAY)
        assert steps(deal) == [("OPENED", "discovery"), ("STAGE", "proposal")]
        assert deal.steps.get(sequence=2).win_percent == 45

    def test_only_who_works_it_moves_it_and_only_to_a_stage_of_the_kit(
        self, lead: Lead, company: factories.Company
    ) -> None:
        deal = deal_of(lead)
        other = next(one for one in company.reps if one.pk != deal.owner_id)
        with pytest.raises(errors.NotAllowed):
            deal_moving.move(opportunity_id=deal.pk, by=other, stage="proposal", now=LATER)
        with pytest.raises(errors.InvalidInput, match="discovery, proposal"):
            deal_moving.move(opportunity_id=deal.pk, by=company.manager, stage="no", now=LATER)
        deal_moving.move(opportunity_id=deal.pk, by=company.manager, stage="verbal", now=LATER)

    def test_who_saw_another_stage_is_told(self, lead: Lead, owner: User) -> None:
        deal = deal_of(lead)
        deal_moving.move(opportunity_id=deal.pk, by=owner, stage="proposal", now=LATER)
        with pytest.raises(errors.TooLate, match="stands at “Proposal”"):
            deal_moving.move(opportunity_id=deal.pk, by=owner, stage="verbal", version=1, now=LATER)

    def test_a_move_is_taken_back_by_who_made_it_within_the_window(
        self, lead: Lead, owner: User, company: factories.Company
    ) -> None:
        deal, moved = deal_of(lead), LATER + DAY
        deal_moving.move(opportunity_id=deal.pk, by=owner, stage="proposal", now=moved)
        for by, at in ((company.manager, moved), (owner, moved + HOUR)):
            with pytest.raises(last_steps.NothingToUndo):
                deal_moving.undo(opportunity_id=deal.pk, by=by, now=at)
        deal_moving.undo(opportunity_id=deal.pk, by=owner, now=moved + MINUTE)
        deal.refresh_from_db()
        assert (deal.sales_stage, deal.sales_stage_at) == ("discovery", LATER)
        assert steps(deal)[-1] == ("TAKEN_BACK", "discovery")

    def test_the_log_is_kept_as_it_is(self, lead: Lead) -> None:
        step = deal_of(lead).steps.get()
        with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
            OpportunityStep.objects.filter(pk=step.pk).update(kind="WON")
        with pytest.raises(DatabaseError, match="is kept while"):
            cut(step)

    def test_a_conversion_is_not_undone_once_the_deal_was_worked(
        self, lead: Lead, owner: User
    ) -> None:
        deal = deal_of(lead)
        deal_moving.move(opportunity_id=deal.pk, by=owner, stage="proposal", now=LATER)
        with pytest.raises(errors.TooLate, match="worked this opportunity"):
            undoing.undo(lead_id=lead.pk, by=owner, now=LATER + MINUTE)

    def test_a_conversion_that_another_system_named_is_undone_with_its_name(
        self, company: factories.Company
    ) -> None:
        lead = factories.work(factories.capture(), to="SQL", now=LATER)
        given: dict[str, Any] = {"lead_id": lead.pk, "by": lead.owner, "now": LATER}
        actions.convert(**given, name="Deal", system="crm", external_id="d-1")
        undoing.undo(**given)
        factories.check_rules()
        assert Opportunity.objects.count() == OpportunityStep.objects.count() == 0


class TestClosing:
    def test_reason_note_and_competitor_are_kept_and_the_note_can_be_erased(
        self, lead: Lead, owner: User
    ) -> None:
        actions.lose(
            lead_id=lead.pk, by=owner, reason="price", note="Petra chose cheaper",
            competitor="Rival AG", now=LATER + DAY,
        )  # fmt: skip
        deal = deal_of(lead)
        assert (deal.status, deal.reason, deal.competitor) == ("LOST", "price", "Rival AG")
        assert Lead.objects.get(pk=lead.pk).reason == "price"
        event = LeadEvent.objects.get(lead=lead, transition="lose")
        assert Activity.objects.get(pk=event.because["note"]).note == "Petra chose cheaper"
        assert "Petra" not in str(event.because) + str(deal.__dict__)
        assert steps(deal)[-1] == ("LOST", "discovery")

    def test_it_is_closed_by_itself_with_every_lead_on_it(self, lead: Lead, owner: User) -> None:
        deal = deal_of(lead)
        won = Outcome(deal_closing.WIN, "best_fit", amount=Decimal(900))
        deal_closing.close(opportunity_id=deal.pk, by=owner, outcome=won, now=LATER + DAY)
        assert Lead.objects.get(pk=lead.pk).stage == "WON"
        assert (deal_of(lead).amount_base, deal_of(lead).reason) == (Decimal(900), "best_fit")
        with pytest.raises(errors.TooLate, match="won already"):
            deal_closing.close(opportunity_id=deal.pk, by=owner, outcome=won, now=LATER + DAY)

    def test_an_opportunity_without_leads_is_closed_and_opened_again(
        self, company: factories.Company
    ) -> None:
        account = Account.objects.create(
            name="Acme", name_key="acme", status="OPEN_OPPORTUNITY", created_at=NOW
        )
        rep = company.reps[0]
        deal = Opportunity.objects.create(
            account=account, name="Deal", owner=rep, created_at=NOW, version=0
        )
        outcome = Outcome(deal_closing.WIN, amount=Decimal(5))
        deal_closing.close(opportunity_id=deal.pk, by=rep, outcome=outcome, now=LATER)
        account.refresh_from_db()
        assert account.status == "CUSTOMER"
        deal_moving.undo(opportunity_id=deal.pk, by=rep, now=LATER + MINUTE)
        account.refresh_from_db()
        deal.refresh_from_db()
        assert (account.status, deal.status, deal.amount) == ("OPEN_OPPORTUNITY", "OPEN", None)

    @pytest.mark.parametrize("through", ["lead", "opportunity"])
    def test_an_end_is_taken_back_for_all_leads_that_were_closed_with_it(
        self, company: factories.Company, through: str
    ) -> None:
        leads = [factories.capture(person={"email": f"{name}@acme.de"}) for name in ("a", "b")]
        leads = [factories.work(one, to="OPPORTUNITY", now=LATER) for one in leads]
        first, second = leads
        assert first.owner is not None
        closed = LATER + DAY
        deal_edits.revise(
            opportunity_id=deal_of(first).pk, by=first.owner, now=closed,
            values={"amount": Decimal(100), "currency": "EUR"},
        )  # fmt: skip
        actions.win(lead_id=second.pk, by=company.manager, amount=Decimal(80), now=closed)
        given: dict[str, Any] = {"by": company.manager, "now": closed + MINUTE}
        if through == "lead":
            undoing.undo(lead_id=first.pk, **given)
        else:
            deal_moving.undo(opportunity_id=deal_of(first).pk, **given)
        factories.check_rules()
        for one in leads:
            row = Lead.objects.get(pk=one.pk)
            assert (row.stage, row.owner_id) == ("OPPORTUNITY", one.owner_id)
        deal = deal_of(first)
        assert (deal.status, deal.amount, deal.amount_base) == ("OPEN", 100, 100)
        assert Account.objects.get().status == "OPEN_OPPORTUNITY"
        assert steps(deal)[-2:] == [("WON", "discovery"), ("REOPENED", "discovery")]

    def test_an_end_that_something_followed_on_one_lead_stays_for_all(
        self, company: factories.Company
    ) -> None:
        leads = [factories.capture(person={"email": f"{name}@acme.de"}) for name in ("a", "b")]
        first, second = (factories.work(one, to="OPPORTUNITY", now=LATER) for one in leads)
        actions.lose(lead_id=first.pk, by=company.manager, reason="price", now=LATER)
        given: dict[str, Any] = {"lead_id": second.pk, "by": company.revops}
        actions.log_activity(**given, kind="CALL", now=LATER + MINUTE)
        with pytest.raises(last_steps.NothingToUndo):
            undoing.undo(lead_id=first.pk, by=company.manager, now=LATER + 2 * MINUTE)
        assert Lead.objects.get(pk=first.pk).stage == "LOST"


class TestRates:
    def test_the_newest_rate_up_to_the_day_counts_and_an_old_one_does_not(self) -> None:
        rate("CHF", dt.date(2026, 3, 1), "1.05")
        rate("CHF", dt.date(2026, 3, 4), "1.10")
        rates = exchange.Rates()
        assert rates.on("CHF", dt.date(2026, 3, 3)) == (Decimal("1.05"), dt.date(2026, 3, 1))
        assert rates.on("CHF", dt.date(2026, 3, 4)) == (Decimal("1.10"), dt.date(2026, 3, 4))
        assert rates.on("CHF", dt.date(2026, 2, 28)) is None
        assert rates.on("CHF", dt.date(2026, 4, 5)) is None
        assert rates.on("EUR", dt.date(2026, 4, 5)) == (Decimal(1), dt.date(2026, 4, 5))

    def test_without_a_rate_nothing_is_known_until_one_is_entered(
        self, lead: Lead, owner: User
    ) -> None:
        deal = deal_of(lead)
        said = {"amount": Decimal(1000), "currency": "CHF"}
        deal_edits.revise(opportunity_id=deal.pk, by=owner, values=said, now=LATER)
        actions.win(lead_id=lead.pk, by=owner, now=LATER)
        deal = deal_of(lead)
        assert deal.amount_base is None
        assert exchange.missing(deal) == "no rate for CHF on 3 Mar"
        rate("CHF", NOW.date(), "1.05")
        assert exchange.fill("CHF", by_id=owner.pk, now=LATER + DAY) == 1
        deal = deal_of(lead)
        assert (deal.amount_base, deal.rate_date) == (Decimal("1050.00"), NOW.date())
        assert exchange.missing(deal) == ""

    def test_a_rate_said_by_hand_at_the_end_counts(self, lead: Lead, owner: User) -> None:
        deal = deal_of(lead)
        said = {"amount": Decimal(1000), "currency": "USD"}
        deal_edits.revise(opportunity_id=deal.pk, by=owner, values=said, now=LATER)
        actions.win(lead_id=lead.pk, by=owner, rate=Decimal("0.9"), now=LATER)
        assert deal_of(lead).amount_base == Decimal("900.00")

    def test_an_earlier_value_of_the_same_amount_stays_where_the_day_has_no_rate(
        self, lead: Lead, owner: User
    ) -> None:
        rate("USD", NOW.date(), "0.8")
        said = {"amount": Decimal(1000), "currency": "USD"}
        deal_edits.revise(opportunity_id=deal_of(lead).pk, by=owner, values=said, now=LATER)
        actions.win(lead_id=lead.pk, by=owner, now=LATER + 60 * DAY)
        deal = deal_of(lead)
        assert (deal.amount_base, deal.rate_date) == (Decimal("800.00"), NOW.date())


def test_another_owner_and_partner_are_said_and_the_log_names_the_owner(
    lead: Lead, company: factories.Company
) -> None:
    deal = deal_of(lead)
    other = next(one for one in company.reps if one.pk != deal.owner_id)
    partner = Account.objects.create(
        name="Partner", name_key="partner", status="PARTNER", created_at=NOW
    )
    said: dict[str, Any] = {"owner": other.pk, "partner": partner.pk}
    deal_edits.revise(opportunity_id=deal.pk, by=company.manager, values=said, now=LATER)
    deal.refresh_from_db()
    assert (deal.owner_id, deal.partner_role) == (other.pk, "INFLUENCED")
    assert deal.steps.get(kind="OWNER").owner_id == other.pk
    said = {"partner": deal.account_id}
    with pytest.raises(errors.InvalidInput, match="cannot be"):
        deal_edits.revise(opportunity_id=deal.pk, by=company.manager, values=said, now=LATER)
