"""Makes mails of mailings that are due and sends them, one at a time, outside any transaction.

The attempt is committed before the server is spoken to. Of what was missed while nothing ran, the
latest alone is made up for. While the facts are made anew, mails wait for them.
"""

from __future__ import annotations

import datetime as dt
import logging
import time
from collections import Counter
from collections.abc import Mapping
from urllib.parse import urlsplit

from django.conf import settings
from django.core import mail as django_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.urls import reverse

from core import database, work
from lifecycle import mail_server, mails
from reports import facts_state
from web.by_mail import letter, rhythm
from web.by_mail.letter import Letter
from web.console.metric_period import Span
from web.models import MailingReader, ReportMail, ReportMailing

LEASE = dt.timedelta(minutes=5)
FIRST_PAUSE = dt.timedelta(minutes=1)
LONGEST_PAUSE = dt.timedelta(hours=4)
WAIT_FOR_FACTS = dt.timedelta(minutes=5)
MOST_ATTEMPTS = 8
AT_ONCE = 20
"""So many mailings are planned in one pass."""

LATER = "Not sent: a later one took its place."

log = logging.getLogger(__name__)


def step(now: dt.datetime | None, until: float) -> Mapping[str, int]:
    """What is due at `now` (the database's clock unless given), until a monotonic instant."""
    done = Counter(report_mails_planned=plan(now=now or database.now()))
    server = mail_server.connection()
    try:
        while time.monotonic() < until:
            mail = _take_one(now or database.now())
            if mail is None:
                break
            error = _send(mail, server, now=now or database.now())
            _note(mail, error, now=now or database.now())
            done["report_mails" if error is None else "report_mails_failed"] += 1
            if error is not None and mails.fault_of(error) is mails.Fault.SERVER:
                break
    finally:
        mails.close(server)
    return done


@transaction.atomic
def plan(*, now: dt.datetime) -> int:
    """A mail to each reader of each mailing that is due; returns how many. Once for the same days,
    however many workers plan.
    """
    due = ReportMailing.objects.filter(next_at__lte=now, deleted_at=None).order_by("next_at", "pk")
    rows = list(due.select_for_update(skip_locked=True)[:AT_ONCE])
    made: list[ReportMail] = []
    for row in rows:
        days = rhythm.days_of(row, rhythm.latest(row, now))
        waiting = row.mails.filter(due_at__isnull=False, by_hand=False, last__lt=days.last)
        waiting.update(due_at=None, last_error=LATER)
        made += [_mail(row, one.user_id, days, now=now) for one in readers(row)]
        row.next_at = rhythm.following(row, now)
        row.save(update_fields=["next_at"])
    return len(ReportMail.objects.bulk_create(made, ignore_conflicts=True))


def readers(mailing: ReportMailing) -> list[MailingReader]:
    """To whom it goes: who is here, and did not ask for no more of it."""
    rows = mailing.readers.filter(stopped_at=None, user__is_active=True)
    return list(rows.select_related("user").order_by("pk"))


def _mail(mailing: ReportMailing, to: int, days: Span, *, now: dt.datetime) -> ReportMail:
    return ReportMail(
        mailing=mailing, to_id=to, first=days.first, last=days.last, created_at=now, due_at=now
    )


def _take_one(now: dt.datetime) -> ReportMail | None:
    due = ReportMail.objects.filter(due_at__lte=now).order_by("due_at", "pk")
    if not due.exists():
        return None
    if facts_state.made_share() is not None:
        due.update(due_at=now + WAIT_FOR_FACTS)
        return None
    rows = work.take(due, until="due_at", attempts="attempts", now=now, lease=LEASE, limit=1)
    shown = ReportMail.objects.select_related("to", "mailing__owner")
    return shown.get(pk=rows[0].pk) if rows else None


def _send(mail: ReportMail, server: BaseEmailBackend, *, now: dt.datetime) -> Exception | None:
    try:
        if not mail.to.is_active:
            raise ValueError(mails.LEFT)
        written = letter.write(mail.mailing, mail.to, Span(mail.first, mail.last), now=now)
        with mail_server.limited(server):
            server.open()
            server.send_messages([_message(mail, written, server)])
    except Exception as error:
        return error
    return None


def _message(
    mail: ReportMail, written: Letter, server: BaseEmailBackend
) -> django_mail.EmailMultiAlternatives:
    host = urlsplit(settings.BASE_URL).hostname or "localhost"
    stop = reverse("console:mailing", args=[mail.mailing_id])
    message = django_mail.EmailMultiAlternatives(
        subject=written.subject,
        body=written.text,
        to=[mail.to.email],
        headers={
            "Message-ID": f"<figures-{mail.pk}@{host}>",
            "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{settings.BASE_URL.rstrip('/')}{stop}>",
        },
        connection=server,
    )
    message.attach_alternative(written.html, "text/html")
    for name, text in written.files:
        message.attach(name, text, "text/csv")
    return message


def _note(mail: ReportMail, error: Exception | None, *, now: dt.datetime) -> None:
    """Write down how it ended; one that was taken back meanwhile stays so."""
    mine = ReportMail.objects.filter(pk=mail.pk)
    if error is None:
        mine.update(sent_at=now, due_at=None, last_error="")
        return
    why = mails.words_of(error)
    log.warning("Figures %s by mail failed (attempt %s): %s", mail.pk, mail.attempts, why)
    for_good = mails.fault_of(error) is mails.Fault.MAIL_FOR_GOOD or not mail.to.is_active
    if for_good or mail.attempts >= MOST_ATTEMPTS:
        mine.update(due_at=None, last_error=why)
    else:
        wait = work.pause(mail.attempts, first=FIRST_PAUSE, factor=4, longest=LONGEST_PAUSE)
        mine.filter(due_at__isnull=False).update(due_at=now + wait, last_error=why)
