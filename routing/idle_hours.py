"""What the desk knows of a pool's idle hours: who is there, who is called, for whom leads wait."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from people.availability import Availability
from routing import fair_shares, presence
from routing.fair_shares import Moves, Part
from routing.models import Pool, PoolMember
from routing.presence import Coming, Member, Presence
from routing.strategies import Candidate

MANY = 1_000
"""What counts as room where there is no cap."""
SOON = dt.timedelta(minutes=5)

Kept = Mapping[tuple[str, int], int]
"""By pool and rep: how many leads wait there for them alone."""
RoomAt = Callable[[int, dt.datetime], int]
"""How many leads a rep has room for at an instant to come, if they get none until then."""


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
        self._kept: Counter[tuple[str, int]] = Counter()
        self._kept_of: Counter[int] = Counter()  # over all pools, as caps are
        self._days: dict[str, tuple[Coming, ...]] = {}
        self._next: dict[str, dt.datetime] = {}

    def note(self, kept: Kept) -> None:
        """What is kept for whom already."""
        for (pool_key, user), count in kept.items():
            self._keep(pool_key, user, count)

    def presence(self, pool_key: str) -> Presence:
        """Who of the pool can take leads now."""
        if pool_key not in self._presences:
            pool = self._pools[pool_key]
            self._presences[pool_key] = presence.look(
                self._team(pool_key),
                at=self._now,
                look_ahead=self._look_ahead(pool_key),
                off_shift=pool.off_shift,
            )
        return self._presences[pool_key]

    def wait(
        self,
        pool_key: str,
        room_at: RoomAt,
        *,
        was: int | None = None,
        without: Collection[int] = (),
    ) -> tuple[dt.datetime, int | None]:
        """When a lead nobody can take now should be looked at again, and whose it is then.

        Where the pool spreads its idle hours, when the rep starts for whom it is kept, nobody of
        `without`; `was` is for whom it was kept until now. Else the next start within the pool;
        five minutes from now when somebody is working already (they are at their cap, and cases
        close) or nobody will be back soon.
        """
        if was is not None and self._kept[pool_key, was]:
            self._keep(pool_key, was, -1)
        spreads = self._pools[pool_key].off_shift == presence.SPREAD
        if spreads and not self.presence(pool_key).is_staffed:
            found = self._share(pool_key, room_at, without)
            if found is not None:
                return found
        if pool_key not in self._next:
            self._next[pool_key] = self._next_start(pool_key)
        return self._next[pool_key], None

    def keeps(self, pool_key: str) -> frozenset[int]:
        """For whom leads of the pool stay kept, though somebody can take them now: for those who
        start later on the date on which the first works. Nobody, where the pool does not spread.
        """
        if self._pools[pool_key].off_shift != presence.SPREAD:
            return frozenset()
        day = self._day(pool_key)
        return frozenset(one.member.user for one in day if one.since > self._now)

    def sharing(self, pool_key: str) -> tuple[Coming, ...]:
        """Who shares what the pool keeps, as long as that can still be dealt anew: while nobody is
        at work nor has started on that date. None else.
        """
        spreads = self._pools[pool_key].off_shift == presence.SPREAD
        if not spreads or self.presence(pool_key).is_staffed:
            return ()
        day, ahead = self._day(pool_key), self._look_ahead(pool_key)
        team = self._team(pool_key)
        if day and presence.has_begun(team, day[0].date, at=self._now, look_ahead=ahead):
            return ()
        return day

    def deal(self, pool_key: str, room_at: RoomAt, *, loose: int) -> Moves:
        """The moves by which those of `sharing` come to their shares of what is kept for them and
        of so many leads that are kept for none of them.
        """
        parts = []
        for one in self.sharing(pool_key):
            user = one.member.user
            here = self._kept[pool_key, user]
            elsewhere = self._kept_of[user] - here
            room = max(0, room_at(user, one.since) - elsewhere)
            parts.append(Part(user, one.member.weight, room, here))
        return fair_shares.deal(parts, loose=loose)

    def _day(self, pool_key: str) -> tuple[Coming, ...]:
        """Who works on the next date on which anybody of the pool does."""
        if pool_key not in self._days:
            self._days[pool_key] = presence.next_day(
                self._team(pool_key), at=self._now, look_ahead=self._look_ahead(pool_key)
            )
        return self._days[pool_key]

    def _share(
        self, pool_key: str, room_at: RoomAt, without: Collection[int]
    ) -> tuple[dt.datetime, int] | None:
        """For whom one lead more is kept; counted as kept."""
        day = self._day(pool_key)
        counts = {one.member.user: self._kept[pool_key, one.member.user] for one in day}
        full = {
            one.member.user
            for one in day
            if room_at(one.member.user, one.since) <= self._kept_of[one.member.user]
        }
        found = presence.share(day, counts, full=frozenset(full.union(without)))
        if found is None:
            return None
        user, since = found
        self._keep(pool_key, user, 1)
        return since, user

    def _keep(self, pool_key: str, user: int, count: int) -> None:
        self._kept[pool_key, user] += count
        self._kept_of[user] += count

    def _next_start(self, pool_key: str) -> dt.datetime:
        starts = presence.returns(
            self._team(pool_key), at=self._now, look_ahead=self._look_ahead(pool_key)
        ).values()
        later = [start for start in starts if start > self._now]
        if not later or len(later) < len(starts):
            return self._now + SOON
        return min(later)

    def _look_ahead(self, pool_key: str) -> dt.timedelta:
        return dt.timedelta(minutes=self._pools[pool_key].look_ahead_minutes)

    def _team(self, pool_key: str) -> list[Member]:
        return [
            Member(one.user_id, self._hours[one.user_id], one.weight, one.on_call)
            for one in self._members[pool_key]
        ]


def passed_for(
    user: int, candidates: Sequence[Candidate], names: Mapping[int, str]
) -> Mapping[int, str] | None:
    """Why all others are passed over, as it was kept for this one; None if they cannot take it."""
    if not any(one.user == user and one.exclusion is None for one in candidates):
        return None
    kept = f"kept for {names[user]}"
    return {one.user: kept for one in candidates if one.user != user}


def room(candidates: Iterable[Candidate]) -> int:
    """How many more leads they can take now; no cap counts as many."""
    return sum(
        MANY if one.open_cap is None else one.open_cap - one.open_leads
        for one in candidates
        if one.exclusion is None
    )
