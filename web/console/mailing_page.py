"""Mailings of figures: which there are, and one with what it tells, to whom, and what was sent."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Q

from core.texts import _, plural
from people.models import User
from web.by_mail import acts, letter, rhythm
from web.by_mail.letter import Letter
from web.console.metric_period import Span
from web.models import ReportMail, ReportMailing

SHOWN = 100
MAILS = 40
LATELY = dt.timedelta(days=8)


@dataclass(frozen=True, slots=True)
class Line:
    """One mailing in the list."""

    id: int
    name: str
    rhythm: str
    whose: str
    line: str
    next_at: dt.datetime | None
    failed: int
    """Mails of the last days that were given up."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody to whom it goes."""

    name: str
    told: str
    """Why they get it no more; empty where they do."""


@dataclass(frozen=True, slots=True)
class Sent:
    """One mail and what became of it."""

    to: str
    days: str
    at: dt.datetime
    told: str
    tone: str


@dataclass(frozen=True, slots=True)
class MailingPage:
    """The page of one."""

    mailing: ReportMailing
    rhythm: str
    parts: tuple[str, ...]
    gone: bool
    """A part of it is declared no more."""
    people: tuple[Person, ...]
    mails: tuple[Sent, ...]
    may_change: bool
    is_paused: bool
    gets: bool
    stopped: bool
    may_retry: bool


def of(reader: User, *, now: dt.datetime) -> tuple[Line, ...]:
    """All that this reader sees, by name. One query."""
    given_up = Q(
        mails__due_at=None, mails__sent_at=None, mails__attempts__gt=0,
        mails__created_at__gt=now - LATELY,
    )  # fmt: skip
    rows = acts.visible_to(reader).select_related("owner").annotate(
        failed=Count("mails", filter=given_up, distinct=True),
        going=Count("readers", filter=Q(readers__stopped_at=None), distinct=True),
    )  # fmt: skip
    return tuple(
        Line(
            id=row.pk,
            name=row.name,
            rhythm=rhythm.words(row),
            whose="" if row.owner_id == reader.pk else str(row.owner),
            line=_line(row, row.going),
            next_at=row.next_at,
            failed=row.failed,
        )
        for row in rows.order_by("name", "pk")[:SHOWN]
    )


def build(reader: User, mailing: ReportMailing) -> MailingPage:
    """One with what it tells, to whom, and its last mails. Three queries, and names of slices."""
    parts = letter.parts_of(mailing.parts)
    readers = list(mailing.readers.select_related("user").order_by("user__first_name", "pk"))
    mine = next((one for one in readers if one.user_id == reader.pk), None)
    changes = acts.may_change(mailing, reader)
    mails = mailing.mails.select_related("to").order_by("-pk")
    shown = list((mails if changes else mails.filter(to=reader))[:MAILS])
    return MailingPage(
        mailing=mailing,
        rhythm=rhythm.words(mailing),
        parts=tuple(one.name for one in parts),
        gone=len(parts) < len(mailing.parts),
        people=tuple(
            Person(str(one.user), _why_not(one.user, stopped=one.stopped_at is not None))
            for one in readers
        ),
        mails=tuple(_sent(one) for one in shown),
        may_change=changes,
        is_paused=mailing.next_at is None,
        gets=mine is not None and mine.stopped_at is None,
        stopped=mine is not None and mine.stopped_at is not None,
        may_retry=changes and any(_given_up(one) for one in shown),
    )


def preview(reader: User, mailing: ReportMailing, *, now: dt.datetime) -> Letter:
    """The mail as this reader would get it now."""
    return letter.write(mailing, reader, rhythm.days_of(mailing, now), now=now)


def _line(row: ReportMailing, going: int) -> str:
    return f"{plural(len(row.parts), 'KPI')}, {plural(going, 'reader')}"


def _why_not(user: User, *, stopped: bool) -> str:
    if not user.is_active:
        return _("has left")
    return _("asked for no more") if stopped else ""


def _given_up(mail: ReportMail) -> bool:
    return mail.due_at is None and mail.sent_at is None and mail.attempts > 0


def _sent(mail: ReportMail) -> Sent:
    days = Span(mail.first, mail.last).words()
    if mail.sent_at is not None:
        by_hand = _("Sent, asked for by hand") if mail.by_hand else _("Sent")
        return Sent(str(mail.to), days, mail.sent_at, by_hand, "ok")
    if mail.due_at is None:
        return Sent(str(mail.to), days, mail.created_at, mail.last_error, "late")
    told = _("Is tried again. {why}").format(why=mail.last_error) if mail.last_error else _("Waits")
    return Sent(str(mail.to), days, mail.created_at, told, "warn")
