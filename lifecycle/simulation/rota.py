"""Who gets whom: all leads of the window in the order of time, through the pools' own strategies.

A rotation hangs together: one lead more, and every turn after it falls to somebody else. So each
version is played through from the same beginning: the same members, nobody with credit, the load
of that day. A rep holds a lead until the course lets it go.
"""

from __future__ import annotations

import datetime as dt
import heapq
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from governance.kit import Kit
from governance.moments import Moment
from lifecycle.simulation import explaining_routes as explaining
from lifecycle.simulation import meant
from lifecycle.simulation.climbing import Climb
from lifecycle.simulation.floor import Floor
from lifecycle.simulation.judgement import Question
from lifecycle.simulation.judging import Mark, Marked
from lifecycle.simulation.meant import Holding, Known
from lifecycle.simulation.played import Asker, Entry, Given, Load, Played
from lifecycle.simulation.staff import Hold, Pools, Staff
from people import availability
from routing import escalation, presence, rules
from routing.escalation import People
from routing.matching import Match
from routing.strategies import Pick

__all__ = ["Entry", "Given", "Load", "Played", "loads", "play"]

DAY = dt.timedelta(days=1)

Told = Callable[[int, dict[str, Any]], None]
"""Takes the story of one pick: the lead, and what is kept of it."""


def play(
    entries: Iterable[Entry],
    pools: Pools,
    staff: Staff,
    holds: Sequence[Hold],
    kit: Kit,
    *,
    since: dt.datetime,
    until: dt.datetime,
    usual: dt.timedelta,
    told: Told | None = None,
    known: Known = meant.NOTHING,
    people: People = escalation.NOBODY,
) -> Played:
    """Give every lead that asks an owner. `usual` is how long a lead is held that really never was.

    `pools` are used up: their members' credits change. `known` tells whom rules may mean, `people`
    whom levels of escalation do.
    """
    rota = _Rota(pools, staff, kit, since, until, usual, told)
    rota.floor.meant = Holding(known)
    if escalation.acting(kit):
        rota.climb = Climb(kit, people, rota, rota.floor)
    return rota.play(entries, holds)


_END, _MARK, _WAKE, _DUE, _LEVEL = 0, 1, 2, 3, 4
OWNING = (Mark.ASKS, Mark.HANDED, Mark.LET_GO)
_NAMES: dict[int, str] = defaultdict(str)
"""Nobody reads what somebody is called here."""
_Happening = tuple[dt.datetime, int, int, int, Any]


class _Rota:
    def __init__(
        self,
        pools: Pools,
        staff: Staff,
        kit: Kit,
        since: dt.datetime,
        until: dt.datetime,
        usual: dt.timedelta,
        told: Told | None,
    ) -> None:
        self._pools, self._staff, self.floor = pools, staff, Floor(pools, staff, kit, since)
        self._since, self.until, self._usual, self._told = since, until, usual, told
        self._waiting: dict[str, dict[int, Asker]] = defaultdict(dict)
        self._pools_of: dict[int, list[str]] = defaultdict(list)
        for key, members in pools.members.items():
            for member in members:
                self._pools_of[member.user_id].append(key)
        self._heap: list[_Happening] = []
        self._alarms: dict[str, dt.datetime] = {}
        self._count = 0
        self.played = Played()
        self.climb: Climb | None = None
        self._doings: dict[int, Callable[..., None]] = {
            _END: self._weigh,
            _MARK: self._take,
            _WAKE: self._wake,
            _DUE: self._due,
            _LEVEL: self._level,
        }

    def play(self, entries: Iterable[Entry], holds: Sequence[Hold]) -> Played:
        """Everything, in the order of time."""
        for hold in holds:
            self._plan(max(hold.since, self._since), _END, 0, (hold.user, 1))
            if hold.until is not None:
                self._plan(hold.until, _END, 0, (hold.user, -1))
        for entry in entries:
            self._enter(entry)
        while self._heap and self._heap[0][0] <= self.until:
            at, kind, _, _, what = heapq.heappop(self._heap)
            self._doings[kind](at, *what)
        self._end()
        if self.climb is not None:
            self.climb.end()
        return self.played

    def _end(self) -> None:
        """Those who wait to the end, and what everybody holds then."""
        for waiting in self._waiting.values():
            for lead in waiting.values():
                self._settle(lead, Given(lead.pool))
        for user, count in self.floor.open.items():
            self.played.load[user].held = count

    def _plan(self, at: dt.datetime, kind: int, order: int, what: Any) -> None:
        self._count += 1
        heapq.heappush(self._heap, (at, kind, order, self._count, what))

    def _enter(self, entry: Entry) -> None:
        places = [place for place, one in enumerate(entry.marks) if one.mark is Mark.LET_GO]
        lead = Asker(entry.lead, entry.owner, places[-1] if places else -1, ties=entry.ties)
        if entry.owner is not None:
            self._weigh(self._since, entry.owner, 1)
        if self.climb is not None:
            self.climb.enter(lead, entry)
        for place, mark in enumerate(entry.marks):
            if mark.mark in OWNING or self.climb is not None:
                self._plan(mark.at, _MARK, mark.order, (lead, place, mark))

    def _take(self, at: dt.datetime, lead: Asker, place: int, mark: Marked) -> None:
        if mark.moment is Moment.REOPENED:
            lead.declined.clear()
        given = mark.mark is Mark.ASKS and self._ask(lead, place, mark, at)
        if mark.mark in (Mark.HANDED, Mark.LET_GO):
            self._leave(lead, at)
        if mark.mark is Mark.HANDED:
            self._hold(lead, mark.user, at)
        if self.climb is not None:
            self.climb.take(lead, mark, at if given else None)

    def _level(self, at: dt.datetime, lead: Asker) -> None:
        if self.climb is not None:
            self.climb.come(at, lead)

    def _ask(self, lead: Asker, place: int, mark: Marked, at: dt.datetime) -> bool:
        """Look for an owner; says whether there was one at once."""
        lead.without = lead.owner if mark.anew else None
        if mark.declined and lead.owner is not None:
            lead.declined.add(lead.owner)
        self._leave(lead, at)
        lead.asked, lead.pool, lead.astray = place, mark.pool, mark.astray
        lead.known, lead.question, lead.stays = mark.known, mark.question, False
        lead.kept_for = lead.kept_until = None
        lead.asks += 1
        if lead.question is not None and self._by_rule(lead, lead.question, at):
            return True
        if lead.pool not in self._pools.pools:
            self._settle(lead, Given(""))
            return False
        if not (lead.stays or self._is_hopeless(lead.pool)) and self._given(lead, at):
            return True
        self._waiting[lead.pool][lead.id] = lead
        self.played.waited[lead.pool] += 1
        if not lead.stays:
            self._keep(lead, at)
        if lead.pool not in self._alarms and not lead.stays:
            self._wake_later(lead.pool, at)
        return False

    def _is_hopeless(self, pool: str) -> bool:
        """Whether somebody waits there already whom anybody could have taken."""
        return any(
            not (one.without or one.declined or one.stays) and one.kept_for is None
            for one in self._waiting[pool].values()
        )

    def _keep(self, lead: Asker, at: dt.datetime) -> None:
        """Where the pool spreads its idle hours: for whom the lead waits, and until when."""
        if self._pools.pools[lead.pool].off_shift != presence.SPREAD:
            return
        counter = self.floor.desk(self._pools.members[lead.pool], at)
        counter.note_kept(
            Counter(
                (pool, one.kept_for)
                for pool, some in self._waiting.items()
                for one in some.values()
                if one.kept_for is not None
            )
        )
        until, lead.kept_for = counter.wait(lead.pool, was=lead.kept_for, without=lead.declined)
        lead.kept_until = until if lead.kept_for is not None else None
        if lead.kept_until is not None:
            self._plan(lead.kept_until, _DUE, 0, (lead.pool,))

    def _by_rule(self, lead: Asker, question: Question, at: dt.datetime) -> bool:
        """Ask the people whom the rules mean, as the desk does; says whether one takes it.

        Otherwise the lead is for the pool that the rules then name.
        """
        passed = () if lead.without is None else (lead.without,)
        match = self.floor.by_rules(question, at, passed, declined=lead.declined)
        if match.user is None:
            if not self._waits(lead):
                lead.pool, lead.stays = match.pool, match.target == rules.QUEUE
            return False
        self._tell(lead, Pick(match.user, match.because, ()), at, match)
        self._give(lead, match.pool, match.user, at)
        return True

    def _given(self, lead: Asker, at: dt.datetime) -> bool:
        """Pick somebody for a lead; says whether there was anybody."""
        if lead.question is not None and self._waits(lead) and self._by_rule(
            lead, lead.question, at
        ):  # fmt: skip
            return True
        pick = self.floor.picked(lead, lead.pool, at, lead.without)
        if pick.user is None:
            return False
        self._tell(lead, pick, at)
        self._give(lead, lead.pool, pick.user, at)
        return True

    def move(self, lead: Asker, user: int, at: dt.datetime) -> None:
        """A level gives it to somebody."""
        self._leave(lead, at)
        self.floor.given_at[user].append(at)
        self._hold(lead, user, at)
        self.played.load[user].given += 1

    def leave_in(self, lead: Asker, pool: str, at: dt.datetime) -> None:
        """A level leaves it in a queue for people; no question of its own is open."""
        self._leave(lead, at)
        lead.pool, lead.stays, lead.asked, lead.kept_for = pool, True, None, None
        self._waiting[pool][lead.id] = lead

    def plan_level(self, at: dt.datetime, lead: Asker) -> None:
        """Look at its levels then."""
        self._plan(at, _LEVEL, lead.id, (lead,))

    def _waits(self, lead: Asker) -> bool:
        return lead.id in self._waiting[lead.pool]

    def _give(self, lead: Asker, pool: str, user: int, at: dt.datetime) -> None:
        """A rule gives the lead to somebody."""
        self.floor.given_at[user].append(at)
        self._settle(lead, Given(pool, user, at))
        self._hold(lead, user, at)
        self.played.load[user].given += 1
        if lead.astray and lead.asked is not None and lead.last_let_go < lead.asked:
            # Nobody knows when it would have ended: people never had this lead then.
            self._plan(at + self._usual, _END, 0, (lead.owner, -1))
            self.floor.meant.end(lead.id, at + self._usual)
            lead.owner = None

    def _tell(self, lead: Asker, pick: Pick, at: dt.datetime, match: Match | None = None) -> None:
        if self._told is not None:
            story = {
                "at": at.isoformat(),
                "ask": lead.asks,
                "route": explaining.route(match) if match is not None else None,
                "pool": match.pool if match is not None else lead.pool,
                "user": pick.user,
                "because": pick.because,
                "candidates": [one.as_data() for one in pick.considered],
            }
            self._told(lead.id, story)

    def _settle(self, lead: Asker, given: Given) -> None:
        if lead.asked is not None:
            self.played.given[lead.id].append((lead.asked, given))

    def _hold(self, lead: Asker, user: int | None, at: dt.datetime) -> None:
        lead.owner = user
        if user is not None:
            self.floor.meant.begin(lead.ties, lead.id, user, at)
            self._weigh(at, user, 1)

    def _leave(self, lead: Asker, at: dt.datetime) -> None:
        """Nobody holds the lead any more, and it waits in no queue."""
        if lead.owner is not None:
            self.floor.meant.end(lead.id, at)
            self._weigh(at, lead.owner, -1)
            lead.owner = None
        if self._waiting[lead.pool].pop(lead.id, None) is not None:
            self._settle(lead, Given(lead.pool))

    def _weigh(self, at: dt.datetime, user: int, change: int) -> None:
        """A rep holds one lead more or less; whoever waits for room is looked at again."""
        self.floor.open[user] += change
        load = self.played.load[user]
        load.most = max(load.most, self.floor.open[user])
        if change < 0:
            for pool in self._pools_of.get(user, ()):
                if self._waiting.get(pool):
                    self._alarm(pool, at)

    def _wake(self, at: dt.datetime, pool: str) -> None:
        if self._alarms.get(pool) == at:
            del self._alarms[pool]
            self._serve(pool, at)

    def _due(self, at: dt.datetime, pool: str) -> None:
        """Somebody starts for whom leads were kept."""
        self._serve(pool, at)

    def _alarm(self, pool: str, at: dt.datetime) -> None:
        """Look at a pool's queue then, unless that is planned for earlier."""
        if pool not in self._alarms or self._alarms[pool] > at:
            self._alarms[pool] = at
            self._plan(at, _WAKE, 0, (pool,))

    def _serve(self, pool: str, at: dt.datetime) -> None:
        """Those who wait in a pool, in order, until nobody has room."""
        waiting = self._waiting[pool]
        for lead in list(waiting.values()):
            if lead.stays or (lead.kept_until is not None and lead.kept_until > at):
                continue
            kept = lead.kept_for is not None
            if self._given(lead, at):
                del waiting[lead.id]
                if self.climb is not None:
                    self.climb.taken(lead, at)
            elif kept:
                self._keep(lead, at)
            elif lead.without is None and not lead.declined:
                break
        if any(not one.stays for one in waiting.values()):
            self._wake_later(pool, at)

    def _wake_later(self, pool: str, at: dt.datetime) -> None:
        """Look again when somebody of the pool comes on shift, or anybody's hours change.

        Tomorrow if neither is in sight.
        """
        ahead = dt.timedelta(minutes=self._pools.pools[pool].look_ahead_minutes)
        hours = self._staff.at(at)
        starts = [
            start - ahead
            for member in self._pools.members[pool]
            if member.user_id in hours
            and (start := availability.next_available(hours[member.user_id], at)) is not None
        ]
        other = self._staff.changes_after(at)
        later = [one for one in (*starts, other) if one is not None and one > at]
        self._alarm(pool, min(later, default=at + DAY))


def loads(played: Played) -> Mapping[int, Load]:
    """The load of everybody to whom something fell."""
    return {user: load for user, load in played.load.items() if load.given or load.most}
