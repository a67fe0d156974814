"""Makes mails of the notices that wait for one: each its own, or many together.

What somebody wants no mail of is let be; what is for a digest, or comes outside their hours, waits
and then goes together. More than a few within a short while go together as well: forty breaches
are one mail. Every notice that a mail is to tell of ends up in exactly one.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.models import Count, Max, Q, QuerySet

from lifecycle import notices, preferences, windows
from lifecycle.models import Mail, Notice
from lifecycle.windows import Hearer

LOCK = 0x4C47_6D61_696C
"""Held by the one process that bundles at a time."""
FEW = 5
"""So many mails about one notice each within WHILE, and no more."""
WHILE = dt.timedelta(minutes=10)
BACKLOG = dt.timedelta(seconds=5)
"""A notice still to be made for so long means that more are coming."""
PATIENCE = dt.timedelta(minutes=2)
"""For so long what is coming is waited for."""
MOST = 10_000


@dataclass(frozen=True, slots=True)
class Recent:
    """What somebody was mailed within WHILE: how many alone, and when last, of any and of many."""

    singles: int = 0
    last_at: dt.datetime | None = None
    last_digest_at: dt.datetime | None = None


NOTHING = Recent()


@dataclass(frozen=True, slots=True)
class Plan:
    """What becomes of notices of one person that are due to be mailed, by their ids."""

    off: tuple[int, ...] = ()
    later: tuple[tuple[int, dt.datetime, bool], ...] = ()
    """Until when, and whether they go together then."""
    singles: tuple[int, ...] = ()
    together: tuple[int, ...] = ()


def decide(waiting: Sequence[Notice], hearer: Hearer, recent: Recent, *, now: dt.datetime) -> Plan:
    """Judge what waits for one person. Pure."""
    off: list[int] = []
    later: list[tuple[int, dt.datetime, bool]] = []
    due: list[Notice] = []
    for one in waiting:
        topic = preferences.topic_of(one.kind)
        at = hearer.mailed_at(topic, now, waited=one.mail_together)
        if at is None:
            off.append(one.pk)
        elif at > now:
            later.append((one.pk, at, True))
        else:
            due.append(one)
    ids = tuple(one.pk for one in due)
    if any(one.mail_together for one in due) and len(due) > 1:
        return Plan(tuple(off), tuple(later), together=ids)
    if len(due) + recent.singles <= FEW:
        return Plan(tuple(off), tuple(later), singles=ids)
    last = recent.last_digest_at if len(due) > FEW else recent.last_at
    quiet = last + WHILE if last is not None else now
    if quiet > now:
        later += [(one.pk, quiet, one.mail_together) for one in due]
        return Plan(tuple(off), tuple(later))
    return Plan(tuple(off), tuple(later), together=ids)


def bundle(*, now: dt.datetime) -> int:
    """Make mails of what is due to be mailed; returns how many. One process does at a time."""
    if not _waiting(now).exists():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        return _bundle(now) if cursor.fetchone() == (True,) else 0


def _waiting(now: dt.datetime) -> QuerySet[Notice]:
    return Notice.objects.filter(mail=None, mailed_at=None, mail_due_at__lte=now)


def _bundle(now: dt.datetime) -> int:
    rows = _waiting(now).only("to", "kind", "lead", "mail_due_at", "mail_together", "created_at")
    by_person: dict[int, list[Notice]] = defaultdict(list)
    for row in rows.order_by("mail_due_at", "pk")[:MOST]:
        by_person[row.to_id].append(row)
    if notices.waiting(before=now - BACKLOG):
        by_person = {
            user: found
            for user, found in by_person.items()
            if not any(one.lead_id for one in found) or found[0].mail_due_at < now - PATIENCE  # type: ignore[operator]
        }
    hearers, recent = windows.of(by_person, at=now), _recent(by_person, now)
    plans = {
        user: decide(found, hearers[user], recent.get(user, NOTHING), now=now)
        for user, found in by_person.items()
    }
    _put_off(plans.values())
    return _make(plans, now)


def _recent(users: Mapping[int, object], now: dt.datetime) -> dict[int, Recent]:
    rows = (
        Mail.objects.filter(to__in=users, created_at__gt=now - WHILE, created_at__lte=now)
        .order_by()
        .values("to")
        .annotate(
            singles=Count("pk", filter=Q(digest=False)),
            last=Max("created_at"),
            digest=Max("created_at", filter=Q(digest=True)),
        )
    )
    return {row["to"]: Recent(row["singles"], row["last"], row["digest"]) for row in rows}


def _put_off(plans: Iterable[Plan]) -> None:
    off: list[int] = []
    until: dict[tuple[dt.datetime, bool], list[int]] = defaultdict(list)
    for plan in plans:
        off += plan.off
        for pk, at, together in plan.later:
            until[at, together].append(pk)
    Notice.objects.filter(pk__in=off).update(mail_due_at=None)
    for (at, together), ids in until.items():
        Notice.objects.filter(pk__in=ids).update(mail_due_at=at, mail_together=together)


def _make(plans: Mapping[int, Plan], now: dt.datetime) -> int:
    groups: list[tuple[int, tuple[int, ...], bool]] = []
    groups += [(user, (pk,), False) for user, plan in plans.items() for pk in plan.singles]
    groups += [(user, plan.together, True) for user, plan in plans.items() if plan.together]
    mails = Mail.objects.bulk_create(
        [
            Mail(to_id=user, created_at=now, due_at=now, digest=many, notices=len(ids))
            for user, ids, many in groups
        ]
    )
    alone = []
    for mail, (_, ids, many) in zip(mails, groups, strict=True):
        if many:
            Notice.objects.filter(pk__in=ids).update(mail=mail)
        else:
            alone += [Notice(pk=pk, mail=mail) for pk in ids]
    Notice.objects.bulk_update(alone, ["mail"], batch_size=500)
    return len(mails)
