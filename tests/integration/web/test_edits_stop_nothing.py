"""Fields may be changed by any door: no clock stops, moves or is cancelled by it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from leads.models import Lead
from lifecycle import accounts, editing
from sla.models import Clock, ClockEvent
from tests import factories

pytestmark = pytest.mark.django_db

VALUES = {
    "person.first_name": "Paula",
    "person.last_name": "Kern",
    "person.title": "CFO",
    "person.seniority": "C_LEVEL",
    "person.function": "FINANCE",
    "person.email": "paula.kern@firm.example",
    "person.phone": "+49 30 901820",
    "person.country": "AT",
    "company.name": "Another Firm",
    "company.industry": "Software",
    "company.employees": "777",
    "company.annual_revenue": "5000000",
    "company.currency": "EUR",
    "company.country": "CH",
    "company.region": "ZH",
    "company.postal_code": "8001",
    "lead.potential_value": "50000",
}
Edit = Callable[[Lead, factories.Company], object]


def by_service(field: str, value: str) -> Edit:
    def edit(lead: Lead, _: factories.Company) -> object:
        return editing.edit(lead_id=lead.pk, by=lead.owner, values={field: value})

    return edit


def by_page(lead: Lead, _: factories.Company) -> object:
    answer = _browser(lead).post(f"/leads/{lead.pk}/edit/", VALUES | {"next": "/"})
    assert answer.status_code == 303, answer.content
    return answer


def by_api(lead: Lead, _: factories.Company) -> object:
    body: dict[str, dict[str, str]] = {"person": {}, "company": {}, "lead": {}}
    for name, value in VALUES.items():
        section, _, field = name.partition(".")
        body[section][field] = value
    answer = _browser(lead).patch(f"/api/v1/leads/{lead.pk}/", body, "application/json")
    assert answer.status_code == 200, answer.content
    return answer


def by_account(lead: Lead, company: factories.Company) -> object:
    changes: dict[str, Any] = {"region": "BW", "postal_code": "70173", "aliases": []}
    account = lead.account_id or 0
    return accounts.edit(account_id=account, by=company.revops, reason="Moved", **changes)


def by_import(lead: Lead, _: factories.Company) -> object:
    person = {"email": lead.person.email, "title": "Chief Buyer", "country": "AT"}
    return factories.capture(factories.touch(person=person, channel="IMPORT"), now=timezone.now())


def _browser(lead: Lead) -> Client:
    client = Client()
    assert lead.owner is not None
    client.force_login(lead.owner)
    return client


def clocks(lead: Lead) -> list[dict[str, Any]]:
    return list(Clock.objects.filter(lead=lead).order_by("pk").values())


def notes(lead: Lead) -> list[str]:
    found = ClockEvent.objects.filter(clock__lead=lead).exclude(kind="JOINED")
    return list(found.order_by("pk").values_list("kind", flat=True))


WAYS = {name: by_service(name, value) for name, value in VALUES.items()} | {
    "page": by_page, "api": by_api, "account": by_account, "import": by_import
}  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
def test_a_changed_field_leaves_every_clock_as_it_was(way: str) -> None:
    company = factories.company(now=timezone.now() - dt.timedelta(days=1))
    lead = factories.capture(now=timezone.now())
    before, noted = clocks(lead), notes(lead)
    assert {one["state"] for one in before} >= {"RUNNING"}
    WAYS[way](lead, company)
    assert clocks(lead) == before
    assert notes(lead) == noted


def test_every_field_that_may_be_changed_is_tried() -> None:
    assert set(VALUES) == set(editing.FIELDS) - {editing.DOMAIN}
