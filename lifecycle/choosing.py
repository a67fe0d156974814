"""Keeping what somebody chose of how they are mailed, or RevOps for all who chose nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from django.db import transaction

from core.errors import FieldError, InvalidInput, NotAllowed
from lifecycle import operations
from lifecycle.models import Mode, NoticePreference, Topic
from people.models import User

MOST_HOURS = 6


@transaction.atomic
def keep(
    user: User | None,
    *,
    modes: Mapping[str, str],
    digest_hours: Iterable[int],
    off_hours: bool,
    by: User,
) -> None:
    """Keep a choice: one's own, or with no user that of the company.

    Raises NotAllowed for anybody else's, and InvalidInput for hours that are none.
    """
    if user is None:
        operations.require_operator(by)
    elif user.pk != by.pk:
        raise NotAllowed("People choose themselves how they are mailed.")
    hours = sorted(set(digest_hours))
    if not hours or len(hours) > MOST_HOURS or not set(hours) <= set(range(24)):
        text = f"Choose one to {MOST_HOURS} full hours of the day."
        raise InvalidInput(text, errors=[FieldError("digest_hours", text)])
    known = {t: m for t, m in modes.items() if t in Topic.values and m in Mode.values}
    row = NoticePreference.objects.select_for_update().filter(user=user).first()
    row = row or NoticePreference(user=user)
    row.modes, row.digest_hours, row.off_hours = known, hours, off_hours
    row._history_user = by  # type: ignore[attr-defined]  # read by its history
    row.save()
