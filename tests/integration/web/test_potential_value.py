"""What a lead may be worth, at every door: forms, webhooks, the API, and the pages."""

from __future__ import annotations

import csv
import hashlib
import hmac
import json
import re
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client

from core import database, sealing
from governance import condition_prose, conditions, facts
from leads.models import Lead, Touch
from tests import hosted_forms
from tests.callers import Caller, Company, make_key, touch
from web.models import InboundHook

pytestmark = pytest.mark.django_db

SECRET = "a-secret-of-a-hook-of-some-length"


def browser(user: Any) -> Client:
    client = Client()
    client.force_login(user)
    return client


def captured(company: Company, **said: Any) -> Any:
    caller = Caller(key=make_key("form", "CAPTURE"))
    answer = caller.post("/api/v1/capture/", touch(lead=said))
    assert answer.status_code == 201, answer.content
    return answer.json()


def worth() -> Decimal | None:
    return Lead.objects.get().potential_value


def test_the_api_takes_it_shows_it_and_changes_it(company: Company) -> None:
    receipt = captured(company, potential_value=50_000.5, currency="EUR")
    assert receipt["remarks"] == []
    caller, url = Caller(user=company.revops), f"/api/v1/leads/{receipt['lead']}/"
    assert caller.get(url).json()["potential_value"] == "50000.50"
    changed = caller.patch(url, {"lead": {"potential_value": 75_000}})
    assert (changed.status_code, worth()) == (200, 75_000)
    refused = caller.patch(url, {"lead": {"potential_value": "$5"}})
    assert refused.status_code == 422
    assert [one["field"] for one in refused.json()["errors"]] == ["lead.potential_value"]
    assert caller.patch(url, {"lead": {"potential_value": 123.456}}).status_code == 200
    assert worth() == Decimal("123.46")
    assert caller.patch(url, {"lead": {"potential_value": None}}).status_code == 200
    assert worth() is None
    assert caller.patch(url, {"lead": {"worth": 5}}).status_code == 422


def test_a_number_of_json_is_no_text_with_thousands(company: Company) -> None:
    captured(company, potential_value=50.125)
    assert worth() == Decimal("50.12")


@pytest.mark.parametrize(
    ("said", "field"),
    [({"potential_value": "5k", "currency": "USD"}, "lead.currency"),
     ({"potential_value": 1e30}, "lead.potential_value")],
)  # fmt: skip
def test_the_receipt_names_what_could_not_be_used(
    company: Company, said: dict[str, Any], field: str
) -> None:
    (remark,) = captured(company, **said)["remarks"]
    assert (remark["field"], remark["code"]) == (field, "unreadable")
    assert "in EUR" in remark["message"]
    assert worth() is None


@pytest.mark.parametrize("body", [{"lead": 5}, {"lead": {"worth": 5}},
                                  {"lead": {"potential_value": [5]}},
                                  {"lead": {"potential_value": "5" * 41}}])  # fmt: skip
def test_what_cannot_be_stored_is_refused_by_its_place(
    company: Company, body: dict[str, Any]
) -> None:
    caller = Caller(key=make_key("form", "CAPTURE"))
    answer = caller.post("/api/v1/capture/", touch(**body))
    assert answer.status_code == 422
    assert all(one["field"].startswith("lead") for one in answer.json()["errors"])


def test_a_form_may_ask_for_it(company: Company) -> None:
    hosted_forms.ask("contact", name="potential_value", label="Your budget (EUR)")
    answers = {"first_name": "Mara", "last_name": "L", "email": "mara@nordwind-logistik.de",
               "company": "Nordwind", "note": "Hello.", "potential_value": "20.000 €"}  # fmt: skip
    with time_machine.travel(database.now(), tick=False) as clock:
        page = Client().get("/f/contact/").content.decode()
        assert "Your budget (EUR)" in page
        clock.shift(20)
        ticket = re.search(r'name="ticket" value="([^"]+)"', page)
        assert ticket
        assert Client().post("/f/contact/", {**answers, "ticket": ticket[1]}).status_code == 303
    assert worth() == 20_000


def test_a_webhook_may_be_mapped_to_it(company: Company) -> None:
    InboundHook.objects.create(
        key="deals", label="Deals", channel="CHAT", scheme="HMAC_SHA256", header="X-Signature",
        secret=sealing.seal(SECRET), id_path="id", constants={"lead.currency": "EUR"},
        paths={"person.email": "email", "lead.potential_value": "deal.amount"},
    )  # fmt: skip
    raw = json.dumps({"id": "1", "email": "a@nord.de", "deal": {"amount": 1200}}).encode()
    proof = hmac.new(SECRET.encode(), raw, hashlib.sha256).hexdigest()
    Client().post("/hooks/deals/", raw, content_type="application/json",
                  headers={"X-Signature": proof})  # fmt: skip
    assert worth() == 1200


def test_the_lead_page_tells_it_with_its_origin_and_who_said_otherwise(company: Company) -> None:
    receipt = captured(company, potential_value="1.234.567,80")
    caller = Caller(key=make_key("chat", "CAPTURE"))
    again = touch(channel="CHAT", lead={"potential_value": 5_000})
    assert caller.post("/api/v1/capture/", again).status_code == 201
    page = browser(company.revops).get(f"/leads/{receipt['lead']}/").content.decode()
    assert "1,234,567.80 EUR" in page
    assert "said otherwise: “5,000 EUR” by the channel “Chat”" in page


def test_the_edit_page_changes_it_refuses_what_cannot_be_and_undoes(company: Company) -> None:
    lead = captured(company, potential_value=5_000)["lead"]
    client, url = browser(company.revops), f"/leads/{lead}/edit/"
    page = client.get(url).content.decode()
    assert 'value="5000.00"' in page
    assert "in EUR, such as 50000" in page
    refused = client.post(url, {"lead.potential_value": "5 dollars"})
    assert refused.status_code == 422
    assert "send the amount in EUR" in refused.content.decode()
    assert client.post(url, {"lead.potential_value": "60k", "next": "/"}).status_code == 303
    assert worth() == 60_000
    assert "potential value" in client.get(f"/leads/{lead}/").content.decode()
    undone = client.post(f"/leads/{lead}/undo/", {"next": f"/leads/{lead}/"})
    assert "potential value “5,000 EUR”" in client.get(undone["Location"]).content.decode()
    assert worth() == 5_000


def test_the_csv_of_leads_has_it(company: Company) -> None:
    captured(company, potential_value=5_000)
    answer = browser(company.revops).get("/leads.csv")
    text = b"".join(answer).decode("utf-8-sig")
    (row,) = csv.DictReader(text.splitlines())
    assert row["Potential value (EUR)"] == "5000.00"


def test_a_touch_that_waits_can_be_mended_in_it(company: Company) -> None:
    captured(company, potential_value="lots")
    Touch.objects.update(status="PARKED", last_error="x")
    page = browser(company.revops).get(f"/queues/touchpoints/{Touch.objects.get().pk}/")
    assert 'name="lead-potential_value" value="lots"' in page.content.decode()


def test_a_condition_says_it_in_english_with_its_unit() -> None:
    node = conditions.Test("lead.potential_value", "gte", 50_000)
    told = condition_prose.english(node, facts.registry)
    assert told == "Potential value is at least 50,000 EUR"
