"""The queue's broker: it counts each start of a task before the task is read, and loses none.

Left to itself the queue starts a task that ends its process again for ever, falls over one that it
cannot read, and deletes one that was signed with another key. Here such a task is set aside, with
the reason, for people to look at.

It goes by the database's clock as all else does. By their hosts' clocks two workers would not mean
the same instant: one that is ahead takes what the other is at, and one behind finds nothing.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import logging
import time
import types
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django_q import core_signing, scheduler
from django_q.brokers.orm import ORM
from django_q.conf import Conf
from django_q.models import OrmQ
from django_q.signing import BadSignature, PickleSerializer, SignedPackage
from django_q.utils import get_func_repr

from core import database
from lifecycle.models import QueuedTask

MOST_STARTS = 5
ENDED = "Every one of its {} starts ended its process; see the worker's log of that time."
UNREADABLE = "It cannot be read: {}. It may be of an older or a newer release."
FOREIGN = (
    "It was signed with another key. Put that key into LEADGOV_SECRET_KEY_FALLBACKS, restart the "
    "worker and try it again."
)

log = logging.getLogger(__name__)

# The only names by which the queue's scheduler asks what time it is.
scheduler.timezone = types.SimpleNamespace(now=database.now)
scheduler.localtime = database.now


class Broker(ORM):  # type: ignore[misc] # django_q is not typed
    """The queue in our database, with a book of what was begun."""

    def enqueue(self, task: str) -> int:
        """Put it in for the present instant; returns its number."""
        key = self.list_key or Conf.CLUSTER_NAME
        row = self.get_connection().create(key=key, payload=task, lock=database.now())
        return int(row.pk)

    def timeout(self, _task: OrmQ) -> dt.datetime:
        """Until when it is left to who takes it now."""
        return database.now() + dt.timedelta(seconds=Conf.RETRY)

    def queue_size(self) -> int:
        """How many tasks wait."""
        return int(self._due().count())

    def lock_size(self) -> int:
        """How many are left to who took them."""
        mine = self.get_connection().filter(key=self.list_key)
        return int(mine.filter(lock__gt=database.now()).count())

    def dequeue(self) -> list[tuple[int, str]] | None:
        """Tasks to work on now; those that cannot be are set aside on the way."""
        taken = self._take()
        if not taken:
            time.sleep(Conf.POLL)
            return None
        begun = [(number, begin(number, payload)) for number, payload in taken]
        return [(number, payload) for number, payload in begun if payload is not None]

    def _due(self) -> models.QuerySet[OrmQ]:
        mine: models.QuerySet[OrmQ] = self.get_connection().filter(key=self.list_key)
        return mine.filter(lock__lt=database.now()).order_by("pk")

    def _take(self) -> list[tuple[int, str]]:
        """Whoever is first to move a task's end of lease has it."""
        mine = self.get_connection()
        return [
            (task.pk, task.payload)
            for task in self._due()[: Conf.BULK]
            if mine.filter(pk=task.pk, lock=task.lock).update(lock=self.timeout(task))
        ]

    def acknowledge(self, task_id: int) -> None:
        """It is over, well or not."""
        super().acknowledge(task_id)
        QueuedTask.objects.filter(number=task_id, set_aside_at=None).delete()

    def fail(self, task_id: int) -> None:
        """Never lose what the queue gives up."""
        row = OrmQ.objects.filter(pk=task_id).first()
        if row is not None:
            set_aside(task_id, row.payload, FOREIGN)


def begin(number: int, payload: str) -> str | None:
    """Count a start, then read the task: its payload under the present key, None if set aside."""
    now = database.now()
    first = {"first_at": now, "last_at": now, "starts": 0}
    row, _ = QueuedTask.objects.get_or_create(number=number, defaults=first)
    if row.starts >= MOST_STARTS:
        set_aside(number, payload, ENDED.format(row.starts))
        return None
    QueuedTask.objects.filter(pk=row.pk).update(starts=row.starts + 1, last_at=now)
    try:
        task, present = read(payload)
        told = {"function": get_func_repr(task["func"])[:200], "arguments": list(task["args"])}
    except BadSignature:
        set_aside(number, payload, FOREIGN)
        return None
    except Exception as error:
        set_aside(number, payload, UNREADABLE.format(error))
        return None
    if not row.function:
        QueuedTask.objects.filter(pk=row.pk).update(**told)
    return present


def read(payload: str) -> tuple[dict[str, Any], str]:
    """The task, and its payload signed with the present key. Older keys still open it.

    Raises BadSignature when none does, and whatever comes of reading what is in it.
    """
    with contextlib.suppress(BadSignature):
        return SignedPackage.loads(payload), payload
    for key in settings.SECRET_KEY_FALLBACKS:
        with contextlib.suppress(BadSignature):
            task = core_signing.loads(
                payload, key=key, salt=Conf.PREFIX, serializer=PickleSerializer
            )
            return task, SignedPackage.dumps(task)
    raise BadSignature


@transaction.atomic
def set_aside(number: int, payload: str, why: str) -> None:
    """Take a task out of the queue and keep it for people, with the reason."""
    now = database.now()
    QueuedTask.objects.update_or_create(
        number=number,
        defaults={"set_aside_at": now, "why": why, "payload": payload, "last_at": now},
        create_defaults={
            "set_aside_at": now, "why": why, "payload": payload, "first_at": now, "last_at": now,
        },
    )  # fmt: skip
    OrmQ.objects.filter(pk=number).delete()
    log.error("Task %s of the queue is set aside: %s", number, why)


@transaction.atomic
def again(pk: int) -> bool:
    """Put a task that was set aside back into the queue, its starts forgotten; False if gone."""
    row = QueuedTask.objects.select_for_update().filter(pk=pk, set_aside_at__isnull=False).first()
    if row is None:
        return False
    OrmQ.objects.create(key=Conf.CLUSTER_NAME, payload=row.payload, lock=database.now())
    row.delete()
    return True
