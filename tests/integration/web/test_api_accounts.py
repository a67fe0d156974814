"""Accounts by API: made or changed as another system knows them, listed, referred to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from leads.models import Account, Activity, ExternalReference, Lead, Opportunity
from people.models import User
from tests import factories
from tests.callers import Caller, Company, touch
from tests.integration.web.test_api_schema import fits

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


def test_an_account_becomes_a_part_of_another_and_is_parted(company: Company, key_of: Key) -> None:
    writer = key_of("WRITE")
    here = writer.post(ACCOUNTS, {"name": "Acme", "domain": "acme.com"}).json()["id"]
    other = writer.post(ACCOUNTS, {"name": "Labs", "domain": "labs.example"}).json()["id"]
    alias = {"reason": "x", "aliases": [{"kind": "DOMAIN", "value": "labs.example"}]}
    refused = writer.patch(f"{ACCOUNTS}{here}/", alias)
    assert (refused.json()["code"], refused.json()["state"]) == ("domain_taken", {"account": other})
    absorbed = writer.post(f"{ACCOUNTS}{here}/absorb/", {"account": other, "reason": "one"})
    assert absorbed.status_code == 200, absorbed.json()
    assert {one["value"] for one in absorbed.json()["aliases"]} == {"labs.example", "Labs"}
    assert key_of("READ").get(f"{ACCOUNTS}{other}/").status_code == 404
    parted = writer.post(f"{ACCOUNTS}{here}/part/", {"account": other})
    assert (parted.status_code, parted.json()["domain"]) == (200, "labs.example")
    assert writer.post(f"{ACCOUNTS}{here}/part/", {"account": other}).status_code == 409
    for body in ({"account": "x", "reason": "y"}, {"account": other}, {}):
        assert writer.post(f"{ACCOUNTS}{here}/absorb/", body).status_code == 422
    writer.patch(f"{ACCOUNTS}{other}/", {"reason": "sold", "status": "CUSTOMER"})
    alone = writer.post(f"{ACCOUNTS}{here}/absorb/", {"account": other, "reason": "one"})
    assert (alone.status_code, alone.json()["code"]) == (409, "account_stands_alone")


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
    again = {**call, "note": "She called back", "direction": "OUTBOUND"}
    assert writer.post(f"/api/v1/leads/{mql}/activities/", again).status_code == 201
    assert Activity.objects.get(lead=lead, source="phone").note == "She called back"
    other = writer.post(f"/api/v1/leads/{mql}/activities/", {**call, "outcome": "NO_ANSWER"})
    assert (other.status_code, other.json()["code"]) == (409, "reference_taken")


def test_an_opportunity_is_opened_then_changed_by_its_reference(
    mql: str, company: Company, key_of: Key
) -> None:
    lead = Lead.objects.get(pk=mql)
    factories.work(lead, to="SQL", now=lead.created_at)
    writer, address = key_of("WRITE"), "/api/v1/opportunities/"
    deal = {"system": "CRM", "external_id": "O7", "url": "https://crm.example/O7", "name": "Deal",
            "amount": "100.00", "currency": "EUR"}  # fmt: skip
    unknown = writer.post(address, deal)
    assert (unknown.status_code, unknown.json()["errors"][0]["field"]) == (422, "lead")
    made = writer.post(address, {**deal, "lead": mql})
    assert made.status_code == 201, made.json()
    told = writer.post(address, {"system": "crm", "external_id": "O7", "amount": "250.00",
                                 "url": "https://crm.example/deals/O7"})  # fmt: skip
    assert told.status_code == 200
    body = told.json()
    assert (body["id"], body["amount"], body["name"]) == (made.json()["id"], "250.00", "Deal")
    assert (body["leads"], body["status"]) == ([mql], "OPEN")
    assert body["references"] == [
        {"system": "crm", "external_id": "O7", "url": "https://crm.example/deals/O7"}
    ]
    changed = writer.patch(f"{address}{body['id']}/", {"expected_close": "2031-01-31"})
    assert changed.json()["expected_close"] == "2031-01-31"
    wrong = writer.patch(f"{address}{body['id']}/", {"currency": "EURO", "name": ""})
    assert wrong.status_code == 422
    found = key_of("READ").get(address, system="crm", external_id="O7").json()["results"]
    assert [one["id"] for one in found] == [body["id"]]
    schema = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    fits(body, schema["OpportunityFull"], schema, "opportunity")
    stranger = Caller(user=User.objects.create(username="rep", role="SDR"))
    assert stranger.get(f"{address}{body['id']}/").status_code == 404
    assert stranger.patch(f"{address}{body['id']}/", {"amount": "1"}).status_code == 404


def test_leads_are_found_by_what_their_systems_call_them(mql: str, key_of: Key) -> None:
    writer = key_of("WRITE")
    writer.post(f"/api/v1/leads/{mql}/references/", {"system": "CRM", "external_id": "L1"})
    own = writer.post("/api/v1/capture/", touch("own@id.example", external_id="17")).json()["lead"]
    for asked, found in (
        ({"system": "crm", "external_id": "L1"}, [mql]),
        ({"external_id": "17"}, [own]),
        ({"system": "other", "external_id": "17"}, []),
    ):
        rows = writer.get("/api/v1/leads/", **asked).json()["results"]
        assert [one["id"] for one in rows] == found
    assert writer.get("/api/v1/leads/", system="crm").status_code == 400
