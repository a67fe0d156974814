"""The front of every door for signals: each is read, committed, and then advanced.

What is answered with success is in the database, whatever happens afterwards.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Mapping, Sequence
from typing import Any

from django.conf import settings
from django.db import transaction

from core import bulk, database, made
from core.errors import FieldError
from leads import signal_intake
from leads.models import SentSignal
from leads.signal_intake import Reading
from lifecycle.intake import LEASE, Answer
from lifecycle.signalling import advancing

log = logging.getLogger(__name__)

REUSED = "This key was used for another signal; send a new key with a new signal."
Stored = Mapping[str, tuple[int, str, bool]]
"""Key to (signal, body hash, whether it is new)."""


def capture(
    bodies: Sequence[object],
    *,
    scope: str,
    keys: Sequence[str | None] | None = None,
    now: dt.datetime | None = None,
) -> list[Answer]:
    """Receive and advance signals; one answer per body, in order. A bad one is refused alone.

    `scope` says whose ids and idempotency keys these are, and names the source. Answers are 201
    for a new one, 200 for one that was sent before, 202 stored but not advanced yet, 422 refused.
    """
    if not bodies:
        return []
    given = keys or [None] * len(bodies)
    readings, wanted, stored = _receive(bodies, given, scope=scope, now=now)
    ids = [pk for pk, _, _ in stored.values()]
    receipts: dict[int, dict[str, Any]] = {}
    if ids:
        try:
            receipts = advancing.advance(ids, now=now)
        except Exception:
            # They are committed: the sweep advances them when this passes.
            log.exception("Signals %s are stored but could not be advanced yet.", ids[:5])
    seen: set[int] = set()
    return [
        _answer(reading, key, stored, receipts, seen)
        for reading, key in zip(readings, wanted, strict=True)
    ]


def _receive(
    bodies: Sequence[object], given: Sequence[str | None], *, scope: str, now: dt.datetime | None
) -> tuple[list[Reading], list[str], Stored]:
    with transaction.atomic():
        clock = database.clock()
        spare = bulk.reserve({SentSignal: len(bodies)}, after=[clock])[SentSignal]
        at = now or clock.found[0]
        readings = [signal_intake.read(body, now=at) for body in bodies]
        wanted = [reading.key(key) for reading, key in zip(readings, given, strict=True)]
        fresh: dict[str, SentSignal] = {}
        for reading, key, pk in zip(readings, wanted, spare, strict=True):
            if not reading.errors:
                fresh.setdefault(key, _row(reading, key, pk, scope=scope, now=at))
        return readings, wanted, _store(fresh, scope=scope)


def _row(reading: Reading, key: str, pk: int, *, scope: str, now: dt.datetime) -> SentSignal:
    said = reading.payload
    keys = signal_intake.keys_of(said, scope=scope, country=settings.DEFAULT_COUNTRY)
    return made.row(
        SentSignal,
        id=pk,
        kind=reading.kind,
        occurred_at=reading.occurred_at or now,
        received_at=now,
        payload=said,
        keys=signal_intake.found_by(keys, said.get("visitor", "")),
        idempotency_scope=scope,
        idempotency_key=key,
        body_hash=reading.body_hash,
        attempts=1,
        lease_until=now + LEASE,
        next_attempt_at=now + LEASE,
        waits_until=now + dt.timedelta(days=settings.SIGNALS_WAIT_DAYS),
    )


def _store(fresh: Mapping[str, SentSignal], *, scope: str) -> Stored:
    """Insert what is new; waits for a twin that is being written."""
    rows = sorted(fresh.values(), key=lambda row: row.idempotency_key)
    new = {pk for (pk,) in bulk.insert_new(rows, on=["id"])}
    stored = {key: (row.pk, row.body_hash, True) for key, row in fresh.items() if row.pk in new}
    twins = fresh.keys() - stored.keys()
    if twins:
        known = SentSignal.objects.filter(idempotency_scope=scope, idempotency_key__in=twins)
        for key, pk, body_hash in known.values_list("idempotency_key", "pk", "body_hash"):
            stored[key] = (pk, body_hash, False)
    return stored


def _answer(
    reading: Reading,
    key: str,
    stored: Stored,
    receipts: Mapping[int, dict[str, Any]],
    seen: set[int],
) -> Answer:
    """The second of two equal bodies in one call is a replay, too; `seen` are those told."""
    if reading.errors:
        return Answer(422, errors=tuple(reading.errors))
    pk, body_hash, new = stored[key]
    if body_hash != reading.body_hash:
        field = "source_id" if reading.source_id else "Idempotency-Key"
        return Answer(422, errors=(FieldError(field, REUSED, "key_reused"),))
    replayed = not new or pk in seen
    seen.add(pk)
    receipt = receipts.get(pk)
    if receipt is None:
        return Answer(202, {"signal": str(pk), "outcome": "queued"})
    return Answer(200 if replayed else 201, receipt)
