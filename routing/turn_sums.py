"""The turns of a pool counted: blocks of the past once, the rest whenever somebody asks.

A block holds a thousand turns. What is returned later is not part of it, so it never changes;
whatever takes decisions out of the log (the undo of an import) forgets the blocks of their pools.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Max, Min
from django.db.models.functions import Coalesce

from routing import ledger_queries
from routing.entitlement import Tally
from routing.models import Decision, Pool, TurnSum

BLOCK = 1000
LAST = 2**62
BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

Range = tuple[int, int]
Like = tuple[int, int, int, str, int, bool, bool]
"""What is alike of some turns: a tally without their number."""


@dataclass(frozen=True, slots=True)
class Block:
    """The turns of one stored sum; `since` and `until` None where no decision is among them."""

    first: int
    last: int
    since: dt.datetime | None
    until: dt.datetime | None

    def settles(self, since: dt.datetime) -> bool:
        """Whether none of its turns need be read: all are of the period, or none."""
        if self.since is None or self.until is None:
            return True
        return self.since >= since or self.until < since


def tallies(pool: Pool, *, since: dt.datetime) -> list[Tally]:
    """All turns of the pool since then, in groups. Three queries."""
    rows = TurnSum.objects.filter(pool=pool).order_by("first_turn")
    blocks = [Block(*one) for one in rows.values_list("first_turn", "last_turn", "since", "until")]
    counted: Counter[Like] = Counter()
    if blocks:
        with connection.cursor() as cursor:
            cursor.execute(ledger_queries.SUMMED, {"pool": pool.pk, "since": since})
            for user, weight, whole, fate, earned, is_brief, turns in cursor.fetchall():
                counted[user, weight, whole, fate, earned, False, is_brief] += turns
    for like, is_live, turns in _read(pool, _unsettled(blocks, since), since):
        counted[like] += turns
        if not is_live:  # its block counts it as if it had never been given back
            counted[(*like[:5], False, like[6])] -= turns
    return [Tally(*like, turns) for like, turns in counted.items() if turns]


def store_next(*, until: float) -> int:
    """Sum up blocks that are full by now, till the monotonic clock says `until`; how many."""
    done = 0
    while time.monotonic() < until:
        pool = _with_a_full_block()
        if pool is None:
            break
        done += _store(pool)
    return done


def forget(keys: Collection[str]) -> None:
    """Drop what is stored of these pools: decisions go out of their logs. Locks the pools."""
    pools = Pool.objects.filter(key__in=keys).order_by("pk")
    found = list(pools.select_for_update(no_key=True).values_list("pk", flat=True))
    TurnSum.objects.filter(pool__in=found).delete()


def differing() -> Iterator[tuple[int, str]]:
    """The stored sums that are not what their turns come to, and in which way."""
    for block in TurnSum.objects.select_related("pool").order_by("pk").iterator():
        since, until, counted = _counted(block.pool, (block.first_turn, block.last_turn))
        if (block.since, block.until) != (since, until):
            yield block.pk, "covers another time than its turns"
        elif sorted(block.tallies) != counted:
            yield block.pk, "is not what its turns come to"


def _with_a_full_block() -> int | None:
    last = Coalesce(Max("turn_sums__last_turn"), 0)
    rows = Pool.objects.annotate(summed=last).filter(turns__gte=F("summed") + BLOCK)
    return rows.order_by("pk").values_list("pk", flat=True).first()


@transaction.atomic
def _store(pk: int) -> int:
    # Whoever takes decisions out of the log holds this lock, too.
    pool = Pool.objects.select_for_update(no_key=True).get(pk=pk)
    summed = pool.turn_sums.aggregate(last=Max("last_turn"))["last"] or 0
    if pool.turns < summed + BLOCK:
        return 0
    reach = (summed + 1, summed + BLOCK)
    since, until, counted = _counted(pool, reach)
    TurnSum.objects.create(
        pool=pool, first_turn=reach[0], last_turn=reach[1], since=since, until=until,
        tallies=counted,
    )  # fmt: skip
    return 1


def _counted(
    pool: Pool, reach: Range
) -> tuple[dt.datetime | None, dt.datetime | None, list[list[Any]]]:
    turns = Decision.objects.filter(pool=pool.key, turn__range=reach).order_by()
    span = turns.aggregate(since=Min("at"), until=Max("at"))
    counted: Counter[Like] = Counter()
    for like, is_live, count in _read(pool, [reach], BEGINNING):
        if is_live:
            counted[(*like[:5], False, like[6])] += count
    rows = sorted([*like[:5], like[6], count] for like, count in counted.items())
    return span["since"], span["until"], rows


def _unsettled(blocks: Sequence[Block], since: dt.datetime) -> list[Range]:
    """The ranges of turns that have to be read: before, between and after what is settled."""
    found, first = [], 1
    for block in blocks:
        if block.settles(since):
            if block.first > first:
                found.append((first, block.first - 1))
            first = block.last + 1
    return [*found, (first, LAST)]


def _read(
    pool: Pool, ranges: Sequence[Range], since: dt.datetime
) -> Iterator[tuple[Like, bool, int]]:
    told: dict[str, Any] = {
        "pool": pool.pk,
        "key": pool.key,
        "since": since,
        "lows": [low for low, _ in ranges],
        "highs": [high for _, high in ranges],
    }
    with connection.cursor() as cursor:
        cursor.execute(ledger_queries.TALLIES, told)
        for *like, is_live, turns in cursor.fetchall():
            user, weight, whole, fate, earned, is_returned, is_brief = like
            alike = (user, weight, int(whole), fate, int(earned), is_returned, is_brief)
            yield alike, is_live, turns
