"""Events of mails in the shapes in which the usual senders tell of them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest

from web.capture import mail_events
from web.capture.mail_events import MailEvent

AT = dt.datetime(2026, 5, 4, 9, 30, tzinfo=dt.UTC)
SECONDS = int(AT.timestamp())
MARA = "mara@nordwind.example"


def sendgrid(event: str, **more: Any) -> dict[str, Any]:
    return {"email": MARA, "timestamp": SECONDS, "event": event, "sg_event_id": "1", **more}


def mailgun(event: str, **more: Any) -> dict[str, Any]:
    inner = {"event": event, "recipient": MARA, "timestamp": SECONDS + 0.0, "id": "1", **more}
    return {"signature": {"token": "t"}, "event-data": inner}


def postmark(kind: str, **more: Any) -> dict[str, Any]:
    return {"RecordType": kind, "MessageID": "m", "ReceivedAt": AT.isoformat(), "Recipient": MARA,
            **more}  # fmt: skip


def ses(kind: str, **told: Any) -> dict[str, Any]:
    mail = {"messageId": "m", "destination": [MARA], "timestamp": AT.isoformat()}
    return {"eventType": kind, "mail": mail, kind.lower(): {"timestamp": AT.isoformat(), **told}}


def hubspot(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "recipient": MARA, "created": SECONDS * 1000, "id": "1", **more}


def plain(kind: str, **more: Any) -> dict[str, Any]:
    return {"kind": kind, "email": MARA, "occurred_at": AT.isoformat(), "id": "1", **more}


@pytest.mark.parametrize(
    ("said", "kind", "lasting"),
    [
        (sendgrid("open"), "email_open", False),
        (sendgrid("click", url="https://x"), "email_click", False),
        (sendgrid("bounce", type="bounce"), "email_bounce", True),
        (sendgrid("bounce", type="blocked"), "email_bounce", False),
        (sendgrid("group_unsubscribe"), "unsubscribe", False),
        (sendgrid("spamreport"), "unsubscribe", True),
        (mailgun("opened"), "email_open", False),
        (mailgun("clicked"), "email_click", False),
        (mailgun("failed", severity="permanent"), "email_bounce", True),
        (mailgun("complained"), "unsubscribe", True),
        (postmark("Open"), "email_open", False),
        (postmark("Click"), "email_click", False),
        (postmark("Bounce", ID=7, Type="HardBounce", Email=MARA), "email_bounce", True),
        (postmark("SubscriptionChange", SuppressSending=True), "unsubscribe", False),
        (postmark("SpamComplaint", ID=8, Email=MARA), "unsubscribe", True),
        (ses("Open"), "email_open", False),
        (ses("Click"), "email_click", False),
        (ses("Bounce", bounceType="Permanent", bouncedRecipients=[{"emailAddress": MARA}]),
         "email_bounce", True),
        (ses("Complaint", complainedRecipients=[{"emailAddress": MARA}]), "unsubscribe", True),
        ({"Type": "Notification", "Message": json.dumps(ses("Open"))}, "email_open", False),
        (hubspot("OPEN"), "email_open", False),
        (hubspot("CLICK"), "email_click", False),
        (hubspot("BOUNCE"), "email_bounce", True),
        (plain("email_reply"), "email_reply", False),
        (plain("email_bounce"), "email_bounce", True),
        (plain("email_bounce", temporary=True), "email_bounce", False),
    ],
)  # fmt: skip
def test_each_sender_is_understood(said: dict[str, Any], kind: str, *, lasting: bool) -> None:
    (found,) = mail_events.read(said)
    assert (found.kind, found.email, found.at, found.lasting) == (kind, MARA, AT, lasting)
    assert found.id


@pytest.mark.parametrize(
    "said",
    [
        sendgrid("delivered"), sendgrid("processed"), sendgrid("open", sg_machine_open=True),
        mailgun("delivered"), mailgun("failed", severity="temporary"),
        mailgun("opened", **{"client-info": {"bot": "apple"}}),
        postmark("Delivery"), postmark("Bounce", Type="SoftBounce", ID=1),
        postmark("SubscriptionChange", SuppressSending=False),
        ses("Delivery"), ses("Bounce", bounceType="Transient"),
        hubspot("SENT"), hubspot("OPEN", filteredEvent=True), plain("email_open", machine=True),
        sendgrid("open", email=""), sendgrid("open", email=7),
    ],
)  # fmt: skip
def test_what_is_no_behaviour_or_a_machines_is_passed_over(said: dict[str, Any]) -> None:
    assert mail_events.read(said) == ()


@pytest.mark.parametrize(
    "said",
    [{}, {"event": "open"}, {"kind": "demo_request", "email": MARA}, {"event-data": "x"},
     {"Type": "Notification", "Message": "no json"}, {"Type": "Notification", "Message": "[1]"}],
)  # fmt: skip
def test_what_no_sender_writes_is_said_to_be_none(said: dict[str, Any]) -> None:
    with pytest.raises(mail_events.Unread):
        mail_events.read(said)


@pytest.mark.parametrize("when", ["soon", True, None, 10**30, "2026-05-04T09:30:00", float("nan")])
def test_an_unreadable_instant_is_none(when: Any) -> None:
    (found,) = mail_events.read(sendgrid("open", timestamp=when))
    assert found.at is None


def test_two_events_of_one_mail_are_two_signals() -> None:
    one, other = (MailEvent(kind, MARA, AT, "m").signal() for kind in ("email_open", "email_click"))
    assert one["source_id"] != other["source_id"]
    assert one["person"] == {"email": MARA}
