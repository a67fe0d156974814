"""In what two outcomes of one lead differ. Pure."""

from __future__ import annotations

import datetime as dt
import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from lifecycle.simulation.judging import Judgement
from lifecycle.simulation.played import Move
from lifecycle.simulation.rota import Given
from lifecycle.simulation.ticking import Ticked


class Differs(StrEnum):
    """One respect in which the draft treats a lead otherwise."""

    MQL_GAINED = "MQL_GAINED"
    MQL_LOST = "MQL_LOST"
    MQL_MOVED = "MQL_MOVED"
    STAGE = "STAGE"
    POOL = "POOL"
    OWNER = "OWNER"
    OWNER_GAINED = "OWNER_GAINED"
    OWNER_LOST = "OWNER_LOST"
    UNROUTED = "UNROUTED"
    WAITING = "WAITING"
    LEVEL = "LEVEL"
    DUE = "DUE"
    BREACH_CAUSED = "BREACH_CAUSED"
    BREACH_AVOIDED = "BREACH_AVOIDED"
    BAND = "BAND"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one lead under one version, to the end of the window.

    `pools` and `owners` belong to the questions for an owner, in order; an owner of None waits.
    """

    stage: str
    qualified_at: dt.datetime | None
    band: str
    pools: tuple[str, ...]
    owners: tuple[int | None, ...]
    clocks: tuple[Ticked, ...]
    moves: tuple[Move, ...] = ()
    """What levels of escalation did with it."""

    @property
    def pool(self) -> str:
        """Where it was sent first; empty when nowhere."""
        return self.pools[0] if self.pools else ""

    @property
    def owner(self) -> int | None:
        """Who got it first by rule."""
        return self.owners[0] if self.owners else None

    @property
    def asked(self) -> bool:
        """Whether an owner was looked for."""
        return bool(self.pools)

    @property
    def unrouted(self) -> bool:
        """No rule fitted it, or the kit named a pool that is not there."""
        return "" in self.pools

    @property
    def waiting(self) -> bool:
        """It found nobody to the end of the window, or until it was closed."""
        found = any(one.user is not None for one in self.moves)
        return not found and any(pool and owner is None for pool, owner in self._questions())

    def _questions(self) -> Iterator[tuple[str, int | None]]:
        return zip(self.pools, self.owners, strict=True)


def outcome(
    judgement: Judgement,
    given: Sequence[tuple[int, Given]],
    clocks: tuple[Ticked, ...],
    moves: tuple[Move, ...] = (),
) -> Outcome:
    """One outcome out of what was judged, given and due."""
    return Outcome(
        stage=judgement.stage,
        qualified_at=judgement.qualified_at,
        band=judgement.band,
        pools=tuple(one.pool for _, one in given),
        owners=tuple(one.user for _, one in given),
        clocks=clocks,
        moves=moves,
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """The same obligation under both versions; None where one of them has no such clock."""

    before: Ticked | None
    after: Ticked | None

    @property
    def either(self) -> Ticked:
        """One of the two; there is always one."""
        found = self.after or self.before
        if found is None:
            raise LookupError("a pair of no clocks")
        return found

    @property
    def moved(self) -> bool:
        """Whether it is due at another time."""
        both = self.before is not None and self.after is not None
        return both and self._dues[0] != self._dues[1]

    @property
    def earlier(self) -> bool:
        """Whether the draft's deadline comes first; one that never comes is last."""
        before, after = self._dues
        return after is not None and (before is None or after < before)

    @property
    def caused(self) -> bool:
        """Met or open in time before, breached after."""
        return self._breaches == (False, True)

    @property
    def avoided(self) -> bool:
        """Breached before, not after."""
        return self._breaches == (True, False)

    @property
    def not_known(self) -> bool:
        """The obligation stands under both, but nobody knows whether one of them was met."""
        return (
            self.before is not None
            and self.after is not None
            and None in (self.before.breached, self.after.breached)
        )

    @property
    def _dues(self) -> tuple[dt.datetime | None, dt.datetime | None]:
        return (
            self.before.due_at if self.before else None,
            self.after.due_at if self.after else None,
        )

    @property
    def _breaches(self) -> tuple[bool | None, bool | None] | None:
        if self.before is None or self.after is None:
            return None
        return (self.before.breached, self.after.breached)


def pairs(before: Sequence[Ticked], after: Sequence[Ticked]) -> list[Pair]:
    """The clocks of both, each beside its counterpart: first with first, second with second."""
    sides: tuple[dict[tuple[str, str], list[Ticked]], ...] = (defaultdict(list), defaultdict(list))
    for side, clocks in zip(sides, (before, after), strict=True):
        for clock in sorted(clocks, key=lambda one: one.started_at):
            side[clock.obligation, clock.scope].append(clock)
    return [
        Pair(left, right)
        for slot in dict.fromkeys([*sides[0], *sides[1]])
        for left, right in itertools.zip_longest(sides[0].get(slot, ()), sides[1].get(slot, ()))
    ]


def compare(before: Outcome, after: Outcome, clocks: Sequence[Pair]) -> tuple[Differs, ...]:
    """In what they differ, most weighty first; empty when in nothing. `clocks` are theirs."""
    return (
        *_mql(before, after),
        *_owning(before, after),
        *_clocks(clocks),
        *((Differs.BAND,) if before.band != after.band else ()),
    )


def _mql(before: Outcome, after: Outcome) -> Iterator[Differs]:
    if before.qualified_at is None and after.qualified_at is not None:
        yield Differs.MQL_GAINED
    elif before.qualified_at is not None and after.qualified_at is None:
        yield Differs.MQL_LOST
    elif before.qualified_at != after.qualified_at:
        yield Differs.MQL_MOVED
    if before.stage != after.stage:
        yield Differs.STAGE


def _owning(before: Outcome, after: Outcome) -> Iterator[Differs]:
    if before.asked and after.asked:
        if before.pool != after.pool:
            yield Differs.POOL
        elif before.owners != after.owners or _turned(before, after):
            yield Differs.OWNER
    elif before.asked != after.asked:
        yield Differs.OWNER_GAINED if after.asked else Differs.OWNER_LOST
    if before.unrouted != after.unrouted:
        yield Differs.UNROUTED
    if before.waiting != after.waiting:
        yield Differs.WAITING
    if _levels(before) != _levels(after):
        yield Differs.LEVEL


def _turned(before: Outcome, after: Outcome) -> bool:
    """Whether the same levels gave it to others."""
    users = [[move.user for move in one.moves if move.acted] for one in (before, after)]
    return _levels(before) == _levels(after) and users[0] != users[1]


def _levels(one: Outcome) -> list[tuple[str, bool]]:
    return [(move.level, move.user is not None) for move in one.moves if move.acted]


def _clocks(found: Sequence[Pair]) -> Iterator[Differs]:
    if any(pair.moved for pair in found):
        yield Differs.DUE
    if any(pair.caused for pair in found):
        yield Differs.BREACH_CAUSED
    if any(pair.avoided for pair in found):
        yield Differs.BREACH_AVOIDED
