"""Mails, and what was sent to chats and other systems, as rows of one kind: in a few queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.urls import reverse

from core.texts import _, lazy
from integrations.models import Attempt, Sending
from leads.models import EventKind
from lifecycle.models import Mail, MailAttempt, Notice, SentAgain
from web.console import words

TONES = {"SENT": "ok", "DEAD": "late", "WAITING": "info", "RETRYING": "info", "MOOT": ""}
KINDS: dict[str, str] = {kind.value: str(kind.label) for kind in EventKind}


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
    """When it goes out; None where it does not, or is about to."""
    next_words: str
    rests: bool
    error: str
    tries: tuple[Try, ...]
    again: bool


SOON = lazy("goes out within seconds")


@dataclass(frozen=True, slots=True)
class _Next:
    """When something goes out, and what is to be said before that instant, or alone."""

    at: datetime | None
    words: str
    rests: bool = False


def _next(due_at: datetime | None, rests_until: datetime | None, now: datetime) -> _Next:
    """An endpoint that rests is sent nothing, though it be due."""
    if due_at is None:
        return _Next(None, "")
    if rests_until is not None and rests_until > max(now, due_at):
        return _Next(rests_until, _("its endpoint rests until"), rests=True)
    return _Next(due_at, "next") if due_at > now else _Next(None, SOON)


def of_mails(rows: Sequence[Mail], *, now: datetime) -> list[Delivery]:
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
    return [_of_mail(row, about.get(row.pk), tries.get(row.pk, []), now) for row in rows]


def _of_mail(row: Mail, notice: Notice | None, tries: list[Try], now: datetime) -> Delivery:
    what = (
        _("Digest of {plural}").format(plural=words.plural(row.notices, "notice"))
        if row.digest
        else _("One notice")
    )
    lead = None
    if notice is not None:
        what, lead = notice.get_kind_display(), notice.lead_id
    following = _next(row.due_at, None, now)
    return Delivery(
        id=row.pk,
        what=what,
        url=reverse("console:lead", args=[lead]) if lead else "",
        to=str(row.to),
        line=row.to.email,
        state=row.get_state_display(),
        tone=TONES[row.state],
        at=row.created_at,
        next_at=following.at,
        next_words=following.words,
        rests=following.rests,
        error=row.last_error,
        tries=tuple(tries),
        again=row.state == Mail.State.DEAD,
    )


def of_sendings(rows: Sequence[Sending], *, now: datetime) -> list[Delivery]:
    """Sendings, read with their endpoints."""
    ids = [row.pk for row in rows]
    made = Attempt.objects.filter(sending__in=ids).order_by("pk")
    told = made.values_list("sending_id", "number", "at", "arrived", "milliseconds", "why")
    tries = _tries(told, SentAgain.Way.SENDING, ids)
    return [_of_sending(row, tries.get(row.pk, []), now) for row in rows]


def _of_sending(row: Sending, tries: list[Try], now: datetime) -> Delivery:
    following = _next(row.due_at, row.endpoint.resting_until, now)
    return Delivery(
        id=row.pk,
        what=KINDS.get(row.kind, _("Test")),
        url=reverse("console:lead", args=[row.lead]) if row.lead else "",
        to=row.endpoint.label,
        line=row.endpoint.host,
        state=row.get_state_display(),
        tone=TONES[row.state],
        at=row.created_at,
        next_at=following.at,
        next_words=following.words,
        rests=following.rests,
        error=row.last_error,
        tries=tuple(tries),
        again=row.state != Sending.State.RETRYING and row.endpoint.active,
    )


def _tries(
    attempts: Iterable[tuple[int, int, datetime, bool, int, str]],
    way: SentAgain.Way,
    ids: Collection[int],
) -> dict[int, list[Try]]:
    """Attempts, and who had it sent again, in their order."""
    found: dict[int, list[Try]] = defaultdict(list)
    for pk, number, at, arrived, took, why in attempts:
        said = _("taken after {took} ms").format(took=took) if arrived else why
        found[pk].append(
            Try(
                at,
                _("Attempt {number}: {said}").format(number=number, said=said),
                "ok" if arrived else "late",
            )
        )
    for again in SentAgain.objects.filter(way=way, what__in=ids).select_related("by"):
        who = str(again.by) if again.by else _("A command")
        found[again.what].append(
            Try(again.at, _("{who} had it sent again").format(who=who), "info")
        )
    for tries in found.values():
        tries.sort(key=lambda one: one.at)
    return found
