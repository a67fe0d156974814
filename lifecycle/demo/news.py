"""Notices of the demo: old ones are forgotten, yesterday's are read, nothing is mailed."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import F

from governance.models import KitOutbox
from leads.models import Outbox
from lifecycle import kit_notices, notices
from lifecycle.models import Notice

KEPT = timedelta(days=4)


def tell(at: datetime) -> None:
    """Turn what has happened lately into notices, as the worker does; none is mailed."""
    for outbox in (Outbox, KitOutbox):
        waiting = outbox._default_manager.filter(done_at__isnull=True, due_at__lt=at - KEPT)
        waiting.update(done_at=F("due_at"))
    while notices.drain(now=at).done or kit_notices.drain(now=at).done:
        pass
    unsent = Notice.objects.filter(mailed_at__isnull=True, mail_due_at__isnull=False)
    unsent.update(mailed_at=F("created_at"), mail_due_at=None)


def settle(*, unread_since: datetime, now: datetime) -> None:
    """The state at the end: the last notices are unread, older ones are read."""
    tell(now)
    old = Notice.objects.filter(read_at__isnull=True, created_at__lt=unread_since)
    old.update(read_at=F("created_at") + timedelta(hours=1))
