"""Joining, leaving and coming back: what it means for the ledger of turns.

Who joins starts level: with the mean of the others' credit, owed nothing and owing nothing. So does
who comes back, unless the pool catches up. There the credits become what they would be had they
earned their weight at every turn they missed: w · T for them, and −w · n for each other member who
took n of those T turns, all of it lent. A membership counts as left, or come back, from the pool's
next pick on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from core import made
from leads.ledger import Ledger
from routing.lending import Change
from routing.models import CreditEntry, Decision, Pool, PoolMember


def settle(
    pool: Pool, members: Sequence[PoolMember], left: Sequence[PoolMember], *, ledger: Ledger
) -> None:
    """Enter the new and let go of those who left. The caller holds the locks of all of them.

    One query for each who comes back to a pool that catches up.
    """
    for one in left:
        one.since_turn, one.left_turn = None, pool.turns
        ledger.change(one, "since_turn", "left_turn")
    known = [one for one in members if one.since_turn is not None]
    for one in (each for each in members if each.since_turn is None):
        if pool.catches_up and one.left_turn is not None:
            changes = _missed(pool, one, known)
        else:
            changes = [(one, _levelled(pool, one, known))]
        write(pool, changes, why=CreditEntry.Why.BEGAN, ledger=ledger)
        one.since_turn, one.left_turn = pool.turns, None
        ledger.change(one, "since_turn", "left_turn")
        known.append(one)


def _levelled(pool: Pool, one: PoolMember, others: Sequence[PoolMember]) -> Change:
    """To the mean of the others; where they lend, to that of their places in the rotation."""
    if not pool.paced:
        return Change(level([each.credit for each in others]) - one.credit, -one.lent)
    places = level([2 * each.credit - each.lent for each in others])
    return Change((places + 1) // 2 - one.credit, -one.lent)


def level(credits: Sequence[int]) -> int:
    """The mean of the others' credit, to the nearest whole number, halves up."""
    return (2 * sum(credits) + len(credits)) // (2 * len(credits)) if credits else 0


def write(
    pool: Pool,
    changes: Sequence[tuple[PoolMember, Change]],
    *,
    why: CreditEntry.Why,
    ledger: Ledger,
    decision: Decision | None = None,
    by_id: int | None = None,
    note: str = "",
) -> None:
    """Book changes of credit that no pick made, all of them as one turn; nothing where none is.

    What is said of a decision is booked even where it changes nothing: a lead whose turn was given
    back counts towards no cap.
    """
    moved = [(one, change) for one, change in changes if any(change) or decision is not None]
    if not moved:
        return
    pool.turns += 1
    ledger.change(pool, "turns")
    for one, change in moved:
        one.credit += change.credit
        one.lent += change.lent
        ledger.change(one, "credit", "lent")
        ledger.add(
            made.row(
                CreditEntry,
                pool=pool,
                user_id=one.user_id,
                turn=pool.turns,
                change=change.credit,
                credit=one.credit,
                lent=change.lent,
                why=why,
                decision=decision,
                note=note,
                by_id=by_id,
                at=ledger.now,
            )
        )


def _missed(
    pool: Pool, back: PoolMember, others: Sequence[PoolMember]
) -> list[tuple[PoolMember, Change]]:
    """What the turns of an absence would have changed."""
    missed = Decision.objects.filter(pool=pool.key, turn__gt=back.left_turn)
    taken = dict.fromkeys((one.user_id for one in others), 0)
    for picked in missed.values_list("picked_id", flat=True):
        if picked in taken:
            taken[picked] += 1
    whole = {back.user_id: sum(taken.values())} | {user: -turns for user, turns in taken.items()}
    return [
        (one, Change(back.weight * whole[one.user_id], 2 * back.weight * whole[one.user_id]))
        for one in (back, *others)
    ]


def by_pool(
    rows: Iterable[PoolMember], pools: Mapping[str, Pool]
) -> tuple[dict[str, list[PoolMember]], dict[str, list[PoolMember]]]:
    """The active members of each of these, and those who have left it since its last pick."""
    key_of = {pool.pk: key for key, pool in pools.items()}
    active: dict[str, list[PoolMember]] = {key: [] for key in pools}
    left: dict[str, list[PoolMember]] = defaultdict(list)
    for one in rows:
        if one.pool_id in key_of:
            (active if one.active else left)[key_of[one.pool_id]].append(one)
    return active, left
