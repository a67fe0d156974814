"""What the desk knows of a pool's idle hours: who is there, who is called, for whom leads wait."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from people.availability import Availability
from routing import presence
from routing.models import Pool, PoolMember
from routing.presence import Member, Presence
from routing.strategies import Candidate

MANY = 1_000
"""What counts as room where there is no cap."""
SOON = dt.timedelta(minutes=5)

Kept = Mapping[tuple[str, int], int]
"""By pool and rep: how many leads wait there for them alone."""


class IdleHours:
    """The presence in some pools as of `now`. Leads that are kept are counted as they come."""

    def __init__(
        self,
        pools: Mapping[str, Pool],
        members: Mapping[str, Sequence[PoolMember]],
        hours: Mapping[int, Availability],
        now: dt.datetime,
    ) -> None:
        self._pools, self._members, self._hours, self._now = pools, members, hours, now
        self._presences: dict[str, Presence] = {}
        self._kept: dict[tuple[str, int], int] = {}

    def note(self, kept: Kept) -> None:
        """What is kept for whom already."""
        self._kept.update(kept)

    def presence(self, pool_key: str) -> Presence:
        """Who of the pool can take leads now."""
        if pool_key not in self._presences:
            pool = self._pools[pool_key]
            self._presences[pool_key] = presence.look(
                self._team(pool_key),
                at=self._now,
                look_ahead=dt.timedelta(minutes=pool.look_ahead_minutes),
                off_shift=pool.off_shift,
            )
        return self._presences[pool_key]

    def wait(
        self, pool_key: str, candidates: Iterable[Candidate], *, was: int | None = None
    ) -> tuple[dt.datetime, int | None]:
        """When a lead nobody can take now should be looked at again, and whose it is then.

        `was` is for whom it was kept until now.

        Where the pool spreads its idle hours, when the rep starts for whom it is kept. Else the
        next start within the pool; five minutes from now when somebody is working already (they
        are at their cap, and cases close) or nobody will be back soon.
        """
        pool = self._pools[pool_key]
        look_ahead = dt.timedelta(minutes=pool.look_ahead_minutes)
        everybody = self._team(pool_key)
        if was is not None:
            self._kept[pool_key, was] = max(0, self._kept.get((pool_key, was), 0) - 1)
        if pool.off_shift == presence.SPREAD and not self.presence(pool_key).is_staffed:
            counts = {one.user: self._kept.get((pool_key, one.user), 0) for one in everybody}
            full = frozenset(_full(candidates, counts))
            found = presence.keep_for(
                everybody, counts, at=self._now, look_ahead=look_ahead, full=full
            )
            if found is not None:
                self._kept[pool_key, found[0]] = counts[found[0]] + 1
                return found[1], found[0]
        starts = presence.returns(everybody, at=self._now, look_ahead=look_ahead).values()
        later = [start for start in starts if start > self._now]
        if not later or len(later) < len(starts):
            return self._now + SOON, None
        return min(later), None

    def _team(self, pool_key: str) -> list[Member]:
        return [
            Member(one.user_id, self._hours[one.user_id], one.weight, one.on_call)
            for one in self._members[pool_key]
        ]


def _full(candidates: Iterable[Candidate], kept: Mapping[int, int]) -> Iterator[int]:
    """Members without room for more than they hold and is kept for them."""
    for one in candidates:
        then = replace(one, open_leads=one.open_leads + kept.get(one.user, 0), unavailable=None)
        if then.exclusion is not None:
            yield one.user


def can_take(user: int, candidates: Iterable[Candidate]) -> bool:
    """Whether this one of the candidates can take a lead now."""
    return any(one.user == user and one.exclusion is None for one in candidates)


def room(candidates: Iterable[Candidate]) -> int:
    """How many more leads they can take now; no cap counts as many."""
    return sum(
        MANY if one.open_cap is None else one.open_cap - one.open_leads
        for one in candidates
        if one.exclusion is None
    )
