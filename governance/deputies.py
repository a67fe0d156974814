"""Deputies of signers: named for a time, by the signer. People data, so not part of any kit."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet

from core import errors
from governance import signing
from governance.models import Deputy
from people.models import Role, User


@transaction.atomic
def name(
    *, signer: User, deputy: User, starts_at: datetime, ends_at: datetime, by: User, now: datetime
) -> Deputy:
    """Let `deputy` sign for `signer` from one instant to another (UTC, half open).

    Signers name their own deputies; superusers anybody's. Raises `NotAllowed` or `InvalidInput`.
    """
    if by != signer and not by.is_superuser:
        raise errors.NotAllowed(f"Only {signer} names who signs for them.")
    if not signing.works_on_kits(signer):
        raise errors.NotAllowed(f"{signer} signs no kits, so nobody can stand in for them.")
    if faults := _faults(signer, deputy, starts_at, ends_at, now):
        raise errors.InvalidInput(faults[0].message, errors=faults)
    row = Deputy(
        signer=signer,
        deputy=deputy,
        starts_at=starts_at,
        ends_at=ends_at,
        named_by=by,
        named_at=now,
    )
    row._history_user = by  # type: ignore[attr-defined]
    row.save()
    return row


@transaction.atomic
def end(deputy_id: int, *, by: User, now: datetime) -> Deputy:
    """End a deputy's time now. What they have signed stays signed. Raises `NotFound`, `TooLate`."""
    row = (
        Deputy.objects.select_for_update(of=("self",))
        .select_related("signer", "deputy")
        .filter(pk=deputy_id)
        .first()
    )
    if row is None or (by != row.signer and not by.is_superuser):
        raise errors.NotFound("There is no such deputy of yours.")
    if row.ends_at <= now:
        raise errors.TooLate(f"{row.deputy} is no longer deputy of {row.signer}.")
    # One that had not begun keeps an empty-handed moment: rows of evidence are never deleted.
    row.starts_at = min(row.starts_at, now - timedelta(microseconds=1))
    row.ends_at = now
    row._history_user = by  # type: ignore[attr-defined]
    row.save(update_fields=["starts_at", "ends_at"])
    return row


def stood_in_for(user: User, *, at: datetime) -> list[User]:
    """The signers whose deputy this person is at that instant."""
    return [row.signer for row in signers_of(user, at=at)]


def signers_of(user: User, *, at: datetime) -> QuerySet[Deputy]:
    """The rows for `stood_in_for`, each with its signer."""
    rows = Deputy.objects.filter(deputy=user, starts_at__lte=at, ends_at__gt=at)
    return rows.select_related("signer").order_by("pk")


def current(*, at: datetime) -> QuerySet[Deputy]:
    """Every deputy named for now or later, the sooner first."""
    rows = Deputy.objects.filter(ends_at__gt=at).select_related("signer", "deputy")
    return rows.order_by("starts_at", "pk")


def _faults(
    signer: User, deputy: User, starts_at: datetime, ends_at: datetime, now: datetime
) -> list[errors.FieldError]:
    faults = []
    if deputy == signer:
        faults.append(errors.FieldError("deputy", "A deputy is another person."))
    if deputy.plays(Role.AUDITOR):
        faults.append(errors.FieldError("deputy", "An auditor signs for nobody."))
    if not deputy.is_active or deputy.role == Role.SERVICE:
        faults.append(errors.FieldError("deputy", "A deputy is a person who can log in."))
    if ends_at <= starts_at:
        faults.append(errors.FieldError("ends_at", "The end must be after the start."))
    elif ends_at <= now:
        faults.append(errors.FieldError("ends_at", "This time is over already."))
    return faults
