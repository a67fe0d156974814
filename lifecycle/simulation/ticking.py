"""The clocks of one lead under one kit, over the marks of its course. Pure.

Deadlines are held against what people really did. Where the lead never went that way, nobody
knows what they would have done, and the outcome says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from core import worktime
from governance.kit import Kit
from governance.moments import Moment
from governance.terms import Policy
from lifecycle.simulation.course import Carried
from lifecycle.simulation.judging import Mark, Marked
from sla import clock as clocks
from sla.clock import Fate


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
class _Running:
    policy: Policy
    started_at: dt.datetime
    due_at: dt.datetime | None
    astray: bool
    held: bool


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
    return _Clocks(kit, carried, until, owned=owned).run(marks, given)


class _Clocks:
    def __init__(
        self, kit: Kit, carried: Sequence[Carried], until: dt.datetime, *, owned: bool
    ) -> None:
        self._kit, self._until, self._owned = kit, until, owned
        self._running = [
            _Running(one.policy, one.started_at, one.due_at, astray=False, held=True)
            for one in carried
        ]
        self._ended: list[Ticked] = []
        self._taken_at: dt.datetime | None = None
        self._last: Marked | None = None

    def run(self, marks: Sequence[Marked], given: Mapping[int, dt.datetime]) -> tuple[Ticked, ...]:
        for place, mark in enumerate(marks):
            self._take_by(mark.at)
            self._last = mark
            self._take(mark, given.get(place))
        self._take_by(self._until)
        for clock in self._running:
            self._ended.append(self._told(clock, None, ""))
        return tuple(self._ended)

    def _take(self, mark: Marked, given_at: dt.datetime | None) -> None:
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
        for clock in self._running:
            self._end(clock, Fate.CANCELLED, mark.at, "")
        self._running.clear()
        self._owned, self._taken_at = False, None

    def _happen(self, mark: Marked, moment: Moment, at: dt.datetime) -> None:
        """What `sla.services.happen` does to the clocks of a lead, without writing."""
        for clock in list(self._running):
            fate = clocks.fate(
                clock.policy, moment, stage=mark.stage, exempt=self._is_exempt(clock, mark)
            )
            if fate is not Fate.STAYS:
                self._end(clock, fate, mark.proof_at or at, moment.value)
                self._running.remove(clock)
        slots = {(one.policy.obligation, one.policy.scope) for one in self._running}
        for policy in clocks.started_by(
            self._kit, moment, stage=mark.stage, facts=lambda: mark.known
        ):
            if (policy.obligation, policy.scope) not in slots:
                due_at = self._due(policy, at)
                self._running.append(_Running(policy, at, due_at, mark.astray, mark.held))

    def _is_exempt(self, clock: _Running, mark: Marked) -> bool:
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

    def _end(self, clock: _Running, fate: Fate, at: dt.datetime, moment: str) -> None:
        told = self._told(clock, max(at, clock.started_at), moment, fate)
        self._ended.append(told)

    def _told(
        self, clock: _Running, ended_at: dt.datetime | None, moment: str, fate: Fate | None = None
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
        self, clock: _Running, ended_at: dt.datetime | None, moment: str, fate: Fate | None
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
        gone = self._last is not None and self._last.astray
        return How.NOT_KNOWN if gone else How.OVERDUE


def _is_known(clock: _Running, moment: str, fate: Fate | None) -> bool:
    """Whether the end of a clock of a lead gone astray says something.

    It does when the replay itself brought it about, or somebody who really answered for the lead
    did what was asked: called, for example, though the lead was at another stage.
    """
    return fate is Fate.STOPPED and (clock.held or moment in REPLAYED)


def _ended_how(fate: Fate | None, *, late: bool) -> How:
    if fate is Fate.CANCELLED:
        return How.CANCELLED_LATE if late else How.CANCELLED
    return How.LATE if late else How.MET
