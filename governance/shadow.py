"""Letting a version in review decide beside the active one, without effect."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core import errors
from governance import holding, signing
from governance.models import KitVersion
from people.models import User


@transaction.atomic
def start(version: KitVersion, *, by: User, now: datetime) -> KitVersion:
    """Put a version in review into shadow. Raises `TooLate` outside review, or if it is there."""
    signing.require_may_publish(by)
    row = holding.locked(version, holding.UNDER_REVIEW, to="run it in shadow")
    if row.shadow_since is not None:
        raise errors.TooLate(f"Kit v{row.number} runs in shadow already.")
    row.shadow_since = now
    holding.save(row, "shadow_since", by=by, now=now, why="shadow began")
    return row


@transaction.atomic
def stop(version: KitVersion, *, by: User, now: datetime) -> KitVersion:
    """Take a version out of shadow; what it has decided stays to be read."""
    signing.require_may_publish(by)
    row = holding.locked(version, holding.UNDER_REVIEW, to="end its shadow")
    if row.shadow_since is None:
        raise errors.TooLate(f"Kit v{row.number} does not run in shadow.")
    row.shadow_since = None
    holding.save(row, "shadow_since", by=by, now=now, why="shadow ended")
    return row


def running() -> list[KitVersion]:
    """The versions that decide in shadow now."""
    rows = KitVersion.objects.filter(
        status__in=holding.UNDER_REVIEW, shadow_since__isnull=False
    ).order_by("number")
    return list(rows)
