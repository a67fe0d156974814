"""The path of a lead. Read it top to bottom; every name below is one import away.

    receive ─▶ touch committed (intake.py) ─▶ advance:
        gather   people by key, accounts, leads, signals, clocks        fixed number of queries
        decide   whose is it ─▶ enrich ─▶ score ─▶ exclude ─▶ qualify ─▶ match    pure, in order
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
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from governance import selectors as kits
from leads import enrichment, present, services
from leads.ledger import Ledger
from leads.models import EventKind, LeadEvent
from leads.partner_naming import Mention
from lifecycle import (
    batches,
    companies,
    contacting,
    gathering,
    hearing,
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
from lifecycle.hearing import Heard
from lifecycle.signalling import attaching, visitors


def advance(
    touch_ids: Iterable[int], *, now: dt.datetime | None = None, within: bool = False
) -> dict[int, dict[str, Any]]:
    """Take committed touches through the whole path; returns a receipt per advanced touch.

    `now` is the database clock read under lock, unless given. A batch that fails is halved until
    the touch at fault is alone; that one is parked with the error, the others go on.
    `within` a transaction of the caller, a lost race is raised (`batches.lost_a_race`).
    """
    return batches.advance(
        touch_ids,
        lambda ids: _advance_together(ids, now),
        park=lambda touch_id, error: parking.park(touch_id, error, now=now),
        within=within,
    )


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
    visitors.recognise(batch.arrivals)
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
        touched = _receive(arrival, batch.spare, ledger)
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


def _receive(arrival: Arrival, spare: Iterator[int], ledger: Ledger) -> LeadEvent:
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
            **attaching.because(arrival.waited),
        },
    )
    buyer = case.buyer
    buyer.touches += 1
    named_by = gathering.named_by(touch)
    if named_by.name:
        buyer.mentions[touch.pk] = Mention(touch.occurred_at, touch.pk, named_by)
    buyer.sayings.note(case.lead.pk, touch)
    named = arrival.company.account if arrival.company else None
    enrichment.apply(touch, buyer.person, buyer.account, case.lead, named=named, ledger=ledger)
    contacting.record(touch, buyer.person, ledger=ledger)
    did = enrichment.signals(touch, case.lead, ledger=ledger, ids=spare)
    case.add_signals([*did, *attaching.attach(arrival, ledger=ledger, ids=spare)])
    case.rescore(ledger.kit, ledger.now, ledger=ledger, quiet=touch.historical)
    return touched


def _judge(arrival: Arrival, touched: LeadEvent, ledger: Ledger) -> None:
    """Excluded, reopened, hand raised, quarantined, qualified or handed on: what the touch does."""
    case, touch = _case(arrival), arrival.touch
    if touch.historical:
        return
    heard = Heard(
        touch.occurred_at,
        touch.received_at,
        raised=enrichment.raises_hand(touch, ledger.kit)
        or attaching.raises_hand(arrival.waited, ledger.kit),
        word=_is_word(arrival),
        event=touched,
        because={"touch": touch.pk},
    )
    hearing.judge(case, heard, ledger=ledger)


def _is_word(arrival: Arrival) -> bool:
    """Whether the buyer is back by it."""
    touch = arrival.touch
    return turns.is_word(
        touch.channel,
        did=bool(touch.payload.get("signals")),
        at=touch.occurred_at,
        contacted_at=_case(arrival).contacted_at,
    )


def _present(batch: Batch) -> list[Case]:
    """The leads that somebody touched now, not long ago."""
    touched = {_case(one).lead.pk for one in batch.arrivals if not one.touch.historical}
    return [case for case in batch.cases if case.lead.pk in touched]


def _case(arrival: Arrival) -> Case:
    if arrival.case is None:
        raise LookupError(f"touch {arrival.touch.pk} was not given a case")
    return arrival.case
