"""Emergency changes: in force with one signature, until countersigned, or until they revert."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from governance import documents, holding, kit_log, services
from governance.models import KitEvent, KitStatus, KitVersion


def standing() -> KitVersion | None:
    """The active version when it is an emergency change that still awaits signatures."""
    return (
        KitVersion.objects.filter(
            status=KitStatus.ACTIVE, expires_at__isnull=False, countersigned_at__isnull=True
        )
        .select_related("base", "published_by")
        .first()
    )


def remind_at_half_time(*, now: datetime) -> bool:
    """Append, once, that half of a standing emergency's time is over; whether it did."""
    version = standing()
    if version is None or not _half_over(version, now) or _was_reminded(version):
        return False
    return _remind(version, now)


def revert_expired(*, now: datetime) -> KitVersion | None:
    """Bring back the version before an emergency change whose time is over; None if there is none.

    The text that returns was in force and signed before, so it asks for no new signatures.
    """
    active = standing()
    if active is None or active.expires_at is None or active.expires_at > now:
        return None
    return _revert(now)


@transaction.atomic
def _revert(now: datetime) -> KitVersion | None:
    with holding.alone_with_the_kit():
        active = standing()
    if active is None or active.base is None or active.expires_at is None:
        return None
    if active.expires_at > now:
        return None
    before = active.base
    version = KitVersion(
        number=holding.next_number(),
        title=f"Back to v{before.number}",
        notes=f"Emergency v{active.number} was not countersigned by the end of its time.",
        base=active,
        restores=before,
        created_at=now,
    )
    holding.save(version, by=None, now=now, why="emergency expired")
    documents.copy_parts(before, version, by=None, now=now)
    services.put_in_force(version, documents.document_of(before), over=active, by=None, now=now)
    return version


@transaction.atomic
def _remind(version: KitVersion, now: datetime) -> bool:
    row = holding.locked(version, KitStatus.values)
    still = row.status == KitStatus.ACTIVE and row.countersigned_at is None
    if not still or _was_reminded(row):
        return False
    kit_log.append(row, KitEvent.Kind.HALF_TIME, by=None, now=now)
    return True


def _half_over(version: KitVersion, now: datetime) -> bool:
    since, until = version.published_at, version.expires_at
    return since is not None and until is not None and now >= since + (until - since) / 2


def _was_reminded(version: KitVersion) -> bool:
    return KitEvent.objects.filter(kit=version, kind=KitEvent.Kind.HALF_TIME).exists()
