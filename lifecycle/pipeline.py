"""The path of a lead. Read it top to bottom; every name below is one import away.

    receive ─▶ touch committed (intake.py) ─▶ advance:
        gather   people by key, accounts, leads, signals, clocks        fixed number of queries
        decide   whose is it ─▶ enrich ─▶ score ─▶ qualify ─▶ match     pure, in arrival order
        lock     the matched pools' reps, their load and credit
        decide   pick an owner ─▶ due times                             pure
        record   everything, in bulk, in the same transaction
    then people: accept │ reject │ mark as SQL │ convert │ win │ lose   actions.py
    and time:    warn │ breach ─▶ escalate │ decay ─▶ recycle           jobs.py

A batch of one is the web request; a batch of a thousand is the import. It is the same code, with
the same number of queries. What cannot be decided is parked with its reason, never lost.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import OperationalError, transaction

from core import database
from governance import selectors as kits
from governance.moments import Moment
from leads import enrichment, present, services
from leads.ledger import Ledger
from leads.models import EventKind, LeadEvent
from leads.partner_naming import Mention
from leads.stages import CLOSED
from lifecycle import (
    companies,
    contacting,
    gathering,
    identities,
    keepers,
    ownership,
    parking,
    partner_claims,
    quarantine,
    receipts,
    reconsidering,
    referring,
    retelling,
    suggesting,
    turns,
)
from lifecycle.case import Case
from lifecycle.enriching import queueing
from lifecycle.gathering import Arrival, Batch
from sla import services as sla
from sla.services import Came

TRIES = 3
"""How often a transaction that lost against another one is tried again."""


def advance(
    touch_ids: Iterable[int], *, now: dt.datetime | None = None, within: bool = False
) -> dict[int, dict[str, Any]]:
    """Take committed touches through the whole path; returns a receipt per advanced touch.

    `now` is the database clock read under lock, unless given. A batch that fails is halved until
    the touch at fault is alone; that one is parked with the error, the others go on.
    `within` a transaction of the caller, a lost race is raised (see `lost_a_race`): what that
    transaction has locked before stays locked, so only all of it can be tried again.
    """
    ids = sorted(set(touch_ids))
    if not ids:
        return {}
    try:
        return _advance_together(ids, now) if within else _advance_with_patience(ids, now)
    except Exception as error:
        if within and lost_a_race(error):
            raise
        if len(ids) == 1:
            parking.park(ids[0], error, now=now)
            return {}
    middle = len(ids) // 2
    halves = (ids[:middle], ids[middle:])
    first, second = (advance(half, now=now, within=within) for half in halves)
    return first | second


def lost_a_race(error: Exception) -> bool:
    """Whether others were in the way, so that the same transaction may succeed tried again."""
    if isinstance(error, OperationalError):
        return database.is_transient(error)
    return isinstance(error, identities.Contended | companies.Unsettled)


def _advance_with_patience(ids: list[int], now: dt.datetime | None) -> dict[int, dict[str, Any]]:
    for _ in range(TRIES - 1):
        try:
            return _advance_together(ids, now)
        except Exception as error:
            if not lost_a_race(error):
                raise
    return _advance_together(ids, now)


@transaction.atomic
def _advance_together(ids: list[int], now: dt.datetime | None) -> dict[int, dict[str, Any]]:
    kit = kits.active_kit()
    batch = gathering.gather(ids, kit=kit)
    known = {case.lead.pk for case in batch.cases if case.lead.pk is not None}
    ledger = Ledger(kit=kit, now=now or present.of(known), actor="pipeline")
    told = judge(batch, ledger)
    retelling.retell(told, ledger=ledger)
    quarantine.require_pools((case.lead for case in batch.cases), ledger=ledger)
    ownership.route(
        [case for case in batch.cases if reconsidering.needs_owner(case)], ledger=ledger
    )
    partner_claims.record(batch.arrivals, ledger=ledger)
    for case in batch.cases:
        case.rescore_if_moved(kit, ledger.now, ledger=ledger)
    suggesting.record(batch.arrivals, known=batch.known, ledger=ledger)
    queueing.queue(_present(batch), providers_in_use=batch.providers, ledger=ledger)
    referring.record(batch.arrivals, now=ledger.now)
    written = receipts.write(batch, ledger=ledger)
    ledger.flush()
    return written


def judge(batch: Batch, ledger: Ledger) -> list[tuple[Arrival, LeadEvent]]:
    """What each arrival makes of its lead, short of routing it: in memory and in the ledger only.

    Returns each with the event of its touch.
    """
    _begin(batch, ledger)
    keepers.find(batch.cases)
    told = []
    for arrival in batch.arrivals:
        touched = _receive(arrival, ledger)
        _judge(arrival, touched, ledger)
        told.append((arrival, touched))
    return told


def _begin(batch: Batch, ledger: Ledger) -> None:
    """New people, accounts and leads enter the books; a lead begins as INQUIRY."""
    for person in batch.fresh_people:
        ledger.add(person)
    for account in batch.fresh_accounts:
        ledger.add(account, written=True)
    for account in batch.learnt_accounts:
        ledger.change(account, "domain", "country")
    came_at = receipts.origins(batch, now=ledger.now)
    for lead in batch.fresh_leads:
        lead.entered_stage_at = lead.created_at = came_at[lead.pk]
        services.begin(lead, ledger=ledger, because={"channel": lead.channel}, at=lead.created_at)


def _receive(arrival: Arrival, ledger: Ledger) -> LeadEvent:
    """The touch joins its lead: behaviour is added, missing fields are filled in."""
    case, touch = _case(arrival), arrival.touch
    touched = ledger.event(
        case.lead,
        EventKind.TOUCHED,
        because={
            "touch": touch.pk,
            "channel": touch.channel,
            "identity": receipts.identity(arrival),
            "company": companies.because(arrival.company),
            **keepers.because(case),
        },
    )
    buyer = case.buyer
    buyer.touches += 1
    named_by = gathering.named_by(touch)
    if named_by.name:
        buyer.mentions[touch.pk] = Mention(touch.occurred_at, touch.pk, named_by)
    named = arrival.company.account if arrival.company else None
    enrichment.apply(touch, buyer.person, buyer.account, case.lead, named=named, ledger=ledger)
    contacting.record(touch, buyer.person, ledger=ledger)
    case.add_signals(enrichment.signals(touch, case.lead, ledger=ledger))
    case.rescore(ledger.kit, ledger.now, ledger=ledger, quiet=touch.historical)
    return touched


def _judge(arrival: Arrival, touched: LeadEvent, ledger: Ledger) -> None:
    """Reopened, hand raised, quarantined, qualified or handed on: what this touch makes of it."""
    case = _case(arrival)
    if arrival.touch.historical or case.account_status in turns.UNWANTED:
        return
    if _is_word(arrival):
        sla.heard(case.lead, case.clocks, ledger=ledger, event=touched)
    raised = enrichment.raises_hand(arrival.touch, ledger.kit)
    because = {"touch": arrival.touch.pk}
    case.came = case.came or Came(arrival.touch.occurred_at, arrival.touch.received_at)
    if raised and turns.may_reopen(case.lead.stage, case.account_status):
        reopened = services.move(case.lead, "reopen", ledger=ledger, because=because, cause=touched)
        case.happen(Moment.REOPENED, reopened, ledger=ledger)
    if raised and case.lead.stage not in CLOSED and case.lead.hand_raised_at is None:
        case.lead.hand_raised_at = ledger.now
        ledger.change(case.lead, "hand_raised_at")
    known = reconsidering.turn(case, ledger.kit) is turns.Turn.KNOWN
    quarantine.judge(case, known=known, ledger=ledger, because=because, cause=touched)
    if known:
        reconsidering.call_keeper(case, raised=raised, ledger=ledger, cause=touched)
        _ask_again(arrival, touched, ledger)
        return
    reconsidering.qualify(case, ledger=ledger, because=because, cause=touched)
    _ask_again(arrival, touched, ledger)
    if raised and case.lead.stage not in CLOSED:
        case.happen(Moment.HAND_RAISED, touched, ledger=ledger)


def _is_word(arrival: Arrival) -> bool:
    """Whether the buyer is back by it."""
    touch = arrival.touch
    return turns.is_word(
        touch.channel,
        did=bool(touch.payload.get("signals")),
        at=touch.occurred_at,
        contacted_at=_case(arrival).contacted_at,
    )


def _ask_again(arrival: Arrival, touched: LeadEvent, ledger: Ledger) -> None:
    """Whoever owns the lead had written or called, and the buyer comes back to it."""
    case, touch = _case(arrival), arrival.touch
    again = turns.asks_again(
        touch.channel,
        stage=case.lead.stage,
        at=touch.occurred_at,
        contacted_at=case.contacted_at,
        did=bool(touch.payload.get("signals")),
    )
    if again and case.lead.owner_id is not None:
        case.happen(Moment.TOUCHED, touched, ledger=ledger)


def _present(batch: Batch) -> list[Case]:
    """The leads that somebody touched now, not long ago."""
    touched = {_case(one).lead.pk for one in batch.arrivals if not one.touch.historical}
    return [case for case in batch.cases if case.lead.pk in touched]


def _case(arrival: Arrival) -> Case:
    if arrival.case is None:
        raise LookupError(f"touch {arrival.touch.pk} was not given a case")
    return arrival.case
