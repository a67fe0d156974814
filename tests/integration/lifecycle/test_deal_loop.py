"""What an end says of its beginning: source, first touchpoint, who sourced it, who had it when."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from leads.models import Lead, LeadEvent, Opportunity
from lifecycle import actions, deal_loop
from tests import factories
from tests.factories import DAY, HOUR, NOW

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> factories.Company:
    return factories.company()


def won(lead: Lead) -> Opportunity:
    assert lead.owner is not None
    actions.win(lead_id=lead.pk, by=lead.owner, amount=Decimal(70), now=NOW + 3 * DAY)
    return Opportunity.objects.get()


def test_the_end_names_source_campaign_first_touchpoint_and_owners_by_stage(
    company: factories.Company,
) -> None:
    lead = factories.capture(source={"category": "PAID", "campaign": "spring"})
    first = lead.owner
    lead = factories.work(lead, to="SAL", now=NOW + HOUR)
    other = next(one for one in company.reps if one != first)
    actions.reassign(
        lead_id=lead.pk, by=company.manager, to=other.pk, reason="swap", now=NOW + 2 * HOUR
    )
    lead = factories.work(
        Lead.objects.get(pk=lead.pk), to="OPPORTUNITY", now=NOW + 3 * HOUR, by=other
    )
    won(lead)
    step = Opportunity.objects.get().steps.get(kind="WON")
    loop = step.because["loop"]
    assert loop == LeadEvent.objects.get(lead=lead, transition="win").because["loop"]
    assert (loop["category"], loop["campaign"], loop["lead"]) == ("PAID", "spring", lead.pk)
    assert loop["first_touch_at"] == NOW.isoformat()
    assert loop["days"] == 3
    assert first is not None
    assert loop["owners"]["MQL"] == first.pk
    assert (loop["owners"]["SAL"], loop["owners"]["SQL"]) == (other.pk, other.pk)


def test_steps_that_were_taken_back_had_no_owner(company: factories.Company) -> None:
    lead = factories.capture()
    owner, at = lead.owner, NOW + HOUR
    assert owner is not None
    told: dict[str, Any] = {"lead_id": lead.pk, "by": owner}
    for leave in (actions.reject, actions.disqualify):
        leave(**told, reason="timing" if leave is actions.reject else "spam", now=at)
        actions.undo(**told, now=at)
    lead = factories.work(Lead.objects.get(pk=lead.pk), to="SAL", now=at)
    actions.return_to_nurture(**told, reason="timing", now=at)
    actions.undo(**told, now=at)
    factories.work(Lead.objects.get(pk=lead.pk), to="OPPORTUNITY", now=at + HOUR)
    won(Lead.objects.get(pk=lead.pk))
    actions.undo(**told, now=NOW + 3 * DAY)
    worked = dict.fromkeys(["MQL", "SAL", "SQL", "OPPORTUNITY"], owner.pk)
    assert deal_loop.owners(lead.pk) == {"INQUIRY": None, **worked}


def test_reports_read_what_ended_in_a_time_and_stands_so(company: factories.Company) -> None:
    deal = won(factories.work(factories.capture(), to="OPPORTUNITY", now=NOW + HOUR))
    (one,) = deal_loop.closed_between(NOW, NOW + 4 * DAY)
    assert (one.opportunity, one.status, one.value) == (deal.pk, "WON", Decimal(70))
    assert (one.category, one.days, one.first_touch_at) == ("PAID", 3, NOW)
    assert list(deal_loop.closed_between(NOW, NOW + DAY)) == []


def test_an_end_that_told_nothing_is_told_by_its_first_lead(company: factories.Company) -> None:
    lead = factories.work(factories.capture(), to="OPPORTUNITY", now=NOW + HOUR)
    deal = Opportunity.objects.get()
    Opportunity.objects.filter(pk=deal.pk).update(status="LOST", closed_at=NOW + 2 * DAY)
    (one,) = deal_loop.closed_between(NOW, NOW + 4 * DAY)
    assert (one.category, one.first_touch_at) == ("PAID", lead.created_at)
