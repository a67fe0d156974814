"""Writes of routing: a lead gets an owner, waits in a queue, or is let go."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction

from core import errors, made
from core.errors import FieldError
from governance import selectors as kits
from leads.ledger import Ledger
from leads.models import EventKind, Lead, LeadEvent
from people.models import User
from routing import desk, memberships, records
from routing.desk import Desk
from routing.lending import Change
from routing.matching import Match
from routing.models import Assignment, CreditEntry, Decision, Pool, PoolMember, PoolSnapshot
from routing.strategies import Pick


class UnknownPool(errors.DomainError):
    """A part of the kit names a pool that does not exist."""

    code = "unknown_pool"


@dataclass(frozen=True, slots=True)
class Routed:
    """What became of a lead: its event, and the assignment when somebody took it."""

    event: LeadEvent
    assignment: Assignment | None
    decision: Decision | None


def record_decision(
    lead: Lead,
    match: Match,
    pick: Pick,
    *,
    facts: dict[str, Any],
    snapshot: PoolSnapshot | None,
    ledger: Ledger,
    moment: str,
    kit_id: int | None = None,
) -> Decision:
    """Keep everything the pick was made from, under the ledger's kit unless another is given."""
    decision = made.row(
        Decision,
        lead=lead,
        moment=moment,
        facts=facts,
        tried=[tried.as_data() for tried in match.tried],
        target=match.target,
        pool=match.pool,
        snapshot=snapshot,
        candidates=[one.as_data() for one in pick.considered],
        picked_id=pick.user,
        because=pick.because,
        seed=pick.seed,
        turn=pick.turn,
        place=pick.place,
        kit_id=kit_id or ledger.kit.id,
        at=ledger.now,
    )
    ledger.add(decision)
    return decision


def assign(
    lead: Lead,
    user_id: int,
    *,
    ledger: Ledger,
    pool: str = "",
    decision: Decision | None = None,
    held: Assignment | None = None,
    because: dict[str, Any] | None = None,
    cause: LeadEvent | None = None,
    at: dt.datetime | None = None,
    ending: str = "",
    resumes: Assignment | None = None,
) -> Routed:
    """Give the lead to a rep from now on; `held` is the open assignment it takes the place of,
    which ends for the reason `ending`.

    `at` tells of an owner since long ago, which is news to nobody. `resumes` is a leg of theirs
    that goes on, as what had ended it is taken back: in its pool, by its decision.
    """
    if resumes is not None:
        because = {**(because or {}), "resumes": resumes.pk}
    event = ledger.event(
        lead,
        EventKind.ASSIGNED,
        owner_id=user_id,
        because=because,
        cause=cause,
        at=at,
        quiet=at is not None,
    )
    if held is not None:
        _end(held, ending or "reassigned", event, ledger)
    assignment = made.row(
        Assignment,
        lead=lead,
        user_id=user_id,
        pool=pool,
        started_at=event.at,
        automatic=decision is not None,
        decision=decision,
        started_by_event=event,
    )
    if resumes is not None:
        # By a person: the leg it resumes is the one that counts as given by rule.
        assignment.pool, assignment.decision_id = resumes.pool, resumes.decision_id
    ledger.add(assignment)
    lead.owner_id = user_id
    lead.queue = ""
    lead.route_at = None
    lead.kept_for_id = None
    ledger.change(lead, "owner", "queue", "route_at", "kept_for")
    return Routed(event, assignment, decision)


def enqueue(
    lead: Lead,
    queue: str,
    *,
    route_at: dt.datetime | None,
    ledger: Ledger,
    kept_for: int | None = None,
    held: Assignment | None = None,
    decision: Decision | None = None,
    because: dict[str, Any] | None = None,
    cause: LeadEvent | None = None,
    ending: str = "",
) -> Routed:
    """Let the lead wait in a named queue until `route_at`, when routing tries again.

    None: routing never does; it waits for people. `kept_for` is whose it is then.
    """
    event = ledger.event(lead, EventKind.QUEUED, queue=queue, because=because, cause=cause)
    if held is not None:
        _end(held, ending or "queued", event, ledger)
    lead.owner_id = None
    lead.queue = queue
    lead.route_at = route_at
    lead.kept_for_id = kept_for
    ledger.change(lead, "owner", "queue", "route_at", "kept_for")
    return Routed(event, None, decision)


def release(
    lead: Lead,
    *,
    ledger: Ledger,
    held: Assignment | None,
    why: str,
    cause: LeadEvent | None = None,
    at: dt.datetime | None = None,
) -> LeadEvent | None:
    """Nobody answers for the lead any more: it rests or is closed. None if nobody did.

    `at` tells of an end long ago, which is news to nobody.
    """
    if held is None and not lead.queue:
        return None
    event = ledger.event(
        lead,
        EventKind.RELEASED,
        because={"why": why},
        cause=cause,
        at=at,
        quiet=at is not None,
    )
    if held is not None:
        _end(held, why, event, ledger)
    lead.owner_id = None
    lead.queue = ""
    lead.route_at = None
    lead.kept_for_id = None
    ledger.change(lead, "owner", "queue", "route_at", "kept_for")
    return event


def return_turn(
    decision: Decision, why: str, ledger: Ledger, *, counter: Desk | None = None
) -> bool:
    """Give back exactly what the pick of this decision cost, as if its turn had never been.

    Whoever was picked gets back what they paid, the others what they earned for it; the lead counts
    towards nobody's cap of a day, week or month. `why` is kept beside it, up to 40 characters.
    False where there is nothing to return: no turn was taken, or it was returned already.

    Locks the pool's reps and writes at once. Where the same transaction opens a desk besides, that
    desk is to know this pool, too, and is handed over as `counter`: locks are taken in one order.
    """
    return _rebook([decision], why, ledger, times=-1, counter=counter) > 0


def return_turns(decisions: Iterable[Decision], why: str, ledger: Ledger) -> None:
    """Give several turns back under one set of locks."""
    _rebook(decisions, why, ledger, times=-1)


def count_turns_again(
    decisions: Iterable[Decision], why: str, ledger: Ledger, *, counter: Desk | None = None
) -> None:
    """Several turns count after all, under one set of locks: those of `counter` where it is given,
    which knows their pools.
    """
    _rebook(decisions, why, ledger, times=1, counter=counter)


def count_turn_again(
    decision: Decision, why: str, ledger: Ledger, *, counter: Desk | None = None
) -> bool:
    """What gave the turn of this decision back was undone: it counts after all.

    False where it was not given back. Locks and writes as `return_turn` does.
    """
    return _rebook([decision], why, ledger, times=1, counter=counter) > 0


def _rebook(
    decisions: Iterable[Decision],
    why: str,
    ledger: Ledger,
    *,
    times: int,
    counter: Desk | None = None,
) -> int:
    """Book what picks changed once more, or (`times` -1) the other way round; how many there were.

    Without a `counter` it is written at once; what else stands in the caller's ledger is not.
    """
    taken = [one for one in decisions if one.turn is not None]
    if not taken:
        return 0
    open_desk, paper = counter, ledger
    if open_desk is None:
        open_desk = desk.open_for({one.pool for one in taken}, now=ledger.now)
        paper = Ledger(kit=ledger.kit, now=ledger.now, actor=ledger.actor, by_id=ledger.by_id)
    returned, before = _returned(taken), records.read_before(taken)
    turned = [
        one for one in taken if one.pool in open_desk.pools and (one.pk in returned) == (times > 0)
    ]
    for decision in turned:
        _book(decision, why, paper, times=times, counter=open_desk, before=before)
    if counter is None:
        paper.flush()
    return len(turned)


def _book(
    decision: Decision,
    why: str,
    ledger: Ledger,
    *,
    times: int,
    counter: Desk,
    before: records.Before,
) -> None:
    changed = records.changes(decision, before)
    counter.give_back(
        decision.pool,
        {decision.picked_id or 0: Change(0)}
        | {user: change.times(times) for user, change in changed.items()},
        decision=decision,
        by_id=ledger.by_id,
        note=why[:40],
        ledger=ledger,
        why=CreditEntry.Why.RETURNED if times < 0 else CreditEntry.Why.CORRECTED,
    )


def _returned(decisions: Sequence[Decision]) -> set[int]:
    """Those of them whose turns were given back, and do not count after all. One query."""
    entries = CreditEntry.objects.filter(decision__in=decisions).order_by("decision", "-turn")
    last = entries.distinct("decision").values_list("decision", "why")
    return {pk for pk, why in last if pk is not None and why == CreditEntry.Why.RETURNED}


def take_back_turns(
    *, again: Decision | None = None, back: Decision | None = None, ledger: Ledger
) -> None:
    """A step is taken back: the turn of `again` counts after all, that of `back` is given back.

    Under one set of locks; nothing where the turns stand so already.
    """
    taken = [one for one in (again, back) if one is not None and one.turn is not None]
    if not taken:
        return
    counter = desk.open_for({one.pool for one in taken}, now=ledger.now)
    if back is not None:
        return_turn(back, "undone", ledger, counter=counter)
    if again is not None:
        count_turn_again(again, "undone", ledger, counter=counter)


@transaction.atomic
def start_anew(pool: Pool, *, by: User, reason: str, now: dt.datetime) -> bool:
    """Nobody of the pool is owed a turn, or owes one, from now on; False where nobody was.

    For when a pool was shared in another way until now, which left credits far apart. Raises
    InvalidInput without a `reason`, which stands in the ledger.
    """
    if not reason.strip():
        message = "Say why all credits are set to nought: what is owed now is lost."
        raise errors.InvalidInput(message, errors=[FieldError("reason", message, "required")])
    ledger = Ledger(kit=kits.active_kit(), now=now, actor="user", by_id=by.pk)
    counter = desk.open_for([pool.key], now=now)
    rows = PoolMember.objects.filter(pool=pool).exclude(credit=0, lent=0)
    members = list(rows.order_by("user_id"))
    memberships.write(
        counter.pools[pool.key],
        [(one, Change(-one.credit, -one.lent)) for one in members],
        why=CreditEntry.Why.CORRECTED,
        ledger=ledger,
        by_id=by.pk,
        note=f"started anew: {reason.strip()}"[:200],
    )
    ledger.flush()
    return bool(members)


def _end(held: Assignment, why: str, event: LeadEvent, ledger: Ledger) -> None:
    held.ended_at = event.at
    held.end_reason = why
    held.ended_by_event = event
    ledger.change(held, "ended_at", "end_reason", "ended_by_event")
