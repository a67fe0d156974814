"""What somebody answers to a preview of the kit: which rows, why, and what they have seen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo

from django.http import QueryDict
from django.urls import reverse

from core.errors import DomainError
from core.texts import _
from lifecycle import applying
from lifecycle.models import KitApplication
from lifecycle.permissions import Reach
from people.models import User
from web.console import words

SHOWN = 100
"""Rows on the page; the file holds them all."""
LATEST = 5
MOST_DIGITS = 18


@dataclass(frozen=True, slots=True)
class Answer:
    """The form as it was sent; `problem` says why it was not done, at the reason or on top."""

    everything: bool = True
    ticked: frozenset[int] = frozenset()
    recycle: frozenset[int] = frozenset()
    reason: str = ""
    seen: str | None = None
    problem: str = ""
    reason_problem: str = ""

    @property
    def chosen(self) -> frozenset[int] | None:
        """The rows that were ticked; None for all that are listed."""
        return None if self.everything else self.ticked

    def refused(self, refusal: DomainError) -> Answer:
        """The same with the refusal in its place."""
        at_reason = [fault.message for fault in refusal.errors if fault.field == "reason"]
        if at_reason:
            return replace(self, reason_problem=at_reason[0])
        return replace(self, problem=refusal.message)


@dataclass(frozen=True, slots=True)
class Ask:
    """The form beside a preview: its words, where it goes, what was seen, what was answered."""

    title: str
    all_words: str
    submit: str
    action: str
    seen: str
    answer: Answer


@dataclass(frozen=True, slots=True)
class Past:
    """An application made before, with its page."""

    line: str
    state: str
    tone: str
    url: str


TONES = {"DONE": "ok", "FAILED": "late", "RUNNING": "info", "WAITING": "info"}


def read(sent: QueryDict) -> Answer:
    """Read the form. Without any, nothing was answered yet."""
    if not sent:
        return Answer()
    return Answer(
        everything=sent.get("scope") == "all",
        ticked=_ids(sent.getlist("row")),
        recycle=_ids(sent.getlist("recycle")),
        reason=sent.get("reason", ""),
        seen=sent.get("seen", ""),
    )


def _ids(given: Iterable[str]) -> frozenset[int]:
    return frozenset(
        int(one) for one in given if one.isascii() and one.isdigit() and len(one) <= MOST_DIGITS
    )


def latest(
    act: str, reader: User, reach: Reach, *, now: datetime, zone: tzinfo
) -> tuple[Past, ...]:
    """The last applications of this kind; managers see their own."""
    rows = KitApplication.objects.filter(act=act).defer("selection", "failures")
    if not reach.everywhere:
        rows = rows.filter(by=reader)
    return tuple(
        Past(
            _("{changed} under kit v{number}, {by}, {requested_at}").format(
                changed=_changed(row),
                number=row.kit.number,
                by=row.by,
                requested_at=words.moment(row.requested_at, now=now, zone=zone),
            ),
            row.get_state_display(),
            TONES[row.state],
            reverse("console:kit-application", args=[row.pk]),
        )
        for row in rows.select_related("kit", "by").order_by("-requested_at")[:LATEST]
    )


def _changed(row: KitApplication) -> str:
    if row.act in applying.OF_BLOCKS:
        return words.plural(row.changed, "lead")
    return _("{changed} of {total}").format(
        changed=words.number(row.changed), total=words.number(row.total)
    )
