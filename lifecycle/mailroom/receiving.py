"""Taking mail in: each becomes a touchpoint of its buyer, activities of ours, or is passed over.

The same mail is taken once, by its Message-ID, however often it is brought. Nothing is lost: what
was not taken is told with a reason, so that whoever brought it can keep it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models.functions import Coalesce

from core import database, errors
from governance import selectors as kits
from leads import cleansing, identity
from leads.identity import EmailPolicy
from leads.models import Activity, IdentityKey, Lead, Touch
from leads.stages import Stage
from lifecycle import actions, corresponding, intake
from lifecycle.mailroom import letter as letters
from lifecycle.mailroom import sorting
from lifecycle.mailroom.letter import Letter, Party
from lifecycle.mailroom.sorting import House, Kind
from lifecycle.models import OutgoingMail
from lifecycle.proofs import Reported
from lifecycle.touch_words import in_words
from people.models import User

SCOPE = "mail"
ON_ITS_WAY = dt.timedelta(minutes=15)
"""So long a mail may be on its way to us before its own date is doubted."""


class Outcome(StrEnum):
    """What became of a mail."""

    TAKEN = "TAKEN"
    LOGGED = "LOGGED"
    KEPT = "KEPT"
    """Nobody could make a touchpoint of it: it waits for people in the exception queue."""
    KNOWN = "KNOWN"
    PASSED_OVER = "PASSED_OVER"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one mail, in a word and a sentence; the leads it belongs to."""

    outcome: Outcome
    told: str
    leads: tuple[int, ...] = ()


def receive(raw: bytes, *, now: dt.datetime | None = None) -> Received:
    """Take one mail in. A mail that cannot be used is REFUSED with its reason; nothing is raised
    but what the database raises.
    """
    try:
        letter = letters.read(raw)
    except errors.InvalidInput as fault:
        return Received(Outcome.REFUSED, fault.message)
    sort = sorting.decide(letter, house())
    ours = corresponding.answered(letter.answers) if letter.answers else None
    if ours is not None and (sort.kind is Kind.INBOUND or letter.bounced):
        return _answered(letter, ours, now=now)
    if sort.kind is Kind.INBOUND:
        return _inbound(letter, now=now)
    if sort.kind is Kind.LOGGED and sort.by is not None:
        return _logged(letter, sort.by, sort.buyers, now=now)
    why = "written by a machine" if sort.kind is Kind.AUTOMATIC else "between ourselves"
    return Received(Outcome.PASSED_OVER, f"Passed over: {why}.")


def house() -> House:
    """Our own addresses as they are now. One query."""
    users = list(User.objects.exclude(email="").values_list("pk", "email", "mail_token"))
    domain = settings.MAIL_DOMAIN.casefold()
    return House(
        mailboxes={address.casefold(): pk for pk, address, _ in users},
        blind={blind_address(token).casefold(): pk for pk, _, token in users if token and domain},
        domains=frozenset(one.casefold() for one in (domain, *settings.OWN_DOMAINS) if one),
    )


def blind_address(token: str) -> str:
    """The address to which a person sends blind copies; empty when mail is not set up."""
    return f"log+{token}@{settings.MAIL_DOMAIN}" if settings.MAIL_DOMAIN and token else ""


def _inbound(letter: Letter, *, now: dt.datetime | None) -> Received:
    at = now or database.now()
    buyer = letter.answer_to if not house().is_ours(letter.answer_to.address) else letter.sender
    body, key = _touch(letter, buyer, channel="INBOUND_EMAIL", at=at), _key(letter)
    [answer] = intake.capture([body], scope=SCOPE, keys=[key], now=now)
    if any(fault.code == "key_reused" for fault in answer.errors):
        # Some programs give all their mails one id; and clocks that differ change a mail's body.
        if _was_taken(letter, key):
            return Received(Outcome.KNOWN, "This mail was taken before.")
        key = f"{key[:120]}/{letter.fingerprint}"
        [answer] = intake.capture([body], scope=SCOPE, keys=[key], now=now)
    if answer.errors:
        return _kept(body, key, answer.errors, now=now)
    receipt = answer.receipt or {}
    leads = (int(receipt["lead"]),) if receipt.get("lead") else ()
    if answer.status == 200:
        return Received(Outcome.KNOWN, "This mail was taken before.", leads)
    return Received(Outcome.TAKEN, f"A touchpoint of lead {receipt.get('lead', 'to come')}.", leads)


def _answered(letter: Letter, ours: OutgoingMail, *, now: dt.datetime | None) -> Received:
    """The answer to a mail that somebody here wrote in LeadGov; or that it could not be brought.

    It belongs to that lead, from whichever address it comes.
    """
    lead = Lead.objects.get(pk=ours.lead_id)
    lead_id = int(lead.merged_into_id or lead.pk)
    what: dict[str, Any] = (
        {"direction": "INBOUND"} if not letter.bounced else {"outcome": "BOUNCED"}
    )
    at = now or database.now()
    key = f"{_key(letter)[:150]}/{lead_id}"
    if Activity.objects.filter(source=SCOPE, external_id=key).exists():
        return Received(Outcome.KNOWN, "This mail was taken before.", (lead_id,))
    try:
        actions.log_activity(
            lead_id=lead_id, by=ours.by, kind="EMAIL", note=letter.note, **what,
            at=min(letter.received_at or at, at),
            reported=Reported(SCOPE, key, verified=True, automatic=letter.bounced), now=now,
        )  # fmt: skip
    except errors.DomainError as refusal:
        return Received(Outcome.REFUSED, refusal.message)
    told = "could not be brought" if letter.bounced else "was answered"
    return Received(Outcome.LOGGED, f"A mail of {ours.by} {told}: lead {lead_id}.", (lead_id,))


def _was_taken(letter: Letter, key: str) -> bool:
    taken = Touch.objects.filter(idempotency_scope=SCOPE, idempotency_key=key)
    notes = taken.values_list("payload__note", flat=True)
    return any((note or "") == letter.note for note in notes)


def _kept(
    body: dict[str, Any], key: str, faults: Sequence[errors.FieldError], *, now: dt.datetime | None
) -> Received:
    """What a buyer wrote is kept, though the address it came from, say, is none."""
    why = " ".join(f"{fault.field}: {fault.message}" for fault in faults)[:2_000]
    intake.set_aside(body, scope=SCOPE, key=key, why=why, now=now)
    return Received(Outcome.KEPT, f"It waits in the exception queue. {in_words(why)}")


def _logged(
    letter: Letter, by_id: int, buyers: Sequence[Party], *, now: dt.datetime | None
) -> Received:
    """An activity with each buyer; who is not known yet comes in as found by us."""
    at = now or database.now()
    by = User.objects.get(pk=by_id)
    if not by.is_active:
        return Received(Outcome.REFUSED, f"The account of {by} is not active any more.")
    leads, faults = [], []
    for buyer in buyers:
        lead, fault = _lead_of(letter, buyer, at=at, now=now)
        if lead is not None:
            fault = _log(letter, lead, by=by, at=at, now=now)
        if lead is None or fault:
            faults.append(f"{buyer.address}: {fault}")
            continue
        leads.append(lead)
    told = f"Logged for {by} with {len(leads)} of {len(buyers)} buyers. {' '.join(faults)}".strip()
    return Received(Outcome.LOGGED if leads else Outcome.REFUSED, told, tuple(leads))


def _log(
    letter: Letter, lead_id: int, *, by: User, at: dt.datetime, now: dt.datetime | None
) -> str:
    """Keep the mail as an activity; returns why that was refused, or nothing.

    Its own date is its writer's word. One far from when a server of ours had it is not believed:
    then it counts from there, as somebody's own report.
    """
    received = min(letter.received_at or at, at)
    believed = letter.sent_at is None or received - letter.sent_at <= ON_ITS_WAY
    sent = letter.sent_at if believed and letter.sent_at and letter.sent_at <= received else None
    told = sent or letter.received_at
    try:
        actions.log_activity(
            lead_id=lead_id,
            by=by,
            kind="EMAIL",
            at=min(told, at) if told else None,
            note=letter.note,
            reported=Reported(
                source=SCOPE,
                external_id=f"{_key(letter)[:150]}/{lead_id}",
                verified=believed,
            ),
            now=now,
        )
    except errors.DomainError as refusal:
        return refusal.message
    return ""


def _lead_of(
    letter: Letter, buyer: Party, *, at: dt.datetime, now: dt.datetime | None
) -> tuple[int | None, str]:
    """The buyer's lead; a person we never heard of becomes one, through the usual door."""
    known = _known(buyer.address)
    if known is not None:
        return known, ""
    [answer] = intake.capture(
        [_touch(letter, buyer, channel="OUTBOUND", at=at)],
        scope=SCOPE, keys=[f"{_key(letter)[:150]}/{buyer.address.casefold()[:40]}"], now=now,
    )  # fmt: skip
    if answer.errors:
        return None, " ".join(fault.message for fault in answer.errors)
    lead = (answer.receipt or {}).get("lead")
    return (int(lead), "") if lead else (None, "It waits in the exception queue.")


def _known(address: str) -> int | None:
    """The newest lead of whom this address names, if it names anybody."""
    with transaction.atomic():
        rule = kits.active_kit().identity["EMAIL"]
    policy = EmailPolicy(rule.strip_plus, rule.gmail_dots)
    try:
        value = identity.normalise_email(address, policy=policy)
    except errors.InvalidInput:
        return None
    keys = IdentityKey.objects.filter(kind="EMAIL", value=value, shared_at__isnull=True)
    person = keys.values_list(Coalesce("person__merged_into_id", "person_id"), flat=True).first()
    if person is None:
        return None
    leads = Lead.objects.filter(person_id=person).exclude(stage=Stage.MERGED.value)
    found: int | None = leads.order_by("-pk").values_list("pk", flat=True).first()
    return found


def _touch(letter: Letter, buyer: Party, *, channel: str, at: dt.datetime) -> dict[str, Any]:
    first, last = cleansing.split_full_name(buyer.name) if "@" not in buyer.name else ("", "")
    person = {"email": buyer.address, "first_name": first[:120], "last_name": last[:120]}
    body: dict[str, Any] = {
        "channel": channel,
        "person": {name: value for name, value in person.items() if value},
        "note": letter.note if channel == "INBOUND_EMAIL" else "",
    }
    if letter.sent_at is not None and letter.sent_at <= at:
        body["occurred_at"] = letter.sent_at.isoformat()
    if channel == "INBOUND_EMAIL" and letter.subject:
        body["fields"] = {"subject": letter.subject}
    return body


def _key(letter: Letter) -> str:
    return letter.id[:190]
