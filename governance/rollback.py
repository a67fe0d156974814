"""Taking a publication back: an earlier text is published again, as a new version, signed anew."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from core import errors
from governance import holding, selectors, services, signing
from governance.models import KitVersion
from people.models import User


class NothingBefore(errors.DomainError):
    """There is no earlier version to go back to."""

    code = "nothing_before"


@transaction.atomic
def start(*, by: User, now: datetime, reason: str, to: KitVersion | None = None) -> KitVersion:
    """Put an earlier text (the one before the active, unless given) up for signature, in one step.

    It comes into force with the last signature its changes need. Nothing has to be simulated: the
    text has been in force. Raises `NothingBefore`, `NotAllowed`, `InvalidInput` without a reason.
    """
    signing.require_may_publish(by)
    if not reason.strip():
        message = "Say why the version is taken back; the signers read it."
        raise errors.InvalidInput(message, errors=[errors.FieldError("reason", message)])
    active = selectors.active_version()
    earlier = to or (active.base if active else None)
    if active is None or earlier is None or earlier.published_at is None:
        raise NothingBefore(
            "No version was in force before this one: there is nothing to go back to."
        )
    if earlier.pk == active.pk:
        raise NothingBefore(f"Kit v{active.number} is in force now.")
    holding.hold_numbers()  # one at a time: a second click finds the first one's version
    waiting = KitVersion.objects.filter(
        status__in=holding.UNDER_REVIEW, restores=earlier, base=active
    ).first()
    if waiting is not None:
        raise errors.TooLate(
            f"v{earlier.number} is up for signature again already, as kit v{waiting.number}.",
            state={"number": waiting.number},
        )
    version = services.draft(
        base=earlier,
        title=f"Back to v{earlier.number}",
        by=by,
        now=now,
        notes=reason.strip(),
        restores=earlier,
    )
    return services.submit(version, by=by, now=now, note=reason, publish_when_signed=True)
