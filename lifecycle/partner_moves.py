"""Registrations of an account that becomes a part of another: they go over with its leads.

Where both are registered at the same time, that of the account which stays is kept; the other
yields, and where both would be in force now people decide. Called by `taking_over`, under its
locks.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from leads.ledger import Ledger
from leads.models import Account, PartnerConflict, PartnerRegistration
from lifecycle import partner_conflicts

State = PartnerRegistration.State
BECAME_ONE = "Two accounts became one"
PARTED = "The accounts were parted again"

Row = PartnerRegistration


def take(account: Account, other: Account, ledger: Ledger) -> list[dict[str, Any]]:
    """Move them; returns what `give_back` needs. Nothing is asked twice where there are none."""
    coming = _rows(other)
    if not coming:
        return []
    before = [_as_data(row) for row in coming]
    standing = [one for one in _rows(account) if one.state not in Row.NEVER_HELD]
    yielding: list[tuple[Row, Row]] = []
    for row in coming:
        row.account = account
        ledger.change(row, "account")
        first = next((one for one in standing if _overlap(one, row)), None)
        if row.state in Row.NEVER_HELD:
            continue
        if row.partner_id == account.pk:
            _yield(row, ledger)
        elif first is None:
            standing.append(row)
        else:
            yielding.append((first, row))
    conflicts = [made for pair in yielding if (made := _yielded(*pair, ledger)) is not None]
    ledger.flush()
    partner_conflicts.open_new(conflicts, ledger)
    return before


def give_back(other: Account, before: Sequence[dict[str, Any]], ledger: Ledger) -> None:
    """Those that came over are of their account again, and in force as they were."""
    told = {one["id"]: one for one in before}
    rows = PartnerRegistration.objects.filter(pk__in=told).order_by("pk").select_for_update()
    for row in rows:
        row.account = other
        ledger.change(row, "account")
        if row.state == State.YIELDED and told[row.pk]["state"] != State.YIELDED:
            row.state, row.end_reason = told[row.pk]["state"], told[row.pk]["end_reason"]
            row.ended_at, row.ended_by_id = _end_of(told[row.pk])
            ledger.change(row, "state", "end_reason", "ended_at", "ended_by")
    moot = PartnerConflict.objects.filter(yielded__in=told, state=PartnerConflict.State.OPEN)
    for conflict in moot.order_by("pk").select_for_update():
        conflict.state, conflict.reason = PartnerConflict.State.DISMISSED, PARTED
        conflict.decided_by_id, conflict.decided_at = ledger.by_id, ledger.now
        ledger.change(conflict, "state", "reason", "decided_by", "decided_at")


def _rows(account: Account) -> list[Row]:
    rows = PartnerRegistration.objects.filter(account=account).select_related("partner")
    return list(rows.order_by("from_at", "pk").select_for_update(of=("self",)))


def _overlap(one: Row, other: Row) -> bool:
    return one.from_at < other.over_at and other.from_at < one.over_at


def _yield(row: Row, ledger: Ledger) -> None:
    row.state, row.end_reason = State.YIELDED, BECAME_ONE
    if row.ended_at is None:
        row.ended_at, row.ended_by_id = max(ledger.now, row.from_at), ledger.by_id
    ledger.change(row, "state", "end_reason", "ended_at", "ended_by")


def _yielded(first: Row, row: Row, ledger: Ledger) -> PartnerConflict | None:
    """It yields; the conflict to be decided, where both partners would have the company now."""
    both = all(one.state == State.ACTIVE and one.until_at > ledger.now for one in (first, row))
    _yield(row, ledger)
    if not both or first.partner_id == row.partner_id:
        return None
    return PartnerConflict(
        registration=first,
        claimant=row.partner,
        claimant_name=row.partner.called[:200],
        claimant_key=partner_conflicts.key_of(row.partner, ""),
        yielded=row,
        claim=row.note,
        claimed_by_id=ledger.by_id,
        opened_at=ledger.now,
    )


def _as_data(row: Row) -> dict[str, Any]:
    ended = row.ended_at.isoformat() if row.ended_at is not None else None
    return {
        "id": row.pk,
        "state": row.state,
        "end_reason": row.end_reason,
        "ended_at": ended,
        "ended_by": row.ended_by_id,
    }


def _end_of(told: dict[str, Any]) -> tuple[dt.datetime | None, int | None]:
    ended = told["ended_at"]
    return dt.datetime.fromisoformat(ended) if ended else None, told["ended_by"]
