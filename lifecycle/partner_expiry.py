"""Tells who looks after a partner, some days ahead, that a registration runs out: once per end.

Without somebody who looks after the partner RevOps is told.
"""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from core import database
from leads.models import PartnerRegistration
from lifecycle.models import Notice, PartnerNews
from people import roles
from people.models import Role, User

BATCH = 200


@transaction.atomic
def warn(*, now: dt.datetime | None = None, limit: int = BATCH) -> int:
    """Tell of up to `limit` registrations; returns how many. Five statements at most."""
    at = now or database.now()
    ahead = dt.timedelta(days=settings.PARTNER_WARNING_DAYS)
    untold = Q(warned_until__isnull=True) | Q(warned_until__lt=F("until_at"))
    due = PartnerRegistration.objects.filter(
        untold, state=PartnerRegistration.State.ACTIVE, until_at__gt=at, until_at__lte=at + ahead
    )
    rows = list(
        due.select_related("partner__owner")
        .order_by("until_at", "pk")
        .select_for_update(of=("self",), skip_locked=True)[:limit]
    )
    if not rows:
        return 0
    revops = User.objects.filter(roles.playing(Role.REVOPS), is_active=True)
    others = list(revops) if any(_manager(row) is None for row in rows) else []
    Notice.objects.bulk_create(
        [_notice(row, user, at) for row in rows for user in _told(row, others)],
        ignore_conflicts=True,
    )
    PartnerRegistration.objects.filter(pk__in=[row.pk for row in rows]).update(
        warned_until=F("until_at")
    )
    return len(rows)


def _told(row: PartnerRegistration, others: list[User]) -> list[User]:
    manager = _manager(row)
    return [manager] if manager is not None else others


def _manager(row: PartnerRegistration) -> User | None:
    owner = row.partner.owner
    return owner if owner is not None and owner.is_active else None


def _notice(row: PartnerRegistration, to: User, at: dt.datetime) -> Notice:
    return Notice(
        to=to,
        kind=PartnerNews.EXPIRING,
        registration=row,
        matter=row.until_at.isoformat(),
        words={"until": row.until_at.isoformat()},
        created_at=at,
        mail_due_at=at,
    )
