"""Ways to break what must hold of the ledger of turns."""

from __future__ import annotations

import datetime as dt

from tests.breaking import Ids, breaks, broken_by, ids, one

broken_by(
    "pool.turns_gapless",
    "UPDATE routing_pool SET turns = turns + 1 WHERE key = 'dach' RETURNING id",
)


@breaks("pool.turns_gapless")
def _a_turn_between_two(_: dt.datetime) -> Ids:
    ids(
        """UPDATE routing_decision SET turn = turn + 1000
            WHERE id = (SELECT min(id) FROM routing_decision WHERE pool = 'dach' AND turn > 1)
            RETURNING id"""
    )
    return ids("SELECT id FROM routing_pool WHERE key = 'dach'")


@breaks("pool.turns_gapless")
def _an_entry_in_the_place_of_a_decision(now: dt.datetime) -> Ids:
    return ids(
        """INSERT INTO routing_creditentry (pool_id, user_id, turn, change, credit, why, note, at)
           SELECT m.pool_id, m.user_id, 1, 0, (one->>'credit_before')::bigint, 'CORRECTED', '',
                  %(now)s
             FROM routing_poolmember m JOIN routing_pool p ON p.id = m.pool_id
             JOIN routing_decision d ON d.pool = p.key AND d.turn = 2
             JOIN jsonb_array_elements(d.candidates) one ON (one->>'user')::bigint = m.user_id
            WHERE p.key = 'dach' LIMIT 1 RETURNING pool_id""",
        now=now,
    )


broken_by(
    "member.credit_from_ledger",
    """UPDATE routing_poolmember SET credit = credit + 1
        WHERE id = (SELECT min(id) FROM routing_poolmember) RETURNING id""",
)

broken_by(
    "member.credit_from_ledger",
    """UPDATE routing_poolmember SET lent = lent + 1
        WHERE id = (SELECT min(id) FROM routing_poolmember) RETURNING id""",
)


@breaks("member.credit_from_ledger")
def _an_entry_of_other_size(now: dt.datetime) -> Ids:
    pool = one("SELECT id FROM routing_pool WHERE key = 'dach'")
    ids("UPDATE routing_pool SET turns = turns + 1 WHERE id = %(pool)s RETURNING id", pool=pool)
    member = one("SELECT min(id) FROM routing_poolmember WHERE pool_id = %(pool)s", pool=pool)
    ids(
        """INSERT INTO routing_creditentry (pool_id, user_id, turn, change, credit, why, note, at)
           SELECT m.pool_id, m.user_id, p.turns, 3, m.credit, 'CORRECTED', '', %(now)s
             FROM routing_poolmember m JOIN routing_pool p ON p.id = m.pool_id
            WHERE m.id = %(member)s RETURNING id""",
        now=now,
        member=member,
    )
    return {str(member)}


@breaks("decision.picked_takes_turn")
def _without_a_turn(now: dt.datetime) -> Ids:
    found = ids(
        """UPDATE routing_decision SET turn = NULL
            WHERE id = (SELECT max(id) FROM routing_decision WHERE pool = 'dach'
                           AND turn IS NOT NULL) RETURNING id"""
    )
    (pk,) = found
    ids(
        """INSERT INTO routing_creditentry (pool_id, user_id, turn, change, credit, why, note, at)
           SELECT m.pool_id, m.user_id, d.missing,
                  coalesce((SELECT (c->>'credit_after')::int - (c->>'credit_before')::int
                              FROM jsonb_array_elements(d.candidates) c
                             WHERE (c->>'user')::int = m.user_id), 0),
                  m.credit, 'CORRECTED', '', %(now)s
             FROM routing_poolmember m JOIN routing_pool p ON p.id = m.pool_id
             JOIN (SELECT x.*, (SELECT min(n) FROM generate_series(1, 1000) n
                                 WHERE NOT EXISTS (SELECT FROM routing_decision y
                                                    WHERE y.pool = x.pool AND y.turn = n)
                                   AND NOT EXISTS (SELECT FROM routing_creditentry e
                                                    WHERE e.pool_id = (SELECT id FROM routing_pool
                                                                        WHERE key = x.pool)
                                                      AND e.turn = n)) AS missing
                     FROM routing_decision x) d ON d.pool = p.key
            WHERE d.id = %(pk)s RETURNING id""",
        now=now,
        pk=int(pk),
    )
    return found


@breaks("turn.returned_exactly")
def _more_than_it_cost(now: dt.datetime) -> Ids:
    member = one(
        """SELECT m.id FROM routing_poolmember m JOIN routing_pool p ON p.id = m.pool_id
            WHERE p.key = 'dach' ORDER BY m.id LIMIT 1"""
    )
    ids(
        """UPDATE routing_pool SET turns = turns + 1 WHERE key = 'dach' RETURNING id""",
    )
    ids(
        "UPDATE routing_poolmember SET credit = credit + 77 WHERE id = %(member)s RETURNING id",
        member=member,
    )
    return ids(
        """INSERT INTO routing_creditentry (pool_id, user_id, turn, change, credit, why, note, at,
                                            decision_id)
           SELECT m.pool_id, m.user_id, p.turns, 77, m.credit, 'RETURNED', '', %(now)s,
                  (SELECT max(id) FROM routing_decision WHERE pool = 'dach' AND turn IS NOT NULL)
             FROM routing_poolmember m JOIN routing_pool p ON p.id = m.pool_id
            WHERE m.id = %(member)s RETURNING id""",
        now=now,
        member=member,
    )


@breaks("entry.credit_then")
def _another_credit_than_was_stored(now: dt.datetime) -> Ids:
    ids("UPDATE routing_pool SET turns = turns + 1 WHERE key = 'dach' RETURNING id")
    return ids(
        """INSERT INTO routing_creditentry (pool_id, user_id, turn, change, credit, why, note, at)
           SELECT m.pool_id, m.user_id, p.turns, 0, m.credit + 5, 'CORRECTED', '', %(now)s
             FROM routing_poolmember m JOIN routing_pool p ON p.id = m.pool_id
            WHERE p.key = 'dach' ORDER BY m.id LIMIT 1 RETURNING id""",
        now=now,
    )


broken_by(
    "pool.turn_sums",
    """INSERT INTO routing_turnsum (pool_id, first_turn, last_turn, since, until, tallies)
       SELECT p.id, 1, 2, min(d.at), max(d.at), '[]'
         FROM routing_pool p JOIN routing_decision d ON d.pool = p.key AND d.turn IN (1, 2)
        WHERE p.key = 'dach' GROUP BY p.id RETURNING id""",
)
broken_by(
    "pool.turn_sums",
    """INSERT INTO routing_turnsum (pool_id, first_turn, last_turn, since, until, tallies)
       SELECT id, turns + 1, turns + 9, %(now)s, %(now)s, '[]'
         FROM routing_pool WHERE key = 'dach' RETURNING id""",
)
