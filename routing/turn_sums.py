"""The turns of a pool counted: blocks of the past once, the rest whenever somebody asks.

A block holds a thousand turns, of a pool whose decisions tell of nobody but who took them fewer.
What is returned later is not part of it, so it never changes; whatever takes decisions out of the
log (the undo of an import) forgets the blocks of their pools.
"""

from __future__ import annotations

import datetime as dt
import itertools
import json
import time
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    Case,
    Count,
    F,
    Max,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from routing import batch, batch_tally, ledger_queries
from routing.batch_tally import Turn
from routing.entitlement import Like
from routing.models import Decision, Pool, PoolSnapshot, TurnSum

BLOCK = 1000
BLOCK_OF_LARGE = 200
"""What is not summed up yet is read by whoever opens the page: a batch of a large pool takes some
milliseconds."""
LAST = 2**62
BEGINNING = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

Range = tuple[int, int]


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


def tallies(pool: Pool, *, since: dt.datetime) -> Counter[Like]:
    """How many turns of the pool were alike since then. Three queries, of a large pool four."""
    rows = TurnSum.objects.filter(pool=pool).order_by("first_turn")
    blocks = [Block(*one) for one in rows.values_list("first_turn", "last_turn", "since", "until")]
    counted: Counter[Like] = Counter()
    if blocks:
        with connection.cursor() as cursor:
            cursor.execute(ledger_queries.SUMMED, {"pool": pool.pk, "since": since})
            for user, weight, whole, fate, earned, turns in cursor.fetchall():
                counted[Like(user, weight, whole, fate, earned, is_returned=False)] += turns
    for like, is_live, turns in _read(pool, _unsettled(blocks, since), since):
        counted[like] += turns
        if not is_live:  # its block counts it as if it had never been given back
            counted[like._replace(is_returned=False)] -= turns
    return Counter({like: turns for like, turns in counted.items() if turns})


def store_next(*, until: float) -> int:
    """Sum up blocks that are full by now, till the monotonic clock says `until`; how many."""
    done = 0
    while time.monotonic() < until:
        full = _full().first()
        if full is None:
            break
        done += _store(full[0])
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


def _full() -> QuerySet[Pool, tuple[int, int, int]]:
    """Pools of which a block is full: number, last turn summed up, and how long the block is."""
    sums = TurnSum.objects.filter(pool=OuterRef("pk")).order_by().values("pool")
    last = Subquery(sums.annotate(last=Max("last_turn")).values("last"))
    is_large = Q(sharing__gt=batch.FULL)
    rows = Pool.objects.annotate(
        summed=Coalesce(last, Value(0)),
        sharing=Count("members", filter=Q(members__active=True)),
        block=Case(When(is_large, then=Value(BLOCK_OF_LARGE)), default=Value(BLOCK)),
    )
    due = rows.filter(turns__gte=F("summed") + F("block"))
    return due.order_by("pk").values_list("pk", "summed", "block")


@transaction.atomic
def _store(pk: int) -> int:
    # Whoever takes decisions out of the log holds this lock, too.
    pool = Pool.objects.select_for_update(no_key=True).get(pk=pk)
    full = _full().filter(pk=pk).first()
    if full is None:
        return 0
    _, summed, block = full
    reach = (summed + 1, summed + block)
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
            counted[like._replace(is_returned=False)] += count
    rows = sorted([*like[:5], count] for like, count in counted.items())
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
        cursor.execute(ledger_queries.SMALL, told)
        for *like, is_live, turns in cursor.fetchall():
            user, weight, whole, fate, earned, is_returned = like
            yield Like(user, weight, int(whole), fate, int(earned), is_returned), is_live, turns
        cursor.execute(ledger_queries.LARGE, told)
        large = cursor.fetchall()
    for (like, is_live), turns in _of_batches(large).items():
        yield like, is_live, turns


def _of_batches(rows: Sequence[tuple[Any, ...]]) -> Counter[tuple[Like, bool]]:
    """Turns of large pools for everybody: the states their batches began in are read one by one."""
    counted: Counter[tuple[Like, bool]] = Counter()
    if not rows:
        return counted
    batches = {
        key: [Turn(picked, because, json.loads(place), *flags)
              for _, picked, because, place, *flags in some]
        for key, some in itertools.groupby(rows, key=lambda row: row[0])
    }  # fmt: skip
    starts = PoolSnapshot.objects.filter(pk__in=batches).only("content")
    for start in starts.iterator(chunk_size=50):
        counted.update(batch_tally.counted(start.content, batches[start.pk]))
    return counted
