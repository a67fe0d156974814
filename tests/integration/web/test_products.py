"""Products of an opportunity on its page and by API: kept, changed, taken off, taken back."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import database
from leads.models import Opportunity, OpportunityLine, Product
from people.models import User
from tests import factories
from tests.callers import Caller, make_key

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def deal(company: factories.Company) -> Opportunity:
    then = database.now() - DAY
    factories.work(factories.capture(now=then), to="OPPORTUNITY", now=then)
    Opportunity.objects.update(amount=Decimal(1000), currency="EUR")
    Product.objects.create(key="pro", name="GTX Pro", list_price=Decimal(450), currency="EUR")
    Product.objects.create(key="basic", name="GTX Basic")
    Product.objects.create(key="gone", name="GTX Gone", active=False)
    return Opportunity.objects.get()


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=database.now() - 2 * DAY)


def caller(user: User, scope: str) -> Caller:
    return Caller(key=make_key(f"products-{user.pk}", scope, user))


def lines(deal: Opportunity) -> list[tuple[str, int, Decimal | None]]:
    rows = deal.lines.order_by("product__key")
    return list(rows.values_list("product__key", "quantity", "amount"))


def test_they_are_added_changed_and_taken_off_on_its_page_and_taken_back(deal: Opportunity) -> None:
    client = Client()
    client.force_login(deal.owner)
    form = reverse("console:opportunity-act", args=[deal.pk, "products"])

    def page() -> str:
        return client.get(reverse("console:opportunity", args=[deal.pk])).content.decode()

    def send(version: int, **given: Any) -> int:
        return client.post(form, {"version": version, "quantity_new": "1", **given}).status_code

    offered = client.get(form).content.decode()
    assert "GTX Pro (450 EUR each)" in offered
    assert "GTX Gone" not in offered
    assert "No products are named" in page()
    assert send(1, product="pro", quantity_new="2", amount_new="900") == 303
    assert send(2, product="basic", quantity_new="1") == 422, "the line that is there is left out"
    pro = deal.lines.get().pk
    kept = {f"quantity_{pro}": "2", f"amount_{pro}": "900"}
    assert send(1, product="basic", **kept) == 409, "somebody changed it meanwhile"
    assert "Together 900 EUR: 100 EUR less than the amount says." in page()
    assert send(2, product="basic", amount_new="100", **kept) == 303
    assert "Together 1,000 EUR, as the amount says." in page()
    basic = deal.lines.get(product__key="basic").pk
    off = {f"quantity_{pro}": "3", f"quantity_{basic}": "0", f"amount_{pro}": ""}
    assert send(3, **off) == 303
    assert lines(deal) == [("pro", 3, None)]
    assert "Not every product has an amount." in page()
    undo = reverse("console:opportunity-act", args=[deal.pk, "undo"])
    assert client.post(undo).status_code == 303
    assert lines(deal) == [("basic", 1, Decimal(100)), ("pro", 2, Decimal(900))]
    assert "it has the products it had before" in page()
    assert client.post(undo).status_code == 409, "one step back, no more"
    past = OpportunityLine.history.order_by("history_id").values_list("history_type", flat=True)
    assert "".join(past) == "++-~+~"


def test_by_api_they_are_read_and_put_as_a_whole(
    company: factories.Company, deal: Opportunity
) -> None:
    key = caller(company.revops, "WRITE")
    url = f"/api/v1/opportunities/{deal.pk}/products/"
    rows = key.get("/api/v1/products/").json()["results"]
    assert {one["key"]: one["active"] for one in rows} == {
        "pro": True, "basic": True, "gone": False,
    }  # fmt: skip
    said = [{"product": "GTXPro", "quantity": 2, "amount": "950.50"}, {"product": "basic"}]
    done = key.post(url, {"products": said, "version": 1})
    assert done.status_code == 200, done.content
    found = key.get(f"/api/v1/opportunities/{deal.pk}/").json()
    assert found["products"] == [
        {"product": "pro", "name": "GTX Pro", "quantity": 2, "amount": "950.50"},
        {"product": "basic", "name": "GTX Basic", "quantity": 1, "amount": None},
    ]
    assert (found["products_total"], found["steps"][-1]["kind"]) == (None, "PRODUCTS")
    assert key.post(url, {"products": said, "version": 1}).status_code == 409
    bad = key.post(url, {"products": [{"product": "gone"}, {"product": "nothing"}]})
    assert [one["message"] for one in bad.json()["errors"]] == [
        "GTX Gone is not offered any more.", "There is no product “nothing”.",
    ]  # fmt: skip
    again = key.post(url, {"products": said, "version": 2})
    assert again.json()["version"] == 2, "the same products again are no step"
    assert key.post(url, {"products": []}).status_code == 200
    assert lines(deal) == []
    other = next(one for one in company.reps if one.pk != deal.owner_id)
    assert caller(other, "WRITE").post(url, {"products": []}).status_code in (403, 404)


def test_a_list_reads_the_products_of_all_at_once(
    company: factories.Company, deal: Opportunity
) -> None:
    key = caller(company.revops, "READ")
    key.get("/api/v1/opportunities/")

    def cost() -> int:
        with CaptureQueriesContext(connection) as asked:
            assert key.get("/api/v1/opportunities/").status_code == 200
        return len(asked)

    one = cost()
    for name in ("b", "c"):
        other = Opportunity.objects.create(name=name, owner=deal.owner, created_at=database.now())
        OpportunityLine.objects.create(opportunity=other, product=Product.objects.get(key="pro"))
    assert cost() <= one + 1, "products are read once there are any"
