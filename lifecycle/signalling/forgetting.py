"""Signals whose leads go as if they had never come: they wait once more."""

from __future__ import annotations

from django.db.models import F, QuerySet

from leads.models import SentSignal, SentStatus, Signal


def wait_again(signals: QuerySet[Signal]) -> int:
    """What came by itself is nobody's any more, before these rows are deleted; returns how many.

    It is looked at again, or dropped when its time is over.
    """
    theirs = SentSignal.objects.filter(pk__in=signals.order_by().values("sent_as_id"))
    return theirs.update(
        status=SentStatus.WAITING,
        came_as=None,
        advanced_at=None,
        receipt=None,
        next_attempt_at=F("received_at"),
    )
