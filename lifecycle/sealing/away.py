"""What may lawfully happen to sealed rows, put on record in the transaction that does it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from core import bulk
from leads import sealing
from leads.models import Seal, SealedAway, SealedRows, SealSalt
from lifecycle.sealing import rows as logs
from lifecycle.sealing.days import LOCK
from lifecycle.sealing.rows import midnight

OF_LEADS = {
    SealedRows.EVENT: ("leads_leadevent r", "r.lead_id"),
    SealedRows.CLOCK: ("sla_clockevent r JOIN sla_clock c ON c.id = r.clock_id", "c.lead_id"),
}
REMOVED = """
    INSERT INTO leads_sealedaway (rows, row_id, lead_id, reason, note, by_id, recorded_at)
    SELECT %(rows)s, r.id, {lead}, 'REMOVED', %(note)s, %(by)s, %(now)s
      FROM {log} WHERE {lead} = ANY(%(leads)s) AND r.recorded_at < %(until)s
"""


def sealed_until() -> dt.datetime | None:
    """Rows recorded before this are sealed; None before the first seal.

    Nobody seals from here to the end of the transaction.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [LOCK])
    last = Seal.objects.order_by("-day").values_list("day", flat=True).first()
    return None if last is None else midnight(last + dt.timedelta(days=1))


@contextmanager
def erasing(
    leads: Collection[int], *, by_id: int | None, now: dt.datetime, note: str = ""
) -> Iterator[None]:
    """Within, the log of these leads may lose what it says of people.

    What was sealed stays vouched for by commitments whose salts go here; what is left, by others.
    """
    until = sealed_until()
    if until is None:
        yield
        return
    some = "r.lead_id = ANY(%s) AND r.recorded_at < %s AND r.because <> '{}'"
    values = [sorted(leads), until]
    made = {one.id: one.commitment() for one in logs.read(SealedRows.EVENT, some, values)}
    known = dict(
        SealedAway.objects.filter(rows=SealedRows.EVENT, row_id__in=made, reason="ERASED")
        .order_by("-pk")  # the first of a row is the one that was sealed
        .values_list("row_id", "commitment")
    )
    yield
    held = dict(SealSalt.objects.filter(lead_id__in=leads).values_list("lead_id", "day"))
    bulk.delete(SealSalt.objects.filter(lead_id__in=held))
    bulk.copy(
        [SealSalt(lead_id=pk, salt=uuid.uuid4(), day=day) for pk, day in sorted(held.items())]
    )
    bulk.copy(
        [
            SealedAway(
                rows=SealedRows.EVENT,
                row_id=one.id,
                lead_id=one.lead,
                reason=SealedAway.Reason.ERASED,
                note=note,
                commitment=bytes(known.get(one.id) or made[one.id] or b""),
                after=sealing.commitment(one.salt, one.id, one.said),
                by_id=by_id,
                recorded_at=now,
            )
            for one in logs.read(SealedRows.EVENT, "r.id = ANY(%s)", [sorted(made)])
        ]
    )


def removing(leads: Collection[int], *, by_id: int | None, now: dt.datetime, note: str) -> None:
    """Put on record that the sealed rows of these leads go, and let go of their salts."""
    until = sealed_until()
    if until is None or not leads:
        return
    told: dict[str, Any] = {
        "leads": sorted(leads),
        "until": until,
        "note": note,
        "by": by_id,
        "now": now,
    }
    with connection.cursor() as cursor:
        for kind, (log, lead) in OF_LEADS.items():
            cursor.execute(REMOVED.format(log=log, lead=lead), {**told, "rows": kind.value})
    bulk.delete(SealSalt.objects.filter(lead_id__in=leads))
