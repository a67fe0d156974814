"""Sends notices by mail, one at a time and outside any transaction.

The attempt is committed before the server is spoken to, so a mail that kills or hangs its sender
is counted as well. A mail whose acceptance was lost on the way back is sent again under the same
Message-ID, by which mailboxes know the copy.
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
from django.core import mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import models

from core import database, work
from governance.models import KitVersion
from lifecycle import kit_news, kit_wording, partner_wording, possessions, wording
from lifecycle.models import KitNews, Notice
from lifecycle.realigning import wording as realigned_words
from people.models import User

MOST_ATTEMPTS = 8
LEASE = dt.timedelta(minutes=5)
FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=4)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Mailed:
    """What one pass did. `server_down`: the server as such refused, so the pass ended early."""

    sent: int = 0
    failed: int = 0
    server_down: bool = False


@dataclass(frozen=True, slots=True)
class _Told:
    """What one mail says, and the page it leads to."""

    subject: str
    text: str
    page: str


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


def send_due(*, now: dt.datetime | None = None, seconds: float = 10.0) -> Mailed:
    """Send waiting mails for about so long; a mail that fails is tried again, ever later."""
    until = time.monotonic() + seconds
    server = mail.get_connection()
    sent = failed = 0
    try:
        while time.monotonic() < until:
            notice = _take_one(now or database.now())
            if notice is None:
                break
            error = _send(notice, server)
            _note(notice, error, now=now or database.now())
            sent, failed = sent + (error is None), failed + (error is not None)
            if error is not None and fault_of(error) is Fault.SERVER:
                return Mailed(sent, failed, server_down=True)
    finally:
        _close(server)
    return Mailed(sent, failed)


def undelivered() -> models.QuerySet[Notice]:
    """Notices whose mail was given up, newest first; `mail_error` tells why."""
    given_up = models.Q(mail_attempts__gte=MOST_ATTEMPTS) | models.Q(
        mail_due_at__isnull=True, mail_error__gt=""
    )
    return Notice.objects.filter(given_up, mailed_at__isnull=True).order_by("-id")


def revive(*, now: dt.datetime) -> int:
    """Have all given-up mails tried anew, once what made them fail is put right."""
    return undelivered().update(mail_attempts=0, mail_due_at=now, mail_error="")


def _take_one(now: dt.datetime) -> Notice | None:
    due = Notice.objects.filter(
        mailed_at__isnull=True, mail_due_at__lte=now, mail_attempts__lt=MOST_ATTEMPTS
    ).order_by("mail_due_at")
    rows = work.take(
        due, until="mail_due_at", attempts="mail_attempts", now=now, lease=LEASE, limit=1
    )
    if not rows:
        return None
    beside = ("to", "lead__account", "kit", *partner_wording.BESIDE)
    notices = Notice.objects.select_related(*beside).defer("kit__document")
    return notices.get(pk=rows[0].pk)


def _send(notice: Notice, server: BaseEmailBackend) -> Exception | None:
    try:
        if not notice.to.is_active:
            raise ValueError("This person is no longer active.")
        server.open()
        server.send_messages([_message(notice, server)])
    except Exception as error:
        return error
    return None


def _message(notice: Notice, server: BaseEmailBackend) -> mail.EmailMessage:
    told = _told(notice)
    link = f"{settings.BASE_URL.rstrip('/')}{told.page}"
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    return mail.EmailMessage(
        subject=told.subject,
        body=f"{told.text}\n\n{link}\n\nLeadGov sent this because it concerns you.\n",
        to=[notice.to.email],
        headers={
            "Message-ID": f"<notice-{notice.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
        },
        connection=server,
    )


def _told(notice: Notice) -> _Told:
    if notice.realignment_id is not None:
        words = notice.words
        return _Told(
            realigned_words.headline(words), realigned_words.sentence(words), "/territories/"
        )
    if notice.conflict_id is not None:
        return _of_partners(notice)
    return _of_the_kit(notice, notice.kit) if notice.kit else _of_a_lead(notice)


def _of_partners(notice: Notice) -> _Told:
    about = partner_wording.about(notice)
    page = f"/partners/conflicts/{notice.conflict_id}/"
    return _Told(partner_wording.headline(about), partner_wording.sentence(about), page)


def _of_a_lead(notice: Notice) -> _Told:
    about = _about(notice)
    page = f"/leads/{notice.lead_id}/"
    return _Told(wording.headline(about), wording.sentence(about), page)


def _of_the_kit(notice: Notice, version: KitVersion) -> _Told:
    people = User.objects.in_bulk(kit_news.people_in([notice.words]))
    about = kit_wording.About(
        kind=KitNews(notice.kind),
        words=notice.words,
        number=version.number,
        title=version.title,
        names={pk: str(one) for pk, one in people.items()},
        zone=notice.to.zone,
    )
    changes = "\n".join(f"- {line}" for line in kit_wording.lines(about))
    text = "\n\n".join(filter(None, [kit_wording.sentence(about), changes]))
    return _Told(kit_wording.headline(about), text, f"/kit/versions/{version.number}/")


def _about(notice: Notice) -> wording.About:
    account = notice.lead.account if notice.lead else None
    holder = User.objects.filter(pk=notice.words.get("holder")).first()
    return wording.About(
        kind=Notice.Kind(notice.kind),
        words=notice.words,
        lead=notice.lead_id or 0,
        company=(account.name or account.domain or "") if account is not None else "",
        holder=str(holder) if holder is not None else "",
        zone=notice.to.zone,
        why=_why(notice),
    )


def _why(notice: Notice) -> str:
    """How a lead came to whom it is assigned."""
    if notice.kind != Notice.Kind.ASSIGNED or notice.event_id is None:
        return ""
    return possessions.words_of({notice.event_id: notice.to}).get(notice.event_id, "")


def _note(notice: Notice, error: Exception | None, *, now: dt.datetime) -> None:
    row = Notice.objects.filter(pk=notice.pk)
    if error is None:
        row.update(mailed_at=now, mail_error="")
        return
    log.warning("Mail of notice %s failed (attempt %s): %r", notice.pk, notice.mail_attempts, error)
    wait = work.pause(notice.mail_attempts, first=FIRST_PAUSE, factor=4, longest=LONGEST_PAUSE)
    over = fault_of(error) is Fault.MAIL_FOR_GOOD or notice.mail_attempts >= MOST_ATTEMPTS
    row.update(
        mail_error=f"{type(error).__name__}: {error}"[:2000],
        mail_due_at=None if over or not notice.to.is_active else now + wait,
    )


def _close(server: BaseEmailBackend) -> None:
    try:
        server.close()
    except OSError as error:
        log.info("The mail server left without a good-bye: %r", error)
