"""Judging leads again when more is known of them: after an answer, an edit, a merge, a clearing.

The rules are those for whoever comes in. Whoever meets the criteria now becomes an MQL, and who
needs an owner gets one or waits in a queue. Nothing is taken from anybody.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from governance.kit import Kit
from governance.moments import Moment
from leads import evidence, qualification, services
from leads.ledger import Ledger
from leads.models import LeadEvent
from leads.qualification import Verdict
from leads.stages import Stage
from lifecycle import exclusions, keepers, ownership, quarantine, turns
from lifecycle.case import Case, criterion_facts


def reconsider(
    cases: Sequence[Case],
    *,
    ledger: Ledger,
    because: Mapping[str, Any] | None = None,
    causes: Mapping[int, LeadEvent] | None = None,
) -> tuple[Case, ...]:
    """Score, qualify and route these locked leads anew; returns those that became MQLs.

    `because` goes into the events beside the criteria; `causes` are the events, by lead, that this
    follows from. A lead that stays in quarantine, is kept out by an exclusion, or is of a company
    we must not deal with, is scored only. Who waits in a queue is matched again, who has an owner
    keeps them. A fixed number of queries; the caller flushes the ledger.
    """
    moved, seek = [], []
    keepers.find(cases)
    for case in cases:
        case.rescore(ledger.kit, ledger.now, ledger=ledger)
        cause = (causes or {}).get(case.lead.pk)
        qualified = _judge(case, ledger=ledger, because=because or {}, cause=cause)
        if qualified is None:
            continue
        if qualified:
            moved.append(case)
        if needs_owner(case) or case.lead.queue:
            seek.append(case)
    quarantine.require_pools((case.lead for case in cases), ledger=ledger)
    ownership.route(seek, ledger=ledger, causes=causes or {})
    for case in seek:
        case.rescore_if_moved(ledger.kit, ledger.now, ledger=ledger)
    return tuple(moved)


def _judge(
    case: Case, *, ledger: Ledger, because: Mapping[str, Any], cause: LeadEvent | None
) -> bool | None:
    """Whether the lead became an MQL; None where nothing else follows for it."""
    out = exclusions.keeps_out(case, ledger=ledger, because=because, cause=cause)
    if out or case.account_status in turns.UNWANTED:
        return None
    heard = exclusions.hears(case, ledger=ledger, cause=cause)
    known = turn(case, ledger.kit) is turns.Turn.KNOWN
    if not quarantine.is_over(case, known=known, ledger=ledger, because=because, cause=cause):
        return None
    if known:
        call_keeper(case, raised=heard is not None, ledger=ledger, cause=cause)
        return False
    qualified = qualify(case, ledger=ledger, because=because, cause=cause) is not None
    if heard is not None:
        case.happen(Moment.HAND_RAISED, heard, ledger=ledger)
    return qualified


def turn(case: Case, kit: Kit) -> turns.Turn:
    """What the company of a lead makes of a touch, where the lead stands now."""
    lead = case.lead
    return turns.of(kit, stage=lead.stage, channel=lead.channel, account_status=case.account_status)


def qualify(
    case: Case, *, ledger: Ledger, because: Mapping[str, Any], cause: LeadEvent | None
) -> LeadEvent | None:
    """Make an MQL of a lead that stands where criteria are judged and meets them."""
    verdict = _verdict(case, ledger)
    if verdict is None or not verdict.qualified:
        return None
    case.returned = case.lead.stage == Stage.NURTURE
    qualified = services.move(
        case.lead,
        "qualify",
        ledger=ledger,
        because={
            "criteria": verdict.as_data(),
            **_proof(case, verdict, ledger),
            **({"woken": case.woken} if case.woken else {}),
            **because,
        },
        cause=cause,
    )
    case.happen(Moment.QUALIFIED, qualified, ledger=ledger)
    if case.lead.owner_id:
        case.happen(Moment.ASSIGNED, qualified, ledger=ledger)
    return qualified


def call_keeper(case: Case, *, raised: bool, ledger: Ledger, cause: LeadEvent | None) -> None:
    """A known account: its keeper answers, or whoever holds the lead; else routing finds one.

    For who asked for a person, and who would be an MQL; all others are left alone.
    """
    lead, held = case.lead, case.is_held
    verdict = None if raised or held else _verdict(case, ledger)
    qualifies = verdict is not None and verdict.qualified
    if not turns.calls_keeper(lead.stage, raised=raised, held=held, qualifies=qualifies):
        return
    handed = None
    if not held and case.keeper is not None:
        handed = ownership.give_to_keeper(case, case.keeper, ledger=ledger, cause=cause)
    told = handed or cause
    if told is not None:
        case.happen(Moment.KNOWN_ACCOUNT, told, ledger=ledger)
    case.called = True


def needs_owner(case: Case) -> bool:
    """Whether somebody must answer for this lead and nobody does yet."""
    asked = case.lead.hand_raised_at is not None
    return turns.needs_owner(case.lead.stage, asked=asked or case.called, held=case.is_held)


def _proof(case: Case, verdict: Verdict, ledger: Ledger) -> dict[str, Any]:
    """For the event of an MQL: the signals that its criteria counted, by id; none, nothing."""
    since = _fresh_since(case)
    found = evidence.of(verdict, ledger.kit, case.buyer.seen, now=ledger.now, since=since)
    return {"signals": found} if found else {}


def _verdict(case: Case, ledger: Ledger) -> Verdict | None:
    """What the criteria of the kit say; None where they are not asked."""
    if case.lead.quarantined_at is not None or not turns.may_qualify(case.lead.stage):
        return None
    if case.lead.wake_on and not case.woken:
        case.woken = turns.woken_by(
            case.lead.wake_on,
            signals=case.buyer.signals,
            since=case.lead.entered_stage_at,
            band=case.lead.band,
            kit=ledger.kit,
        )
    names = criterion_facts(ledger.kit)
    known = case.facts(ledger.kit, ledger.now, since=_fresh_since(case), names=names)
    return qualification.decide(ledger.kit, known)


def _fresh_since(case: Case) -> dt.datetime | None:
    """From when on behaviour counts: of who is woken, all of it."""
    if case.woken:
        return None
    return turns.fresh_since(case.lead.stage, case.lead.entered_stage_at)
