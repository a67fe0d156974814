"""POST /api/v1/opportunities/batch/: each row answered, the same again changes nothing."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

from leads.models import Account, Opportunity, Product
from lifecycle.deal_importing import batch
from tests.callers import Caller, Company, make_key
from tests.integration.web.test_api_schema import fits

ADDRESS = "/api/v1/opportunities/batch/"
WON = {
    "external_id": "won", "account": "Acme", "owner": "sdr", "status": "WON", "amount": 1000.5,
    "currency": "EUR", "opened": "2025-01-10", "closed": "2025-03-01",
    "products": [{"product": "GTXPro", "quantity": 2, "amount": "900"}],
}  # fmt: skip
OPEN = {"external_id": "open", "domain": "bolt.example", "owner": "nobody", "stage": "Proposal"}
BAD: dict[str, Any] = {
    "": 7,
    "colour": {"external_id": "a", "colour": "red"},
    "external_id": {"name": "nameless"},
    "amount": {"external_id": "b", "amount": "much"},
    "closed": {"external_id": "c", "account": "Acme", "owner": "sdr", "status": "WON"},
    "account": {"external_id": "d", "account": "Nowhere", "owner": "sdr"},
    "products.0.quantity": {"external_id": "e", "products": [{"product": "pro", "quantity": 0}]},
    "name": {"external_id": "f", "name": "a\x00b"},
}


@pytest.fixture
def crm(company: Company) -> Caller:
    for name, domain in (("Acme", None), ("Bolt", "bolt.example")):
        Account.objects.create(
            name=name, name_key=name.lower(), domain=domain, created_at="2025-01-01T00:00Z"
        )
    Product.objects.create(key="pro", name="GTX Pro")
    return Caller(key=make_key("crm", "WRITE"))


def send(caller: Caller, *rows: Any, **more: Any) -> list[dict[str, Any]]:
    answer = caller.post(ADDRESS, {"system": "crm", "opportunities": rows, **more})
    assert answer.status_code == 200, answer.content
    receipts: list[dict[str, Any]] = answer.json()["receipts"]
    return receipts


def test_each_is_made_once_and_a_bad_one_is_refused_alone(crm: Caller) -> None:
    told = send(crm, WON, *BAD.values(), OPEN, owner_else="ae")
    assert [one["status"] for one in told] == [201, *[422] * len(BAD), 201]
    assert [one["errors"][0]["field"] for one in told[1:-1]] == list(BAD)
    won, still = Opportunity.objects.order_by("pk")
    assert (told[0]["opportunity"], won.amount) == (str(won.pk), Decimal("1000.50"))
    assert "read as GTX Pro" in told[0]["remarks"][0]["message"]
    assert (still.sales_stage, still.owner.username) == ("proposal", "ae")
    assert Account.objects.get(name="Acme").status == "CUSTOMER"
    told_again = send(crm, WON, OPEN | {"status": "OPEN", "closed": "2025-03-01"}, owner_else="ae")
    assert [one["outcome"] for one in told_again] == ["unchanged"] * 2
    assert "closed" in {one["field"] for one in told_again[1]["remarks"]}
    [moved] = send(crm, OPEN | {"owner": "ae", "stage": "verbal"})
    assert (moved["status"], moved["outcome"], moved["changed"]) == (
        200,
        "updated",
        ["sales_stage"],
    )
    schema = SchemaGenerator().get_schema(request=None, public=True)["components"]["schemas"]
    fits({"receipts": [*told, moved]}, schema["OpportunityReceipts"], schema, "receipts")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"system": "crm"}, "opportunities"),
        ({"opportunities": []}, "system"),
        ({"system": "crm", "opportunities": [], "sytem": "crm"}, "sytem"),
        ({"system": "crm", "opportunities": [], "make_accounts": "yes"}, "make_accounts"),
        ({"system": "crm", "opportunities": [{}] * (batch.MOST + 1)}, "opportunities"),
    ],
    ids=["no list", "no system", "unknown", "no truth", "too many"],
)
def test_a_body_that_cannot_be_read_is_refused_as_a_whole(
    crm: Caller, body: dict[str, Any], field: str
) -> None:
    answer = crm.post(ADDRESS, body)
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field)
