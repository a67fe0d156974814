"""Accounts by API: made or changed as another system knows them, listed, referred to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from leads.models import Account, Activity, ExternalReference, Lead, Opportunity
from tests import factories
from tests.callers import Caller, Company

ACCOUNTS = "/api/v1/accounts/"
Key = Callable[[str], Caller]
ACME = {"system": "crm", "external_id": "A1", "url": "https://crm.example/A1", "name": "Acme Ltd",
        "domain": "www.acme.com", "employees": 120, "country": "GB"}  # fmt: skip


def test_an_account_is_made_then_changed_by_its_reference(company: Company, key_of: Key) -> None:
    writer = key_of("WRITE")
    made = writer.post(ACCOUNTS, ACME)
    again = writer.post(ACCOUNTS, {"system": "CRM", "external_id": "A1", "status": "CUSTOMER"})
    assert (made.status_code, again.status_code) == (201, 200), made.json()
    body = again.json()
    assert body["id"] == made.json()["id"]
    assert (body["domain"], body["status"], body["employees"]) == ("acme.com", "CUSTOMER", 120)
    assert body["references"] == [
        {"system": "crm", "external_id": "A1", "url": "https://crm.example/A1"}
    ]


def test_owner_parent_and_aliases_are_told(company: Company, key_of: Key) -> None:
    writer, owner = key_of("WRITE"), company.ae
    parent = writer.post(ACCOUNTS, {"name": "Acme Group", "domain": "acme-group.com"}).json()["id"]
    aliases = [{"kind": "DOMAIN", "value": "acme.de"}]
    body = {**ACME, "owner": str(owner.pk), "parent": parent, "aliases": aliases}
    shown = writer.post(ACCOUNTS, body).json()
    assert (shown["owner"]["id"], shown["parent"]) == (str(owner.pk), parent)
    assert shown["aliases"] == aliases
    changed = writer.patch(
        f"{ACCOUNTS}{shown['id']}/", {"reason": "Sold", "parent": None, "aliases": []}
    ).json()
    assert (changed["parent"], changed["aliases"]) == (None, [])


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"domain": "gmail.com"}, "domain"),
        ({"name": "A", "country": "Atlantis"}, "country"),
        ({"name": "A", "owner": "999999999"}, "owner"),
        ({"name": "A", "system": "crm"}, "external_id"),
        ({"name": "A", "status": "FRIEND"}, "status"),
        ({"name": "A", "parent": "999999999"}, "parent"),
        ({"name": "A", "aliases": [{"kind": "DOMAIN", "value": "gmail.com"}]}, "aliases"),
        ({"name": "A", "colour": "red"}, "colour"),
        ({}, "name"),
    ],
)
def test_what_cannot_be_is_refused_by_field(
    company: Company, key_of: Key, body: dict[str, Any], field: str
) -> None:
    answer = key_of("WRITE").post(ACCOUNTS, body)
    assert answer.status_code == 422, answer.json()
    assert field in {one["field"] for one in answer.json()["errors"]}
    assert not Account.objects.exists()


def test_only_writers_change_and_readers_see(company: Company, key_of: Key) -> None:
    assert key_of("READ").post(ACCOUNTS, ACME).status_code == 403
    pk = key_of("WRITE").post(ACCOUNTS, ACME).json()["id"]
    assert key_of("READ").get(f"{ACCOUNTS}{pk}/").json()["name"] == "Acme Ltd"
    assert key_of("READ").get(f"{ACCOUNTS}{int(pk) + 1}/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({"q": "acm"}, 1),
        ({"q": "tradename"}, 1),
        ({"domain": "acme.com"}, 1),
        ({"system": "crm", "external_id": "A1"}, 1),
        ({"system": "crm", "external_id": "A9"}, 0),
        ({"status": "CUSTOMER"}, 0),
        ({}, 2),
    ],
)
def test_the_list_is_filtered(
    company: Company, key_of: Key, asked: dict[str, str], found: int
) -> None:
    writer = key_of("WRITE")
    writer.post(ACCOUNTS, {**ACME, "aliases": [{"kind": "NAME", "value": "Tradename"}]})
    writer.post(ACCOUNTS, {"name": "Bolt"})
    assert len(key_of("READ").get(ACCOUNTS, **asked).json()["results"]) == found


def test_the_list_costs_the_same_queries_whatever_its_length(
    company: Company, key_of: Key, django_assert_max_num_queries: Callable[..., object]
) -> None:
    writer, reader = key_of("WRITE"), key_of("READ")
    for number in range(4):
        writer.post(ACCOUNTS, {"name": f"Firm {number}"})
    reader.get(ACCOUNTS)
    with django_assert_max_num_queries(4):
        reader.get(ACCOUNTS, limit=4)


def test_a_lead_is_called_by_other_systems(mql: str, key_of: Key) -> None:
    address = f"/api/v1/leads/{mql}/references/"
    body = {"system": "CRM", "external_id": "L1", "url": "https://crm.example/L1"}
    told = key_of("WRITE").post(address, body)
    assert told.json() == [{"system": "crm", "external_id": "L1", "url": body["url"]}]
    moved = key_of("WRITE").post(address, {**body, "url": "https://crm.example/leads/L1"}).json()
    assert [one["url"] for one in moved] == ["https://crm.example/leads/L1"]


def test_opportunities_and_activities_are_found_by_their_reference(
    mql: str, company: Company, key_of: Key
) -> None:
    lead = Lead.objects.get(pk=mql)
    writer = key_of("WRITE")
    call = {"kind": "DISCOVERY_CALL", "direction": "OUTBOUND", "outcome": "COMPLETED",
            "source": "phone", "external_id": "C1", "url": "https://phone.example/C1"}  # fmt: skip
    for _ in range(2):
        assert writer.post(f"/api/v1/leads/{mql}/activities/", call).status_code == 201
    assert Activity.objects.filter(lead=lead).count() == 1
    lead = factories.work(lead, to="SQL", now=lead.created_at)
    told = {"name": "Deal", "system": "crm", "external_id": "O1", "url": "https://crm.example/O1"}
    assert writer.post(f"/api/v1/leads/{mql}/convert/", told).status_code == 200
    named = ExternalReference.objects.filter(system__in=["crm", "phone"])
    assert set(named.values_list("kind", "value")) == {("ACTIVITY", "C1"), ("OPPORTUNITY", "O1")}
    assert Opportunity.objects.get().references.get().url == "https://crm.example/O1"
