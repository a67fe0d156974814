"""Sends mails about people's access: invitations, new passwords, changes of a log-in.

As `mails` does with notices: one at a time, outside any transaction, the attempt committed before
the server is spoken to. Who gets one may have no account yet, and what it says lets somebody in, so
the text is forgotten once the mail is sent or given up.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail as django_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.template.loader import render_to_string

from core import database, work
from lifecycle import mail_server, mails
from lifecycle.mails import Mailed
from people.models import AccessMail

LEASE = dt.timedelta(minutes=5)
FIRST_PAUSE = dt.timedelta(seconds=30)
LONGEST_PAUSE = dt.timedelta(hours=1)
MOST_ATTEMPTS = 8
"""The last one is about three hours after the first."""

log = logging.getLogger(__name__)


def send_due(*, now: dt.datetime | None = None, seconds: float = 10.0) -> Mailed:
    """Send what waits, for about so long; a server that is away ends the pass."""
    until = time.monotonic() + seconds
    server = mail_server.connection()
    sent = failed = 0
    try:
        while time.monotonic() < until:
            mail = _take_one(now or database.now())
            if mail is None:
                break
            error = _send(mail, server)
            _note(mail, error, now=now or database.now())
            sent, failed = sent + (error is None), failed + (error is not None)
            if error is not None and mails.fault_of(error) is mails.Fault.SERVER:
                return Mailed(sent, failed, server_down=True)
    finally:
        mails.close(server)
    return Mailed(sent, failed)


def _take_one(now: dt.datetime) -> AccessMail | None:
    due = AccessMail.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    rows = work.take(due, until="due_at", attempts="attempts", now=now, lease=LEASE, limit=1)
    return AccessMail.objects.get(pk=rows[0].pk) if rows else None


def _send(mail: AccessMail, server: BaseEmailBackend) -> Exception | None:
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    message = django_mail.EmailMultiAlternatives(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to],
        headers={"Message-ID": f"<access-{mail.pk}@{host}>", "Auto-Submitted": "auto-generated"},
        connection=server,
    )
    said = {"subject": mail.subject, "text": mail.text}
    message.attach_alternative(render_to_string("mail/access.html", said), "text/html")
    try:
        with mail_server.limited(server):
            server.open()
            server.send_messages([message])
    except Exception as error:
        return error
    return None


def _note(mail: AccessMail, error: Exception | None, *, now: dt.datetime) -> None:
    """Write down how it ended; one that was withdrawn meanwhile stays so."""
    mine = AccessMail.objects.filter(pk=mail.pk, due_at__isnull=False)
    if error is None:
        AccessMail.objects.filter(pk=mail.pk).update(
            sent_at=now, due_at=None, text="", last_error=""
        )
        return
    why = mails.words_of(error)
    log.warning("Access mail %s failed (attempt %s): %s", mail.pk, mail.attempts, why)
    for_good = mails.fault_of(error) is mails.Fault.MAIL_FOR_GOOD
    if for_good or mail.attempts >= MOST_ATTEMPTS:
        mine.update(due_at=None, text="", last_error=why)
    else:
        wait = work.pause(mail.attempts, first=FIRST_PAUSE, factor=3, longest=LONGEST_PAUSE)
        mine.update(due_at=now + wait, last_error=why)
