"""Somebody changes when they or their people work.

The pages and the API call these; `people.working_time` says who may and what is kept. What waits
for them needs no word: the next pass sees it (`lifecycle.keeping`).
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import transaction

from core import database, errors
from lifecycle import hours_foreseen
from people import working_time
from people.models import Leave, User


class Unconfirmed(errors.DomainError):
    """What follows is to be seen before it is done; `state` has what to send again with it."""

    code = "unconfirmed"


@transaction.atomic
def set_hours(
    of: User,
    week: working_time.Week,
    *,
    zone: str,
    country: str = "",
    subdivision: str = "",
    by: User,
    why: str = "",
    seen: str = "",
    sure: str = "",
    now: dt.datetime | None = None,
) -> None:
    """See `people.working_time.set_hours`, and here what follows for deadlines in these hours.

    Where they are very short, or move open deadlines far, it raises Unconfirmed, unless `sure` is
    the `sure` of such a refusal. What follows then stands in the history beside `why`.
    """
    at = now or database.now()
    given: dict[str, Any] = {"zone": zone, "country": country, "subdivision": subdivision, "by": by}
    before, tried = working_time.fingerprint(of), transaction.savepoint()
    working_time.set_hours(of, week, why=why, seen=seen, **given)
    after = working_time.fingerprint(of)
    found = hours_foreseen.of(of.pk, now=at)
    if after != before and found.is_grave:
        transaction.savepoint_rollback(tried)
        of.refresh_from_db()
        if sure != after:
            raise Unconfirmed(f"These hours {found.told(by.zone)}.", state={"sure": after})
        effect = f"They {found.told(of.zone)}."
        told = f"{why.strip()} {effect}".strip()
        # Seen again: going back to the savepoint has let go of the lock.
        working_time.set_hours(of, week, why=told, seen=seen, **given)


@transaction.atomic
def take_leave(
    of: User,
    first: dt.date,
    last: dt.date,
    *,
    from_noon: bool = False,
    until_noon: bool = False,
    reason: str = "",
    by: User,
    why: str = "",
    leave_id: int | None = None,
    now: dt.datetime | None = None,
) -> Leave:
    """Days off, in their zone; `leave_id` names the leave that they take the place of."""
    at = now or database.now()
    begins, ends = working_time.span(
        of, first, last, from_noon=from_noon, until_noon=until_noon, now=at
    )
    if leave_id is None:
        row = working_time.add_leave(of, begins, ends, reason=reason, by=by, why=why)
    else:
        row = working_time.change_leave(leave_id, begins, ends, reason=reason, by=by, why=why)
    return row


@transaction.atomic
def end_leave(leave_id: int, *, by: User, why: str = "", now: dt.datetime | None = None) -> Leave:
    """See `people.working_time.end_leave`."""
    at = now or database.now()
    return working_time.end_leave(leave_id, now=at, by=by, why=why)


@transaction.atomic
def set_away(
    of: User,
    until: dt.datetime | None,
    *,
    by: User,
    why: str = "",
    now: dt.datetime | None = None,
) -> None:
    """See `people.working_time.set_away`."""
    at = now or database.now()
    working_time.set_away(of, until, now=at, by=by, why=why)
