"""What is kept over idle hours is shared anew when those who work on that date have changed.

As with room (`waiting`), change is seen, not told of: each pass compares what is kept for whom with
what everybody's share by weight is now, under the caps of that day. So it does not matter by what
it came about (leave, being away, hours, a person or a membership that is active or not, a weight,
the pool's policy) nor in which order, and what is taken back leaves no trace. As few leads move as
must, those due last; what is kept for nobody of that date goes by what is due first. Nothing moves
any more once somebody has started on the date, nor to who said that a lead was not theirs.
"""

from __future__ import annotations

import datetime as dt
import heapq
import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import OperationalError, transaction

from core import database, reading
from governance import selectors as kits
from leads import present
from leads.ledger import Ledger
from leads.models import Lead
from routing import desk, fair_shares
from routing import selectors as assignments
from routing.desk import Desk
from routing.fair_shares import Moves
from routing.presence import Coming

log = logging.getLogger(__name__)

AT_ONCE = 1_000
"""How many leads of a pool are moved in one transaction; the next pass moves on."""
SPARE = 200
"""How many more are looked at, where some were declined by those who are to get them."""
TRIED_AGAIN = dt.timedelta(minutes=1)

_tried: dict[int, tuple[Wanted, dt.datetime]] = {}
"""By pool what could not be done, in this process, and until when it is left alone."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be done in a pool: the moves, what is loose, and what has another start now."""

    moves: Moves
    loose: tuple[int, ...] = ()
    late: tuple[int, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.moves or self.late)


def share_anew(*, now: dt.datetime | None = None) -> int:
    """Share what is kept in every pool anew, where that is called for; how many leads changed."""
    at, changed = now or database.now(), 0
    pools = reading.plain(_SPREADING)
    reading.ask(pools)
    keys = [key for (key,) in pools.found]
    if not keys:
        return 0
    counter = desk.open_for(keys, now=at, locked=False)
    for key in keys:
        wanted, pool = _wanted(key, counter, at), counter.pools[key].pk
        left, until = _tried.get(pool, (None, at))
        if wanted and not (left == wanted and until > at):
            done = _share(key, wanted, counter.sharing(key), now)
            _tried.pop(pool, None)
            if done is None:
                _tried[pool] = wanted, at + TRIED_AGAIN
            changed += done or 0
    return changed


def _wanted(pool: str, counter: Desk, at: dt.datetime) -> Wanted:
    """What would make the shares of the pool even."""
    day = counter.sharing(pool)
    if not day:
        return Wanted(fair_shares.NONE)
    users, starts = [one.member.user for one in day], [one.since for one in day]
    asked = reading.plain(_ASTRAY, users, starts, pool, at, AT_ONCE)
    reading.ask(asked)
    loose = tuple(lead for lead, is_loose in asked.found if is_loose)
    late = tuple(lead for lead, is_loose in asked.found if not is_loose)
    return Wanted(counter.deal_kept(pool, loose=len(loose)), loose, late)


def _share(pool: str, wanted: Wanted, day: Sequence[Coming], now: dt.datetime | None) -> int | None:
    """Do it as far as it still holds under the locks: how many leads changed, None if it cannot be
    done. A fault is logged, and keeps no lead waiting.
    """
    try:
        return _rewrite(pool, wanted.moves, _chosen(pool, wanted, day), now)
    except OperationalError:
        raise
    except Exception:
        log.exception("What is kept in the pool “%s” could not be shared anew.", pool)
        return None


def _chosen(pool: str, wanted: Wanted, day: Sequence[Coming]) -> list[int]:
    """Which leads to lock, in the order in which they are dealt."""
    gives = wanted.moves.gives
    asked = reading.plain(
        _DUE_LAST, list(gives), [min(many, AT_ONCE) + SPARE for many in gives.values()], pool
    )
    reading.ask(asked)
    rows = [*asked.found, *((lead, None) for lead in wanted.loose)]
    dealt = _dealt(rows, wanted.moves, day)
    return list(dict.fromkeys([*list(dealt)[:AT_ONCE], *wanted.late]))


@transaction.atomic
def _rewrite(pool: str, foreseen: Moves, ids: Sequence[int], now: dt.datetime | None) -> int | None:
    if not ids:
        return None  # all were declined by those who are to get them
    kit = kits.active_kit()
    found = reading.rows(Lead, _TO_SHARE, list(ids), pool)
    reading.ask(found)
    leads = {lead.pk: lead for lead in found.found}
    if not leads:
        return 0
    ledger = Ledger(kit=kit, now=now or present.of(leads), actor="share_anew")
    counter = desk.open_for([pool], now=ledger.now)
    day = counter.sharing(pool)
    starts = {one.member.user: one.since for one in day}
    rows = [(pk, leads[pk].kept_for_id) for pk in ids if pk in leads]
    moves = counter.deal_kept(pool, loose=sum(1 for _, keeper in rows if keeper not in starts))
    dealt = _dealt(rows, moves, day)
    changed = 0
    for lead in leads.values():
        keeper = dealt.get(lead.pk, lead.kept_for_id)
        since = starts.get(keeper or 0)
        if since is not None and (lead.kept_for_id, lead.route_at) != (keeper, since):
            lead.kept_for_id, lead.route_at = keeper, since
            ledger.change(lead, "kept_for", "route_at")
            changed += 1
    ledger.flush()
    # What others changed or hold locked just now is another matter with the next pass.
    is_vain = moves == foreseen and not changed and len(leads) == len(ids)
    return None if is_vain else changed


def _dealt(
    rows: Sequence[tuple[int, int | None]], moves: Moves, day: Iterable[Coming]
) -> dict[int, int]:
    """By lead who gets it, in the order of these leads with whom they are kept for.

    Always to whoever has most to get still; of equals to who starts first.
    """
    starts = {one.member.user: one.since for one in day}
    gives, declined = dict(moves.gives), _declined([lead for lead, _ in rows])
    takers = [(-many, starts[user], user) for user, many in moves.takes.items()]
    heapq.heapify(takers)
    found = {}
    for lead, keeper in rows:
        if keeper in starts and not gives.get(keeper or 0):
            continue
        passed = []
        while takers and takers[0][2] in declined.get(lead, ()):
            passed.append(heapq.heappop(takers))
        if takers:
            many, since, user = heapq.heappop(takers)
            found[lead] = user
            if keeper in starts:
                gives[keeper or 0] -= 1
            if many < -1:
                heapq.heappush(takers, (many + 1, since, user))
        for one in passed:
            heapq.heappush(takers, one)
    return found


def _declined(leads: Sequence[int]) -> Mapping[int, Sequence[int]]:
    asked = assignments.declined_of(leads)
    reading.ask(asked)
    return dict(asked.found)


_SPREADING = """
    SELECT p.key FROM routing_pool p
     WHERE p.off_shift = 'SPREAD'
       AND EXISTS (SELECT 1 FROM leads_lead l
                    WHERE l.queue = p.key AND l.queue <> '' AND l.route_at IS NOT NULL)
     ORDER BY p.key
"""
# What waits for later and is kept for nobody of these, and what is kept for another start.
_ASTRAY = """
    SELECT l.id, day.since IS NULL
      FROM leads_lead l
      LEFT JOIN unnest(%s::bigint[], %s::timestamptz[]) AS day (user_id, since)
        ON day.user_id = l.kept_for_id
     WHERE l.queue = %s AND l.queue <> '' AND l.quarantined_at IS NULL
       AND CASE WHEN day.since IS NULL THEN l.route_at > %s ELSE l.route_at <> day.since END
     ORDER BY l.next_due_at NULLS LAST, l.id
     LIMIT %s
"""
_DUE_LAST = """
    SELECT l.id, g.user_id
      FROM unnest(%s::bigint[], %s::int[]) AS g (user_id, many)
     CROSS JOIN LATERAL (SELECT id, next_due_at FROM leads_lead
                          WHERE queue = %s AND queue <> '' AND kept_for_id = g.user_id
                            AND quarantined_at IS NULL AND route_at IS NOT NULL
                          ORDER BY next_due_at DESC NULLS FIRST, id DESC LIMIT g.many) AS l
     ORDER BY l.next_due_at DESC NULLS FIRST, l.id DESC
"""
_TO_SHARE = """
    WHERE id = ANY(%s) AND queue = %s AND quarantined_at IS NULL AND route_at IS NOT NULL
    ORDER BY id FOR NO KEY UPDATE SKIP LOCKED
"""
