"""What a mail says: one notice, or many grouped by what is to be done. Plain text, and as HTML.

It is made anew for each attempt, so that what was done meanwhile is left out. Nothing is loaded
from elsewhere by whoever reads it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string

from core import phrases
from lifecycle import settling, telling, wording
from lifecycle.kit_recipients import Part as KitPart
from lifecycle.models import Mail, Notice
from lifecycle.recipients import Part
from lifecycle.telling import Told
from people.models import User

MOST_ENTRIES = 60
"""So many stand in one digest; of more it says how many, and where."""
GROUPS = (
    "Escalated to you: see to it",
    "Overdue: act now",
    "Due soon",
    "New leads: take the first step",
    "To sign",
    "To know",
)
PREFERENCES = "/profile/notices/"
NOTICES = "/notices/"


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a digest."""

    group: str
    due_at: str
    told: Told
    url: str


def of(mail: Mail) -> Letter | None:
    """What the mail says now; None when all of it was done meanwhile."""
    rows = telling.readable(Notice.objects.filter(mail=mail, mail_due_at__isnull=False))
    notices = list(rows.order_by("pk"))
    moot = settling.moot(settling.standings(notices), digest=mail.digest)
    left = [one for one in notices if one.pk not in moot]
    if not left:
        return None
    told = telling.of(left, reader=mail.to)
    if len(left) == 1 and not mail.digest:
        return _single(left[0], told[left[0].pk])
    return _digest(mail, left, told, done=mail.notices - len(left))


def _single(notice: Notice, told: Told) -> Letter:
    said = _around(notice.to) | {"told": told, "url": _url(told.page), "why": _why(notice)}
    return _letter("notice", told.headline, said)


def _digest(mail: Mail, left: Sequence[Notice], told: dict[int, Told], *, done: int) -> Letter:
    entries = sorted(
        (_entry(one, told[one.pk]) for one in left),
        key=lambda one: (GROUPS.index(one.group), one.due_at or "9", one.told.page),
    )
    shown = entries[:MOST_ENTRIES]
    groups = [
        (group, [one for one in shown if one.group == group])
        for group in GROUPS
        if any(one.group == group for one in shown)
    ]
    counted = [
        f"{name.partition(':')[0].lower()} {sum(one.group == name for one in entries)}"
        for name in dict.fromkeys(one.group for one in entries)
    ]
    subject = f"{phrases.plural(len(entries), 'notice')}: {', '.join(counted)}"
    said = _around(mail.to) | {
        "title": subject,
        "groups": groups,
        "more": len(entries) - len(shown),
        "done": done,
        "notices_url": _url(NOTICES),
    }
    return _letter("digest", subject, said)


def _letter(name: str, subject: str, said: dict[str, Any]) -> Letter:
    return Letter(
        subject=wording.one_line(subject)[: wording.LONGEST_SUBJECT],
        text=render_to_string(f"mail/{name}.txt", said).strip() + "\n",
        html=render_to_string(f"mail/{name}.html", said),
    )


def _around(reader: User) -> dict[str, Any]:
    return {"reader": str(reader), "preferences_url": _url(PREFERENCES)}


def _entry(notice: Notice, told: Told) -> Entry:
    due = notice.words.get("due_at") or ""
    at = dt.datetime.fromisoformat(due).astimezone(dt.UTC).isoformat() if due else ""
    return Entry(_group(notice), at, told, _url(told.page))


def _group(notice: Notice) -> str:
    part = notice.words.get("part")
    if notice.lead_id is None:
        return "To sign" if part == KitPart.ASKED else "To know"
    if notice.kind == Notice.Kind.ASSIGNED:
        return GROUPS[3]
    if notice.kind == Notice.Kind.WARNED:
        return GROUPS[2]
    return GROUPS[0] if part == Part.MANAGER else GROUPS[1]


def _why(notice: Notice) -> str:
    """Why the reader gets it."""
    part = notice.words.get("part")
    if notice.lead_id is not None:
        return (
            "because you see to this lead: its team, its pool, or a level of escalation names you"
            if part == Part.MANAGER
            else "because the lead is, or was, yours to work"
        )
    if part == KitPart.ASKED:
        return "because your signature is awaited"
    return "because it concerns your work"


def _url(page: str) -> str:
    return settings.BASE_URL.rstrip("/") + page
