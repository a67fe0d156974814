"""The front of every door: a touch is read, committed, and then advanced.

What is answered with success is in the database, whatever happens afterwards.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from core import bulk, database, made
from core.errors import FieldError, InvalidInput
from leads import intake, partner_naming
from leads.intake import Reading
from leads.models import Touch, TouchStatus
from lifecycle import pipeline

log = logging.getLogger(__name__)

LEASE = dt.timedelta(seconds=60)
"""How long the door that received a touch has to advance it before the sweep does."""

DEFAULT_WINDOW = dt.timedelta(minutes=10)
"""Without a key, the same body from the same caller within this time is the same touch."""


@dataclass(frozen=True, slots=True)
class Received:
    """What became of one body: a touch (new or known), or the reasons for refusing it."""

    touch_id: int | None = None
    replayed: bool = False
    conflict: bool = False
    errors: tuple[FieldError, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """What a door answers: 201 new, 200 replayed, 202 stored but not advanced yet, 422 refused."""

    status: int
    receipt: dict[str, Any] | None = None
    errors: tuple[FieldError, ...] = field(default=())


def capture(
    bodies: Sequence[object],
    *,
    scope: str,
    keys: Sequence[str | None] | None = None,
    now: dt.datetime | None = None,
    quarantine: bool = False,
    why: str = "",
) -> list[Answer]:
    """Receive and advance touches; one answer per body, in order. A bad one is refused alone.

    `scope` says whose idempotency keys these are. `quarantine` stores the touches as suspected
    spam: kept, seen by people with `why`, never advanced by themselves.
    """
    received = receive(bodies, scope=scope, keys=keys, now=now, quarantine=quarantine, why=why)
    ids = [one.touch_id for one in received if one.touch_id is not None]
    receipts: dict[int, dict[str, Any]] = {}
    if ids and not quarantine:
        try:
            receipts = pipeline.advance(ids, now=now)
        except Exception:
            # The touches are committed: the sweep advances them when this passes.
            log.exception("Touches %s are stored but could not be advanced yet.", ids[:5])
    return [_answer(one, receipts, quarantine=quarantine) for one in received]


def receive(
    bodies: Sequence[object],
    *,
    scope: str,
    keys: Sequence[str | None] | None = None,
    now: dt.datetime | None = None,
    historical: bool = False,
    quarantine: bool = False,
    why: str = "",
    held: bool = False,
) -> list[Received]:
    """Read and commit touches in one transaction, without advancing them.

    A key that was used before gives the touch it stands for, or a conflict when the body differs.
    `historical` marks imported history: it starts no clocks and sends no notices. `held` ones wait
    for the day of their release, which whoever holds them plans.
    """
    if not bodies:
        return []
    with transaction.atomic():
        clock = database.clock()
        spare = bulk.reserve({Touch: len(bodies)}, after=[clock])[Touch]
        at = now or clock.found[0]
        readings = [intake.read(body, now=at, historical=historical) for body in bodies]
        wanted = _keys(readings, keys, scope=scope, now=at)
        rows = [
            _row(
                reading,
                scope=scope,
                key=key,
                now=at,
                historical=historical,
                quarantine=quarantine,
                why=why,
                held=held,
            )
            for reading, key in zip(readings, wanted, strict=True)
            if not reading.errors
        ]
        stored = _store(rows, spare, scope=scope)
    seen: set[int] = set()
    return [
        _received(reading, key, stored, seen) for reading, key in zip(readings, wanted, strict=True)
    ]


def unstored(body: object, *, scope: str, now: dt.datetime) -> Touch:
    """The touch of a body as `receive` would make it, stored nowhere; its id is below nought.

    Raises InvalidInput naming each fault.
    """
    reading = intake.read(body, now=now)
    if reading.errors:
        first = reading.errors[0]
        said = f"{first.field}: {first.message}" if first.field else first.message
        raise InvalidInput(said, errors=reading.errors)
    row = _row(
        reading,
        scope=scope,
        key="",
        now=now,
        historical=False,
        quarantine=False,
        why="",
        held=False,
    )
    row.pk = -1
    return row


def set_aside(
    payload: dict[str, Any],
    *,
    scope: str,
    key: str | None,
    why: str,
    now: dt.datetime | None = None,
) -> int:
    """Keep what a trusted sender brought and nobody could read, in the exception queue.

    `payload` has a known channel and text that can be stored. It waits for people, who correct it
    and try again. The same key is kept once. Returns the touchpoint's id.
    """
    with transaction.atomic():
        at = now or database.now()
        body_hash = intake.hash_of(payload)
        row = Touch(
            channel=payload["channel"],
            occurred_at=at,
            received_at=at,
            payload=payload,
            idempotency_scope=scope,
            idempotency_key=key or f"auto:{body_hash}",
            body_hash=body_hash,
            status=TouchStatus.PARKED,
            last_error=why or "Nobody could read it.",
        )
        stored = _store([row], bulk.reserve({Touch: 1})[Touch], scope=scope)
        return stored[row.idempotency_key][0]


def _keys(
    readings: Sequence[Reading],
    keys: Sequence[str | None] | None,
    *,
    scope: str,
    now: dt.datetime,
) -> list[str]:
    bucket = int(now.timestamp() // DEFAULT_WINDOW.total_seconds())
    given = keys or [None] * len(readings)
    return [
        key or f"auto:{bucket}:{reading.body_hash}"
        for reading, key in zip(readings, given, strict=True)
    ]


def _row(
    reading: Reading,
    *,
    scope: str,
    key: str,
    now: dt.datetime,
    historical: bool,
    quarantine: bool,
    why: str,
    held: bool,
) -> Touch:
    due: dt.datetime | None = now + LEASE
    partner = partner_naming.said_in(reading.payload)
    status = TouchStatus.RECEIVED
    if quarantine or held:
        status, due = (TouchStatus.QUARANTINED, None) if quarantine else (TouchStatus.HELD, now)
    return made.row(
        Touch,
        channel=reading.channel,
        occurred_at=reading.occurred_at or now,
        received_at=now,
        payload=reading.payload,
        category=reading.category,
        medium=reading.medium,
        campaign=reading.campaign,
        utm_source=reading.utm_source,
        referrer_host=reading.referrer_host,
        partner_key=partner.name,
        partner_domain=partner.domain,
        idempotency_scope=scope,
        idempotency_key=key,
        body_hash=reading.body_hash,
        historical=historical,
        status=status,
        attempts=0 if quarantine or held else 1,
        lease_until=None if quarantine or held else due,
        next_attempt_at=due,
        last_error=why if quarantine else "",
    )


def _store(
    rows: list[Touch], spare: Iterable[int], *, scope: str
) -> dict[str, tuple[int, str, bool]]:
    """Key to (touch, body hash, whether it is new). Waits for a twin that is being written."""
    fresh: dict[str, Touch] = {}
    for row, pk in zip(rows, spare, strict=False):
        row.pk = pk
        fresh.setdefault(row.idempotency_key, row)
    in_order = sorted(fresh.values(), key=lambda row: row.idempotency_key)
    new = {pk for (pk,) in bulk.insert_new(in_order, on=["id"])}
    stored = {key: (row.pk, row.body_hash, True) for key, row in fresh.items() if row.pk in new}
    twins = fresh.keys() - stored.keys()
    if not twins:
        return stored
    known = Touch.objects.filter(idempotency_scope=scope, idempotency_key__in=twins)
    for key, pk, body_hash in known.values_list("idempotency_key", "pk", "body_hash"):
        stored[key] = (pk, body_hash, False)
    return stored


def _received(
    reading: Reading,
    key: str,
    stored: Mapping[str, tuple[int, str, bool]],
    seen: set[int],
) -> Received:
    """The second of two equal bodies in one call is a replay, too; `seen` are the touches told."""
    if reading.errors:
        return Received(errors=tuple(reading.errors))
    touch_id, body_hash, new = stored[key]
    if body_hash != reading.body_hash:
        fault = FieldError(
            "Idempotency-Key",
            "This key was used for another body; send a new key with a new touch.",
            "key_reused",
        )
        return Received(conflict=True, errors=(fault,))
    replayed = not new or touch_id in seen
    seen.add(touch_id)
    return Received(touch_id, replayed=replayed)


def _answer(
    received: Received, receipts: Mapping[int, dict[str, Any]], *, quarantine: bool
) -> Answer:
    if received.touch_id is None:
        return Answer(422, errors=received.errors)
    receipt = receipts.get(received.touch_id)
    if receipt is None:
        outcome = "quarantined" if quarantine else "queued"
        return Answer(202, {"touch": str(received.touch_id), "outcome": outcome})
    return Answer(200 if received.replayed else 201, receipt)
