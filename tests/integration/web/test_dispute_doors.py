"""Rejections are disputed and decided on pages and by API."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client

from core import database
from leads.models import Lead
from lifecycle import actions, disputes, editing, notices
from tests import factories
from tests.callers import Caller
from tests.factories import MINUTE, Company

pytestmark = pytest.mark.django_db


@pytest.fixture
def now() -> dt.datetime:
    return database.now() - 30 * MINUTE


@pytest.fixture
def company(db: None, now: dt.datetime) -> Company:
    return factories.company(now=now)


@pytest.fixture
def rejected(company: Company, now: dt.datetime) -> Lead:
    lead = factories.capture(now=now)
    actions.reject(
        lead_id=lead.pk, by=lead.owner, reason="outside_icp", note="Too small.", now=now + MINUTE
    )
    return lead


def seen(client: Client, lead: Lead) -> str:
    return client.get(f"/leads/{lead.pk}/").content.decode()


def test_marketing_is_offered_to_dispute_and_revops_to_decide(
    client: Client, company: Company, rejected: Lead
) -> None:
    client.force_login(company.revops)
    assert "Dispute the rejection" not in seen(client, rejected)
    client.force_login(company.marketing)
    page = seen(client, rejected)
    assert "Contestable" in page
    assert "Company size 420 employees" in page[page.index('id="rejection"') :]
    address = f"/leads/{rejected.pk}/dispute/"
    assert address in page
    assert client.get(address).status_code == 200
    assert client.post(address, {"note": ""}).status_code == 422
    assert client.post(address, {"note": "They are 420."}).status_code == 303
    page = seen(client, rejected)
    assert "They are 420." in page
    assert "decide-dispute" not in page
    client.force_login(company.revops)
    address = f"/leads/{rejected.pk}/decide-dispute/"
    assert address in seen(client, rejected)
    assert "They are 420." in client.get(address).content.decode()
    told = {"outcome": "OVERTURNED", "note": "Right, they are."}
    assert client.post(address, told).status_code == 303
    rejected.refresh_from_db()
    assert rejected.stage == "MQL"
    page = seen(client, rejected)
    assert "overturned the rejection" in page
    assert "made it an MQL again" in page
    answer = client.post(address, told)
    assert answer.status_code == 409
    assert "decided it at" in answer.content.decode()


def test_by_api_with_its_refusals(company: Company, rejected: Lead) -> None:
    mark, rita = Caller(user=company.marketing), Caller(user=company.revops)
    address = f"/api/v1/leads/{rejected.pk}/dispute/"
    assert mark.post(address, {}).status_code == 422
    assert rita.post(address, {"note": "No."}).status_code == 403
    assert mark.post(address, {"note": "No."}).json()["stage"] == "DISQUALIFIED"
    assert mark.post(address, {"note": "No."}).json()["code"] == "disputed"
    address = f"/api/v1/leads/{rejected.pk}/decide_dispute/"
    assert rita.post(address, {"outcome": "OVERTAKEN", "note": "x"}).status_code == 422
    assert mark.post(address, {"outcome": "UPHELD", "note": "x"}).status_code == 403
    answer = rita.post(address, {"outcome": "OVERTURNED", "note": "Right."})
    assert (answer.status_code, answer.json()["stage"]) == (200, "MQL")
    assert rita.post(address, {"outcome": "UPHELD", "note": "x"}).status_code == 409


def test_the_notice_says_what_is_to_be_done(
    client: Client, company: Company, rejected: Lead, now: dt.datetime
) -> None:
    disputes.dispute(lead_id=rejected.pk, by=company.marketing, note="No.", now=now + 2 * MINUTE)
    notices.drain(now=now + 3 * MINUTE)
    for who, said in (
        (company.marketing, "which the facts contradict"),
        (company.revops, "Marketing disputes that. Decide it by"),
        (rejected.owner, "is disputed. RevOps decides."),
    ):
        client.force_login(who)  # type: ignore[arg-type]
        assert said in client.get("/notices/").content.decode()


def test_pages_say_where_a_lead_comes_back_to_and_what_was_decided_meanwhile(
    client: Client, company: Company, now: dt.datetime
) -> None:
    lead = factories.capture(now=now)
    actions.reject(lead_id=lead.pk, by=lead.owner, reason="timing", now=now + MINUTE)
    dispute = {"lead_id": lead.pk, "by": company.marketing, "note": "They buy."}
    disputes.dispute(**dispute, now=now + 2 * MINUTE)

    def call(title: str, minutes: int) -> None:
        editing.edit(
            lead_id=lead.pk, by=company.revops, values={"person.title": title},
            now=now + minutes * MINUTE,
        )  # fmt: skip

    client.force_login(company.revops)
    call("Student", 3)
    assert "It comes back to Nurture as soon as that holds no more." in seen(client, lead)
    call("VP Operations", 4)
    assert "holds no more. It rests in Nurture." in seen(client, lead)
    call("Student", 5)
    said = {"outcome": "OVERTURNED", "note": "They do."}
    assert client.post(f"/leads/{lead.pk}/decide-dispute/", said).status_code == 303
    page = seen(client, lead)
    assert "overturned the rejection. The lead is an MQL again once no exclusion" in page
    assert "It comes back as an MQL as soon as that holds no more." in page
    while notices.drain(now=database.now()).done:
        pass
    client.force_login(company.marketing)
    assert "the lead is an MQL again once no exclusion" in client.get("/notices/").content.decode()
