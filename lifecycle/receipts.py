"""What a door answers: the receipt of a touch, stored with it so that a replay says the same."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.conf import settings

from core import reading
from leads import contact, not_understood, own_fields
from leads.identity import KeyKind
from leads.ledger import Ledger
from leads.models import TouchStatus
from lifecycle.case import Case
from lifecycle.gathering import Arrival, Batch
from people.models import User


def write(batch: Batch, *, ledger: Ledger) -> dict[int, dict[str, Any]]:
    """Mark every touch of the batch as advanced and give each its receipt."""
    fresh = {lead.pk for lead in batch.fresh_leads}
    names = _owner_names(batch)
    receipts = dict(batch.done)
    for arrival in batch.arrivals:
        case = arrival.case
        if case is None:
            continue
        arrival.outcome = _outcome(arrival, new=case.lead.pk in fresh)
        fresh.discard(case.lead.pk)
        touch = arrival.touch
        touch.outcome = arrival.outcome
        touch.person_id, touch.lead_id = case.buyer.person.pk, case.lead.pk
        touch.came_as_id = arrival.came_as if arrival.came_as != arrival.person_id else None
        touch.status = TouchStatus.ADVANCED
        touch.advanced_at = ledger.now
        touch.lease_until = touch.next_attempt_at = None
        touch.last_error = ""
        touch.receipt = receipts[touch.pk] = _receipt(arrival, case, names, ledger)
        ledger.change(
            touch,
            "outcome",
            "category",
            "attribution",
            "person",
            "came_as",
            "lead",
            "status",
            "advanced_at",
            "lease_until",
            "next_attempt_at",
            "last_error",
            "receipt",
        )
    return receipts


def origins(batch: Batch, *, now: dt.datetime) -> dict[int, dt.datetime]:
    """When each lead of the batch began: now, or for imported history when it happened."""
    came: dict[int, dt.datetime] = {}
    for arrival in batch.arrivals:
        if arrival.case is not None:
            touch = arrival.touch
            at = touch.occurred_at if touch.historical else now
            came[arrival.case.lead.pk] = min(at, came.get(arrival.case.lead.pk, at))
    return came


def identity(arrival: Arrival) -> dict[str, Any]:
    """How the buyer was recognised, by ids only."""
    found = arrival.identification
    if found is None:
        return {}
    return {
        "reason": found.reason.value,
        "suggestion": found.suggestion or next(iter(arrival.alike), None),
        "conflicts": len(found.conflicts),
    }


def _outcome(arrival: Arrival, *, new: bool) -> str:
    if arrival.case is not None and arrival.case.lead.quarantined_at is not None:
        return "quarantined"
    if not new:
        return "attached"
    found = arrival.identification
    doubtful = arrival.alike or (found is not None and found.suggestion)
    return "review" if doubtful else "created"


def _receipt(arrival: Arrival, case: Case, names: dict[int, str], ledger: Ledger) -> dict[str, Any]:
    lead = case.lead
    return {
        "touch": str(arrival.touch.pk),
        "lead": str(lead.pk),
        "outcome": arrival.outcome,
        "stage": lead.stage,
        "score": case.score.rounded() if case.score else None,
        "owner": {"id": str(lead.owner_id), "name": names.get(lead.owner_id, "")}
        if lead.owner_id
        else None,
        "queue": lead.queue or None,
        "clocks": [
            {"policy": clock.obligation, "due_at": clock.due_at.isoformat()}
            for clock in sorted(case.clocks, key=lambda clock: clock.due_at)
        ],
        "kit_version": ledger.kit.number,
        "remarks": _remarks(arrival, ledger),
    }


def _remarks(arrival: Arrival, ledger: Ledger) -> list[dict[str, str]]:
    """What the touch says and nobody could read."""
    sender = arrival.sender
    points = (*sender.keys, *sender.contact_points)
    said = not_understood.of(
        arrival.touch.payload,
        signals=(*ledger.kit.signals, contact.UNSUBSCRIBED),
        phone_is_read=any(one.kind is KeyKind.PHONE for one in points),
        currency=settings.BASE_CURRENCY,
    )
    own = own_fields.unread(arrival.touch.payload.get("fields"), ledger.kit)
    every = (*said, *own, *arrival.remarks)
    return [{"field": one.field, "message": one.message, "code": one.code} for one in every]


def _owner_names(batch: Batch) -> dict[int, str]:
    owned = [(case.lead.owner_id, case.owner_name) for case in batch.cases]
    names = {owner: name for owner, name in owned if owner and name}
    ids = sorted({owner for owner, _ in owned if owner} - names.keys())
    users = reading.rows(User, "WHERE id = ANY(%s)", ids)
    reading.ask(*([users] if ids else []))
    return names | {user.pk: str(user) for user in users.found}
