"""The clocks of one lead under one kit, over the marks of its course. Pure.

Deadlines are held against what people really did. Where the lead never went that way, nobody
knows what they would have done, and the outcome says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core import worktime
from governance.kit import Kit
from governance.moments import Moment
from governance.terms import Policy
from lifecycle.simulation.course import Carried
from lifecycle.simulation.judging import Mark, Marked
from sla import clock as clocks
from sla.clock import Escalation, Fate


class How(StrEnum):
    """What became of a clock by the end of the window."""

    MET = "MET"
    LATE = "LATE"
    OVERDUE = "OVERDUE"
    RUNNING = "RUNNING"
    CANCELLED = "CANCELLED"
    CANCELLED_LATE = "CANCELLED_LATE"
    NOT_KNOWN = "NOT_KNOWN"
    NEVER_DUE = "NEVER_DUE"


BREACHED = frozenset({How.LATE, How.OVERDUE, How.CANCELLED_LATE})

REPLAYED = frozenset(
    {
        Moment.QUALIFIED,
        Moment.REOPENED,
        Moment.HAND_RAISED,
        Moment.ASSIGNED,
        Moment.REASSIGNED,
        Moment.KNOWN_ACCOUNT,
        Moment.TOUCHED,
    }
)
"""Moments that the replay brings about by itself: no word of people is needed to know them."""


@dataclass(frozen=True, slots=True)
class Ticked:
    """One clock: what it asked, when it was due, what became of it.

    `due_at` is None where its calendar never opens. `moment` is what ended it.
    """

    obligation: str
    scope: str
    policy: str
    label: str
    started_at: dt.datetime
    due_at: dt.datetime | None
    ended_at: dt.datetime | None
    moment: str
    how: How

    @property
    def breached(self) -> bool | None:
        """Whether its deadline passed; None when nobody can know."""
        return None if self.how is How.NOT_KNOWN else self.how in BREACHED

    def as_data(self) -> dict[str, Any]:
        """For the stored explanation."""
        return {
            "obligation": self.obligation,
            "label": self.label,
            "started_at": self.started_at.isoformat(),
            "due_at": self.due_at.isoformat() if self.due_at else None,
            "ended_at": self.ended_at.isoformat() if self.ended_at else None,
            "moment": self.moment,
            "how": self.how.value,
        }


@dataclass(slots=True, eq=False)
class Running:
    """A clock that runs; `level` comes next, where levels of escalation are played."""

    policy: Policy
    started_at: dt.datetime
    due_at: dt.datetime | None
    astray: bool
    held: bool
    level: Escalation | None = None
    missed: set[int] = field(default_factory=set)
    """Who had the lead when its deadline passed, or when one of its levels came."""


def run(
    marks: Sequence[Marked],
    given: Mapping[int, dt.datetime],
    kit: Kit,
    *,
    carried: Sequence[Carried] = (),
    owned: bool = False,
    until: dt.datetime,
) -> tuple[Ticked, ...]:
    """Every clock in the order of its end. `given` tells, by the place of the mark that asked, when
    somebody took the lead; who still waits is not in it. `owned`: somebody held it to begin with.
    """
    one = Clocks(kit, carried, until, owned=owned)
    for place, mark in enumerate(marks):
        one.take(mark, given.get(place))
    return one.end()


class Clocks:
    """The clocks of one lead, taken through its marks one by one."""

    def __init__(
        self,
        kit: Kit,
        carried: Sequence[Carried],
        until: dt.datetime,
        *,
        owned: bool,
        climbing: Collection[str] = (),
    ) -> None:
        """`climbing`: keys of the policies whose levels of escalation are to be played."""
        self._kit, self._until, self._owned, self._climbing = kit, until, owned, climbing
        self.running = [
            Running(one.policy, one.started_at, one.due_at, astray=False, held=True)
            for one in carried
        ]
        self._ended: list[Ticked] = []
        self._taken_at: dt.datetime | None = None
        self._last: Marked | None = None

    @property
    def gone(self) -> bool:
        """Whether the lead went elsewhere: what people did says little about it any more."""
        return self._last is not None and self._last.astray

    def take(self, mark: Marked, given_at: dt.datetime | None = None) -> None:
        """The next mark; `given_at`: when somebody takes the lead for which it asks, if known."""
        if mark.mark is Mark.LEARNT and self._last is not None:
            return
        self._take_by(mark.at)
        self._last = mark
        if mark.mark is Mark.ASKS:
            at_once = given_at is not None and given_at <= mark.at
            self._owned = self._owned and at_once  # routed anew and left waiting: nobody's
            self._taken_at = given_at
            self._take_by(mark.at)
        elif mark.mark is Mark.HANDED:
            if mark.quiet:
                self._owned, self._taken_at = True, None
            else:
                self._assign(mark, mark.at)
        elif mark.mark is Mark.LET_GO:
            self._let_go(mark)
        elif mark.moment is not None and (self._owned or mark.mark is Mark.MOMENT):
            self._happen(mark, mark.moment, mark.at)

    def taken(self, at: dt.datetime) -> None:
        """Somebody takes the lead that waits, or a level gives it to somebody."""
        if self._last is not None:
            self._assign(self._last, at)

    def queued(self) -> None:
        """A level leaves it in a queue: it is nobody's."""
        self._owned, self._taken_at = False, None

    def end(self) -> tuple[Ticked, ...]:
        """Every clock in the order of its end; those that still run come last."""
        self._take_by(self._until)
        return (*self._ended, *(self._told(clock, None, "") for clock in self.running))

    def _take_by(self, at: dt.datetime) -> None:
        """Somebody takes the waiting lead, if that was by then."""
        if self._taken_at is not None and self._taken_at <= at and self._last is not None:
            taken, self._taken_at = self._taken_at, None
            self._assign(self._last, taken)

    def _assign(self, mark: Marked, at: dt.datetime) -> None:
        moment = Moment.REASSIGNED if self._owned else Moment.ASSIGNED
        self._owned, self._taken_at = True, None
        self._happen(mark, moment, at)

    def _let_go(self, mark: Marked) -> None:
        for clock in self.running:
            self._end(clock, Fate.CANCELLED, mark.at, "")
        self.running.clear()
        self._owned, self._taken_at = False, None

    def _happen(self, mark: Marked, moment: Moment, at: dt.datetime) -> None:
        """What `sla.services.happen` does to the clocks of a lead, without writing."""
        for clock in list(self.running):
            fate = clocks.fate(
                clock.policy,
                moment,
                stage=mark.stage,
                exempt=self._is_exempt(clock, mark),
                overdue=clock.due_at is not None and clock.due_at < (mark.proof_at or at),
            )
            if fate is not Fate.STAYS:
                self._end(clock, fate, mark.proof_at or at, moment.value)
                self.running.remove(clock)
        begun = clocks.begun_by(
            self._kit,
            moment,
            running=[one.policy for one in self.running],
            stage=mark.stage,
            facts=lambda: mark.known,
        )
        for policy in begun.policies:
            due_at = self._due(policy, at)
            level = self._first_level(policy, due_at)
            self.running.append(Running(policy, at, due_at, mark.astray, mark.held, level))

    def _first_level(self, policy: Policy, due_at: dt.datetime | None) -> Escalation | None:
        if due_at is None or policy.key not in self._climbing:
            return None
        return clocks.escalation(self._kit, policy, due_at)

    def _is_exempt(self, clock: Running, mark: Marked) -> bool:
        # What another kit started keeps that kit's word.
        if not self._kit.exemptions or all(one is not clock.policy for one in self._kit.policies):
            return False
        found = self._kit.exemption(
            stage=mark.stage,
            channel=str(mark.known["lead.channel"]),
            obligation=clock.policy.obligation,
        )
        return found is not None

    def _due(self, policy: Policy, at: dt.datetime) -> dt.datetime | None:
        try:
            return clocks.due(self._kit, policy, at).due_at
        except worktime.NoWorkingTime:
            return None

    def _end(self, clock: Running, fate: Fate, at: dt.datetime, moment: str) -> None:
        told = self._told(clock, max(at, clock.started_at), moment, fate)
        self._ended.append(told)

    def _told(
        self, clock: Running, ended_at: dt.datetime | None, moment: str, fate: Fate | None = None
    ) -> Ticked:
        policy = clock.policy
        return Ticked(
            policy.obligation,
            policy.scope,
            policy.key,
            policy.label,
            clock.started_at,
            clock.due_at,
            ended_at,
            moment,
            self._how(clock, ended_at, moment, fate),
        )

    def _how(
        self, clock: Running, ended_at: dt.datetime | None, moment: str, fate: Fate | None
    ) -> How:
        if clock.due_at is None:
            return How.NEVER_DUE
        if clock.astray and not _is_known(clock, moment, fate):
            return How.NOT_KNOWN
        if ended_at is not None:
            return _ended_how(fate, late=ended_at > clock.due_at)
        if clock.due_at >= self._until:
            return How.RUNNING
        # Left open although the lead went elsewhere: nobody had a reason to meet it.
        return How.NOT_KNOWN if self.gone else How.OVERDUE


def _is_known(clock: Running, moment: str, fate: Fate | None) -> bool:
    """Whether the end of a clock of a lead gone astray says something.

    It does when the replay itself brought it about, or somebody who really answered for the lead
    did what was asked: called, for example, though the lead was at another stage.
    """
    return fate is Fate.STOPPED and (clock.held or moment in REPLAYED)


def _ended_how(fate: Fate | None, *, late: bool) -> How:
    if fate is Fate.CANCELLED:
        return How.CANCELLED_LATE if late else How.CANCELLED
    return How.LATE if late else How.MET
