"""Taking a realignment back: territories from today on, and all on which nothing followed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.db.models import Q

from core import database, errors
from leads.ledger import Ledger
from leads.models import Account, EventKind, LeadEvent, Opportunity
from lifecycle import causes
from lifecycle.case import Case
from lifecycle.models import RealignedRow, Realignment
from lifecycle.realigning import charting, handing, planning
from people.models import User
from routing import services as routing
from routing.models import Assignment

State, RowState, Kind = Realignment.State, RealignedRow.State, RealignedRow.Kind
BY_THE_CLOCK = (
    EventKind.WARNED, EventKind.BREACHED, EventKind.ESCALATED, EventKind.RESUMED, EventKind.MOVED,
    EventKind.CROSSED,
)  # fmt: skip
BY_ROUTING = (EventKind.ASSIGNED, EventKind.QUEUED)
FOLLOWED = "somebody acted on it since"
NOT_THERE = "who had it is not active any more"
OVER = (State.DONE, State.CANCELLED)


@transaction.atomic
def begin(act_id: int, *, by: User, now: dt.datetime | None = None) -> Realignment:
    """Take it back: the territories now, the rest in batches by the job.

    Raises TooLate where it is not over, or was undone already, or never did anything.
    """
    act = planning.locked(act_id, by)
    if act.state not in OVER:
        raise errors.TooLate("It is not over, or was undone already.")
    if act.started_at is None:
        raise errors.TooLate("It was called off before its day: there is nothing to undo.")
    at = now or database.now()
    act.kept = charting.take_back(act, by=by, day=planning.today(at), reason="Undone")
    act.state, act.finished_at, act.ended_by = State.UNDOING, None, by
    act.save(update_fields=["kept", "state", "finished_at", "ended_by"])
    return act


def give_back(act: Realignment, rows: Sequence[RealignedRow], ledger: Ledger) -> None:
    """Give these rows back in memory, those on which nothing followed; say of each which."""
    accounts, cases, deals = handing.lock(rows)
    there = handing.active({row.from_user_id for row in rows})
    followed = _followed(rows)
    going: list[tuple[RealignedRow, Case]] = []
    for row in rows:
        if row.from_user_id is not None and row.from_user_id not in there:
            _leave(row, NOT_THERE)
        elif row.kind == Kind.LEAD:
            case = cases.get(row.number)
            if case is None or row.number in followed:
                _leave(row, handing.GONE if case is None else FOLLOWED)
            else:
                going.append((row, case))
        else:
            shelf = accounts if row.kind == Kind.ACCOUNT else deals
            _owned(row, shelf.get(row.number), ledger)
    taken = [case.held.decision for _, case in going if case.held and case.held.decision]
    routing.return_turns(taken, causes.UNDO, ledger)
    legs = _legs(act, [case.lead.pk for _, case in going])
    for row, case in going:
        if row.from_user_id is not None:
            leg = legs.get(case.lead.pk)
            handing.to_user(case, row.from_user_id, ledger, why=causes.UNDO, act=act, resumes=leg)
        else:
            handing.to_queue(case, row.from_queue, ledger, why=causes.UNDO, act=act)
        row.state = RowState.BACK


def _legs(act: Realignment, leads: Sequence[int]) -> dict[int, Assignment]:
    """By lead the leg that the realignment ended. One query."""
    ended = Assignment.objects.filter(
        lead__in=leads, end_reason=causes.REALIGNED, ended_by_event__because__realignment=act.pk
    )
    return {leg.lead_id: leg for leg in ended}


def _owned(row: RealignedRow, thing: object, ledger: Ledger) -> None:
    if not isinstance(thing, Account | Opportunity):
        return _leave(row, handing.GONE)
    closed = isinstance(thing, Opportunity) and thing.status != Opportunity.Status.OPEN
    if closed or thing.owner_id != row.to_user_id or row.from_user_id is None:
        return _leave(row, FOLLOWED)
    handing.own(thing, row.from_user_id, ledger)
    row.state = RowState.BACK
    return None


def _leave(row: RealignedRow, why: str) -> None:
    row.state, row.why = RowState.LEFT, why


def _followed(rows: Sequence[RealignedRow]) -> set[int]:
    """Leads that somebody acted on since; time going on, and routing of a queue, do not count."""
    marks: Mapping[int, int] = {
        row.number: row.mark for row in rows if row.kind == Kind.LEAD and row.mark is not None
    }
    if not marks:
        return set()
    later = LeadEvent.objects.filter(lead__in=marks, sequence__gt=min(marks.values()))
    later = later.exclude(kind__in=BY_THE_CLOCK)
    later = later.exclude(Q(kind__in=BY_ROUTING, by__isnull=True, actor="route_waiting"))
    found = later.values_list("lead", "sequence")
    return {lead for lead, sequence in found if sequence > marks[lead]}
