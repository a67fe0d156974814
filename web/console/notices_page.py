"""One's notices, newest first. The words are those of the mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from governance.models import KitVersion
from lifecycle import kit_news, kit_wording, partner_wording, possessions, wording
from lifecycle.models import KitNews, Notice, PartnerNews, TerritoryNews
from lifecycle.realigning import wording as realigned_words
from people.models import User
from web.console import kit_links, people_names

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


def build(reader: User, *, before: int | None = None) -> Notices:
    """Up to `PAGE` notices with an id below `before`. Nine queries at most."""
    mine = Notice.objects.filter(to=reader)
    beside = ("lead__account", "kit", *partner_wording.BESIDE)
    rows = mine.select_related(*beside).defer("kit__document").order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    found = list(rows[: PAGE + 1])
    shown = found[:PAGE]
    names = people_names.of(kit_news.people_in([row.words for row in shown]))
    why = possessions.words_of(
        {row.event_id: reader for row in shown if row.kind == Notice.Kind.ASSIGNED and row.event_id}
    )
    last = shown[-1].pk if len(found) > PAGE else None
    return Notices(
        unread=mine.filter(read_at__isnull=True)[:COUNTED].count(),
        rows=tuple(_row(row, reader, names, why) for row in shown),
        next_url=f"{reverse('console:notices')}?{urlencode({'before': last})}" if last else "",
    )


def mark_read(reader: User, *, now: datetime) -> int:
    """Mark all of the reader's notices as read; returns how many were not."""
    return Notice.objects.filter(to=reader, read_at__isnull=True).update(read_at=now)


def _row(notice: Notice, reader: User, names: dict[int, str], why: Mapping[int, str]) -> Row:
    if notice.realignment_id is not None:
        url = reverse("console:territories")
        text, line = realigned_words.headline(notice.words), realigned_words.sentence(notice.words)
    elif notice.conflict_id is not None:
        url, text, line = _of_partners(notice)
    elif notice.kit:
        url, text, line = _of_the_kit(notice, notice.kit, reader, names)
    else:
        url, text, line = _of_a_lead(notice, reader, names, why.get(notice.event_id or 0, ""))
    icon, tone = MARKS.get(notice.kind, KIT_MARK)
    return Row(
        url=url,
        icon=icon,
        tone=tone,
        text=text,
        line=line,
        at=notice.created_at,
        read=notice.read_at is not None,
    )


def _of_a_lead(
    notice: Notice, reader: User, names: dict[int, str], why: str
) -> tuple[str, str, str]:
    """Where it leads to, its headline and its sentence."""
    account = notice.lead.account if notice.lead else None
    about = wording.About(
        kind=Notice.Kind(notice.kind),
        words=notice.words,
        lead=notice.lead_id or 0,
        company=(account.name or account.domain or "") if account else "",
        holder=names.get(notice.words.get("holder") or 0, ""),
        zone=reader.zone,
        why=why,
    )
    url = reverse("console:lead", args=[notice.lead_id])
    return url, wording.headline(about), wording.sentence(about)


def _of_partners(notice: Notice) -> tuple[str, str, str]:
    """The same, of two partners who claim one company."""
    about = partner_wording.about(notice)
    url = reverse("console:partner-conflict", args=[notice.conflict_id])
    return url, partner_wording.headline(about), partner_wording.sentence(about)


def _of_the_kit(
    notice: Notice, version: KitVersion, reader: User, names: dict[int, str]
) -> tuple[str, str, str]:
    """The same, of a version of the kit."""
    about = kit_wording.About(
        kind=KitNews(notice.kind),
        words=notice.words,
        number=version.number,
        title=version.title,
        names=names,
        zone=reader.zone,
    )
    url = kit_links.url("kit-version", about.number)
    return url, kit_wording.headline(about), kit_wording.sentence(about)
