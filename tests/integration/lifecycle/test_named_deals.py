"""Deals named by their ids elsewhere: made once, joined, brought up to date, taken back."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from leads.models import ExternalReference, Lead, Opportunity
from lifecycle import deal_edits
from lifecycle.importing import runs, undoing, working
from lifecycle.models import ImportRun
from sla.models import Clock
from tests import factories
from tests.factories import Company
from tests.integration.lifecycle.test_import_undo import dump
from tests.integration.lifecycle.test_past import record, sound, told

pytestmark = pytest.mark.django_db

DEAL = {"owner": "anna", "deal_id": "D-7", "deal_url": "https://old.test/d/7"}
CLOSED = {"closed_at": "2025-06-30T00:00:00Z"}


@pytest.fixture
def company(db: None) -> Company:
    return factories.company()


def colleague(number: int, **history: str) -> dict[str, Any]:
    """Another record at the company of record 1."""
    return record(number, **history) | {"company": {"name": "Co 1", "domain": "co1.test"}}


def test_a_deal_is_known_by_its_id_and_one_for_all_of_its_records(company: Company) -> None:
    first, second = (colleague(n, stage="OPPORTUNITY", amount="500", **DEAL) for n in (1, 2))
    told(first, second)
    told(colleague(3, stage="OPPORTUNITY", amount="750", **DEAL))
    [deal] = Opportunity.objects.all()
    assert set(Lead.objects.values_list("opportunity", flat=True)) == {deal.pk}
    assert (deal.amount, deal.status) == (Decimal(750), "OPEN")
    [name] = ExternalReference.objects.filter(opportunity=deal)
    assert (name.system, name.value, name.url) == ("old", "D-7", "https://old.test/d/7")
    sound()


def test_a_later_import_brings_the_deal_up_to_date_and_closes_it(company: Company) -> None:
    told(record(1, stage="OPPORTUNITY", amount="500", **DEAL))
    assert Clock.objects.filter(state="RUNNING").exists()
    [receipt] = told(record(1, stage="WON", amount="900", **DEAL, **CLOSED))
    lead, deal = Lead.objects.get(), Opportunity.objects.get()
    assert (lead.stage, lead.owner, deal.status, deal.amount) == ("WON", None, "WON", Decimal(900))
    assert deal.closed_at == lead.entered_stage_at
    assert (receipt["remarks"], Clock.objects.filter(state="RUNNING").count()) == ([], 0)
    sound()


def test_what_people_changed_here_stays_theirs(company: Company) -> None:
    told(record(1, stage="OPPORTUNITY", amount="500", **DEAL))
    deal = Opportunity.objects.get()
    anna = company.reps[0]
    deal_edits.revise(opportunity_id=deal.pk, by=anna, values={"amount": Decimal(650)})
    [receipt] = told(record(1, stage="WON", amount="900", **DEAL, **CLOSED))
    deal.refresh_from_db()
    assert (deal.amount, deal.status, Lead.objects.get().stage) == (650, "OPEN", "OPPORTUNITY")
    assert {one["field"] for one in receipt["remarks"]} == {"history.deal_id", "history.stage"}
    sound()


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (record(2, stage="OPPORTUNITY", **DEAL), "another company’s"),
        (colleague(2, stage="LOST", **DEAL, **CLOSED), "its deal is open here"),
    ],
)
def test_a_record_that_cannot_be_of_its_deal_comes_in_as_an_inquiry(
    company: Company, other: dict[str, Any], word: str
) -> None:
    told(record(1, stage="OPPORTUNITY", **DEAL))
    [receipt] = told(other)
    assert (receipt["stage"], word in receipt["remarks"][-1]["message"]) == ("INQUIRY", True)
    assert Opportunity.objects.count() == 1
    sound()


def test_a_deal_of_several_is_not_closed_by_one_record(company: Company) -> None:
    told(*(colleague(n, stage="OPPORTUNITY", **DEAL) for n in (1, 2)))
    [receipt] = told(colleague(1, stage="WON", **DEAL, **CLOSED))
    assert "not this record’s alone" in receipt["remarks"][-1]["message"]
    assert Opportunity.objects.get().status == "OPEN"
    sound()


def test_undoing_an_import_takes_its_deals_and_their_ids_back(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs.queue, "enqueue", lambda *_, **__: None)
    before = dump()
    text = (
        "Email,Company,Created,Deal stage,Deal ID,Owner\n"
        "a@co.test,Co,2025-03-03,won,D-1,anna\nb@co.test,Co,2025-03-03,won,D-1,anna\n"
    )
    run = runs.upload([text.encode()], name="deals.csv", by=company.revops)
    document = {
        "system": "old",
        "columns": {
            "person.email": ["Email"],
            "company.name": ["Company"],
            "occurred_at": ["Created"],
            "history.stage": {"from": ["Deal stage"], "words": {"won": "WON"}},
            "history.deal_id": ["Deal ID"],
            "history.owner": ["Owner"],
        },
    }
    runs.check(run.pk, document=document, by=company.revops)
    working.work(run.pk)
    runs.start(run.pk, by=company.revops)
    working.work(run.pk)
    factories.check_rules()
    assert (Opportunity.objects.count(), ExternalReference.objects.count()) == (1, 1)
    undoing.undo(run_id=run.pk, by=company.revops)
    assert ImportRun.objects.get(pk=run.pk).state == "UNDONE"
    assert Opportunity.objects.count() == ExternalReference.objects.count() == 0
    assert dump() == before
    sound()
