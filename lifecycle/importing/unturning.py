"""What removed leads made the rotation turn is given back, and the ledger keeps its numbers.

Called by `removing` alone; like it, it goes behind the guards of the log.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import pgtrigger

from core import bulk, database
from routing import desk, records, turn_sums
from routing.lending import Change
from routing.models import CreditEntry, Decision, Pool, PoolMember

GUARDS = (
    "routing.Decision:decisions_are_append_only",
    "routing.CreditEntry:credit_entries_are_append_only",
)
NOTE = "undone with its import"


@dataclass(frozen=True, slots=True)
class Vacated:
    """A turn whose decision or entries go."""

    pool: str
    turn: int
    user: int
    at: dt.datetime


def give_back(leads: Collection[int]) -> list[Vacated]:
    """Take what these leads' decisions and their returns changed off the credits.

    The entries go here, the decisions with their leads; their turns are returned.
    """
    going = Decision.objects.filter(lead_id__in=leads)
    pools = set(going.order_by().values_list("pool", flat=True))
    desk.open_for(pools, now=database.now())  # locks
    turn_sums.forget(pools)
    _spell_out(going)
    picked = going.exclude(picked=None).select_related("snapshot").order_by("pk")
    owed: dict[tuple[str, int], Change] = {}
    vacated = []
    for one in picked:
        for user, change in records.changes(one).items():
            _add(owed, (one.pool, user), change)
        if one.turn is not None and one.picked_id is not None:
            vacated.append(Vacated(one.pool, one.turn, one.picked_id, one.at))
    entries = CreditEntry.objects.filter(decision__in=going)
    returns: dict[tuple[str, int], Vacated] = {}
    for pool, turn, user, credit, lent, at in entries.values_list(
        "pool__key", "turn", "user_id", "change", "lent", "at"
    ):
        _add(owed, (pool, user), Change(credit, lent))
        returns[pool, turn] = Vacated(pool, turn, user, at)
    with pgtrigger.ignore(*GUARDS):
        entries.order_by()._raw_delete(entries.db)
    _take_off(owed)
    return [*vacated, *returns.values()]


def keep_numbers(vacated: Iterable[Vacated]) -> None:
    """An entry that changes nothing stands in each vacated place, so that no turn is missing."""
    places = list(vacated)
    keys = {one.pool for one in places}
    pools = {pool.key: pool for pool in Pool.objects.filter(key__in=keys)}
    credit = {
        (pool, user): credit
        for pool, user, credit in PoolMember.objects.filter(pool__key__in=keys).values_list(
            "pool__key", "user_id", "credit"
        )
    }
    bulk.copy(
        [
            CreditEntry(
                pool=pools[one.pool],
                user_id=one.user,
                turn=one.turn,
                change=0,
                credit=credit.get((one.pool, one.user), 0),
                why=CreditEntry.Why.CORRECTED,
                note=NOTE,
                at=one.at,
            )
            for one in places
            if one.pool in pools
        ]
    )


def _spell_out(going: Iterable[Decision]) -> None:
    """Decisions that stay and only have a place in a batch of which a part goes tell all."""
    batches = {one.snapshot_id for one in going if one.place is not None}
    if not batches:
        return
    ids = {one.pk for one in going}
    rows = Decision.objects.filter(snapshot_id__in=batches, place__isnull=False)
    told = {one.pk: records.candidates(one) for one in rows if one.pk not in ids}
    with pgtrigger.ignore(*GUARDS):
        for pk, candidates in told.items():
            Decision.objects.filter(pk=pk).update(candidates=candidates, place=None)


def _add(owed: dict[tuple[str, int], Change], key: tuple[str, int], more: Change) -> None:
    known = owed.get(key, Change(0))
    owed[key] = Change(known.credit + more.credit, known.lent + more.lent)


def _take_off(owed: Mapping[tuple[str, int], Change]) -> None:
    moved = {key: change for key, change in owed.items() if any(change)}
    rows = list(
        PoolMember.objects.filter(
            pool__key__in={pool for pool, _ in moved}, user_id__in={user for _, user in moved}
        )
        .select_related("pool")
        .order_by("pk")
    )
    for row in rows:
        change = moved.get((row.pool.key, row.user_id), Change(0))
        row.credit -= change.credit
        row.lent -= change.lent
    PoolMember.objects.bulk_update(rows, ["credit", "lent"])
