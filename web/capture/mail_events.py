"""What senders of mail tell by webhook (opened, clicked, bounced …), as signals. Pure.

Events are known by their shape: SendGrid, Mailgun, Postmark, Amazon SES (also inside a notification
of SNS), HubSpot, and a plain one of our own, `{kind, email, occurred_at?, id?}`. What tells of no
behaviour (sent, delivered, deferred) and what a machine did is passed over.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

OPEN, CLICK, REPLY = "email_open", "email_click", "email_reply"
BOUNCE, UNSUBSCRIBE, COMPLAINT = "email_bounce", "unsubscribe", "spam_complaint"
KINDS = (OPEN, CLICK, REPLY, BOUNCE, UNSUBSCRIBE)
Said = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class MailEvent:
    """What happened with one mail to one address.

    `lasting` says of a bounce that the address takes no mail at all, of an unsubscription that it
    was a complaint: in both nothing is to be sent there any more.
    """

    kind: str
    email: str
    at: dt.datetime | None = None
    id: str = ""
    lasting: bool = False

    def signal(self) -> dict[str, Any]:
        """The same as a signal for intake."""
        found: dict[str, Any] = {"kind": self.kind, "person": {"email": self.email}}
        if self.at is not None:
            found["occurred_at"] = self.at.isoformat()
        # One delivery may tell of several addresses and kinds under one id.
        return found | ({"source_id": f"{self.id}:{self.kind}"[:180]} if self.id else {})


class Unread(ValueError):
    """No sender of mail we know writes such an event."""


def read(said: Said) -> tuple[MailEvent, ...]:
    """What an event tells; nothing for what is no behaviour. Raises Unread."""
    for shape in _SHAPES:
        if (found := shape(said)) is not None:
            return tuple(one for one in found if one.kind and one.email)
    raise Unread("This is no event of a mail that we know.")


def _sendgrid(said: Said) -> Iterator[MailEvent] | None:
    if "sg_event_id" not in said:
        return None
    machine = said.get("sg_machine_open") is True
    name = _text(said, "event")
    kind = _named(name, open=OPEN, click=CLICK, bounce=BOUNCE, unsubscribe=UNSUBSCRIBE,
                  group_unsubscribe=UNSUBSCRIBE, spamreport=UNSUBSCRIBE)  # fmt: skip
    lasting = name == "spamreport" or (name == "bounce" and said.get("type") != "blocked")
    return _one("" if machine else kind, said, "email", "timestamp", "sg_event_id", lasting=lasting)


def _mailgun(said: Said) -> Iterator[MailEvent] | None:
    inner = said.get("event-data")
    if not isinstance(inner, Mapping):
        return None
    name = _text(inner, "event")
    kind = _named(name, opened=OPEN, clicked=CLICK, failed=BOUNCE, unsubscribed=UNSUBSCRIBE,
                  complained=UNSUBSCRIBE)  # fmt: skip
    client = inner.get("client-info")
    machine = isinstance(client, Mapping) and bool(client.get("bot"))
    lasting = name == "complained" or inner.get("severity") == "permanent"
    kind = "" if name == "failed" and not lasting else kind
    return _one("" if machine else kind, inner, "recipient", "timestamp", "id", lasting=lasting)


def _postmark(said: Said) -> Iterator[MailEvent] | None:
    name = _text(said, "RecordType")
    if not name:
        return None
    left = UNSUBSCRIBE if said.get("SuppressSending") else ""
    kind = _named(name, Open=OPEN, Click=CLICK, Bounce=BOUNCE, SpamComplaint=UNSUBSCRIBE,
                  SubscriptionChange=left)  # fmt: skip
    hard = said.get("Type") in ("HardBounce", "BadEmailAddress", "ManuallyDeactivated")
    if name == "Bounce" and not hard:
        return iter(())
    email = "Email" if said.get("Email") else "Recipient"
    at = next((one for one in ("ReceivedAt", "BouncedAt", "ChangedAt") if said.get(one)), "")
    own = "ID" if said.get("ID") else "MessageID"
    found = list(_one(kind, said, email, at, own, lasting=hard or name == "SpamComplaint"))
    if own == "MessageID":  # one mail may be opened and clicked in often
        found = [MailEvent(o.kind, o.email, o.at, f"{o.id}@{o.at}", o.lasting) for o in found]
    return iter(found)


def _ses(said: Said) -> Iterator[MailEvent] | None:
    if said.get("Type") == "Notification" and isinstance(said.get("Message"), str):
        try:
            inner = json.loads(said["Message"])
        except (ValueError, RecursionError):
            return None
        return _ses(inner) if isinstance(inner, Mapping) else None
    name, mail = _text(said, "eventType") or _text(said, "notificationType"), said.get("mail")
    if not name or not isinstance(mail, Mapping):
        return None
    kind = _named(name, Open=OPEN, Click=CLICK, Bounce=BOUNCE, Complaint=UNSUBSCRIBE,
                  Subscription=UNSUBSCRIBE)  # fmt: skip
    about = said.get(name.lower())
    told: Said = about if isinstance(about, Mapping) else {}
    lasting = name == "Complaint" or told.get("bounceType") == "Permanent"
    if name == "Bounce" and not lasting:
        return iter(())
    named = told.get("bouncedRecipients") or told.get("complainedRecipients") or []
    listed = named if isinstance(named, list) else []
    emails = [_text(one, "emailAddress") for one in listed if isinstance(one, Mapping)]
    if not emails and isinstance(mail.get("destination"), list):
        emails = [one for one in mail["destination"] if isinstance(one, str)]
    at = _instant(told.get("timestamp") or mail.get("timestamp"))
    own = f"{_text(mail, 'messageId')}@{told.get('timestamp', '')}"
    return iter([MailEvent(kind, one, at, f"{own}/{one}", lasting) for one in emails])


def _hubspot(said: Said) -> Iterator[MailEvent] | None:
    if "recipient" not in said or "created" not in said:
        return None
    name = _text(said, "type")
    kind = _named(name, OPEN=OPEN, CLICK=CLICK, REPLY=REPLY, BOUNCE=BOUNCE,
                  SPAMREPORT=UNSUBSCRIBE, STATUSCHANGE=UNSUBSCRIBE)  # fmt: skip
    machine = said.get("filteredEvent") is True
    lasting = name in ("BOUNCE", "SPAMREPORT")
    return _one("" if machine else kind, said, "recipient", "created", "id", lasting=lasting)


def _plain(said: Said) -> Iterator[MailEvent] | None:
    kind = _text(said, "kind")
    if kind not in KINDS:
        return None
    lasting = kind == BOUNCE and said.get("temporary") is not True
    machine = said.get("machine") is True
    return _one("" if machine else kind, said, "email", "occurred_at", "id", lasting=lasting)


_SHAPES: tuple[Callable[[Said], Iterator[MailEvent] | None], ...] = (
    _sendgrid, _mailgun, _postmark, _ses, _hubspot, _plain,
)  # fmt: skip


def _one(
    kind: str, said: Said, email: str, at: str, own: str, *, lasting: bool
) -> Iterator[MailEvent]:
    """The one event that a message tells, by the names of its fields."""
    named = said.get(own)
    told = str(named) if isinstance(named, str | int) else ""
    return iter([MailEvent(kind, _text(said, email), _instant(said.get(at)), told, lasting)])


def _named(name: str, **kinds: str) -> str:
    return kinds.get(name, "")


def _text(said: Said, name: str) -> str:
    value = said.get(name)
    return value.strip() if isinstance(value, str) else ""


def _instant(value: Any) -> dt.datetime | None:
    """Seconds or milliseconds of the epoch, or ISO 8601 with its zone; None for all else."""
    try:
        if isinstance(value, int | float) and not isinstance(value, bool):
            seconds = value / 1000 if value > 10**11 else value
            return dt.datetime.fromtimestamp(seconds, dt.UTC)
        at = dt.datetime.fromisoformat(value) if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return at if at is not None and at.tzinfo is not None else None
