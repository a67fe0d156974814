"""One's notices, newest first. The words are those of the mail."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from lifecycle import wording
from lifecycle.models import Notice
from people.models import User
from web.console import people_names

PAGE = 40
COUNTED = 999
MARKS = {
    Notice.Kind.ASSIGNED: ("route", "info"),
    Notice.Kind.WARNED: ("clock", "warn"),
    Notice.Kind.BREACHED: ("alarm", "late"),
    Notice.Kind.ESCALATED: ("alarm", "late"),
}


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


def build(reader: User, *, before: int | None = None) -> Notices:
    """Up to `PAGE` notices with an id below `before`. Three queries."""
    mine = Notice.objects.filter(to=reader)
    rows = mine.select_related("lead__account").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    names = people_names.of([row.words.get("holder") for row in shown])
    last = shown[-1].pk if len(found) > PAGE else None
    return Notices(
        unread=mine.filter(read_at__isnull=True)[:COUNTED].count(),
        rows=tuple(_row(row, reader, names) for row in shown),
        next_url=f"{reverse('console:notices')}?{urlencode({'before': last})}" if last else "",
    )


def mark_read(reader: User, *, now: datetime) -> int:
    """Mark all of the reader's notices as read; returns how many were not."""
    return Notice.objects.filter(to=reader, read_at__isnull=True).update(read_at=now)


def _row(notice: Notice, reader: User, names: dict[int, str]) -> Row:
    account = notice.lead.account
    about = wording.About(
        kind=Notice.Kind(notice.kind),
        words=notice.words,
        lead=notice.lead_id,
        company=(account.name or account.domain or "") if account else "",
        holder=names.get(notice.words.get("holder") or 0, ""),
        zone=reader.zone,
    )
    icon, tone = MARKS[about.kind]
    return Row(
        url=reverse("console:lead", args=[notice.lead_id]),
        icon=icon,
        tone=tone,
        text=wording.headline(about),
        line=wording.sentence(about),
        at=notice.created_at,
        read=notice.read_at is not None,
    )
