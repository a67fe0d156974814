"""Handing over what a realignment touches: each as it stands once it is locked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from django.db import models

from leads import overwriting
from leads.ledger import Ledger
from leads.models import Account, Lead, Opportunity
from leads.overwriting import Source
from leads.stages import CLOSED
from lifecycle import causes, deal_steps, gathering, ownership
from lifecycle.case import Case
from lifecycle.models import RealignedRow, Realignment
from people import holders
from routing import services as routing
from routing.models import Assignment
from sla import services as sla

Kind, State = RealignedRow.Kind, RealignedRow.State
M = TypeVar("M", bound=models.Model)
ELSEWHERE = "somebody else had it by then"
GONE = "it is not there any more"
CLOSED_BY_THEN = "it was closed by then"
NOT_THERE = "the new holder is not active"


def hand_over(act: Realignment, rows: Sequence[RealignedRow], ledger: Ledger) -> None:
    """Hand these rows over in memory, and say of each what became of it.

    Locks accounts, leads, then opportunities, each sorted. Fixed queries for any number.
    """
    accounts, cases, deals = lock(rows)
    there = active({row.to_user_id for row in rows})
    for row in rows:
        if row.to_user_id is not None and row.to_user_id not in there:
            stay(row, NOT_THERE)
        elif row.kind == Kind.LEAD:
            _lead(act, row, cases.get(row.number), ledger)
        elif row.kind == Kind.ACCOUNT:
            _owned(row, accounts.get(row.number), ledger)
        else:
            _owned(row, deals.get(row.number), ledger)


def lock(
    rows: Sequence[RealignedRow],
) -> tuple[dict[int, Account], dict[int, Case], dict[int, Opportunity]]:
    """What the rows are about, by number, locked in the order of locks."""
    numbers: dict[str, list[int]] = {kind: [] for kind in Kind.values}
    for row in rows:
        numbers[row.kind].append(row.number)
    accounts = _locked(Account, numbers[Kind.ACCOUNT])
    leads = _locked(Lead, numbers[Kind.LEAD])
    deals = _locked(Opportunity, numbers[Kind.OPPORTUNITY])
    return accounts, gathering.open_cases(list(leads.values())), deals


def active(users: set[int | None]) -> set[int]:
    """Those of them who are active and work leads. One query."""
    known = holders.everybody().filter(pk__in=[one for one in users if one is not None])
    return set(known.values_list("pk", flat=True))


def stay(row: RealignedRow, why: str) -> None:
    """It stays where it is."""
    row.state, row.why = State.STAYED, why


def own(thing: Account | Opportunity, user_id: int, ledger: Ledger) -> None:
    """Give an account or opportunity another owner."""
    thing.owner_id = user_id
    ledger.change(thing, "owner")
    if isinstance(thing, Account):
        source = Source(overwriting.USER, 100, ledger.now)
        thing.provenance = overwriting.noted(thing.provenance, ["owner"], source)
        ledger.change(thing, "provenance")
    else:
        deal_steps.note(thing, deal_steps.Kind.OWNER, ledger=ledger)


def to_queue(case: Case, pool: str, ledger: Ledger, *, why: str, act: Realignment) -> None:
    """Let the lead wait in a pool's queue, for routing to find somebody at once."""
    routed = routing.enqueue(
        case.lead,
        pool,
        route_at=ledger.now,
        ledger=ledger,
        held=case.held,
        because={"why": why, "realignment": act.pk},
        ending=why,
    )
    case.held = None
    sla.hand_over(case.lead, case.clocks, ledger=ledger, event=routed.event)


def to_user(
    case: Case,
    user_id: int,
    ledger: Ledger,
    *,
    why: str,
    act: Realignment,
    resumes: Assignment | None = None,
) -> None:
    """Give the lead to somebody; `resumes` is their leg that goes on, if one does."""
    told = {"realignment": act.pk}
    ownership.hand_to(case, user_id, ledger=ledger, why=why, told=told, resumes=resumes)


def _lead(act: Realignment, row: RealignedRow, case: Case | None, ledger: Ledger) -> None:
    if case is None:
        return stay(row, GONE)
    lead = case.lead
    if lead.stage in CLOSED:
        return stay(row, CLOSED_BY_THEN)
    if (lead.owner_id, lead.queue) != (row.from_user_id, row.from_queue):
        return stay(row, ELSEWHERE)
    if lead.stage != row.stage:
        return stay(row, f"it moved on to {lead.stage} meanwhile")
    if row.to_user_id is not None:
        to_user(case, row.to_user_id, ledger, why=causes.REALIGNED, act=act)
    else:
        to_queue(case, row.to_pool, ledger, why=causes.REALIGNED, act=act)
    row.state, row.mark = State.MOVED, lead.version
    return None


def _owned(row: RealignedRow, thing: Account | Opportunity | None, ledger: Ledger) -> None:
    if thing is None:
        return stay(row, GONE)
    if isinstance(thing, Opportunity) and thing.status != Opportunity.Status.OPEN:
        return stay(row, CLOSED_BY_THEN)
    if thing.owner_id != row.from_user_id or row.to_user_id is None:
        return stay(row, ELSEWHERE)
    own(thing, row.to_user_id, ledger)
    row.state = State.MOVED
    return None


def _locked(model: type[M], ids: Sequence[int]) -> dict[int, M]:
    if not ids:
        return {}
    rows = model._default_manager.filter(pk__in=ids).order_by("pk")
    return {row.pk: row for row in rows.select_for_update(no_key=True)}
