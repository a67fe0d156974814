"""Giving leads their owner, or a queue to wait in, with the clocks that hang on it."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence

from governance import facts
from governance.moments import Moment
from leads.ledger import Ledger
from leads.models import LeadEvent
from leads.stages import Stage
from lifecycle import quarantine
from lifecycle.case import Case
from routing import desk, matching, rules
from routing import services as routing
from routing.desk import Desk
from routing.matching import Match
from routing.strategies import Pick
from sla import services as sla

INBOUND = "INBOUND"
KNOWN_ACCOUNT = "known account"
"""Why a lead is handed to who keeps its account."""


def route(cases: Sequence[Case], *, ledger: Ledger, without: int | None = None) -> None:
    """Find an owner for each of these locked leads, in order; who finds none waits in the pool.

    A fixed number of queries for all of them together. `without` names a rep to leave out.
    """
    if not cases:
        return
    matches = []
    for case in cases:
        known = case.facts(ledger.kit, ledger.now)
        match = matching.decide(rules.of_kit(ledger.kit), known, moment=INBOUND)
        matches.append((case, match, known))
    counter = desk.open_for({match.pool for _, match, _ in matches}, now=ledger.now)
    for case, match, known in matches:
        _give(case, match, known, counter, ledger, without)


def hand_to(
    case: Case,
    user_id: int,
    *,
    ledger: Ledger,
    why: str,
    note: int | None = None,
    cause: LeadEvent | None = None,
) -> LeadEvent:
    """A person gives the lead to a rep (or takes it): recorded with the reason they gave."""
    if case.lead.quarantined_at is not None:
        quarantine.leave(case, ledger=ledger, why=why, cause=cause)
    first = case.lead.owner_id is None
    routed = routing.assign(
        case.lead,
        user_id,
        ledger=ledger,
        held=case.held,
        because={"why": why, "note": note},
        cause=cause,
    )
    case.held = routed.assignment
    # First what the hand-over itself ends: it was never the new owner's.
    case.happen(Moment.ASSIGNED if first else Moment.REASSIGNED, routed.event, ledger=ledger)
    sla.hand_over(case.lead, case.clocks, ledger=ledger)
    return routed.event


def give_to_keeper(
    case: Case, user_id: int, *, ledger: Ledger, cause: LeadEvent | None = None
) -> LeadEvent:
    """Hand a lead of a known account to who keeps the account, whatever their load.

    Only an MQL is owed what follows an assignment; the others are owed the answer itself.
    """
    routed = routing.assign(
        case.lead,
        user_id,
        ledger=ledger,
        held=case.held,
        because={"why": KNOWN_ACCOUNT, "account": case.lead.account_id},
        cause=cause,
    )
    case.held = routed.assignment
    if case.lead.stage == Stage.MQL:
        case.happen(Moment.ASSIGNED, routed.event, ledger=ledger)
    sla.hand_over(case.lead, case.clocks, ledger=ledger)
    return routed.event


def let_go(case: Case, *, ledger: Ledger, why: str, cause: LeadEvent) -> None:
    """The lead rests or is closed: nobody holds it, no request is open, nothing is owed."""
    if case.lead.quarantined_at is not None:
        quarantine.note_left(case.lead, ledger=ledger, why=why, cause=cause)
    sla.cancel_all(case.lead, case.clocks, ledger=ledger, event=cause, why=why)
    routing.release(case.lead, ledger=ledger, held=case.held, why=why, cause=cause)
    case.held = None
    if case.lead.hand_raised_at is not None:
        case.lead.hand_raised_at = None
        ledger.change(case.lead, "hand_raised_at")


def _give(
    case: Case,
    match: Match,
    known: dict[str, object],
    counter: Desk,
    ledger: Ledger,
    without: int | None,
) -> None:
    if match.pool not in counter.pools:
        raise routing.UnknownPool(
            f"Rule “{match.label}” names the pool “{match.pool}”, which is not there."
        )
    pick, route_at, kept_for = _picked(case, match, known, counter, ledger, without)
    if pick.user is None and case.lead.queue == match.pool:
        case.lead.route_at, case.lead.kept_for_id = route_at, kept_for
        ledger.change(case.lead, "route_at", "kept_for")
        return
    decision = routing.record_decision(
        case.lead,
        match,
        pick,
        facts=facts.registry.to_document(known),
        snapshot=counter.snapshot(match.pool, ledger=ledger),
        ledger=ledger,
        moment=INBOUND,
    )
    because = {"rule": match.rule, "pool": match.pool, "why": pick.because}
    first = case.lead.owner_id is None
    if pick.user is None:
        routing.enqueue(
            case.lead,
            match.pool,
            route_at=route_at,
            kept_for=kept_for,
            ledger=ledger,
            held=case.held,
            decision=decision,
            because=because,
        )
        case.held = None
        sla.hand_over(case.lead, case.clocks, ledger=ledger)
        return
    routed = routing.assign(
        case.lead,
        pick.user,
        ledger=ledger,
        pool=match.pool,
        decision=decision,
        held=case.held,
        because=because,
    )
    case.held, case.owner_name = routed.assignment, counter.names[pick.user]
    moment = Moment.ASSIGNED if first else Moment.REASSIGNED
    case.happen(moment, routed.event, ledger=ledger)
    sla.hand_over(case.lead, case.clocks, ledger=ledger)


def _picked(
    case: Case,
    match: Match,
    known: dict[str, object],
    counter: Desk,
    ledger: Ledger,
    without: int | None,
) -> tuple[Pick, dt.datetime | None, int | None]:
    """Who gets the lead; if nobody, when it is looked at again and for whom it is kept."""
    kept_for = case.lead.kept_for_id if case.lead.queue == match.pool else None
    pick = counter.pick(
        match.pool,
        ledger=ledger,
        lead_id=case.lead.pk,
        known=known,
        without=without,
        kept_for=kept_for,
    )
    if pick.user is not None:
        return pick, None, None
    route_at, owed_to = counter.wait(match.pool)
    if owed_to is not None:
        told = f"nobody works now: kept for {counter.names[owed_to]} until they start"
        pick = dataclasses.replace(pick, because=told)
    return pick, route_at, owed_to
