"""Many leads go to somebody else in one act: previewed, recorded, in chunks, to be undone.

A chunk is one transaction that hands on its leads and moves the record on, so whatever is killed
on the way goes on where it stopped. Every lead leaves a line: where it went, or why it stayed.
The preview is the same work, read without locks and never written.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.models import Count, Q

from core import database, errors, queue
from core.errors import DomainError
from governance import selectors as kits
from leads import cleansing, present
from leads.ledger import Ledger
from leads.models import Lead, LeadEvent
from lifecycle import (
    dealing,
    gathering,
    handing_rights,
    long_acts,
    ownership,
    reasons,
    taking_leads_back,
)
from lifecycle.case import Case
from lifecycle.handing_rows import NOT_YOURS, REASSIGNED, Want, stays, told_of
from lifecycle.models import HandedLead, Reassignment
from people import holders, teams
from people.models import User
from routing.models import Override, Pool

State, Way = Reassignment.State, Reassignment.Way
OPEN = long_acts.OPEN
JOB = "lifecycle.bulk_handing.resume"
CHUNK = 100
AT_ONCE = 200
"""More than this is left to the worker."""
MOST = 10_000
PREVIEWED = 500
"""So many leads a preview deals; of more it tells of these."""
LONGEST_REASON = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """How many would go to whom, by user and by queue, and how many stay, by why."""

    total: int
    looked_at: int
    users: Counter[int]
    queues: Counter[str]
    stays: Counter[str]


def preview(leads: Collection[int], want: Want, *, by: User, now: dt.datetime) -> Preview:
    """Where these leads would go now. Raises as `submit`, but asks for no reason."""
    reach = handing_rights.reach(by)
    chosen = _chosen(leads)
    _require(want)
    some = chosen[:PREVIEWED]
    rows = list(Lead.objects.filter(reach.of_or_unowned(), pk__in=some).order_by("pk"))
    ledger = Ledger(kit=kits.active_kit(), now=now, actor="user", by_id=by.pk)
    done = _hand(rows, want, ledger, act=None, locked=False)
    why = Counter(one.stayed for one in done if one.stayed)
    why[NOT_YOURS] += len(some) - len(rows)
    moved = [one for one in done if not one.stayed]
    return Preview(
        len(chosen),
        len(some),
        Counter(one.to_user_id for one in moved if one.to_user_id is not None),
        Counter(one.to_queue for one in moved if one.to_queue),
        +why,
    )


def submit(
    leads: Collection[int],
    want: Want,
    *,
    by: User,
    reason: str,
    counts_as: str = "OTHER",
    now: dt.datetime | None = None,
) -> Reassignment:
    """Record the act and do it: at once when it is small, by the worker when it is not.

    Raises NotAllowed for who may not, InvalidInput without leads, a reason, or somebody to take
    them.
    """
    handing_rights.reach(by)
    _require(want)
    if not reason.strip():
        raise reasons.missing("reason", "Say why, in a few words: the new owners will read it.")
    if counts_as not in Override.Why.values:
        raise reasons.missing("why", f"Choose one of: {', '.join(Override.Why.values)}.")
    chosen = _chosen(leads)
    act = Reassignment.objects.create(
        way=want.way,
        to_id=want.to,
        pool=want.pool,
        by=by,
        reason=cleansing.clean_text(reason, LONGEST_REASON, field="reason"),
        counts_as=counts_as,
        selection=chosen,
        total=len(chosen),
        requested_at=now or database.now(),
    )
    return begin(act, now=now)


def begin(act: Reassignment, *, now: dt.datetime | None) -> Reassignment:
    """Work on it here, or leave it to the worker."""
    if act.total > AT_ONCE:
        queue.enqueue(JOB, act.pk)
        return act
    return run(act.pk, now=now)


def resume(act_id: int, *, now: dt.datetime | None = None) -> None:
    """Work on at an act that was left to the worker. Called by the queue."""
    run(act_id, now=now)


def run(act_id: int, *, now: dt.datetime | None = None) -> Reassignment:
    """Work on until all is done or somebody cancels it, or hand on to a new job after a minute."""
    return long_acts.work_on(
        Reassignment,
        act_id,
        job=JOB,
        chunk=CHUNK,
        step=lambda places: _step(act_id, places, now),
        park=lambda place, error: _pass_over(act_id, place, error),
        now=now,
    )


@transaction.atomic
def cancel(act_id: int, *, by: User, now: dt.datetime | None = None) -> Reassignment:
    """Leave the rest as it is. What went on already stays there until it is undone."""
    act = Reassignment.objects.select_for_update(no_key=True).get(pk=seen(act_id, by).pk)
    if act.state not in OPEN:
        raise errors.TooLate("It is over already; undo it instead.")
    act.state, act.finished_at = State.CANCELLED, now or database.now()
    act.save(update_fields=["state", "finished_at"])
    return act


@transaction.atomic
def undo(act_id: int, *, by: User, now: dt.datetime | None = None) -> Reassignment:
    """Give back every lead of an act on which nothing followed, as an act of its own."""
    act = Reassignment.objects.select_for_update(no_key=True).get(pk=seen(act_id, by).pk)
    if act.state in OPEN or act.way == Way.BACK or hasattr(act, "undone_by"):
        raise errors.TooLate("This act is not over, or was undone already.")
    moved = list(
        act.leads.filter(event__isnull=False).order_by("id").values_list("lead", flat=True)
    )
    if not moved:
        raise errors.TooLate("No lead went on by it.")
    taking_leads_back.require_somebody(act)
    back = Reassignment.objects.create(
        way=Way.BACK, undoes=act, by=by, reason=act.reason, selection=moved, total=len(moved),
        requested_at=now or database.now(),
    )  # fmt: skip
    return begin(back, now=now)


def seen(act_id: int, reader: User) -> Reassignment:
    """An act this reader may see: RevOps all, managers their own, and of leavers of their teams.

    Raises NotFound.
    """
    row = visible(reader).filter(pk=min(act_id, 2**63 - 1)).first()
    if row is None:
        raise errors.NotFound("There is no such act, or none you may see.")
    return row


@dataclass(frozen=True, slots=True)
class Result:
    """Where the leads of an act went so far, and the act that undid it."""

    users: Counter[int]
    queues: Counter[str]
    stays: Counter[str]
    undone_by: int | None


def result(act: Reassignment) -> Result:
    """The same counted; what was dealt with and left no line is no lead at all. Two queries."""
    rows = act.leads.order_by().values("to_user", "to_queue", "stayed").annotate(n=Count("pk"))
    users: Counter[int] = Counter()
    queues: Counter[str] = Counter()
    stayed: Counter[str] = Counter()
    for row in rows:
        if row["stayed"]:
            stayed[row["stayed"]] += row["n"]
        elif row["to_user"] is not None:
            users[row["to_user"]] += row["n"]
        else:
            queues[row["to_queue"]] += row["n"]
    told = users.total() + queues.total() + stayed.total()
    stayed[NOT_YOURS] += max(act.done - told, 0)
    undone = Reassignment.objects.filter(undoes=act).values_list("pk", flat=True).first()
    return Result(users, queues, +stayed, undone)


def visible(reader: User) -> models.QuerySet[Reassignment]:
    """The same of all."""
    reach = handing_rights.seen(reader)
    rows = Reassignment.objects.select_related("by", "to", "leaver").defer("selection")
    if reach.everywhere:
        return rows
    return rows.filter(Q(by=reader) | Q(leaver__team__in=teams.led_by(reader)))


def take_up_stalled(*, now: dt.datetime | None = None) -> int:
    """Give acts that have shown no sign of life for a while to a worker again; some fail."""
    return long_acts.take_up_stalled(Reassignment, job=JOB, now=now)


@transaction.atomic
def _step(act_id: int, places: Sequence[int], now: dt.datetime | None) -> bool:
    kit = kits.active_kit()
    act = _held(act_id, places[0])
    if act is None or act.by is None:
        return False
    ids = act.selection[places[0] : places[-1] + 1]
    rows = Lead.objects.filter(pk__in=ids).order_by("pk")
    leads = list(rows.select_for_update(of=("self",), no_key=True))
    at = now or present.of(ids)
    ledger = Ledger(kit=kit, now=at, actor="user", by_id=act.by_id)
    if act.way == Way.BACK:
        done = taking_leads_back.give_back(leads, act, ledger)
    else:
        within = set(
            Lead.objects.filter(
                handing_rights.reach(act.by).of_or_unowned(), pk__in=ids
            ).values_list("pk", flat=True)
        )
        mine = [lead for lead in leads if lead.pk in within]
        done = _hand(mine, Want(act.way, act.to_id, act.pool), ledger, act=act)
        done += [told_of(lead, act, stayed=NOT_YOURS)
                 for lead in leads if lead.pk not in within]  # fmt: skip
    for row in done:
        ledger.add(row)
    ledger.flush()
    _move_on(act, len(places), at)
    return True


def _hand(
    leads: Sequence[Lead],
    want: Want,
    ledger: Ledger,
    *,
    act: Reassignment | None,
    locked: bool = True,
) -> list[HandedLead]:
    """Hand on these leads in memory; what came of each. Fixed queries for any number."""
    cases = list(gathering.open_cases(leads).values())
    lines, going = [], []
    for case in cases:
        why = stays(case.lead, want)
        lines.append(told_of(case.lead, act, stayed=why))
        if not why:
            going.append((case, lines[-1]))
    if act is not None:
        taking_leads_back.note_overrides([case for case, _ in going], act, ledger)
    events = _give([case for case, _ in going], want, ledger, act, locked=locked)
    for case, line in going:
        line.event = events[case.lead.pk]
        line.to_user_id, line.to_queue = case.lead.owner_id, case.lead.queue
        if line.event is None:
            line.stayed = "waits on: nobody else can take it now"
    return lines


def _give(
    cases: Sequence[Case], want: Want, ledger: Ledger, act: Reassignment | None, *, locked: bool
) -> dict[int, LeadEvent | None]:
    """By lead the event with which it went on; None where it waits on as before."""
    told: dict[str, Any] = {"reassignment": act.pk if act else None}
    if want.way == Way.PERSON and want.to is not None:
        return {
            case.lead.pk: ownership.hand_to(case, want.to, ledger=ledger, why=REASSIGNED, told=told)
            for case in cases
        }
    if not cases:
        return {}
    again = ownership.again(cases, why=REASSIGNED, **told)
    pools = [want.pool] if want.way == Way.POOL else []
    deal = dealing.begin(cases, ledger=ledger, again=again, pools=pools, locked=locked)
    found = {}
    for case in cases:
        pk = case.lead.pk
        in_pool = want.way == Way.POOL
        given = deal.give_to_pool(pk, want.pool, again) if in_pool else deal.give(pk, again)
        found[pk] = given.event
    return found


def _require(want: Want) -> None:
    if want.way == Way.PERSON:
        if want.to is None or not holders.everybody().filter(pk=want.to).exists():
            raise reasons.missing("to", "Choose somebody who is active and works leads.")
    elif want.way == Way.POOL:
        if not Pool.objects.filter(key=want.pool).exists():
            raise reasons.missing("pool", "Choose a pool that is there.")
    elif want.way != Way.ANEW:
        raise reasons.missing("way", "Choose where the leads go.")


def _chosen(leads: Collection[int]) -> list[int]:
    chosen = sorted(set(leads))
    if not chosen:
        raise reasons.missing("leads", "Choose at least one lead.")
    if len(chosen) > MOST:
        raise reasons.missing("leads", f"Choose at most {MOST:,} leads at once.")
    return chosen


@transaction.atomic
def _pass_over(act_id: int, place: int, error: Exception) -> None:
    act = _held(act_id, place)
    if act is None:
        return
    word = error.message if isinstance(error, DomainError) else f"{type(error).__name__}: {error}"
    lead = Lead.objects.filter(pk=act.selection[place]).first()
    if lead is not None:
        told_of(lead, act, stayed=f"failed: {word}"[:160]).save()
    _move_on(act, 1, database.now())


def _held(act_id: int, place: int) -> Reassignment | None:
    """The record, locked, if it stands at this place and nobody else works on it."""
    rows = Reassignment.objects.filter(pk=act_id, state__in=OPEN, done=place)
    return rows.select_for_update(skip_locked=True, no_key=True).first()


def _move_on(act: Reassignment, count: int, at: dt.datetime) -> None:
    act.done = min(act.done + count, act.total)
    act.beat_at, act.falls = at, 0
    act.state = State.DONE if act.done >= act.total else State.RUNNING
    act.finished_at = at if act.state == State.DONE else None
    act.save(update_fields=["done", "state", "beat_at", "falls", "finished_at"])
