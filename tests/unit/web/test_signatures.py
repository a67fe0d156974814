"""Proofs of webhooks: right ones pass, all others do not."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.capture import hook_mapping, signatures
from web.capture.signatures import Scheme

NOW = dt.datetime(2026, 5, 5, 9, 0, tzinfo=dt.UTC)
KEY = base64.b64encode(b"0123456789abcdef01234567").decode()
BODY = b'{"a": 1}'


def standard(*, key: str = KEY, body: bytes = BODY, at: dt.datetime = NOW) -> dict[str, str]:
    stamp = str(int(at.timestamp()))
    digest = hmac.new(base64.b64decode(key), f"m1.{stamp}.".encode() + body, hashlib.sha256)
    proof = base64.b64encode(digest.digest()).decode()
    return {
        "webhook-id": "m1", "webhook-timestamp": stamp, "webhook-signature": f"v1a,x v1,{proof}",
    }  # fmt: skip


def fault(headers: dict[str, str], scheme: Scheme = Scheme.STANDARD, secret: str = KEY) -> str:
    return signatures.fault(
        scheme, secrets=["", secret], header="X-Sig", headers=headers, body=BODY, now=NOW
    )


@pytest.mark.parametrize("secret", [KEY, f"whsec_{KEY}"])
def test_a_standard_delivery_passes(secret: str) -> None:
    assert fault(standard(), secret=secret) == ""


@pytest.mark.parametrize(
    "headers",
    [
        {},
        standard() | {"webhook-id": "m2"},
        standard() | {"webhook-timestamp": "soon"},
        standard() | {"webhook-timestamp": "9" * 30},
        standard() | {"webhook-signature": "v1,"},
        standard() | {"webhook-signature": "é" * 40},
        standard(body=b'{"a": 2}'),
        standard(at=NOW - dt.timedelta(minutes=6)),
        standard(at=NOW + dt.timedelta(minutes=6)),
        standard(key=base64.b64encode(b"another key of 24 bytes!").decode()),
    ],
)
def test_anything_else_does_not(headers: dict[str, str]) -> None:
    assert fault(headers)


@pytest.mark.parametrize("form", ["hex", "HEX", "sha256=", "base64"])
def test_a_plain_hmac_is_taken_however_it_is_written(form: str) -> None:
    digest = hmac.new(b"s3cret", BODY, hashlib.sha256).digest()
    proofs = {
        "hex": digest.hex(), "HEX": digest.hex().upper(), "sha256=": f"sha256={digest.hex()}",
        "base64": base64.b64encode(digest).decode(),
    }  # fmt: skip
    assert fault({"X-Sig": proofs[form]}, Scheme.HMAC_SHA256, "s3cret") == ""
    assert fault({"X-Sig": proofs[form]}, Scheme.HMAC_SHA256, "other")


@pytest.mark.parametrize(
    ("given", "right"),
    [("s3cret", True), ("Bearer s3cret", True), ("", False), ("s3cre", False), ("s3cret2", False)],
)
def test_a_token_is_compared_whole(given: str, *, right: bool) -> None:
    assert (fault({"X-Sig": given}, Scheme.TOKEN, "s3cret") == "") is right


def test_without_a_secret_nothing_passes() -> None:
    assert signatures.fault(
        Scheme.TOKEN, secrets=["", ""], header="X-Sig", headers={"X-Sig": ""}, body=b"", now=NOW
    )


def test_paths_fill_a_touch_and_the_rest_is_kept() -> None:
    body = {
        "c": {"mail": ["a@b.co"], "who": "Ada Lovelace"},
        "score": 5,
        "flag": False,
        "none": None,
    }
    made = hook_mapping.touch(
        body,
        channel="CHAT",
        paths={"person.email": "c.mail.0", "person.full_name": "c.who", "note": "missing"},
        constants={"source.campaign": "spring"},
        signal="chat_request",
    )
    assert made == {
        "channel": "CHAT",
        "person": {"email": "a@b.co", "first_name": "Ada", "last_name": "Lovelace"},
        "source": {"campaign": "spring"}, "fields": {"score": "5", "flag": "False"},
        "signals": [{"kind": "chat_request"}],
    }  # fmt: skip


SCRAPS = st.none() | st.booleans() | st.text(max_size=5)
BODIES = st.dictionaries(
    st.text(max_size=4),
    SCRAPS | st.lists(SCRAPS, max_size=3) | st.dictionaries(SCRAPS.map(str), SCRAPS, max_size=2),
    max_size=4,
)


PATHS = {"person.email": "contact.email", "person.full_name": "contact.name"}


@pytest.mark.parametrize(
    ("contact", "person", "fields"),
    [
        ({"email": "kaputt@", "name": "Ada Love"},
         {"first_name": "Ada", "last_name": "Love", "email": "kaputt@"}, None),
        ({"email": {"a": 1}, "name": ["x"]}, None, {"contact.email.a": "1", "contact.name.0": "x"}),
        ({"email": "x" * 400, "name": "Ada"}, {"first_name": "Ada"}, {"contact.email": "x" * 400}),
    ],
)  # fmt: skip
def test_what_can_be_read_of_a_refused_body_stands_where_it_belongs(
    contact: dict[str, object], person: dict[str, str] | None, fields: dict[str, str] | None
) -> None:
    body = {"contact": contact}
    made = hook_mapping.touch(body, channel="CHAT", paths=PATHS, constants={}, signal="")
    kept = hook_mapping.as_read(body, made, paths=PATHS, now=NOW)
    assert (kept.get("person"), kept.get("fields")) == (person, fields)


@given(BODIES, st.sampled_from([{}, {"note": "a"}, {"person.email": "b.c", "note": "d.0"}]))
def test_whatever_a_body_holds_can_be_set_aside(
    body: dict[str, object], paths: dict[str, str]
) -> None:
    made = hook_mapping.touch(body, channel="CHAT", paths=paths, constants={}, signal="")
    kept = hook_mapping.as_read(body, made, paths=paths, now=NOW)
    assert kept["channel"] == "CHAT"
    for name, value in kept.get("fields", {}).items():
        assert "\0" not in name + value
        (name + value).encode()
