"""Giving leads their owner, or a queue to wait in, with the clocks that hang on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

from governance.moments import Moment
from leads.ledger import Ledger
from leads.models import LeadEvent
from leads.stages import Stage
from lifecycle import causes, dealing, quarantine
from lifecycle.case import Case
from lifecycle.dealing import FIRST, Again, Given
from routing import rules
from routing import selectors as routing_selectors
from routing import services as routing
from routing.models import Assignment, Decision
from sla import services as sla

INBOUND = rules.INBOUND
KNOWN_ACCOUNT = causes.KNOWN_ACCOUNT
"""Why a lead is handed to who keeps its account."""


def again(
    cases: Sequence[Case], *, why: str, returning: Sequence[Decision] = (), **told: Any
) -> Again:
    """These locked leads are to be given anew. One query."""
    return Again(why, routing_selectors.holders(case.lead.pk for case in cases), told, returning)


def route(
    cases: Sequence[Case],
    *,
    ledger: Ledger,
    again: Again = FIRST,
    moment: str = "",
    cause: LeadEvent | None = None,
    causes: Mapping[int, LeadEvent] = MappingProxyType({}),
    locked: bool = True,
) -> list[Given]:
    """Find an owner for each of these locked leads, in order; who finds none waits in the pool.

    A fixed number of queries for all of them together. `again` says who had them, `moment` the
    one whose rules are tried, where the leads themselves do not say; `cause` is the event all of it
    follows from, `causes` are those by lead. Not `locked`, it tells where they would go: the ledger
    may not be written.
    """
    if not cases:
        return []
    dealt = dealing.begin(cases, ledger=ledger, again=again, moment=moment, locked=locked)
    return [dealt.give(case.lead.pk, again, causes.get(case.lead.pk, cause)) for case in cases]


def hand_to(
    case: Case,
    user_id: int,
    *,
    ledger: Ledger,
    why: str,
    note: int | None = None,
    cause: LeadEvent | None = None,
    told: Mapping[str, Any] | None = None,
    resumes: Assignment | None = None,
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
        because={"why": why, "note": note, **(told or {})},
        cause=cause,
        ending=why,
        resumes=resumes,
    )
    case.held = routed.assignment
    # First what the hand-over itself ends: it was never the new owner's.
    case.happen(Moment.ASSIGNED if first else Moment.REASSIGNED, routed.event, ledger=ledger)
    sla.hand_over(case.lead, case.clocks, ledger=ledger, event=routed.event)
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
    sla.hand_over(case.lead, case.clocks, ledger=ledger, event=routed.event)
    return routed.event


def let_go(case: Case, *, ledger: Ledger, why: str, cause: LeadEvent) -> None:
    """The lead rests or is closed: nobody holds it, no request is open, nothing is owed."""
    if case.lead.quarantined_at is not None:
        quarantine.note_left(case.lead, ledger=ledger, why=why, cause=cause)
    sla.cancel_all(case.lead, case.clocks, ledger=ledger, event=cause, why=why)
    routing.release(case.lead, ledger=ledger, held=case.held, why=why, cause=cause)
    case.held = None
    if case.lead.next_step_at is not None:
        case.lead.next_step_at, case.lead.next_step_kind = None, ""
        ledger.change(case.lead, "next_step_at", "next_step_kind")
    if case.lead.hand_raised_at is not None:
        case.lead.hand_raised_at = None
        ledger.change(case.lead, "hand_raised_at")
