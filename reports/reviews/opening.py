"""Opening the review of a month: by the worker, on the first; what was missed is caught up with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction
from django.db.models import Min

from core import database
from governance import kit as kits
from governance.models import KitVersion
from reports.models import Review, ReviewFinding, ReviewStep
from reports.reviews import eyes, log, months, proposals, sections, telling
from reports.reviews.tables import Month

LOCK = 0x4C45_4144_5245_5657
"""Advisory lock of opening: workers that open at once do so one after the other."""
Kind = ReviewStep.Kind


def open_due(now: dt.datetime | None = None, *, most: int = 1) -> int:
    """Open up to `most` reviews that are due at `now` (the database's clock unless given)."""
    at = now or database.now()
    due = due_months(now=at)[:most]
    return sum(open_month(month, now=at) is not None for month in due)


def due_months(*, now: dt.datetime) -> list[dt.date]:
    """The months whose review is to be opened, the oldest first. Two queries at most."""
    last = Review.objects.order_by("-month").values_list("month", flat=True).first()
    if last is not None and months.after(last) > months.last_over(now):
        return []
    begun = KitVersion.objects.aggregate(first=Min("published_at"))["first"]
    return months.due(last, begun=begun, now=now)


def open_month(month: dt.date, *, now: dt.datetime) -> Review | None:
    """Open this month's review; None where another worker was faster, or it is not the next one.

    The tables are made before anything is locked: a company goes on working meanwhile.
    """
    seen = _seen(month, now)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        if month not in due_months(now=now)[:1]:
            return None
        period = months.period(month)
        review = Review.objects.create(
            month=month,
            starts_at=period.start,
            ends_at=period.end,
            opened_at=now,
            snapshot=seen,
            snapshot_checksum=kits.checksum(seen),
        )
        log.append(review, Kind.OPENED, by=None, now=now)
        _carry_over(review, now=now)
        _propose(review, seen, now=now)
        telling.opened(review, now=now)
    return review


def _seen(month: dt.date, now: dt.datetime) -> dict[str, Any]:
    asked = Month(month, months.period(month), eyes.of_the_company(), now)
    return sections.snapshot(asked)


def _carry_over(review: Review, *, now: dt.datetime) -> None:
    """What is not done yet comes along. Past its day it is to be decided anew."""
    today = months.today(now)
    for number, old in enumerate(unfinished(), start=1):
        late = old.due_on is not None and old.due_on < today
        told = f"Carried over from {old.review.number}/{old.number}."
        if late:
            told += f" It was due on {old.due_on:%Y-%m-%d}: decide it anew."
        new = ReviewFinding.objects.create(
            review=review,
            number=number,
            rule=old.rule,
            section=old.section,
            row_key=old.row_key,
            text=old.text,
            evidence=told,
            owner=old.owner,
            due_on=None if late else old.due_on,
            decision="" if late else old.decision,
            reason="" if late else old.reason,
            carried_from=old,
            created_at=now,
        )
        log.append(review, Kind.CARRIED, by=None, now=now, finding=new, after=log.state(new))


def unfinished() -> list[ReviewFinding]:
    """What earlier reviews decided to do and nobody has reported as done."""
    rows = ReviewFinding.objects.filter(done_at__isnull=True, carried_to__isnull=True)
    found = rows.exclude(decision__in=ReviewFinding.SETTLED).select_related("review", "owner")
    return list(found.order_by("review__month", "number"))


def _propose(review: Review, seen: Mapping[str, Any], *, now: dt.datetime) -> None:
    known = {
        (one.rule, one.section, one.row_key) for one in review.findings.all() if one.carried_from_id
    }
    number = review.findings.count()
    for one in proposals.of(seen):
        if (one.rule, one.section, one.row_key) in known:
            continue  # carried over already: one matter, one finding
        number += 1
        new = ReviewFinding.objects.create(
            review=review,
            number=number,
            rule=one.rule,
            section=one.section,
            row_key=one.row_key,
            text=one.text,
            evidence=one.evidence,
            created_at=now,
        )
        log.append(review, Kind.PROPOSED, by=None, now=now, finding=new, after=log.state(new))
