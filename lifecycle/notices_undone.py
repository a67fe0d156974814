"""Notices of what somebody took back: they ask for nothing, so they are read and not mailed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

from leads.models import EventKind, LeadEvent
from lifecycle import causes
from lifecycle.models import Notice
from routing.models import Assignment


def settle(events: Collection[int], *, now: dt.datetime) -> None:
    """What was told of these events counts as read from `now` on; what was mailed stays so."""
    moot = Notice.objects.filter(event__in=events)
    moot.filter(mailed_at__isnull=True, mail_due_at__isnull=False).update(mail_due_at=None)
    moot.filter(read_at__isnull=True).update(read_at=now)


def taken_back(events: Sequence[LeadEvent]) -> frozenset[int]:
    """Those of these by which somebody got a lead, until that was undone.

    One query where somebody else has a lead by now; else none. The leads are read already.
    """
    gone = [
        one.pk
        for one in events
        if one.kind == EventKind.ASSIGNED and one.owner_id != one.lead.owner_id
    ]
    if not gone:
        return frozenset()
    legs = Assignment.objects.filter(
        started_by_event__in=gone, ended_by_event__because__why=causes.UNDO
    )
    return frozenset(legs.values_list("started_by_event", flat=True))
