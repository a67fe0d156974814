"""Levels of escalation that act, as they come while the turns are played. Pure but for staff.

Who has a lead hangs on which of its clocks are overdue, and these on who got it when: so under a
kit with such levels the clocks run along with the rota. Whom a level means, and whether they can
take the lead, is asked of the functions that escalate live leads; the order of things is theirs,
too. Of a lead that went elsewhere nobody knows what people would have done: there no level comes.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from governance.kit import Kit
from governance.moments import Moment
from governance.terms import Level
from lifecycle import escalating
from lifecycle.simulation.floor import Floor
from lifecycle.simulation.judgement import Mark, Marked, Question
from lifecycle.simulation.played import LAST_RESORT, Asker, Entry, Move, Played, Unplayed
from lifecycle.simulation.ticking import Clocks, Running
from routing import escalation, named, passing, rules
from routing.escalation import People
from routing.matching import Tried
from routing.targets import Named, Standing
from sla import clock as clocks
from sla.clock import Escalation

NO_RULE = "no rule takes it"
BEFORE = dt.datetime.min.replace(tzinfo=dt.UTC)


class Rota(Protocol):
    """What the rota does for a level."""

    @property
    def played(self) -> Played:
        """Where levels leave what became of them."""

    @property
    def until(self) -> dt.datetime:
        """The end of the window."""

    def move(self, lead: Asker, user: int, at: dt.datetime) -> None:
        """It is theirs from now on."""

    def leave_in(self, lead: Asker, pool: str, at: dt.datetime) -> None:
        """It waits in the queue of a pool for people."""

    def plan_level(self, at: dt.datetime, lead: Asker) -> None:
        """Have `come` called then."""


@dataclass(slots=True, eq=False)
class _Climber:
    """One lead with its clocks, and what levels need to know of its past."""

    lead: Asker
    clocks: Clocks
    home: str
    quarantined: bool
    pool: str = ""
    question: Question | None = None
    next_at: dt.datetime | None = None
    moved_at: dt.datetime | None = None
    ended: Counter[str] = field(default_factory=Counter)
    """How many legs each level ended in this pass."""
    legs: list[tuple[dt.datetime, int | None]] = field(default_factory=list)
    """In this pass, who had it from when on; nobody while it waits."""
    stood_in: str = ""
    idle: set[int] = field(default_factory=set)
    """Who lost it to a level in this stage."""
    missed: frozenset[int] = frozenset()
    """They, and who had one of the clocks that come at its deadline, or when a level came."""

    @property
    def queue(self) -> str:
        """Where it waits, if nobody has it."""
        return self.lead.pool if self.lead.owner is None else ""

    def note_holder(self, at: dt.datetime) -> None:
        """Somebody else may have it by now."""
        user = self.lead.owner
        if not self.legs or self.legs[-1][1] != user:
            self.legs.append((at, user))

    @property
    def holders(self) -> list[int]:
        """In this pass, whoever has it or had it last first."""
        return list(dict.fromkeys(user for _, user in reversed(self.legs) if user is not None))

    def holder_at(self, at: dt.datetime) -> int | None:
        """Who had it then."""
        return next((user for since, user in reversed(self.legs) if since <= at), None)


class Climb:
    """The levels of one kit over all leads of a replay."""

    def __init__(self, kit: Kit, people: People, rota: Rota, floor: Floor) -> None:
        self._kit, self._people, self._floor, self._rota = kit, people, floor, rota
        self._pools, self._played = floor.pools.pools, rota.played
        self._acting = frozenset(escalation.acting(kit))
        self._on: dict[int, _Climber] = {}

    def enter(self, lead: Asker, entry: Entry) -> None:
        """A lead as it stands when the window begins."""
        own = Clocks(
            self._kit, entry.carried, self._rota.until, owned=entry.owner is not None,
            climbing=self._acting,
        )  # fmt: skip
        one = self._on[lead.id] = _Climber(lead, own, entry.home, entry.quarantined)
        one.note_holder(BEFORE)

    def take(self, lead: Asker, mark: Marked, given_at: dt.datetime | None) -> None:
        """The next mark of a lead; `given_at`: somebody took it at once."""
        one = self._on[lead.id]
        if mark.mark in (Mark.ASKS, Mark.LEARNT):
            one.pool, one.question = mark.pool, mark.question
        if mark.mark in (Mark.ASKS, Mark.HANDED):
            one.home = mark.pool
        if mark.moment in (Moment.QUARANTINED, Moment.CLEANSED):
            one.quarantined = mark.moment == Moment.QUARANTINED
        if mark.moment == Moment.REOPENED:
            one.legs.clear()
            one.ended.clear()
        if mark.stage != one.stood_in:
            one.stood_in = mark.stage
            one.idle.clear()
        one.clocks.take(mark, given_at)
        one.note_holder(mark.at)
        self._look_ahead(one)

    def taken(self, lead: Asker, at: dt.datetime) -> None:
        """Somebody takes a lead that waited."""
        one = self._on[lead.id]
        one.clocks.taken(at)
        one.note_holder(at)
        self._look_ahead(one)

    def end(self) -> None:
        """What became of every clock."""
        for pk, one in self._on.items():
            self._played.clocks[pk] = one.clocks.end()

    def come(self, at: dt.datetime, lead: Asker) -> None:
        """The time of a level of this lead has come, unless something changed meanwhile."""
        one = self._on[lead.id]
        if one.next_at != at:
            return
        one.next_at = None
        coming = [
            clock
            for clock in one.clocks.running
            if clock.level is not None and clock.level.at <= at
        ]
        for clock in coming:
            holder = None if clock.due_at is None else one.holder_at(clock.due_at)
            if holder is not None:
                clock.missed.add(holder)
        one.missed = frozenset(one.idle).union(*(clock.missed for clock in coming))
        for clock in coming:
            if clock in one.clocks.running:
                self._walk(one, clock, at)
        self._look_ahead(one)

    def _look_ahead(self, one: _Climber) -> None:
        coming = [clock.level.at for clock in one.clocks.running if clock.level is not None]
        at = min(coming, default=None)
        if at is not None and at != one.next_at:
            self._rota.plan_level(at, one.lead)
        one.next_at = at

    def _walk(self, one: _Climber, clock: Running, at: dt.datetime) -> None:
        """As `escalating` does: level after level until one has placed the lead."""
        tried: list[Tried] = []
        while clock in one.clocks.running and clock.level is not None:
            level = self._next(clock)
            if one.lead.owner is not None:
                clock.missed.add(one.lead.owner)
            if level.act:
                if clock.astray or one.clocks.gone or not (one.queue or one.lead.owner):
                    self._played.unplayed[Unplayed.NOT_KNOWN] += 1
                    clock.level = None
                    return
                if self._acts(level, one, clock, at, tried) or not tried:
                    return
            elif not tried:
                return
            if clock.level is None:
                self._last_resort(one, at, tried)
                return
            clock.level = Escalation(clock.level.level, min(clock.level.at, at))

    def _next(self, clock: Running) -> Level:
        """The level that has come; the one behind it stands ready."""
        come, due_at = clock.level, clock.due_at
        if come is None or due_at is None:
            raise LookupError("no level stands ready")
        clock.level = clocks.escalation(self._kit, clock.policy, due_at, after=come)
        return self._kit.escalations[come.level]

    def _acts(
        self, level: Level, one: _Climber, clock: Running, at: dt.datetime, tried: list[Tried]
    ) -> bool:
        """Whether the level gave the lead to somebody else, or left it in a queue."""
        why, before = self._held_back(one, at), one.lead.owner
        if not why:
            self._try(level, one, at, tried)
            why = tried[-1].refused
        if why:
            self._note(one, Move(level.key, at, why=why))
            return False
        one.moved_at = at
        if before is not None:
            one.ended[level.key] += 1
            one.idle.add(before)
        self._note(one, Move(level.key, at, one.lead.owner, one.queue))
        if clock in one.clocks.running and clock.level is not None:
            clock.level = clocks.follows_act(
                self._kit, clock.policy, clock.level, acted=level.key, at=at
            )
        return True

    def _held_back(self, one: _Climber, at: dt.datetime) -> str:
        if one.quarantined:
            return escalating.QUARANTINED
        return escalating.MOVED if one.moved_at == at else ""

    def _try(self, level: Level, one: _Climber, at: dt.datetime, tried: list[Tried]) -> None:
        if level.act in escalation.OF_PEOPLE:
            self._to_person(level, one, at, tried)
        elif level.act == escalation.GIVE_ANEW:
            often = one.ended[level.key] >= level.times
            why = escalating.OFTEN if often else self._anew(one, at)
            tried.append(escalation.attempt(level, Standing(full=why)))
        else:
            why = self._to_pool(one, level.pool, at, for_people=level.act == escalation.QUEUE)
            tried.append(escalation.attempt(level, Standing(pool=level.pool, full=why)))

    def _to_person(self, level: Level, one: _Climber, at: dt.datetime, tried: list[Tried]) -> None:
        counter, passed = self._floor.everybody(at), self._passed(one, self._home(one))
        whom = list(escalation.meant(level, one.lead.owner, one.queue, self._people))
        for each in whom or [Named()]:
            there = each.user is None or each.user in counter.hours
            who = each if there else replace(each, user=None)
            standing = named.stand(who, counter, now=at, without=passed)
            tried.append(escalation.attempt(level, standing))
            if tried[-1].matched and standing.user is not None:
                self._give(one, standing.user, at)
                return

    def _anew(self, one: _Climber, at: dt.datetime) -> str:
        """Where the rules send it now; why nobody can take it, or nothing."""
        if one.pool not in self._pools:
            return NO_RULE
        pool = one.pool
        if one.question is not None:
            match = self._floor.by_rules(
                one.question, at, one.holders, one.missed, declined=one.lead.declined
            )
            if match.user is not None:
                one.home = match.pool
                self._give(one, match.user, at)
                return ""
            if match.target == rules.QUEUE:
                return self._to_pool(one, match.pool, at, for_people=True)
            pool = match.pool
        return self._to_pool(one, pool, at)

    def _to_pool(
        self, one: _Climber, pool: str, at: dt.datetime, *, for_people: bool = False
    ) -> str:
        if pool not in self._pools:
            return escalation.NO_POOL
        if for_people:
            self._leave_in(one, pool, at)
            return ""
        user = self._floor.picked(one.lead, pool, at, self._passed(one, pool)).user
        if user is None:
            return escalation.NOBODY_CAN
        one.home = pool
        self._give(one, user, at)
        return ""

    def _last_resort(self, one: _Climber, at: dt.datetime, tried: Sequence[Tried]) -> None:
        home = self._home(one)
        if escalation.stays(self._people.known.get(one.lead.owner or 0), tried):
            return
        if home not in self._pools:
            self._played.unplayed[Unplayed.NO_POOL] += 1
            return
        self._leave_in(one, home, at)
        one.moved_at = at
        self._note(one, Move(LAST_RESORT, at, queue=home))

    def _give(self, one: _Climber, user: int, at: dt.datetime) -> None:
        self._rota.move(one.lead, user, at)
        one.clocks.taken(at)
        one.note_holder(at)

    def _leave_in(self, one: _Climber, pool: str, at: dt.datetime) -> None:
        self._rota.leave_in(one.lead, pool, at)
        one.clocks.queued()
        one.note_holder(at)

    def _home(self, one: _Climber) -> str:
        return one.home or one.queue or one.pool

    def _passed(self, one: _Climber, pool: str) -> Mapping[int, str]:
        known = self._pools.get(pool)
        passed = one.holders[: max(1, known.skips_holders)] if known is not None else []
        return passing.reasons(one.missed.union(passed), declined=one.lead.declined)

    def _note(self, one: _Climber, move: Move) -> None:
        self._played.moves[one.lead.id].append(move)
