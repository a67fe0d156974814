"""A webhook that brings what became of mails: signals of their lead, addresses that are shut."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

import pytest
from django.test import Client

from core import sealing
from leads.contact import Purpose, Way
from leads.models import Lead, SentSignal, Signal, Suppression, Touch
from lifecycle import contacting
from tests import factories
from web.models import InboundHook

pytestmark = pytest.mark.django_db

SECRET = "s3cret"
PETRA = "petra@acme.de"


@pytest.fixture
def lead() -> Lead:
    factories.company()
    InboundHook.objects.create(
        key="mailer",
        label="Mailer",
        channel="OUTBOUND",
        brings="MAIL_EVENTS",
        scheme="HMAC_SHA256",
        header="X-Signature",
        secret=sealing.seal(SECRET),
    )
    return factories.capture(channel="EVENT", signals=[], person={"email": PETRA})


def event(name: str, number: int = 1, email: str = PETRA, **more: Any) -> dict[str, Any]:
    return {"email": email, "event": name, "sg_event_id": f"e-{number}", **more}


def post(body: Any, *, secret: str = SECRET) -> Any:
    raw = json.dumps(body).encode()
    proof = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return Client().post(
        "/hooks/mailer/", raw, content_type="application/json", headers={"X-Signature": proof}
    )


def kinds(lead: Lead) -> list[str]:
    return list(Signal.objects.filter(lead=lead).order_by("pk").values_list("kind", flat=True))


def test_what_became_of_mails_counts_for_the_lead_once(lead: Lead) -> None:
    body = [event("open"), event("click", 2), event("delivered", 3), {"what": "ever"}]
    for _ in range(2):
        answer = post(body)
        assert answer.status_code == 200
        assert answer.json() == {"received": 2, "refused": 0, "unread": 1}
    assert kinds(lead) == ["email_open", "email_click"]
    assert Touch.objects.count() == 1


def test_opens_by_machines_do_not_count(lead: Lead) -> None:
    post(event("open", sg_machine_open=True))
    assert kinds(lead) == []


@pytest.mark.parametrize(
    ("told", "source"),
    [
        (event("bounce", type="bounce"), "Mail bounced"),
        (event("spamreport"), "Complained of mail"),
    ],
)
def test_an_address_that_bounces_or_complains_is_mailed_no_more(
    lead: Lead, told: dict[str, Any], source: str
) -> None:
    assert contacting.may(lead, Way.EMAIL, Purpose.REACH_OUT).allowed
    post(told)
    post(told)
    assert Suppression.objects.get().source == source
    verdict = contacting.may(lead, Way.EMAIL, Purpose.REACH_OUT)
    assert (verdict.allowed, verdict.source) == (False, source)
    assert contacting.may(lead, Way.PHONE, Purpose.REACH_OUT).allowed


def test_a_passing_bounce_shuts_nothing(lead: Lead) -> None:
    post(event("bounce", type="blocked"))
    assert kinds(lead) == ["email_bounce"]
    assert not Suppression.objects.exists()


def test_an_address_nobody_has_waits_and_one_that_is_none_is_told(lead: Lead) -> None:
    answer = post([event("open", email="nobody@acme.de"), event("bounce", 2, email="no address")])
    assert answer.json() == {"received": 1, "refused": 1, "unread": 0}
    assert SentSignal.objects.get().status == "WAITING"


def test_an_unproven_delivery_leaves_nothing(lead: Lead) -> None:
    assert post(event("open"), secret="wrong").status_code == 401
    assert not SentSignal.objects.exists()
