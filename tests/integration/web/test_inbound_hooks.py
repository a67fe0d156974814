"""The door for other systems: proven deliveries are never lost, others never taken."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client

from core import sealing
from leads.models import Touch
from tests import factories
from web.models import InboundHook

SECRET = "s3cret"


@pytest.fixture
def hook(db: None) -> InboundHook:
    factories.company()
    return InboundHook.objects.create(
        key="chat-tool",
        label="Chat tool",
        channel="CHAT",
        scheme="HMAC_SHA256",
        header="X-Signature",
        secret=sealing.seal(SECRET),
        id_path="id",
        paths={"person.email": "visitor.email", "person.full_name": "visitor.name"},
        signal="chat_request",
    )


def post(body: Any, *, secret: str = SECRET, key: str = "chat-tool") -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    proof = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return Client().post(
        f"/hooks/{key}/", raw, content_type="application/json", headers={"X-Signature": proof}
    )


VISIT = {"id": "e-1", "visitor": {"email": "mara@nordwind.de", "name": "Mara L"}, "page": "/x"}


def test_a_delivery_becomes_one_touchpoint_however_often_it_comes(hook: InboundHook) -> None:
    assert [post(VISIT).status_code, post(VISIT).status_code] == [201, 200]
    touch = Touch.objects.get()
    assert (touch.channel, touch.status) == ("CHAT", "ADVANCED")
    assert touch.payload["fields"]["page"] == "/x"
    assert post(VISIT | {"page": "/y"}).status_code == 409


def test_what_nobody_can_read_waits_for_people_and_the_sender_is_content(hook: InboundHook) -> None:
    visitor = {"email": "no address", "name": "Mara L"}
    odd = {"id": "e-2", "visitor": visitor, "more": "a\u0000b\ud83d"}
    assert [post(odd).status_code, post(odd).status_code] == [202, 202]
    touch = Touch.objects.get()
    assert touch.status == "PARKED"
    assert "e-mail" in touch.last_error
    assert touch.payload["person"] == {
        "first_name": "Mara", "last_name": "L", "email": "no address",
    }  # fmt: skip
    assert touch.payload["fields"] == {"id": "e-2", "more": "ab"}


ODD = {
    "person is text": {"person": "mara"},
    "person is null": {"person": None},
    "person is a list": {"person": [None]},
    "source is a number": {"person": {"email": "a@b.de"}, "source": 1},
    "signals are a number": {"person": {"email": "a@b.de"}, "signals": 1.5},
    "signals are text": {"person": {"email": "a@b.de"}, "signals": "demo"},
    "a name holds NUL": {"person": {"email": "a@b.de"}, "a\0b": 1},
    "a name holds half a character": {"person": {"email": "a@b.de"}, "\ud800": {"x": 1}},
    "too much": {"person": "x", "more": {f"k{n}": n for n in range(5_000)}},
}


@pytest.mark.parametrize("name", ODD)
def test_bodies_of_any_shape_are_kept_for_people(hook: InboundHook, name: str) -> None:
    told = {"person.country": "DE", "source.campaign": "fair"}
    InboundHook.objects.update(paths={}, constants=told, id_path="")
    assert post(ODD[name]).status_code in (201, 202)
    touch = Touch.objects.get()
    assert (touch.status == "PARKED") == bool(touch.last_error)


def test_one_id_with_two_bodies_is_said_to_be_wrong(hook: InboundHook) -> None:
    answers = [post(VISIT), post([VISIT | {"page": "/y"}, VISIT | {"id": "e-9"}])]
    assert [one.status_code for one in answers] == [201, 409]
    assert "1 of 2 are kept" in answers[1].json()["detail"]
    assert Touch.objects.count() == 2


def test_unproven_deliveries_leave_nothing(hook: InboundHook) -> None:
    assert post(VISIT, secret="wrong").status_code == 401
    assert Client().post("/hooks/chat-tool/", b"{}", content_type="x/y").status_code == 401
    assert post(VISIT, key="other-tool").status_code == 404
    InboundHook.objects.update(active=False)
    assert post(VISIT).status_code == 404
    assert not Touch.objects.exists()


def test_both_secrets_count_while_one_is_changed(hook: InboundHook) -> None:
    hook.former_secret, hook.secret = hook.secret, sealing.seal("fresh")
    hook.save()
    assert post(VISIT).status_code == 201
    assert post(VISIT, secret="fresh").status_code == 200


@pytest.mark.parametrize(
    "body", [b"", b"no json", b"[]", b"[1]", b"NaN", b"\xff", b"[" * 100_000, b'"text"', b"null"]
)
def test_no_json_is_said_to_be_none(hook: InboundHook, body: bytes) -> None:
    assert post(body).status_code == 400
    assert not Touch.objects.exists()


def test_too_much_is_refused(hook: InboundHook) -> None:
    assert post(b"x" * 300_000).status_code == 413
    InboundHook.objects.update(per_minute=1)
    assert [post(VISIT | {"id": str(n)}).status_code for n in range(2)] == [201, 429]


def test_a_list_is_taken_one_by_one(hook: InboundHook) -> None:
    two = [VISIT, VISIT | {"id": "e-3", "visitor": {}}]
    answer = post(two)
    assert answer.status_code == 202
    assert answer.json()["received"] == 2
    assert set(Touch.objects.values_list("status", flat=True)) == {"ADVANCED", "PARKED"}


@pytest.mark.parametrize(
    ("field", "value"), [("key", "my.hook"), ("key", "+"), ("paths", '"\\ud800"')]
)
def test_what_cannot_be_an_address_or_a_mapping_is_refused_beside_its_field(
    db: None, admin_client: Client, field: str, value: str
) -> None:
    told = {"label": "X", "key": "x", "channel": "CHAT", "scheme": "TOKEN", "header": "X-A",
            "per_minute": "9", "paths": "{}", "constants": "{}", "make_secret": "on",
            "reason": "New"}  # fmt: skip
    page = admin_client.post("/admin/web/inboundhook/add/", told | {field: value})
    assert (page.status_code, field in page.context["adminform"].form.errors) == (200, True)
    assert not InboundHook.objects.exists()
