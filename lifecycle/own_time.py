"""Somebody changes when they or their people work: what waits for them is looked at again at once.

The pages and the API call these; `people.working_time` says who may and what is kept.
"""

from __future__ import annotations

import datetime as dt

from django.db import transaction

from core import database
from lifecycle import waiting
from people import working_time
from people.models import Leave, User


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
) -> None:
    """See `people.working_time.set_hours`."""
    working_time.set_hours(
        of, week, zone=zone, country=country, subdivision=subdivision, by=by, why=why
    )
    waiting.look_again(of.pk, now=database.now())


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
    waiting.look_again(row.user_id, now=at)
    return row


@transaction.atomic
def end_leave(leave_id: int, *, by: User, why: str = "", now: dt.datetime | None = None) -> Leave:
    """See `people.working_time.end_leave`."""
    at = now or database.now()
    row = working_time.end_leave(leave_id, now=at, by=by, why=why)
    waiting.look_again(row.user_id, now=at)
    return row


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
    waiting.look_again(of.pk, now=at)
