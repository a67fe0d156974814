"""Writing down what happens to a clock, each time with the lead event of the same act."""

from __future__ import annotations

import datetime as dt
from typing import Any

from core import made
from leads.ledger import Ledger
from leads.models import LeadEvent
from sla.models import Clock, ClockEvent


def write(
    clock: Clock,
    kind: ClockEvent.Kind,
    at: dt.datetime,
    *,
    ledger: Ledger,
    event: LeadEvent,
    level: str = "",
    cause: str = "",
) -> ClockEvent:
    """One note, with who holds the clock and when it is due from here on."""
    note = made.row(
        ClockEvent,
        clock=clock,
        kind=kind,
        at=at,
        recorded_at=ledger.now,
        event=event,
        holder_id=clock.holder_id,
        due_at=clock.due_at,
        **pin_of(clock),
        level=level,
        cause=cause,
    )
    ledger.add(note)
    return note


def held(
    clock: Clock, kind: ClockEvent.Kind, at: dt.datetime, *, ledger: Ledger, event: LeadEvent
) -> None:
    """Note who holds it from here on. What the same act hands on again was never theirs."""
    last = clock.unwritten
    if last is not None and ledger.is_new(last) and kind == ClockEvent.Kind.HANDED:
        last.holder_id = clock.holder_id
        return
    clock.unwritten = write(clock, kind, at, ledger=ledger, event=event)


def join(clock: Clock, *, ledger: Ledger, event: LeadEvent) -> None:
    """Note that what this clock asks for is asked for once more; once for each event."""
    if clock.joined_by is not event:
        clock.joined_by = event
        write(clock, ClockEvent.Kind.JOINED, ledger.now, ledger=ledger, event=event)


def copy(note: ClockEvent, clock: Clock, *, ledger: Ledger, event: LeadEvent) -> None:
    """The same of the clock that runs on in the place of a void one."""
    ledger.add(
        made.row(
            ClockEvent,
            clock=clock,
            kind=note.kind,
            at=note.at,
            recorded_at=ledger.now,
            event=event,
            holder_id=note.holder_id,
            due_at=note.due_at,
            pin_id=note.pin_id,
            level=note.level,
            cause=note.cause,
        )
    )


def because(clock: Clock) -> dict[str, object]:
    """What the lead's event says of the clock."""
    return {
        "obligation": clock.obligation,
        "policy": clock.policy,
        "due_at": clock.due_at.isoformat(),
        "holder": clock.holder_id,
        "clock_kit": clock.kit_id,
    }


def pin_of(clock: Clock) -> dict[str, Any]:
    """The pin it has, which may not be written yet; the row is not read for it."""
    known = clock._state.fields_cache.get("pin")
    return {"pin_id": clock.pin_id} if known is None else {"pin": known}
