"""POST /api/v1/capture/ and /batch/: what goes in is kept, once, and what is wrong is named."""

from __future__ import annotations

import json
from typing import Any

import pytest

from leads.models import Lead, Touch
from people.models import User
from tests.callers import Caller, Company, make_key, touch

CAPTURE = "/api/v1/capture/"
BATCH = "/api/v1/capture/batch/"


@pytest.fixture
def website(company: Company) -> Caller:
    return Caller(key=make_key("website", "CAPTURE"))


def test_a_new_touch_gets_201_and_a_receipt(website: Caller, company: Company) -> None:
    answer = website.post(CAPTURE, touch())
    receipt = answer.json()
    assert answer.status_code == 201
    assert receipt["outcome"] == "created"
    assert receipt["stage"] == "MQL"
    assert receipt["owner"]["id"] == str(company.sdr.pk)
    assert {clock["policy"] for clock in receipt["clocks"]} >= {"accept", "first_contact"}
    assert Lead.objects.filter(pk=receipt["lead"]).exists()


def test_the_same_key_and_body_give_the_same_receipt(website: Caller) -> None:
    first = website.post(CAPTURE, touch(), Idempotency_Key="order-1")
    again = website.post(CAPTURE, touch(), Idempotency_Key="order-1")
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.json() == first.json()
    assert Touch.objects.count() == 1


def test_a_replay_in_another_field_order_is_still_the_same_body(website: Caller) -> None:
    body = touch()
    website.post(CAPTURE, body, Idempotency_Key="order-1")
    turned = dict(reversed(list(body.items())))
    assert website.post(CAPTURE, turned, Idempotency_Key="order-1").status_code == 200


def test_the_same_key_with_another_body_is_refused(website: Caller) -> None:
    website.post(CAPTURE, touch(), Idempotency_Key="order-1")
    answer = website.post(CAPTURE, touch("other@nordwind-logistik.de"), Idempotency_Key="order-1")
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"] == "Idempotency-Key"
    assert Touch.objects.count() == 1


def test_keys_belong_to_the_caller(website: Caller) -> None:
    partner = Caller(key=make_key("partner", "CAPTURE"))
    website.post(CAPTURE, touch(), Idempotency_Key="order-1")
    answer = partner.post(CAPTURE, touch("x@nordwind-logistik.de"), Idempotency_Key="order-1")
    assert answer.status_code == 201


def test_a_rotated_key_of_the_same_service_may_finish_a_retry(website: Caller) -> None:
    website.post(CAPTURE, touch(), Idempotency_Key="order-1")
    service = Touch.objects.get()
    assert service.idempotency_scope.startswith("user:")
    from_rotated = Caller(key=make_key("website-2", "CAPTURE", _service_of(service)))
    assert from_rotated.post(CAPTURE, touch(), Idempotency_Key="order-1").status_code == 200


def _service_of(row: Touch) -> User:
    return User.objects.get(pk=row.idempotency_scope.removeprefix("user:"))


@pytest.mark.parametrize("key", ["", " ", "a b", "x" * 201, "schlüssel", "tab\tkey"], ids=repr)
def test_an_unusable_idempotency_key_is_named(website: Caller, key: str) -> None:
    answer = website.post(CAPTURE, touch(), Idempotency_Key=key)
    assert answer.status_code == 400
    assert "Idempotency-Key" in answer.json()["detail"]
    assert not Touch.objects.exists()


def test_the_longest_key_is_taken(website: Caller) -> None:
    assert website.post(CAPTURE, touch(), Idempotency_Key="k" * 200).status_code == 201


def test_wrong_fields_are_named_each(website: Caller) -> None:
    body = {"channel": "telepathy", "person": {"email": "nobody"}, "owner": 1}
    answer = website.post(CAPTURE, body)
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")
    named = {fault["field"] for fault in answer.json()["errors"]}
    assert {"channel", "owner"} <= named


def test_a_stored_touch_that_cannot_be_advanced_is_202(
    website: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: Any, **options: Any) -> Any:
        raise RuntimeError("the pipeline is broken")

    monkeypatch.setattr("lifecycle.pipeline.advance", broken)
    answer = website.post(CAPTURE, touch(), Idempotency_Key="order-1")
    assert answer.status_code == 202
    assert answer.json()["outcome"] == "queued"
    assert Touch.objects.filter(pk=answer.json()["touch"]).exists()


def test_a_batch_answers_in_order_and_refuses_the_bad_one_alone(website: Caller) -> None:
    bodies = [
        touch("a@one.de"),
        {"channel": "FORM", "person": {"email": "no address"}},
        "not even an object",
        touch("b@two.de", idempotency_key="b"),
        touch("c@three.de", idempotency_key="two words"),
        touch("d@four.de", note="half \ud83d of it"),
    ]
    answer = website.post(BATCH, {"touches": bodies})
    receipts = answer.json()["receipts"]
    assert answer.status_code == 200
    assert [receipt["status"] for receipt in receipts] == [201, 422, 422, 201, 422, 422]
    assert receipts[4]["errors"][0]["field"] == "idempotency_key"
    assert receipts[5]["errors"][0]["field"] == "note"
    assert Touch.objects.count() == 2


def test_a_batch_can_be_sent_again(website: Caller) -> None:
    bodies = [touch(f"p{n}@firm{n}.de", idempotency_key=f"row-{n}") for n in range(3)]
    first = website.post(BATCH, {"touches": bodies}).json()["receipts"]
    again = website.post(BATCH, {"touches": bodies}).json()["receipts"]
    assert [receipt.pop("status") for receipt in again] == [200, 200, 200]
    assert [receipt.pop("status") for receipt in first] == [201, 201, 201]
    assert again == first


def test_a_header_key_makes_a_whole_batch_safe_to_repeat(website: Caller) -> None:
    bodies = [touch(f"p{n}@firm{n}.de") for n in range(3)]
    website.post(BATCH, {"touches": bodies}, Idempotency_Key="night-7")
    again = website.post(BATCH, {"touches": bodies}, Idempotency_Key="night-7")
    assert [receipt["status"] for receipt in again.json()["receipts"]] == [200, 200, 200]
    assert Touch.objects.count() == 3


@pytest.mark.parametrize(
    "document",
    [{}, [], None, {"touches": {}}, {"touches": [], "more": 1}, {"touches": [{}] * 1001}],
    ids=["empty", "list", "null", "object", "unknown", "too many"],
)
def test_a_batch_that_is_none_is_refused(website: Caller, document: Any) -> None:
    answer = website.post(BATCH, json.dumps(document).encode())
    assert answer.status_code == 422
    assert answer.json()["errors"]


def test_an_empty_batch_is_nothing_to_do(website: Caller) -> None:
    assert website.post(BATCH, {"touches": []}).json() == {"receipts": []}


def test_bodies_have_a_largest_size(website: Caller) -> None:
    padding = b" " * (256 * 1024)
    small = json.dumps(touch()).encode()
    assert website.post(CAPTURE, small + padding).status_code == 413
    assert website.post(BATCH, b'{"touches": []}' + padding).status_code == 200
    assert website.post(BATCH, b'{"touches": []}' + padding * 20).status_code == 413


@pytest.mark.parametrize("method", ["get", "put", "patch", "delete"])
def test_other_methods_are_405(website: Caller, method: str) -> None:
    answer = getattr(website.client, method)(CAPTURE)
    assert answer.status_code == 405
    assert answer.json()["status"] == 405


def test_what_is_not_json_is_415(website: Caller) -> None:
    answer = website.client.post(CAPTURE, {"channel": "FORM"})
    assert answer.status_code == 415
    assert answer["Content-Type"].startswith("application/problem+json")


def test_a_byte_order_mark_is_no_fault(website: Caller) -> None:
    assert website.post(CAPTURE, b"\xef\xbb\xbf" + json.dumps(touch()).encode()).status_code == 201


def test_a_query_parameter_is_refused_not_ignored(website: Caller) -> None:
    answer = website.post(f"{CAPTURE}?dry_run=1", touch())
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == "dry_run"
    assert not Touch.objects.exists()
