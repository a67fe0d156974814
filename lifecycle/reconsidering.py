"""Judging leads again when more is known of them: after an answer, an edit, a merge, a clearing.

The rules are those for whoever comes in. Whoever meets the criteria now becomes an MQL, and who
needs an owner gets one or waits in a queue. Nothing is taken from anybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from governance.moments import Moment
from leads import qualification, services
from leads.ledger import Ledger
from leads.models import LeadEvent
from lifecycle import ownership, turns
from lifecycle.case import Case


def reconsider(
    cases: Sequence[Case],
    *,
    ledger: Ledger,
    because: Mapping[str, Any] | None = None,
    causes: Mapping[int, LeadEvent] | None = None,
) -> tuple[Case, ...]:
    """Score, qualify and route these locked leads anew; returns those that became MQLs.

    `because` goes into the events beside the criteria; `causes` are the events, by lead, that this
    follows from. A lead in quarantine is scored only. Who waits in a queue is matched again, who
    has an owner keeps them. A fixed number of queries; the caller flushes the ledger.
    """
    moved, seek = [], []
    for case in cases:
        case.rescore(ledger.kit, ledger.now, ledger=ledger)
        if case.lead.quarantined_at is not None:
            continue
        cause = (causes or {}).get(case.lead.pk)
        if qualify(case, ledger=ledger, because=because or {}, cause=cause) is not None:
            moved.append(case)
        if needs_owner(case) or case.lead.queue:
            seek.append(case)
    ownership.route(seek, ledger=ledger)
    for case in seek:
        case.rescore_if_moved(ledger.kit, ledger.now, ledger=ledger)
    return tuple(moved)


def qualify(
    case: Case, *, ledger: Ledger, because: Mapping[str, Any], cause: LeadEvent | None
) -> LeadEvent | None:
    """Make an MQL of a lead that stands where criteria are judged and meets them."""
    if not turns.may_qualify(case.lead.stage):
        return None
    fresh_since = turns.fresh_since(case.lead.stage, case.lead.entered_stage_at)
    verdict = qualification.decide(
        ledger.kit, case.facts(ledger.kit, ledger.now, since=fresh_since)
    )
    if not verdict.qualified:
        return None
    qualified = services.move(
        case.lead,
        "qualify",
        ledger=ledger,
        because={"criteria": verdict.as_data(), **because},
        cause=cause,
    )
    case.happen(Moment.QUALIFIED, qualified, ledger=ledger)
    if case.lead.owner_id:
        case.happen(Moment.ASSIGNED, qualified, ledger=ledger)
    return qualified


def needs_owner(case: Case) -> bool:
    """Whether somebody must answer for this lead and nobody does yet."""
    held = case.lead.owner_id is not None or bool(case.lead.queue)
    return turns.needs_owner(case.lead.stage, asked=case.lead.hand_raised_at is not None, held=held)
