"""Tells people: drains this app's rows of the outbox into notices. `mails` then sends them.

Events reach this app by rows only. A row may be worked twice: a notice is unique per person and
event. News about the kit come by `kit_notices`.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence

from django.db import models

from core import database
from leads.ledger import Ledger
from leads.models import EventKind, LeadEvent, Outbox
from lifecycle import handed_together, news
from lifecycle.deliveries import Deliveries, Drained
from lifecycle.models import Notice

CONSUMER = "notices"
KINDS = frozenset(
    {
        EventKind.ASSIGNED,
        EventKind.WARNED,
        EventKind.BREACHED,
        EventKind.ESCALATED,
        EventKind.DISPUTED,
        EventKind.RULED,
    }
)
BATCH = 200
STALE_AFTER = dt.timedelta(days=1)
"""What was recorded longer ago is no news: it is mailed with others, or not if it is settled."""
log = logging.getLogger(__name__)


def drain(*, now: dt.datetime | None = None, limit: int = BATCH) -> Drained:
    """Turn up to `limit` waiting outbox rows into notices; run again until it finds nothing."""
    return _deliveries.drain(now=now or database.now(), limit=limit)


def tell_of(event: LeadEvent, *, ledger: Ledger) -> None:
    """Have people told of an event that is worth it, though others of its kind are not."""
    ledger.add(Outbox(event=event, consumer=CONSUMER, due_at=ledger.now))


def waiting(*, before: dt.datetime) -> bool:
    """Whether rows that came before then have not been tried yet: notices of them are to come."""
    rows = Outbox.objects.filter(consumer=CONSUMER, done_at=None, attempts=0, due_at__lt=before)
    return rows.exists()


def dead() -> models.QuerySet[Outbox]:
    """Rows given up after their last attempt, oldest first; `last_error` tells why."""
    return _deliveries.dead()


def revive(*, now: dt.datetime) -> int:
    """Have all dead rows tried anew, once what made them fail is put right."""
    return _deliveries.revive(now=now)


def _tell(rows: Sequence[Outbox], now: dt.datetime) -> None:
    notices = []
    for item in news.gather([row.event_id for row in rows]):
        stale = now - item.recorded_at > STALE_AFTER
        if not item.recipients:
            log.debug("Nobody to tell of event %s.", item.event)
        notices += [
            Notice(
                to_id=recipient.user,
                kind=item.kind,
                lead_id=item.lead,
                event_id=item.event,
                words=item.words | {"part": recipient.part.value},
                created_at=now,
                read_at=now if stale and item.settled else None,
                mail_due_at=None if item.settled or recipient.console_only else now,
                mail_together=stale,
            )
            for recipient in item.recipients
        ]
    Notice.objects.bulk_create(handed_together.joined(notices), ignore_conflicts=True)


_deliveries = Deliveries(Outbox, CONSUMER, _tell, together=BATCH)
