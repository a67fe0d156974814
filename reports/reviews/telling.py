"""Telling people of a review: it is open, a finding is theirs or overdue, it is to be signed.

Whoever did it is not told. Mails go by the topic that people choose, as of all notices.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from governance import deputies
from lifecycle.models import Notice, ReviewNews
from people import roles
from people.models import User
from reports.models import Review, ReviewFinding, ReviewStep
from reports.reviews import closing_rules, log, months, rights

SALES, MARKETING = "SALES", "MARKETING"


def opened(review: Review, *, now: dt.datetime) -> None:
    """To all who work on reviews."""
    words = {"number": review.number, "findings": review.findings.count()}
    _tell(_working(), ReviewNews.OPENED, review.number, words, now=now)


def given(finding: ReviewFinding, *, by: User, now: dt.datetime) -> None:
    """To its owner, unless they gave it to themselves."""
    owner = finding.owner
    if owner is None or owner == by or finding.decision in ReviewFinding.SETTLED:
        return
    matter = f"{_place(finding)} of {owner.pk}"
    _tell([owner], ReviewNews.GIVEN, matter, _words(finding), now=now)


def to_sign(review: Review, missing: Iterable[str], text: str, *, now: dt.datetime) -> None:
    """To those who can sign for the parties that are missing; once for each text."""
    parties = set(missing)
    wanted = {role for party in parties for role in closing_rules.ROLES[party]}
    signers = list(User.objects.filter(roles.playing(*wanted), is_active=True).order_by("pk"))
    stand_in = deputies.current(at=now).filter(signer__in=signers, starts_at__lte=now)
    people = {one.pk: one for one in (*signers, *(row.deputy for row in stand_in))}
    words = {"number": review.number}
    matter = f"{review.number} {text}"
    _tell(people.values(), ReviewNews.TO_SIGN, matter, words, now=now)


def signed(review: Review, by: User, *, now: dt.datetime) -> None:
    """Who has signed is asked no more; nor is anybody once it is closed."""
    asks = Notice.objects.filter(
        kind=ReviewNews.TO_SIGN, matter__startswith=f"{review.number} ", read_at=None
    )
    if review.closed_at is None:
        asks = asks.filter(to=by)
    asks.update(read_at=now, mail_due_at=None)


def closed(review: Review, *, now: dt.datetime) -> None:
    """To all who work on reviews."""
    words = {"number": review.number}
    _tell(_working(), ReviewNews.CLOSED, review.number, words, now=now)


def remind(*, now: dt.datetime, most: int = 50) -> int:
    """Tell owners of findings that are past their day, each finding once; returns how many."""
    today = months.today(now)
    late = ReviewFinding.objects.filter(
        due_on__lt=today, done_at__isnull=True, carried_to__isnull=True, owner__isnull=False
    ).exclude(decision__in=ReviewFinding.SETTLED)
    told = ReviewStep.objects.filter(kind=ReviewStep.Kind.OVERDUE)
    rows = late.exclude(pk__in=told.values("finding")).select_related("review", "owner")
    found = list(
        rows.order_by("due_on", "pk").select_for_update(of=("self",), skip_locked=True)[:most]
    )
    for one in found:
        log.append(one.review, ReviewStep.Kind.OVERDUE, by=None, now=now, finding=one)
        if one.owner is not None:
            _tell([one.owner], ReviewNews.LATE, _place(one), _words(one), now=now)
    return len(found)


def _working() -> list[User]:
    found = User.objects.filter(roles.playing(*rights.WORKING), is_active=True)
    return list(found.order_by("pk"))


def _place(finding: ReviewFinding) -> str:
    return f"{finding.review.number}/{finding.number}"


def _words(finding: ReviewFinding) -> dict[str, Any]:
    return {
        "number": finding.review.number,
        "place": finding.number,
        "text": finding.text[:300],
        "due": finding.due_on.isoformat() if finding.due_on else "",
    }


def _tell(
    people: Iterable[User],
    kind: ReviewNews,
    matter: str,
    words: dict[str, Any],
    *,
    now: dt.datetime,
) -> None:
    Notice.objects.bulk_create(
        [
            Notice(
                to=one, kind=kind, matter=matter[:120], words=words, created_at=now,
                mail_due_at=now,
            )
            for one in people
        ],
        ignore_conflicts=True,
    )  # fmt: skip
