"""One's notices, newest first. The words are those of the mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from core.errors import NotFound
from core.texts import _
from lifecycle import telling
from lifecycle.models import KitNews, Notice, PartnerNews, ReviewNews, TerritoryNews
from lifecycle.telling import Told
from people.models import User

PAGE = 40
COUNTED = 999
MARKS: dict[str, tuple[str, str]] = {
    Notice.Kind.ASSIGNED: ("route", "info"),
    Notice.Kind.WARNED: ("clock", "warn"),
    Notice.Kind.BREACHED: ("alarm", "late"),
    Notice.Kind.ESCALATED: ("alarm", "late"),
    TerritoryNews.REALIGNED: ("route", "info"),
    PartnerNews.CLAIMED: ("alert", "warn"),
    PartnerNews.SETTLED: ("check-circle", "info"),
    PartnerNews.EXPIRING: ("clock", "warn"),
    ReviewNews.OPENED: ("reviews", "info"),
    ReviewNews.GIVEN: ("flag", "warn"),
    ReviewNews.LATE: ("alarm", "late"),
    ReviewNews.TO_SIGN: ("pencil", "warn"),
    ReviewNews.CLOSED: ("check-circle", "info"),
    KitNews.REVIEW: ("pencil", "warn"),
    KitNews.EMERGENCY: ("bolt", "warn"),
    KitNews.HALF_TIME: ("clock", "warn"),
    KitNews.SET_BACK: ("alert", "late"),
    KitNews.REVERTED: ("undo", "late"),
}
KIT_MARK = ("kit", "info")
"""Of all other news about the kit."""


@dataclass(frozen=True, slots=True)
class Row:
    """One notice."""

    url: str
    icon: str
    tone: str
    text: str
    line: str
    at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class Notices:
    """One page of notices."""

    unread: int
    rows: tuple[Row, ...]
    next_url: str
    only_unread: bool = False


def build(reader: User, *, before: int | None = None, only_unread: bool = False) -> Notices:
    """Up to `PAGE` notices with an id below `before`. Nine queries at most."""
    mine = Notice.objects.filter(to=reader)
    rows = telling.readable(mine).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    if only_unread:
        rows = rows.filter(read_at=None)
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    told = telling.of(shown, reader=reader)
    last = shown[-1].pk if len(found) > PAGE else None
    return Notices(
        unread=mine.filter(read_at__isnull=True)[:COUNTED].count(),
        rows=tuple(_row(row, told[row.pk]) for row in shown),
        next_url=_older(last, only_unread=only_unread) if last else "",
        only_unread=only_unread,
    )


def _older(last: int, *, only_unread: bool) -> str:
    query = {"before": last, **({"unread": 1} if only_unread else {})}
    return f"{reverse('console:notices')}?{urlencode(query)}"


def opened(reader: User, notice_id: int, *, now: datetime) -> str:
    """The page a notice of theirs leads to; it is read by that. Raises NotFound for others'."""
    mine = Notice.objects.filter(to=reader, pk=notice_id)
    found = telling.readable(mine).first()
    if found is None:
        raise NotFound(_("There is no such notice."))
    mine.filter(read_at=None).update(read_at=now)
    return telling.of([found], reader=reader)[found.pk].page


def mark_read(reader: User, *, now: datetime) -> int:
    """Mark all of the reader's notices as read; returns how many were not."""
    return Notice.objects.filter(to=reader, read_at__isnull=True).update(read_at=now)


def _row(notice: Notice, told: Told) -> Row:
    icon, tone = MARKS.get(notice.kind, KIT_MARK)
    return Row(
        url=reverse("console:notice-open", args=[notice.pk]),
        icon=icon,
        tone=tone,
        text=told.headline,
        line=told.sentence,
        at=notice.created_at,
        read=notice.read_at is not None,
    )
