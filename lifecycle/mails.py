"""Sends mails of notices, one at a time and outside any transaction.

The attempt is committed before the server is spoken to, so a mail that kills or hangs its sender
is counted as well. A mail whose acceptance was lost on the way back is sent again under the same
Message-ID, by which mailboxes know the copy. How every attempt ended is kept.
"""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
import time
from dataclasses import dataclass
from enum import Enum, auto
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail as django_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models, transaction

from core import database, work
from lifecycle import bundling, letters, mail_server, wording
from lifecycle.letters import Letter
from lifecycle.models import Mail, MailAttempt, Notice, SentAgain
from people.models import User

MOST_ATTEMPTS = 8
LEASE = dt.timedelta(minutes=5)
FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=4)
NOT_NEEDED = "Not sent: all of it was done meanwhile."
LEFT = "This person is no longer active."
TOO_LATE = "Came too late to count."
LONGEST_WHY = 300
State = Mail.State

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mailed:
    """What one pass did. `server_down`: the server as such refused, so the pass ended early."""

    sent: int = 0
    failed: int = 0
    server_down: bool = False


class Fault(Enum):
    """Whose fault a failed attempt is: it decides about the next one."""

    MAIL = auto()
    """Of this mail, for now: try it again later and go on with others."""
    MAIL_FOR_GOOD = auto()
    """Of this mail, and the server said not to try again."""
    SERVER = auto()
    """Of the server or the way to it: others would fare no better now."""


def fault_of(error: Exception) -> Fault:
    """Judge a failed attempt by what was raised."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = [code for code, _ in error.recipients.values()]
        return Fault.MAIL_FOR_GOOD if min(codes, default=0) >= 500 else Fault.MAIL
    if isinstance(error, smtplib.SMTPDataError):
        return Fault.MAIL_FOR_GOOD if error.smtp_code >= 500 else Fault.MAIL
    return Fault.SERVER if isinstance(error, OSError) else Fault.MAIL


def words_of(error: Exception) -> str:
    """A failed attempt in words; addresses are left out."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()), (0, b""))
        text = f"The mail server refused the recipient: {code} {_plain(said)}"
    elif isinstance(error, smtplib.SMTPResponseException):
        text = f"The mail server answered {error.smtp_code} {_plain(error.smtp_error)}"
    elif isinstance(error, smtplib.SMTPServerDisconnected):
        text = f"The mail server hung up: {error}"
    elif isinstance(error, TimeoutError):
        text = "The mail server did not answer in time: timed out."
    elif isinstance(error, OSError):
        text = f"The mail server could not be reached: {error}"
    else:
        text = f"{type(error).__name__}: {error}"
    shown = ("…" if "@" in word else word for word in wording.one_line(text).split())
    return " ".join(shown)[:LONGEST_WHY]


def _plain(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def send_due(*, now: dt.datetime | None = None, seconds: float = 10.0) -> Mailed:
    """Make mails of what waits, and send for about so long; what fails is tried ever later."""
    until = time.monotonic() + seconds
    bundling.bundle(now=now or database.now())
    server = mail_server.connection()
    sent = failed = 0
    try:
        while time.monotonic() < until:
            mail = _take_one(now or database.now())
            if mail is None:
                break
            letter, error = _written(mail)
            if letter is None and error is None:
                _drop(mail)
                continue
            began = time.monotonic()
            error = error or _send(mail, letter, server)
            took = round((time.monotonic() - began) * 1000)
            _note(mail, error, milliseconds=took, now=now or database.now())
            sent, failed = sent + (error is None), failed + (error is not None)
            if error is not None and fault_of(error) is Fault.SERVER:
                return Mailed(sent, failed, server_down=True)
    finally:
        close(server)
    return Mailed(sent, failed)


def undelivered() -> models.QuerySet[Mail]:
    """Mails that were given up, newest first; `last_error` tells why."""
    return Mail.objects.filter(state=State.DEAD).order_by("-id")


def revive(*, now: dt.datetime) -> int:
    """Have all given-up mails tried anew, once what made them fail is put right."""
    return send_again(undelivered(), by=None, now=now)


@transaction.atomic
def send_again(mails: models.QuerySet[Mail], *, by: User | None, now: dt.datetime) -> int:
    """Have those of these that were given up tried anew, under the same id; returns how many.

    Who did it is kept; None is a command.
    """
    rows = list(mails.filter(state=State.DEAD).order_by("id").select_for_update())
    for row in rows:
        row.state, row.due_at, row.last_error = State.WAITING, now, ""
        row.attempts, row.round = 0, row.round + 1
    Mail.objects.bulk_update(rows, ["state", "due_at", "last_error", "attempts", "round"])
    SentAgain.objects.bulk_create(
        SentAgain(way=SentAgain.Way.MAIL, what=row.pk, round=row.round, by=by, at=now)
        for row in rows
    )
    return len(rows)


def _take_one(now: dt.datetime) -> Mail | None:
    due = Mail.objects.filter(state=State.WAITING, due_at__lte=now).order_by("due_at", "pk")
    rows = work.take(due, until="due_at", attempts="attempts", now=now, lease=LEASE, limit=1)
    return Mail.objects.select_related("to").get(pk=rows[0].pk) if rows else None


def _written(mail: Mail) -> tuple[Letter | None, Exception | None]:
    """What it says; neither when there is nothing to say any more."""
    try:
        if mail.attempts > MOST_ATTEMPTS:
            raise ValueError("Every attempt ended its process; see the worker's log of that time.")
        if not mail.to.is_active:
            raise ValueError(LEFT)
        return letters.of(mail), None
    except Exception as error:
        return None, error


def _send(mail: Mail, letter: Letter | None, server: BaseEmailBackend) -> Exception | None:
    try:
        if letter is not None:
            with mail_server.limited(server):
                server.open()
                server.send_messages([_message(mail, letter, server)])
    except Exception as error:
        return error
    return None


def _message(
    mail: Mail, letter: Letter, server: BaseEmailBackend
) -> django_mail.EmailMultiAlternatives:
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    message = django_mail.EmailMultiAlternatives(
        subject=letter.subject,
        body=letter.text,
        to=[mail.to.email],
        headers={"Message-ID": f"<mail-{mail.pk}@{host}>", "Auto-Submitted": "auto-generated"},
        connection=server,
    )
    message.attach_alternative(letter.html, "text/html")
    return message


@transaction.atomic
def _drop(mail: Mail) -> None:
    """All of it was done meanwhile."""
    mine = Mail.objects.filter(pk=mail.pk, state=State.WAITING, round=mail.round)
    mine.update(state=State.MOOT, due_at=None, last_error=NOT_NEEDED)


@transaction.atomic
def _note(mail: Mail, error: Exception | None, *, milliseconds: int, now: dt.datetime) -> None:
    """Write down how an attempt ended. What another process has settled meanwhile stays."""
    row = Mail.objects.select_for_update().get(pk=mail.pk)
    why = words_of(error) if error is not None else ""
    counts = (row.state, row.round) == (State.WAITING, mail.round)
    MailAttempt.objects.bulk_create(
        [
            MailAttempt(
                mail=row,
                round=mail.round,
                number=mail.attempts,
                at=now,
                arrived=error is None and counts,
                milliseconds=milliseconds,
                why=why if counts else f"{TOO_LATE} {why}".strip(),
            )
        ],
        ignore_conflicts=True,
    )
    if not counts:
        return
    if error is None:
        row.state, row.due_at, row.sent_at, row.last_error = State.SENT, None, now, ""
        Notice.objects.filter(mail=row, mailed_at=None).update(mailed_at=now)
    else:
        _put_off(row, mail.attempts, error, why=why, now=now)
    row.save(update_fields=["state", "due_at", "sent_at", "last_error"])


def _put_off(row: Mail, attempts: int, error: Exception, *, why: str, now: dt.datetime) -> None:
    log.warning("Mail %s failed (attempt %s): %s", row.pk, attempts, why)
    wait = work.pause(attempts, first=FIRST_PAUSE, factor=4, longest=LONGEST_PAUSE)
    over = fault_of(error) is Fault.MAIL_FOR_GOOD or attempts >= MOST_ATTEMPTS
    row.last_error = why
    if over or not row.to.is_active:
        row.state, row.due_at = State.DEAD, None
    else:
        row.due_at = now + wait


def close(server: BaseEmailBackend) -> None:
    """Say good-bye, if the server is still there to hear it."""
    try:
        with mail_server.limited(server):
            server.close()
    except OSError as error:
        log.info("The mail server left without a good-bye: %r", error)
