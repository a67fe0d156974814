"""What one person sends twice in a moment, by a slow second click, is done once."""

from __future__ import annotations

import datetime as dt

from django.db import connection, transaction
from django.db.models import F

from core import database
from leads.models import Activity
from lifecycle import actions, proofs
from lifecycle.next_steps import Promise
from people.models import User

MOMENT = dt.timedelta(seconds=10)
"""So long the same from the same person is a second click."""
_LOCK = 0x4C45_5457


def wait_for_first(lead_id: int, by: User) -> None:
    """Let what this person does with a lead at the same time end before; within a transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(%s, hashint8(%s) # hashint8(%s))", [_LOCK, lead_id, by.pk]
        )


@transaction.atomic
def log_contact(
    *,
    lead_id: int,
    by: User,
    kind: str,
    direction: str,
    outcome: str,
    at: dt.datetime | None = None,
    note: str = "",
    next_step: Promise | None = None,
    now: dt.datetime | None = None,
) -> Activity:
    """Log a contact as `actions.log_activity` does; the same again in a moment is the first one.

    For people at a form: systems name what they report by an id of theirs.
    """
    wait_for_first(lead_id, by)
    clock = now or database.now()
    fields = proofs.activity_fields(
        kind=kind, direction=direction, outcome=outcome, at=at, note=note, now=clock
    )
    fields["at"] = fields["at"] if at is not None else F("recorded_at")
    same = Activity.objects.standing().filter(
        lead=lead_id, by=by, recorded_at__gt=clock - MOMENT, external_id="", **fields
    )
    first = same.order_by("pk").first()
    return first or actions.log_activity(
        lead_id=lead_id, by=by, kind=kind, direction=direction, outcome=outcome, at=at, note=note,
        next_step=next_step, now=now,
    )  # fmt: skip
