"""Writing the log of the kit, and telling who registered for it. Reads nothing but the version.

Delivery is the consumer's own business: each drains its rows of `governance.KitOutbox`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from governance.models import KitEvent, KitOutbox, KitVersion
from people.models import User

_consumers: set[str] = set()


def register(consumer: str) -> None:
    """Have one `KitOutbox` row written for `consumer` with every step.

    Called from `ready()` of the consumer's app.
    """
    _consumers.add(consumer)


def append(
    version: KitVersion,
    kind: KitEvent.Kind,
    *,
    by: User | None,
    now: datetime,
    **details: Any,
) -> KitEvent:
    """Append one step, in the transaction of the act. The caller holds the version's row.

    The text, the base and who scheduled it are taken from the version as it is given: a step that
    clears them is appended before it does. `details` are plain data: ids, names, ISO instants.
    """
    event = KitEvent.objects.create(
        kit=version,
        kind=kind,
        by=by,
        at=now,
        text=version.submitted_checksum or version.checksum,
        details={
            "base": version.base.number if version.base else None,
            "scheduled_by": version.scheduled_by_id,
            **details,
        },
    )
    KitOutbox.objects.bulk_create(
        KitOutbox(event=event, consumer=consumer, due_at=now) for consumer in sorted(_consumers)
    )
    return event
