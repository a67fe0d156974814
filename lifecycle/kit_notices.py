"""Tells people of steps of the kit: drains this app's rows of the kit's outbox into notices.

One step at a time: a notice refers to the version's row, which publishing holds, and whoever holds
one and waits for another could stand in its way.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence

from django.db import models
from django.db.models import Q

from core import database
from governance.models import KitOutbox
from lifecycle import kit_news, kit_recipients
from lifecycle.deliveries import Deliveries, Drained
from lifecycle.kit_recipients import Part
from lifecycle.models import KitNews, Notice
from lifecycle.notices import STALE_AFTER

CONSUMER = "notices"
BATCH = 20

log = logging.getLogger(__name__)


def drain(*, now: dt.datetime | None = None, limit: int = BATCH) -> Drained:
    """Turn up to `limit` waiting steps into notices; run again until it finds nothing."""
    return _deliveries.drain(now=now or database.now(), limit=limit)


def dead() -> models.QuerySet[KitOutbox]:
    """Rows given up after their last attempt, oldest first; `last_error` tells why."""
    return _deliveries.dead()


def revive(*, now: dt.datetime) -> int:
    """Have all dead rows tried anew, once what made them fail is put right."""
    return _deliveries.revive(now=now)


def _tell(rows: Sequence[KitOutbox], now: dt.datetime) -> None:
    for row in rows:
        item = kit_news.gather(row.event_id, now=now)
        stale = now - item.at > STALE_AFTER
        if not item.recipients:
            log.debug("Nobody to tell of step %s of the kit.", item.step)
        notices = [
            Notice(
                to_id=recipient.user,
                kind=item.kind,
                kit_id=item.kit,
                step_id=item.step,
                matter=item.matter,
                words=item.words | {"part": recipient.part.value},
                created_at=now,
                read_at=now if stale and item.settled else None,
                mail_due_at=None if item.settled else now,
                mail_together=stale,
            )
            for recipient in item.recipients
        ]
        Notice.objects.bulk_create(notices, ignore_conflicts=True)
        if item.kind is KitNews.REVIEW and not stale:
            _ask_again(item, now=now)
        _settle(item, now=now)


def _ask_again(item: kit_news.Item, *, now: dt.datetime) -> None:
    """Who was asked for this very text before it was taken back for a while is asked again.

    They have their notice, so it counts as unread again; a mail that left is not repeated.
    """
    before = Notice.objects.filter(
        kit=item.kit, kind=item.kind, matter=item.matter, to__in=item.asked, step__lt=item.step
    )
    never = before.filter(Q(mail=None) | Q(mail__state__in=["DEAD", "MOOT"]), mailed_at=None)
    never.update(mail_due_at=now, mail=None)
    # One that is on its way says so again.
    before.filter(mail__state="WAITING").update(mail_due_at=now)
    before.update(read_at=None)


def _settle(item: kit_news.Item, *, now: dt.datetime) -> None:
    """What asks somebody for a signature that is not missing any more is read, and not mailed."""
    asks = Notice.objects.filter(kind__in=kit_recipients.ASKING, words__part=Part.ASKED)
    moot = asks.filter(Q(kit=item.kit) & ~Q(to__in=item.asked) | Q(kit=item.over))
    moot.filter(mailed_at__isnull=True).update(mail_due_at=None)
    moot.filter(read_at__isnull=True).update(read_at=now)


_deliveries = Deliveries(KitOutbox, CONSUMER, _tell, together=1)
