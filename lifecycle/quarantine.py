"""Leads whose data is too thin to go on wait here, with a queue that answers for them and a clock.

No lead of somebody who asked for a person ever waits here; nor one that somebody owns already, or
that a person let pass. A lead leaves as soon as it lies above the floor, by whatever brought that
about, when a person lets it pass or takes it, and when its cycle ends.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from core import phrases
from core.errors import FieldError
from governance.moments import Moment
from leads import quality_floor
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from leads.quality_floor import Standing
from lifecycle import turns
from lifecycle.case import Case
from routing import services as routing
from routing.models import Pool
from routing.services import UnknownPool
from sla import selectors as clock_selectors
from sla import services as sla
from sla.clock import Fate

ABOVE, LET_PASS = "above the floor", "let pass"
"""Why most leads leave."""


def judge(
    case: Case,
    *,
    known: bool,
    ledger: Ledger,
    cause: LeadEvent | None,
    because: Mapping[str, Any],
) -> None:
    """Whether the lead has to wait for better data: it enters quarantine, stays, or leaves.

    Who is of a `known` account is handed to its keeper, however little is known of them.
    """
    lead = case.lead
    waits = lead.quarantined_at is not None
    allowed = turns.may_be_quarantined(
        lead.stage,
        asked=lead.hand_raised_at is not None,
        held=lead.owner_id is not None or (bool(lead.queue) and not waits),
        passed=lead.passed_at is not None,
    )
    if known or not allowed:
        if waits:
            why = "known account" if known else _why_not(lead)
            leave(case, ledger=ledger, why=why, cause=cause)
        return
    standing = stand(case, ledger)
    if standing.is_below and not waits:
        _enter(case, standing, ledger=ledger, cause=cause, because=because)
    elif waits and not standing.is_below:
        leave(case, ledger=ledger, why=ABOVE, cause=cause)


def is_over(
    case: Case,
    *,
    known: bool,
    ledger: Ledger,
    cause: LeadEvent | None,
    because: Mapping[str, Any],
) -> bool:
    """Whether a lead that may be in quarantine is not, or not any more, now that more is known.

    Knowing more puts nobody in; who has just come back past an exclusion may belong there.
    """
    if case.lead.quarantined_at is not None or case.let_in is not None:
        judge(case, known=known, ledger=ledger, cause=cause, because=because)
    return case.lead.quarantined_at is None


def stand(case: Case, ledger: Ledger) -> Standing:
    """Where the lead's record stands against the floors of the ledger's kit, as it is known now."""
    return quality_floor.decide(
        ledger.kit, lambda names: case.facts(ledger.kit, ledger.now, names=names)
    )


def remark(case: Case, ledger: Ledger) -> FieldError:
    """What whoever completed the record of a lead in quarantine should know."""
    if case.lead.quarantined_at is None:
        return FieldError("", "It is out of quarantine.", "cleansed")
    missed = [phrases.in_a_sentence(rule.label) for rule in stand(case, ledger).quality.missed]
    return FieldError("", f"Still waiting: {', '.join(missed)}.", "quarantined")


def leave(
    case: Case,
    *,
    ledger: Ledger,
    why: str,
    cause: LeadEvent | None = None,
    because: dict[str, Any] | None = None,
) -> LeadEvent:
    """The lead goes on: nothing is owed for its data any more, and no queue answers for it.

    What becomes of it next is decided by who calls this.
    """
    event = note_left(case.lead, ledger=ledger, why=why, cause=cause, because=because)
    case.happen(Moment.CLEANSED, event, ledger=ledger)
    _end_forgotten(case, event, why, ledger)
    routing.release(case.lead, ledger=ledger, held=case.held, why=why, cause=event)
    return event


def _end_forgotten(case: Case, event: LeadEvent, why: str, ledger: Ledger) -> None:
    """What quarantine began and a kit forgot to stop is not owed any more either."""
    proof = sla.Evidence(why, ledger.now, by_id=ledger.by_id)
    for clock in list(case.clocks):
        if Moment.QUARANTINED in clock_selectors.policy_of(clock).starts_on:
            sla.end(clock, Fate.CANCELLED, proof, ledger=ledger, event=event, lead=case.lead)
            case.clocks.remove(clock)
    sla.show_next_due(case.lead, case.clocks, ledger=ledger)


def note_left(
    lead: Lead,
    *,
    ledger: Ledger,
    why: str,
    cause: LeadEvent | None = None,
    because: dict[str, Any] | None = None,
) -> LeadEvent:
    """Only put down that quarantine is over; `since` lets it be taken back with its cause."""
    told = {"why": why, "since": _iso(lead.quarantined_at), **(because or {})}
    event = ledger.event(lead, EventKind.CLEANSED, because=told, cause=cause)
    lead.quarantined_at = None
    ledger.change(lead, "quarantined_at")
    return event


def put_back(
    case: Case, queue: str, since: dt.datetime, *, ledger: Ledger, cause: LeadEvent
) -> None:
    """What ended the quarantine was undone; who resumes the clocks is `undoing`."""
    lead = case.lead
    lead.quarantined_at = since
    lead.passed_at = None
    ledger.change(lead, "quarantined_at", "passed_at")
    event = ledger.event(lead, EventKind.QUARANTINED, because={"why": "undo"}, cause=cause)
    routing.enqueue(lead, queue, route_at=None, ledger=ledger, because={"why": "undo"}, cause=event)


def require_pools(leads: Iterable[Lead], *, ledger: Ledger) -> None:
    """The pools that answer for what entered quarantine just now exist. Raises UnknownPool.

    One query, none where nothing entered.
    """
    named = {lead.queue for lead in leads if lead.quarantined_at == ledger.now}
    if not named:
        return
    known = set(Pool.objects.filter(key__in=named).values_list("key", flat=True))
    for pool in sorted(named - known):
        raise UnknownPool(f"A quality floor names the pool “{pool}”, which is not there.")


def _enter(
    case: Case,
    standing: Standing,
    *,
    ledger: Ledger,
    cause: LeadEvent | None,
    because: Mapping[str, Any],
) -> None:
    lead, floor = case.lead, standing.floor
    if floor is None:
        raise ValueError("a record without a floor lies above it")
    event = ledger.event(
        lead, EventKind.QUARANTINED, because={**standing.as_data(), **because}, cause=cause
    )
    lead.quarantined_at = ledger.now
    ledger.change(lead, "quarantined_at")
    routing.enqueue(
        lead,
        floor.pool,
        route_at=None,
        ledger=ledger,
        because={"why": "its data lies below the floor", "floor": floor.key},
        cause=event,
    )
    case.happen(Moment.QUARANTINED, event, ledger=ledger)


def _why_not(lead: Lead) -> str:
    if lead.hand_raised_at is not None:
        return "asked for a person"
    return LET_PASS if lead.passed_at is not None else "went on"


def _iso(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None
