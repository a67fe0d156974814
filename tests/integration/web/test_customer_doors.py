"""Customers on pages and by API: the card, the list by renewal, the acts, who may."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core import database
from leads.models import Account, Customer
from people.models import User
from tests import factories
from tests.callers import Caller, make_key

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def company() -> factories.Company:
    return factories.company(now=database.now() - 2 * DAY)


@pytest.fixture
def customer(company: factories.Company) -> Customer:
    return made("Acme", cs_owner=company.reps[0])


def made(name: str, *, due: int | None = 40, **columns: Any) -> Customer:
    now = database.now()
    row = Account.objects.create(name=name, name_key=name, status="CUSTOMER", created_at=now)
    day = now.date() + due * DAY if due is not None else None
    return Customer.objects.create(account=row, since=now, renewal_date=day, **columns)


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def shown(user: User, name: str, *args: Any, **query: Any) -> str:
    answer = client_of(user).get(reverse(f"console:{name}", args=args), query)
    assert answer.status_code == 200, answer.content[:500]
    return answer.content.decode()


def test_it_is_edited_renewed_churned_and_taken_back_on_its_page(
    company: factories.Company, customer: Customer
) -> None:
    client, other = client_of(company.revops), company.reps[1]

    def act(name: str, **given: Any) -> int:
        url = reverse("console:customer-act", args=[customer.pk, name])
        assert client.get(url).status_code == 200
        return client.post(url, given).status_code

    assert act("edit", cs_owner=other.pk, renewal_date="2031-01-31", value_base="900") == 303
    assert act("renew", renewal_date="2030-01-31") == 422
    assert act("renew", renewal_date="2032-01-31", value_base="950") == 303
    page = shown(company.revops, "account", customer.account_id)
    for text in ("31 Jan 2032", "950", str(other), "Renewed"):
        assert text in page
    assert act("churn") == 422
    assert act("churn", reason="too_expensive", note="") == 303
    page = shown(company.revops, "account", customer.account_id)
    assert "Too expensive for what it brings" in page
    assert act("undo") == 303
    customer.refresh_from_db()
    assert (customer.status, customer.cs_owner) == ("ACTIVE", other)


def test_strangers_find_nothing(company: factories.Company, customer: Customer) -> None:
    stranger = factories.user("zoe", role="AE")
    assert "Acme" not in shown(stranger, "customers")
    url = reverse("console:customer-act", args=[customer.pk, "churn"])
    assert client_of(stranger).get(url).status_code == 404
    assert Caller(user=stranger).get(f"/api/v1/customers/{customer.pk}/").status_code == 404


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["Late", "Soon", "Acme", "Never"]),
        ({"due": "30"}, ["Late", "Soon"]),
        ({"due": "overdue"}, ["Late"]),
        ({"cs_owner": "me"}, []),
        ({"cs_owner": "none"}, ["Late", "Soon", "Never"]),
        ({"status": "CHURNED"}, []),
    ],
    ids=str,
)
def test_the_list_stands_by_renewal_and_is_filtered(
    company: factories.Company, customer: Customer, asked: dict[str, str], found: list[str]
) -> None:
    for name, due in (("Never", None), ("Soon", 9), ("Late", -3)):
        made(name, due=due)
    page = client_of(company.revops).get(reverse("console:customers"), asked)
    assert [row.name for row in page.context["customers"].rows] == found


def test_pages_by_key_show_each_once_at_the_same_cost(company: factories.Company) -> None:
    client, address = client_of(company.revops), reverse("console:customers")
    made("First", due=1)
    client.get(address)
    with CaptureQueriesContext(connection) as few:
        client.get(address)
    for number in range(50):
        made(f"C{number}", due=number % 3)
    with CaptureQueriesContext(connection) as many:
        first = client.get(address).context["customers"]
    assert len(many) == len(few)
    second = client.get(first.next_url).context["customers"]
    names = [row.name for row in (*first.rows, *second.rows)]
    assert (len(names), len(set(names)), second.next_url) == (51, 51, "")
    assert client.get(address, {"after": "x"}).status_code == 422
    assert client.get(address, {"due": "x"}).status_code == 400


def test_systems_list_change_renew_and_churn_it(
    company: factories.Company, customer: Customer
) -> None:
    caller = Caller(key=make_key("writer", "WRITE"))
    address = f"/api/v1/customers/{customer.pk}/"
    listed = caller.get("/api/v1/customers/", cs_owner=str(company.reps[0].pk)).json()["results"]
    assert [one["name"] for one in listed] == ["Acme"]
    said = caller.patch(address, {"cs_owner": None, "value_base": "12.50"})
    assert (said.status_code, said.json()["cs_owner"], said.json()["value_base"]) == (
        200, None, "12.50",
    )  # fmt: skip
    renewed = caller.post(f"{address}renew/", {"renewal_date": "2040-01-01"})
    assert renewed.json()["renewal_date"] == "2040-01-01"
    wrong = caller.post(f"{address}churn/", {"reason": "price"})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "reason")
    left = caller.post(f"{address}churn/", {"reason": "went_elsewhere"})
    assert (left.json()["status"], left.json()["churn_reason"]) == ("CHURNED", "went_elsewhere")
    assert caller.post(f"{address}undo/").json()["status"] == "ACTIVE"
    assert Account.objects.get(pk=customer.account_id).status == "CUSTOMER"
