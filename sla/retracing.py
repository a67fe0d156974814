"""A clock's course as another policy would have had it, period by period. Pure.

Each period counts by the hours that held then, so the deadline is what it would be had the clock
begun under that policy. A deadline that passes moves no more, whatever came afterwards. A wait for
the customer stands as it was; one for leave is none where the holder's own hours count.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from core import worktime
from governance.kit import Kit
from governance.terms import Policy
from sla import clock as clocks
from sla import course, hours
from sla.course import Stretch
from sla.hours import ZERO, Hours
from sla.segments import HANDED, MOVED, PAUSED, RESUMED, STARTED

LEAVE = "LEAVE"


@dataclass(frozen=True, slots=True)
class Turn:
    """What changed at an instant, in the words of notes: `MOVED` says that hours did.

    `hours` are the holder's own from here on; None where they have none, or nobody holds it.
    """

    kind: str
    at: dt.datetime
    holder: int | None = None
    hours: Hours | None = None
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """A note the clock would have: what counts from here on, and when it is due then.

    `pinned` is the document of its pin; None where it has none.
    """

    kind: str
    at: dt.datetime
    holder_id: int | None
    hours: Hours
    pinned: Mapping[str, Any] | None
    due_at: dt.datetime
    cause: str = ""


@dataclass(frozen=True, slots=True)
class Retraced:
    """All notes of its course in their order, and the times they come to. UTC."""

    steps: tuple[Step, ...]
    warn_at: dt.datetime
    due_at: dt.datetime


def of(kit: Kit, policy: Policy, turns: Iterable[Turn]) -> Retraced:
    """The course of a clock under a policy; `turns` are in order, from its start on.

    The calendar counts where nobody holds it, and where its holder never works so much. Raises
    NoWorkingTime when that does not suffice either.
    """
    course_ = _Course(kit, policy)
    for turn in turns:
        course_.take(turn)
    return Retraced(tuple(course_.steps), course_.warn_at, course_.due_at)


class _Course:
    """The fold: what is known after the turns so far."""

    def __init__(self, kit: Kit, policy: Policy) -> None:
        self._kit, self._policy = kit, policy
        self._by_holder = clocks.by_holder(policy)
        self._holder: int | None = None
        self._own: Hours | None = None
        self._falls_back = self._paused = self._warned = False
        self.steps: list[Step] = []
        self.warn_at = self.due_at = dt.datetime.max.replace(tzinfo=dt.UTC)

    def take(self, turn: Turn) -> None:
        """What changes with one turn."""
        self._warned |= not self._paused and self.warn_at <= turn.at
        if self._has_passed(turn):
            if turn.kind == HANDED:
                self._holder = turn.holder
                self._note(HANDED, turn.at)
        elif turn.kind == STARTED:
            self._holder, self._own = turn.holder, turn.hours
            self._count(STARTED, turn.at)
        elif turn.kind == HANDED:
            self._hand(turn)
        elif turn.kind == MOVED:
            self._other_hours(turn)
        elif turn.kind == PAUSED and not (self._by_holder and turn.cause == LEAVE):
            self._paused = True
            self._note(PAUSED, turn.at, turn.cause)
        elif turn.kind == RESUMED and self._paused:
            self._paused = False
            self._count(RESUMED, turn.at)

    def _has_passed(self, turn: Turn) -> bool:
        if self._paused:
            return False
        return self.due_at < turn.at or (turn.kind == MOVED and self.due_at == turn.at)

    def _hand(self, turn: Turn) -> None:
        self._holder = turn.holder
        self._note(HANDED, turn.at)
        if self._by_holder:
            self._own, self._falls_back = turn.hours, False
            self._count(MOVED, turn.at)

    def _other_hours(self, turn: Turn) -> None:
        """The same holder works otherwise; nobody is late at once for leave that is taken back."""
        if not self._by_holder or turn.hours == self._own:
            return
        before = self._own or self._last_own()
        self._own, self._falls_back = turn.hours, False
        if not self._paused and before is not None and self._own is not None:
            stretch = self._stretch(self.steps).then(turn.at, self._own)
            if stretch.left <= stretch.worked(turn.at):
                passed = {(a, min(b, turn.at)) for a, b in before.leaves if a < turn.at}
                self._own = self._own.with_leaves(tuple(sorted({*passed, *self._own.leaves})))
        self._count(MOVED, turn.at)

    def _last_own(self) -> Hours | None:
        """The last hours of the same holder that it counted, where they had some."""
        pieces = self._stretch(self.steps).pieces
        return next((one.hours for one in reversed(pieces) if one.hours.own), None)

    def _count(self, kind: str, at: dt.datetime) -> None:
        """The hours at hand count from here on, or the calendar where they never suffice."""
        try:
            found = self._judged(kind, at)
        except worktime.NoWorkingTime:
            if self._own is None or self._falls_back or not self._by_holder:
                raise
            self._falls_back = True
            found = self._judged(kind, at)
        self.steps.append(found)
        self.due_at = found.due_at

    def _judged(self, kind: str, at: dt.datetime) -> Step:
        step = self._step(kind, at)
        steps = [*self.steps, step]
        stretch = self._stretch(steps)
        if self._paused:  # what is left is due once it runs on; so much there has to be
            step.hours.add(at, max(ZERO, stretch.left - stretch.worked(at)))
            return step
        if not self._warned:
            self.warn_at = self._stretch(steps, clocks.warning(self._policy)).due_at
        return replace(step, due_at=stretch.due_at)

    def _note(self, kind: str, at: dt.datetime, cause: str = "") -> None:
        """Nothing else counts from here on."""
        last = self.steps[-1]
        self.steps.append(replace(last, kind=kind, at=at, holder_id=self._holder, cause=cause))

    def _step(self, kind: str, at: dt.datetime) -> Step:
        own = None if self._falls_back else self._own
        pinned: Mapping[str, Any] | None = None
        if self._by_holder and self._holder is not None:
            pinned = {}
            if self._own is not None:
                pinned = hours.to_document(self._own, falls_back=self._falls_back)
        counted = clocks.counted(self._kit, self._policy, own)
        return Step(kind, at, self._holder, counted, pinned, self.due_at)

    def _stretch(self, steps: Iterable[Step], allowance: dt.timedelta | None = None) -> Stretch:
        """The last stretch of a course of so many notes."""
        allowed = self._policy.allowance if allowance is None else allowance
        return course.of(steps, allowance=allowed, hours=lambda one: one.hours)[-1]  # type: ignore[attr-defined]
