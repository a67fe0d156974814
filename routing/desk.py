"""The pools a batch needs, read once under lock; every pick updates load and credit in memory."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable
from typing import Any

from core import reading
from leads.ledger import Ledger
from people import availability
from people import selectors as people
from people.availability import Availability
from people.models import User
from routing import strategies
from routing.models import Pool, PoolMember, PoolSnapshot, content_of
from routing.strategies import Candidate, Pick


class Desk:
    """Members, load, credit and availability of some pools, as of `now`."""

    def __init__(
        self,
        pools: dict[str, Pool],
        members: dict[str, list[PoolMember]],
        load: dict[int, int],
        hours: dict[int, Availability],
        names: dict[int, str],
        snapshots: dict[str, PoolSnapshot],
        now: dt.datetime,
    ) -> None:
        self.pools = pools
        self._members = members
        self._load = load
        self._hours = hours
        self.names = names
        self._snapshots = snapshots
        self._now = now

    def pick(self, pool_key: str, *, ledger: Ledger, without: int | None = None) -> Pick:
        """Choose from a pool and book the pick, so that the next one sees it."""
        pool = self.pools[pool_key]
        members = self._members[pool_key]
        candidates = [self._candidate(member, pool, without) for member in members]
        pick = strategies.STRATEGIES[pool.strategy](candidates)
        by_user = {member.user_id: member for member in members}
        for one in pick.considered:
            member = by_user[one.candidate.user]
            if member.credit != one.credit_after:
                member.credit = one.credit_after
                ledger.change(member, "credit")
        if pick.user is not None:
            self._load[pick.user] = self._load.get(pick.user, 0) + 1
        return pick

    def snapshot(self, pool_key: str, *, ledger: Ledger) -> PoolSnapshot:
        """The stored snapshot of the pool's membership; written with the ledger if it is new."""
        content = _content(self.pools[pool_key], self._members[pool_key])
        checksum = _checksum(content)
        if checksum not in self._snapshots:
            fresh = PoolSnapshot(checksum=checksum, content=content, taken_at=self._now)
            self._snapshots[checksum] = fresh
            ledger.add(fresh)
        return self._snapshots[checksum]

    def next_try(self, pool_key: str) -> dt.datetime:
        """When a waiting lead of this pool should be looked at again.

        The next shift start within the pool; five minutes from now when somebody is working
        already (they are at their cap, and cases close) or nobody will be back soon.
        """
        pool = self.pools[pool_key]
        soon = self._now + dt.timedelta(minutes=5)
        starts = [
            start - dt.timedelta(minutes=pool.look_ahead_minutes)
            for member in self._members[pool_key]
            if (start := availability.next_available(self._hours[member.user_id], self._now))
        ]
        later = [start for start in starts if start > self._now]
        if not later or len(later) < len(starts):
            return soon
        return min(later)

    def _candidate(self, member: PoolMember, pool: Pool, without: int | None) -> Candidate:
        why, until = self._unavailable(member, pool, without)
        return Candidate(
            user=member.user_id,
            weight=member.weight,
            credit=member.credit,
            open_leads=self._load.get(member.user_id, 0),
            open_cap=member.open_cap,
            unavailable=why,
            until=until.isoformat() if until else None,
        )

    def _unavailable(
        self, member: PoolMember, pool: Pool, without: int | None
    ) -> tuple[str | None, dt.datetime | None]:
        """Why a member cannot take a lead now, and when that ends; (None, None) when they can."""
        if member.user_id == without:
            return "held it before", None
        hours = self._hours[member.user_id]
        look_ahead = dt.timedelta(minutes=pool.look_ahead_minutes)
        if availability.available_within(hours, self._now, look_ahead):
            return None, None
        reason = availability.reason(hours, self._now)
        return (reason.words, reason.until) if reason else (None, None)


def open_for(pool_keys: Iterable[str], *, now: dt.datetime) -> Desk:
    """Lock the pools' reps in order and read what picking needs: three messages."""
    keys = sorted(set(pool_keys))
    found = reading.rows(Pool, "WHERE key = ANY(%s)", keys)
    users = reading.rows(User, _THEIR_REPS, keys)
    reading.ask(found, users)
    pools = {pool.key: pool for pool in found.found}
    user_ids = [user.pk for user in users.found]
    rows = reading.rows(PoolMember, _MEMBERS, [pool.pk for pool in found.found], user_ids)
    load = reading.plain(_LOAD, user_ids)
    shifts, leaves = people.shifts_of(user_ids), people.leaves_of(user_ids, at=now)
    reading.ask(rows, load, shifts, leaves)
    key_of = {pool.pk: key for key, pool in pools.items()}
    members: dict[str, list[PoolMember]] = {key: [] for key in keys}
    for member in rows.found:
        members[key_of[member.pool_id]].append(member)
    checksums = [_checksum(_content(pools[key], members[key])) for key in keys if key in pools]
    snapshots = reading.rows(PoolSnapshot, "WHERE checksum = ANY(%s)", checksums)
    reading.ask(snapshots)
    hours = people.hours_of(users.found, shifts.found, leaves.found, at=now)
    kept = {row.checksum: row for row in snapshots.found}
    names = {user.pk: str(user) for user in users.found}
    return Desk(pools, members, dict(load.found), hours, names, kept, now)


_THEIR_REPS = """
    WHERE id IN (SELECT m.user_id FROM routing_poolmember m JOIN routing_pool p ON p.id = m.pool_id
                  WHERE m.active AND p.key = ANY(%s))
    ORDER BY id FOR NO KEY UPDATE
"""
_MEMBERS = "WHERE active AND pool_id = ANY(%s) AND user_id = ANY(%s) ORDER BY pool_id, user_id"
_LOAD = """
    SELECT user_id, count(*) FROM routing_assignment
     WHERE user_id = ANY(%s) AND ended_at IS NULL GROUP BY user_id
"""


def _content(pool: Pool, members: list[PoolMember]) -> dict[str, Any]:
    return {
        "pool": pool.key,
        "strategy": pool.strategy,
        "look_ahead_minutes": pool.look_ahead_minutes,
        "members": [content_of(member) for member in members],
    }


def _checksum(content: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
