"""Mails, and what was sent to chats and other systems, as rows of one kind: in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from integrations.models import Attempt, Sending
from leads.models import EventKind
from lifecycle.models import Mail, MailAttempt, Notice, SentAgain
from web.console import words

TONES = {"SENT": "ok", "DEAD": "late", "WAITING": "info", "RETRYING": "info", "MOOT": ""}


@dataclass(frozen=True, slots=True)
class Try:
    """One attempt, or that somebody had it sent again."""

    at: datetime
    text: str
    tone: str


@dataclass(frozen=True, slots=True)
class Delivery:
    """One mail or sending."""

    id: int
    what: str
    url: str
    to: str
    line: str
    state: str
    tone: str
    at: datetime
    next_at: datetime | None
    error: str
    tries: tuple[Try, ...]
    again: bool


def of_mails(rows: Sequence[Mail]) -> list[Delivery]:
    """Mails, read with whom they go to."""
    ids = [row.pk for row in rows]
    made = MailAttempt.objects.filter(mail__in=ids).order_by("pk")
    told = made.values_list("mail_id", "number", "at", "arrived", "milliseconds", "why")
    tries = _tries(told, SentAgain.Way.MAIL, ids)
    about = {
        row.mail_id: row
        for row in Notice.objects.filter(mail__in=ids, mail__digest=False).only(
            "mail", "kind", "lead"
        )
    }
    return [_of_mail(row, about.get(row.pk), tries.get(row.pk, [])) for row in rows]


def _of_mail(row: Mail, notice: Notice | None, tries: list[Try]) -> Delivery:
    what = f"Digest of {words.plural(row.notices, 'notice')}" if row.digest else "One notice"
    lead = None
    if notice is not None:
        what, lead = notice.get_kind_display(), notice.lead_id
    return Delivery(
        id=row.pk,
        what=what,
        url=reverse("console:lead", args=[lead]) if lead else "",
        to=str(row.to),
        line=row.to.email,
        state=row.get_state_display(),
        tone=TONES[row.state],
        at=row.created_at,
        next_at=row.due_at,
        error=row.last_error,
        tries=tuple(tries),
        again=row.state == Mail.State.DEAD,
    )


def of_sendings(rows: Sequence[Sending]) -> list[Delivery]:
    """Sendings, read with their endpoints."""
    ids = [row.pk for row in rows]
    made = Attempt.objects.filter(sending__in=ids).order_by("pk")
    told = made.values_list("sending_id", "number", "at", "arrived", "milliseconds", "why")
    tries = _tries(told, SentAgain.Way.SENDING, ids)
    kinds: dict[str, str] = {kind.value: str(kind.label) for kind in EventKind}
    return [
        Delivery(
            id=row.pk,
            what=kinds.get(row.kind, "Test"),
            url=reverse("console:lead", args=[row.lead]) if row.lead else "",
            to=row.endpoint.label,
            line=row.endpoint.host,
            state=row.get_state_display(),
            tone=TONES[row.state],
            at=row.created_at,
            next_at=row.due_at,
            error=row.last_error,
            tries=tuple(tries.get(row.pk, ())),
            again=row.state != Sending.State.RETRYING and row.endpoint.active,
        )
        for row in rows
    ]


def _tries(
    attempts: Iterable[tuple[int, int, datetime, bool, int, str]],
    way: SentAgain.Way,
    ids: Collection[int],
) -> dict[int, list[Try]]:
    """Attempts, and who had it sent again, in their order."""
    found: dict[int, list[Try]] = defaultdict(list)
    for pk, number, at, arrived, took, why in attempts:
        said = f"taken after {took} ms" if arrived else why
        found[pk].append(Try(at, f"Attempt {number}: {said}", "ok" if arrived else "late"))
    for again in SentAgain.objects.filter(way=way, what__in=ids).select_related("by"):
        who = str(again.by) if again.by else "A command"
        found[again.what].append(Try(again.at, f"{who} had it sent again", "info"))
    for tries in found.values():
        tries.sort(key=lambda one: one.at)
    return found
