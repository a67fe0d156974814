"""POST /api/v1/signals/ and /batch/: kept once, told what became of it, and what is wrong named."""

from __future__ import annotations

from typing import Any

import pytest

from leads.models import Lead, SentSignal, Signal
from tests.callers import Caller, Company, make_key, touch

SIGNALS = "/api/v1/signals/"
BATCH = "/api/v1/signals/batch/"
MARA = {"email": "mara@nordwind-logistik.de"}


@pytest.fixture
def website(company: Company) -> Caller:
    return Caller(key=make_key("website", "CAPTURE"))


def view(**more: Any) -> dict[str, Any]:
    return {"kind": "pricing_page_view", "person": MARA, **more}


def test_a_new_signal_gets_201_and_says_for_which_lead_it_counts(website: Caller) -> None:
    lead = website.post("/api/v1/capture/", touch()).json()["lead"]
    answer = website.post(SIGNALS, view(url="https://acme.example/pricing?who=mara"))
    assert answer.status_code == 201
    receipt = answer.json()
    assert (receipt["lead"], receipt["outcome"], receipt["stage"]) == (lead, "counted", "MQL")
    assert receipt["score"]["total"] > 0
    assert SentSignal.objects.get().payload["url"] == "https://acme.example/pricing"


def test_one_of_nobody_waits(website: Caller) -> None:
    answer = website.post(SIGNALS, view())
    assert answer.status_code == 201
    assert (answer.json()["outcome"], answer.json()["lead"]) == ("waiting", None)
    assert not Lead.objects.exists()


def test_the_same_key_and_body_give_the_same_receipt(website: Caller) -> None:
    first = website.post(SIGNALS, view(), Idempotency_Key="e-1")
    again = website.post(SIGNALS, view(), Idempotency_Key="e-1")
    other = website.post(SIGNALS, view(kind="page_view"), Idempotency_Key="e-1")
    assert (first.status_code, again.status_code, other.status_code) == (201, 200, 422)
    assert again.json() == first.json()
    assert other.json()["errors"][0]["field"] == "Idempotency-Key"
    assert SentSignal.objects.count() == 1


def test_wrong_fields_are_named_each(website: Caller) -> None:
    answer = website.post(SIGNALS, {"kind": "Page View", "person": {}, "colour": 1})
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")
    named = {one["field"] for one in answer.json()["errors"]}
    assert {"kind", "colour"} <= named


def test_a_batch_answers_in_order_and_refuses_the_bad_one_alone(website: Caller) -> None:
    bodies = [view(source_id="1"), {}, "nothing", view(url="half \ud83d"), view(source_id="1")]
    answer = website.post(BATCH, {"signals": bodies})
    assert answer.status_code == 200
    receipts = answer.json()["receipts"]
    assert [one["status"] for one in receipts] == [201, 422, 422, 422, 200]
    assert receipts[3]["errors"][0]["field"] == "url"
    assert SentSignal.objects.count() == 1


@pytest.mark.parametrize(
    "body", [{}, {"signals": {}}, {"signals": [], "more": 1}, {"signals": [{}] * 1001}, []]
)
def test_what_is_no_batch_is_refused_whole(website: Caller, body: Any) -> None:
    assert website.post(BATCH, body).status_code in {400, 422}


def test_an_empty_batch_is_answered_with_nothing(website: Caller) -> None:
    answer = website.post(BATCH, {"signals": []})
    assert (answer.status_code, answer.json()) == (200, {"receipts": []})


def test_a_header_key_makes_a_whole_batch_safe_to_repeat(website: Caller) -> None:
    website.post("/api/v1/capture/", touch())
    for _ in range(2):
        website.post(BATCH, {"signals": [view()] * 3}, Idempotency_Key="night-7")
    assert Signal.objects.filter(kind="pricing_page_view").count() == 3


def test_the_timeline_tells_of_it_with_its_source(website: Caller, company: Company) -> None:
    lead = website.post("/api/v1/capture/", touch()).json()["lead"]
    website.post(BATCH, {"signals": [view(), view()]})
    reader = Caller(key=make_key("reader", "READ"))
    newest = next(
        one
        for one in reader.get(f"/api/v1/leads/{lead}/timeline/").json()["results"]
        if one["kind"] == "SIGNALLED"
    )
    assert newest["because"]["kinds"] == {"pricing_page_view": 2}
    assert newest["because"]["sources"][0].startswith("user:")
    page = Caller(user=company.sdr).get(f"/leads/{lead}/").content.decode()
    assert "Viewed the pricing page" in page or "Pricing page" in page
    assert "(2 times), from API." in page


def test_a_touch_says_what_had_waited_for_it(website: Caller, company: Company) -> None:
    website.post(BATCH, {"signals": [view(), view()]})
    lead = website.post("/api/v1/capture/", touch()).json()["lead"]
    page = Caller(user=company.sdr).get(f"/leads/{lead}/").content.decode()
    assert "2 signals had waited for it." in page


def test_an_mql_lists_the_three_page_views_that_made_it_one(
    website: Caller, company: Company
) -> None:
    website.post(SIGNALS, view())  # waits for its buyer
    views = [{"kind": "pricing_page_view"}, {"kind": "page_view"}, {"kind": "pricing_page_view"}]
    body = {**touch(), "channel": "EVENT", "signals": views}
    receipt = website.post("/api/v1/capture/", body).json()
    assert receipt["stage"] == "MQL"

    reader = Caller(key=make_key("reader", "READ"))
    told = reader.get(f"/api/v1/leads/{receipt['lead']}/timeline/").json()["results"]
    (qualified,) = [one for one in told if one["transition"] == "qualify"]
    seen = Signal.objects.filter(kind="pricing_page_view").order_by("pk")
    assert qualified["because"]["signals"] == [one.pk for one in seen]
    assert len(seen) == 3

    people = Caller(user=company.revops)
    page = people.get(f"/leads/{receipt['lead']}/").content.decode()
    for one in seen:
        assert f'<a href="/leads/{receipt["lead"]}/?kind=touches"' in page
        assert f"(signal {one.pk})" in page
