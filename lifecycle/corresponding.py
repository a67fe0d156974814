"""Writing to a buyer: a mail is held for ten seconds, sent by a job, logged as a contact.

Whether they may be written to is asked when it is written, and again when it is sent. What was sent
is an activity with its Message-ID as evidence, and stops the clocks as any contact does.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
import time
import uuid
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from core import database, errors, sealing, work
from core.errors import FieldError
from leads import cleansing
from leads.contact import Purpose, Way
from leads.models import Lead
from lifecycle import actions, contacting, mail_templates, mailboxes, mails, permissions, twice
from lifecycle.mail_templates import PLACEHOLDERS
from lifecycle.models import OutgoingMail
from lifecycle.proofs import Reported
from people.models import User

HELD = dt.timedelta(seconds=10)
"""So long a mail can be taken back."""
LEASE = dt.timedelta(minutes=5)
PAUSES = tuple(dt.timedelta(minutes=one) for one in (1, 5, 30, 120))
"""Until it is tried again; after the last one it is given up."""
SOURCE = "mail"
"""As `mailroom` calls the same mail when a copy of it comes in."""
LONGEST = 20_000
State = OutgoingMail.State
log = logging.getLogger(__name__)


def values(lead: Lead, by: User) -> Mapping[str, str]:
    """What placeholders stand for, of this buyer and this writer."""
    account, person = lead.account, lead.person
    return {
        "first_name": person.first_name,
        "last_name": person.last_name,
        "title": person.title,
        "company": account.name if account else "",
        "my_name": str(by),
        "my_first_name": by.first_name,
    }


def write(
    *, lead_id: int, by: User, subject: str, body: str, now: dt.datetime | None = None
) -> OutgoingMail:
    """Put a mail to the lead's buyer on its way; it goes out when `HELD` is over.

    The same text by the same person while it is held is the first mail, not another.
    For whoever may act on the lead. Raises NotToBeContacted, NotSetUp, TooLate, and InvalidInput
    for what is empty or has a placeholder left open.
    """
    lead = Lead.objects.select_related("person", "account", "owner__team").get(pk=lead_id)
    permissions.require_owner(lead, by)
    permissions.require_kept(lead.person)
    if not lead.person.email:
        raise errors.InvalidInput("No e-mail address of this buyer is known.")
    contacting.require(lead, Way.EMAIL, Purpose.ANSWER)
    mailboxes.of(by)
    subject = cleansing.clean_text(" ".join(subject.split()), 200, field="subject")
    body = cleansing.clean_text(body, LONGEST, field="body")
    faults = [
        FieldError(name, _open(text) or "Write something.")
        for name, text in (("subject", subject), ("body", body))
        if not text or _open(text)
    ]
    if faults:
        raise errors.InvalidInput(faults[0].message, errors=faults)
    host, at = urlsplit(settings.BASE_URL).hostname or "localhost", now or database.now()
    with transaction.atomic():
        twice.wait_for_first(lead_id, by)
        held = pending(lead_id, by).filter(state=State.WAITING, attempts=0, due_at__gt=at)
        first = held.filter(to=lead.person.email, subject=subject, body=body).first()
        return first or OutgoingMail.objects.create(
            lead=lead, by=by, to=lead.person.email, subject=subject, body=body,
            message_id=f"buyer-{uuid.uuid4()}@{host}", due_at=at + HELD, created_at=at,
        )  # fmt: skip


def _open(text: str) -> str:
    named = ", ".join(PLACEHOLDERS.get(one, one) for one in mail_templates.left_open(text))
    return f"Fill in or take out: {named}." if named else ""


def take_back(*, mail_id: int, by: User) -> OutgoingMail:
    """Stop a mail that has not gone out, or will not. Raises NotFound, and TooLate after that."""
    with transaction.atomic():
        mine = OutgoingMail.objects.select_for_update().filter(pk=mail_id, by=by)
        mail = mine.first()
        if mail is None:
            raise errors.NotFound("There is no such mail of yours.")
        if mail.state == State.CANCELLED:
            return mail
        waits = mail.state == State.WAITING and mail.attempts == 0
        if not waits and mail.state != State.FAILED:
            raise errors.TooLate("This mail is on its way already.")
        mine.update(state=State.CANCELLED)
    return mail


def send_again(*, mail_id: int, by: User, now: dt.datetime | None = None) -> None:
    """Try a mail that was given up once more. Raises NotFound."""
    mine = OutgoingMail.objects.filter(pk=mail_id, by=by, state=State.FAILED)
    at = now or database.now()
    if not mine.update(state=State.WAITING, attempts=0, due_at=at, last_error=""):
        raise errors.NotFound("There is no such mail of yours that failed.")


def pending(lead_id: int, by: User) -> QuerySet[OutgoingMail]:
    """Somebody's mails to this buyer that have not gone out, the newest first."""
    waits = [State.WAITING, State.FAILED]
    return OutgoingMail.objects.filter(lead_id=lead_id, by=by, state__in=waits).order_by("-pk")


def answered(ids: Iterable[str]) -> OutgoingMail | None:
    """The latest mail of ours among those that a letter says it answers."""
    named = OutgoingMail.objects.filter(message_id__in=list(ids)[:50])
    return named.select_related("by").order_by("-pk").first()


def send_due(*, now: dt.datetime | None = None, until: float | None = None) -> tuple[int, int]:
    """Send what is due, one at a time; returns how many went out, and how many failed."""
    sent = failed = 0
    while until is None or time.monotonic() < until:
        at = now or database.now()
        due = OutgoingMail.objects.filter(state=State.WAITING, due_at__lte=at).order_by("due_at")
        taken = work.take(
            due, until="due_at", attempts="attempts", now=at, lease=LEASE, limit=1
        )  # fmt: skip
        if not taken:
            break
        went = _send(taken[0].pk, now=now)
        sent, failed = sent + went, failed + (not went)
    return sent, failed


def _send(mail_id: int, *, now: dt.datetime | None) -> bool:
    beside = ("lead__person", "lead__account", "lead__owner__team", "by")
    mail = OutgoingMail.objects.select_related(*beside).get(pk=mail_id)
    if mail.sent_at is not None:  # out already: its process ended before it was logged
        _log(mail, mail.sent_at, now=now)
        return True
    error: Exception | None = None
    try:
        _require_still(mail)
        error = mailboxes.send(
            mailboxes.of(mail.by), to=mail.to, subject=mail.subject, body=mail.body,
            headers={"Message-ID": f"<{mail.message_id}>"},
        )  # fmt: skip
    except errors.DomainError as refusal:
        error = refusal
    at = now or database.now()
    if error is not None:
        _note_failure(mail, error, at)
        return False
    OutgoingMail.objects.filter(pk=mail.pk).update(sent_at=at)
    _log(mail, at, now=now)
    return True


def _require_still(mail: OutgoingMail) -> None:
    """They may still be written to, by whoever wrote it. Raises DomainError."""
    if mail.attempts > len(PAUSES) + 1:
        raise errors.TooLate("Every attempt ended its process; see the worker's log of that time.")
    permissions.require_owner(mail.lead, mail.by)
    permissions.require_kept(mail.lead.person)
    contacting.require(mail.lead, Way.EMAIL, Purpose.ANSWER)


def _note_failure(mail: OutgoingMail, error: Exception, at: dt.datetime) -> None:
    refused = isinstance(error, (errors.DomainError, sealing.Unreadable))
    shut = isinstance(error, smtplib.SMTPAuthenticationError)
    for_good = refused or shut or mails.fault_of(error) is mails.Fault.MAIL_FOR_GOOD
    over = for_good or mail.attempts > len(PAUSES)
    told = str(getattr(error, "message", "")) if refused else mails.words_of(error)
    OutgoingMail.objects.filter(pk=mail.pk).update(
        state=State.FAILED if over else State.WAITING,
        due_at=at if over else at + PAUSES[mail.attempts - 1],
        last_error=told[:300],
    )


def _log(mail: OutgoingMail, at: dt.datetime, *, now: dt.datetime | None) -> None:
    """Keep it as a contact. The mail is out by now, whatever becomes of this."""
    activity, told = None, ""
    try:
        activity = actions.log_activity(
            lead_id=mail.lead_id, by=mail.by, kind="EMAIL", at=at,
            note=f"{mail.subject}\n\n{mail.body}"[:5_000],
            reported=Reported(SOURCE, f"{mail.message_id[:150]}/{mail.lead_id}", verified=True),
            now=now,
        )  # fmt: skip
    except errors.DomainError as refusal:
        told = f"Sent, but not logged: {refusal.message}"[:300]
        log.warning("Mail %s was sent and could not be logged: %s", mail.pk, refusal.message)
    mine = OutgoingMail.objects.filter(pk=mail.pk)
    mine.update(state=State.SENT, activity=activity, last_error=told)
