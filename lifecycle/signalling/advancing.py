"""The path of a signal that came by itself: that of a touch, without making anybody.

    gather   whose it is, the lead, its clocks and score              finding.py
    decide   score ─▶ reopen, raise a hand ─▶ qualify                 hearing.py, as of a touch
    lock     the matched pools' reps, pick an owner                   ownership.route
    record   signals, one event a lead, what follows; receipts        one transaction

A signal nobody is known by waits, and is attached by the touch that makes its buyer known
(`attaching`), or when it is looked at again (`looking`).
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from governance import selectors as kits
from governance.kit import Kit
from leads import present
from leads.ledger import Ledger
from leads.models import EventKind, LeadEvent, SentSignal
from lifecycle import (
    batches,
    hearing,
    keepers,
    ownership,
    parking,
    quarantine,
    reconsidering,
    turns,
)
from lifecycle.case import Case
from lifecycle.hearing import Heard
from lifecycle.signalling import counting, finding, looking
from lifecycle.signalling.finding import Batch


def advance(ids: Iterable[int], *, now: dt.datetime | None = None) -> dict[int, dict[str, Any]]:
    """Take committed signals to their leads; returns a receipt for each that was settled.

    `now` is the database clock read under lock, unless given. One that fails is parked alone.
    """
    return batches.advance(
        ids,
        lambda some: _advance_together(some, now),
        park=lambda pk, error: parking.park(pk, error, now=now, model=SentSignal),
    )


@transaction.atomic
def _advance_together(ids: list[int], now: dt.datetime | None) -> dict[int, dict[str, Any]]:
    kit = kits.active_kit()
    batch = finding.gather(ids, kit=kit)
    cases = [case for case, _ in batch.of_cases]
    at = now or present.of(case.lead.pk for case in cases)
    ledger = Ledger(kit=kit, now=at, actor="pipeline")
    keepers.find(cases)
    spare = iter(batch.spare)
    for case, sent in batch.of_cases:
        event = _receive(case, sent, batch, spare, ledger)
        hearing.judge(case, _heard(case, sent, event, kit), ledger=ledger)
    quarantine.require_pools((case.lead for case in cases), ledger=ledger)
    ownership.route([case for case in cases if reconsidering.needs_owner(case)], ledger=ledger)
    for case in cases:
        case.rescore_if_moved(kit, ledger.now, ledger=ledger)
    for row in batch.waiting:
        counting.wait(row, until=looking.again_at(row, ledger.now), ledger=ledger)
    written = _receipts(batch)
    ledger.flush()
    return written


def _receive(
    case: Case, sent: list[SentSignal], batch: Batch, spare: Iterator[int], ledger: Ledger
) -> LeadEvent:
    """The signals count for the lead, under one event that names them."""
    event = ledger.event(
        case.lead,
        EventKind.SIGNALLED,
        because={
            "sent": [row.pk for row in sent],
            "kinds": dict(sorted(Counter(row.kind for row in sent).items())),
            "sources": sorted({row.idempotency_scope for row in sent}),
            **keepers.because(case),
        },
    )
    did = [
        counting.count(
            row, case, came_as=batch.came_as[row.pk], ledger=ledger, signal_id=next(spare)
        )
        for row in sent
    ]
    case.add_signals(did)
    case.rescore(ledger.kit, ledger.now, ledger=ledger)
    return event


def _heard(case: Case, sent: list[SentSignal], event: LeadEvent, kit: Kit) -> Heard:
    raised = [row for row in sent if counting.raises_hand(row, kit)]
    words = [row for row in sent if turns.is_reply(row.kind) or row in raised]
    after = case.contacted_at
    first = min(raised or sent, key=lambda row: row.occurred_at)
    return Heard(
        first.occurred_at,
        first.received_at,
        raised=bool(raised),
        word=any(after is None or after < row.occurred_at for row in words),
        event=event,
        because={"sent": [row.pk for row in sent]},
    )


def _receipts(batch: Batch) -> dict[int, dict[str, Any]]:
    written = dict(batch.done)
    for case, sent in batch.of_cases:
        score = case.score.rounded() if case.score is not None else None
        for row in sent:
            row.receipt = {**(row.receipt or {}), "stage": case.lead.stage, "score": score}
            written[row.pk] = row.receipt
    return written | {row.pk: row.receipt or {} for row in batch.waiting}
