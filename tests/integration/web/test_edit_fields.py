"""Fields of a buyer are changed on the lead page and by the API, and tell where they are from."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Lead
from lifecycle import accounts
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=timezone.now() - dt.timedelta(days=1))


@pytest.fixture
def lead(company: factories.Company) -> Lead:
    return factories.capture(now=timezone.now())


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_the_form_shows_what_is_there_and_sends_what_was_changed(lead: Lead) -> None:
    browser = client_of(lead.owner)
    url = f"/leads/{lead.pk}/edit/"
    page = browser.get(url).content.decode()
    assert 'value="VP Operations"' in page
    answer = browser.post(url, {"person.title": "CFO", "person.country": "", "next": "/"})
    assert answer.status_code == 303
    lead.person.refresh_from_db()
    assert (lead.person.title, lead.person.seniority) == ("CFO", "C_LEVEL")


def test_a_fault_stands_at_its_field(lead: Lead) -> None:
    answer = client_of(lead.owner).post(f"/leads/{lead.pk}/edit/", {"person.country": "Atlantis"})
    assert answer.status_code == 422
    assert "no country we know" in answer.content.decode()


def test_the_lead_page_says_where_values_are_from_and_who_said_otherwise(lead: Lead) -> None:
    body = factories.touch(person={"email": lead.person.email, "title": "Chief Buyer"})
    factories.capture(body, now=timezone.now())
    page = client_of(lead.owner).get(f"/leads/{lead.pk}/").content.decode()
    assert "From the channel “Web form”, today, 80 % sure" in page
    assert "said otherwise: “Chief Buyer” by the channel “Web form”, today" in page
    assert f'href="/leads/{lead.pk}/edit/"' in page
    assert "Vice president" in page


def test_what_other_systems_call_it_leads_there_and_stands_apart(lead: Lead) -> None:
    accounts.refer(lead_id=lead.pk, system="crm", external_id="<b>7", url="https://crm.example/7")
    accounts.refer(lead_id=lead.pk, system="erp", external_id="8")
    page = client_of(lead.owner).get(f"/leads/{lead.pk}/").content.decode()
    link = '<a href="https://crm.example/7" rel="noopener noreferrer"><bdi>crm &lt;b&gt;7</bdi></a>'
    assert link in page
    assert "<bdi>erp 8</bdi></dd>" in page


def test_the_api_changes_fields_and_names_each_fault(lead: Lead) -> None:
    browser = client_of(lead.owner)

    def patch(body: Any) -> Any:
        return browser.patch(f"/api/v1/leads/{lead.pk}/", body, content_type="application/json")

    answer = patch({"person": {"title": "CFO"}, "company": {"employees": 77, "industry": None}})
    assert answer.status_code == 200, answer.content
    lead = Lead.objects.select_related("person", "account").get(pk=lead.pk)
    assert lead.account is not None
    assert (lead.person.title, lead.account.employees, lead.account.industry) == ("CFO", 77, "")
    refused = patch({"person": {"country": "Atlantis"}, "company": {"employees": "many"}})
    assert refused.status_code == 422
    assert {one["field"] for one in refused.json()["errors"]} == {
        "person.country", "company.employees"
    }  # fmt: skip
    (long,) = patch({"person": {"title": "x" * 5_000}}).json()["errors"]
    assert long["field"] == "person.title"
    assert long["message"] == "The text has 5000 characters; at most 160 are kept."
    for odd in ({"person": {"email": "x at y"}}, {"person": 3}, {"title": "x"}, [], "x",
                {"person": {"title": True}}, {"person": {"title": ["x"]}}):  # fmt: skip
        assert patch(odd).status_code in (400, 422), odd


def test_an_address_of_another_buyer_is_refused_with_the_way_to_make_them_one(
    company: factories.Company, lead: Lead
) -> None:
    other = factories.capture(now=timezone.now())
    address = Lead.objects.select_related("person").get(pk=other.pk).person.email
    browser = client_of(company.revops)
    url = f"/leads/{lead.pk}/edit/"
    answer = browser.post(url, {"person.email": address})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert f"lead {other.pk}" in page
    assert f'href="/leads/{lead.pk}/same-as/?q={other.pk}"' in page
    told = browser.patch(f"/api/v1/leads/{lead.pk}/", {"person": {"email": address}},
                         content_type="application/json")  # fmt: skip
    assert (told.status_code, told.json()["code"]) == (409, "address_taken")
    assert told.json()["state"] == {"lead": str(other.pk)}


def test_a_change_is_undone_by_page_and_api(lead: Lead) -> None:
    browser = client_of(lead.owner)
    was = lead.person.email
    for back in (f"/leads/{lead.pk}/undo/", f"/api/v1/leads/{lead.pk}/undo/"):
        answer = browser.post(f"/leads/{lead.pk}/edit/", {"person.email": "new@other.example"})
        assert answer.status_code == 303
        lead.person.refresh_from_db()
        assert lead.person.email == "new@other.example"
        assert browser.post(back, {}, content_type="application/json").status_code in (200, 303)
        lead.person.refresh_from_db()
        assert lead.person.email == was
    page = browser.get(f"/leads/{lead.pk}/").content.decode()
    assert "took back the change of" in page


def test_the_company_of_a_lead_without_one_is_named_and_taken_back(
    company: factories.Company,
) -> None:
    thin = {"name": None, "domain": None, "industry": None, "employees": None, "country": None}
    lead = factories.capture(
        channel="IMPORT", person={"email": "q4.arme@gmail.com", "last_name": "Arme"}, company=thin,
        source={"category": "content_syndication"}, signals=[], now=timezone.now(),
    )  # fmt: skip
    browser = client_of(company.revops)
    url = f"/leads/{lead.pk}/edit/"
    page = browser.get(f"{url}?next=/queues/quarantine/").content.decode()
    assert "lacks: country of the company, company size and industry." in page
    told = said(browser, url, {"company.name": "Nordwind", "next": "/queues/quarantine/"})
    assert "Changed: company name." in told
    assert "Still waiting: country of the company, company size, industry." in told
    told = said(browser, url, {"company.domain": "nordwind.de", "company.employees": "201-500"})
    assert "Changed: company domain and employees." in told
    page = browser.get(f"/leads/{lead.pk}/").content.decode()
    assert "named its company: " in page
    assert "201–500 employees" in page
    undo = f"/leads/{lead.pk}/undo/"
    told = said(browser, undo, {})
    assert "Undone: company domain empty, employees empty again." in told
    said(browser, url, {"person.last_name": "Neu", "person.phone": "+49 30 123456"})
    assert "Undone: last name “Arme”, phone empty again." in said(browser, undo, {})


def said(browser: Client, url: str, data: dict[str, str]) -> str:
    """The page an act leads to, with its toast."""
    answer = browser.post(url, data)
    assert answer.status_code == 303, answer.content
    return browser.get(answer["Location"]).content.decode()
