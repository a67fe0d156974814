"""Booking a signal with the lead it has found: its behaviour, what it says of permission."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings

from core import made
from core.errors import FieldError
from governance.kit import Kit
from leads import contact, not_understood
from leads.evidence import Seen
from leads.ledger import Ledger
from leads.models import Lead, SentSignal, SentStatus, Signal, Touch
from lifecycle import contacting
from lifecycle.case import Case

COUNTED, WAITING = "counted", "waiting"
SETTLED = ("status", "keys", "came_as", "receipt", "advanced_at", "attempts", "lease_until",
           "next_attempt_at", "last_error")  # fmt: skip
DESK = "This is the mailbox of a desk; nobody is known by it."


def count(
    row: SentSignal,
    case: Case,
    *,
    came_as: int,
    ledger: Ledger,
    signal_id: int,
    touch: Touch | None = None,
) -> Seen:
    """The signal counts for this lead, as a behaviour with the id given.

    `touch` is the one that made the buyer known for whom it had waited.
    """
    at = min(row.occurred_at, row.received_at)
    ledger.add(
        made.row(
            Signal,
            id=signal_id,
            lead=case.lead,
            touch=touch,
            sent_as=row,
            kind=row.kind,
            occurred_at=at,
        )
    )
    contacting.record_signal(row.kind, case.buyer.person, at=at, ledger=ledger)
    row.came_as_id = came_as
    row.status = SentStatus.ADVANCED
    row.advanced_at = ledger.now
    _settle(row, receipt(row, case.lead, COUNTED, ledger.kit), ledger)
    return Seen(signal_id, row.kind, at)


def wait(row: SentSignal, *, until: dt.datetime, ledger: Ledger) -> None:
    """Nobody is known by it yet; it is looked at again, then."""
    row.status = SentStatus.WAITING
    row.came_as_id = None
    _settle(row, receipt(row, None, WAITING, ledger.kit), ledger)
    row.next_attempt_at = until


def receipt(row: SentSignal, lead: Lead | None, outcome: str, kit: Kit) -> dict[str, Any]:
    """What its door answers; the lead only where it has found one."""
    return {
        "signal": str(row.pk),
        "lead": str(lead.pk) if lead is not None else None,
        "outcome": outcome,
        "kit_version": kit.number,
        "remarks": [
            {"field": one.field, "message": one.message, "code": one.code}
            for one in _remarks(row, kit)
        ],
    }


def raises_hand(row: SentSignal, kit: Kit) -> bool:
    """Whether the buyer asks for a person by it."""
    return row.kind in kit.signals and kit.signals[row.kind].hand_raise


def _settle(row: SentSignal, told: dict[str, Any], ledger: Ledger) -> None:
    row.receipt = told
    row.attempts = 0
    row.lease_until = row.next_attempt_at = None
    row.last_error = ""
    ledger.change(row, *SETTLED)


def _remarks(row: SentSignal, kit: Kit) -> list[FieldError]:
    person = row.payload.get("person") or {}
    kinds = {one.partition(":")[0] for one in row.keys}
    said = not_understood.of(
        {"signals": [{"kind": row.kind}], "person": person},
        signals=(*kit.signals, contact.UNSUBSCRIBED),
        phone_is_read="PHONE" in kinds,
        currency=settings.BASE_CURRENCY,
    )
    found = [FieldError(one.field.replace("signals.0.", ""), one.message, one.code) for one in said]
    if person.get("email") and "EMAIL" not in kinds:
        found.append(FieldError("person.email", DESK, "contact"))
    return found
