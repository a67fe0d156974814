"""The ledger of turns: rebuilt from decisions and entries it gives the turns and credits stored."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from django.db import connection

from lifecycle.invariants.invariant import Context, Found, Invariant, Offence, query, tell
from routing import batch, records, turn_sums
from routing.batch import Batch
from routing.lending import Change
from routing.models import Decision, PoolMember, PoolSnapshot

BOOKED = """
    SELECT p.id, u.user_id, sum(u.change)::bigint, sum(u.lent)::bigint
      FROM (SELECT d.pool, (one->>'user')::bigint AS user_id,
                   (one->>'credit_after')::bigint - (one->>'credit_before')::bigint AS change,
                   coalesce((one->>'lent_after')::bigint - (one->>'lent_before')::bigint, 0) AS lent
              FROM routing_decision d, jsonb_array_elements(d.candidates) AS one
             WHERE d.turn IS NOT NULL AND d.place IS NULL
             UNION ALL
            SELECT p.key, e.user_id, e.change, e.lent
              FROM routing_creditentry e JOIN routing_pool p ON p.id = e.pool_id) u
      JOIN routing_pool p ON p.key = u.pool
     GROUP BY 1, 2
"""
"""By pool and user, what small pools' decisions and all entries changed, and the part lent."""


def _credits(context: Context) -> Found:
    return tell(sorted(_wrong(), key=lambda one: int(one.id)), first=context.first)


def _wrong() -> Iterator[Offence]:
    booked = _booked()
    for pk, pool, user, credit, lent in PoolMember.objects.values_list(
        "pk", "pool_id", "user_id", "credit", "lent"
    ):
        due = booked.get((pool, user), Change(0))
        if due.credit != credit:
            yield Offence(str(pk), f"has credit {credit}, the ledger comes to {due.credit}")
        elif due.lent != lent:
            yield Offence(str(pk), f"has lent {lent}, the ledger comes to {due.lent}")


def _booked() -> dict[tuple[int, int], Change]:
    with connection.cursor() as cursor:
        cursor.execute(BOOKED)
        found = {(pool, user): Change(*both) for pool, user, *both in cursor.fetchall()}
    pools = dict(PoolMember.objects.values_list("pool__key", "pool_id"))
    for key, user, change in _of_batches():
        if key in pools:
            before = found.get((pools[key], user), Change(0))
            now = Change(before.credit + change.credit, before.lent + change.lent)
            found[pools[key], user] = now
    return found


def _of_batches() -> Iterator[tuple[str, int, Change]]:
    """Pool, user and change of each large pool's batch, dealt again from its records.

    A batch that cannot be dealt again changes nothing here: its credits are then not borne out.
    """
    rows = Decision.objects.filter(turn__isnull=False, place__isnull=False)
    # A snapshot of a large pool is large: read once for its batch, not with each of its rows.
    told = rows.only("pool", "place", "seed", "snapshot_id").order_by("snapshot_id", "turn")
    for snapshot, some in itertools.groupby(told.iterator(), key=lambda row: row.snapshot_id):
        stored = PoolSnapshot.objects.filter(pk=snapshot).first()
        if stored is None:
            continue
        dealt = batch.of_snapshot(stored.content)
        start, key = _stand(dealt), str(stored.content["pool"])
        try:
            for row in some:
                batch.again(dealt, row.place or {}, records.wanted(row))
        except LookupError:
            continue
        yield from _changes(key, dealt, start)


def _stand(dealt: Batch) -> list[Change]:
    return [Change(*both) for both in zip(dealt.credits, dealt.lents, strict=True)]


def _changes(key: str, dealt: Batch, start: list[Change]) -> Iterator[tuple[str, int, Change]]:
    for user, before, after in zip(dealt.users, start, _stand(dealt), strict=True):
        if after != before:
            yield key, user, Change(after.credit - before.credit, after.lent - before.lent)


def _sums(context: Context) -> Found:
    found = (Offence(str(pk), what) for pk, what in turn_sums.differing())
    return tell(found, first=context.first)


INVARIANTS = (
    Invariant(
        "pool.turn_sums",
        "What is stored of a pool's past turns is what their decisions come to",
        _sums,
    ),
    Invariant(
        "pool.turns_gapless",
        "The turns of a pool are numbered from one without gaps, each taken once, by a decision "
        "or by entries of the ledger",
        query("""
            SELECT p.id, 'has ' || p.turns || ' turns, the log ' || count(t.turn)
                         || CASE WHEN count(t.turn) = 0 THEN ''
                                 ELSE ' from ' || min(t.turn) || ' to ' || max(t.turn) END
              FROM routing_pool p
              LEFT JOIN (SELECT pool, turn FROM routing_decision WHERE turn IS NOT NULL
                          UNION ALL
                         SELECT DISTINCT q.key, e.turn
                           FROM routing_creditentry e JOIN routing_pool q ON q.id = e.pool_id) t
                ON t.pool = p.key
             GROUP BY p.id
            HAVING (count(t.turn), count(DISTINCT t.turn), coalesce(max(t.turn), 0))
                       IS DISTINCT FROM (p.turns, p.turns, p.turns)
                OR min(t.turn) < 1
        """),
    ),
    Invariant(
        "member.credit_from_ledger",
        "The credit of a pool member is what decisions and entries of the ledger come to",
        _credits,
    ),
    Invariant(
        "decision.picked_takes_turn",
        "A pick of a pool takes a turn, and nothing else does, since turns are numbered",
        query("""
            SELECT d.id, CASE WHEN d.turn IS NULL THEN 'picked somebody without taking a turn'
                              ELSE 'took turn ' || d.turn || ', but picked nobody' END
              FROM routing_decision d
             WHERE (d.turn IS NOT NULL AND d.picked_id IS NULL)
                OR (d.turn IS NULL AND d.picked_id IS NOT NULL AND d.target = 'POOL'
                    AND d.id > (SELECT min(id) FROM routing_decision
                                 WHERE turn IS NOT NULL AND pool = d.pool))
        """),
    ),
    Invariant(
        "entry.credit_then",
        "What an entry of the ledger says the credit came to is what the next turn begins with, "
        "or what is stored",
        query("""
            SELECT e.id, 'came to ' || e.credit || ', then it was ' || n.credit
              FROM routing_creditentry e
              JOIN routing_pool p ON p.id = e.pool_id
              JOIN routing_poolmember m ON m.pool_id = p.id AND m.user_id = e.user_id
              LEFT JOIN LATERAL (SELECT d.turn, d.candidates, d.place FROM routing_decision d
                                  WHERE d.pool = p.key AND d.turn > e.turn
                                  ORDER BY d.turn LIMIT 1) d ON TRUE
              JOIN LATERAL (SELECT CASE WHEN d.turn IS NULL THEN m.credit
                                        ELSE (SELECT (one->>'credit_before')::bigint
                                                FROM jsonb_array_elements(d.candidates) AS one
                                               WHERE (one->>'user')::bigint = e.user_id) END
                                   AS credit) n ON n.credit <> e.credit
             WHERE d.place IS NULL
               AND NOT EXISTS (SELECT FROM routing_creditentry x
                                WHERE x.pool_id = e.pool_id AND x.user_id = e.user_id
                                  AND x.turn > e.turn AND (d.turn IS NULL OR x.turn < d.turn))
        """),
    ),
    Invariant(
        "turn.returned_exactly",
        "A turn given back gives back what its pick cost, one that counts after all costs it",
        query("""
            SELECT e.id, 'books ' || e.change || ' (' || e.lent || ' lent) for turn ' || d.turn
                         || ', which changed '
                         || coalesce(c.change || ' (' || c.lent || ' lent)', 'nothing')
              FROM routing_creditentry e
              JOIN routing_decision d ON d.id = e.decision_id
              LEFT JOIN LATERAL (SELECT (one->>'credit_after')::bigint
                                        - (one->>'credit_before')::bigint AS change,
                                        coalesce((one->>'lent_after')::bigint
                                                 - (one->>'lent_before')::bigint, 0) AS lent
                                   FROM jsonb_array_elements(d.candidates) AS one
                                  WHERE (one->>'user')::bigint = e.user_id) c ON TRUE
             WHERE d.place IS NULL
               AND (c.change, c.lent) IS DISTINCT FROM
                   CASE WHEN e.why = 'RETURNED' THEN (-e.change, -e.lent)
                        ELSE (e.change, e.lent) END
        """),
    ),
)
