"""Ways to break what must hold of realignments."""

from __future__ import annotations

import datetime as dt

from tests.breaking import Ids, breaks, ids, one


def _realignment(now: dt.datetime, state: str) -> int:
    return one(
        """INSERT INTO lifecycle_realignment
               (effective_on, changes, terms, written, kept, reason, state, by_id, requested_at,
                finished_at)
           SELECT %(now)s, '{}', '{}', '[]', '[]', 'why', %(state)s, min(id), %(now)s, %(now)s
             FROM people_user RETURNING id""",
        now=now,
        state=state,
    )


def _row(act: int, state: str, mark: int | None) -> None:
    ids(
        """INSERT INTO lifecycle_realignedrow
               (realignment_id, kind, number, stage, from_queue, to_pool, state, why, mark)
           SELECT %(act)s, 'LEAD', min(id), 'MQL', '', '', %(state)s, '', %(mark)s
             FROM leads_lead RETURNING id""",
        act=act,
        state=state,
        mark=mark,
    )


@breaks("realignment.over_when_done")
def _done_with_something_to_do(now: dt.datetime) -> Ids:
    act = _realignment(now, "DONE")
    _row(act, "PENDING", None)
    return {str(act)}


@breaks("realignment.over_when_done")
def _undone_with_something_to_give_back(now: dt.datetime) -> Ids:
    act = _realignment(now, "UNDONE")
    _row(act, "MOVED", None)
    return {str(act)}


@breaks("realignment.moved_is_in_the_log")
def _moved_without_a_trace(now: dt.datetime) -> Ids:
    act = _realignment(now, "DONE")
    _row(act, "MOVED", 10_000)
    return {str(act)}
