"""Clocks in their holders' hours once their deadline has passed: they count by the hours that hold.

Whoever has the lead, and whatever becomes of their shifts and leave meanwhile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leads.ledger import Ledger
from sla import course, moves, pauses, recounts, segments, services, spent, split
from sla.hours import ZERO, Hours
from tests.unit.sla import test_course_properties as courses
from tests.unit.sla.test_course_properties import (
    ALLOWANCE,
    ANNA,
    HOUR,
    KIT,
    LATE,
    MINUTE,
    NOW,
    WORKS,
    Played,
    acts,
    changes,
    gaps,
    without_database,
)

SECOND = dt.timedelta(seconds=1)


@pytest.fixture(autouse=True, scope="module")
def _no_database() -> Iterator[None]:
    with without_database():
        yield


class Logged(Played):
    """Remembers from when on who worked which hours."""

    def __post_init__(self) -> None:
        self.log = [(NOW, who, hours) for who, hours in WORKS.items()]
        super().__post_init__()

    def begin(self, ledger: Ledger) -> None:
        self.read_changes()
        super().begin(ledger)

    def read_changes(self) -> None:
        """As `sla.following` reads them with a clock."""
        for clock in self.running:
            since = max(one.at for one in self.notes if one.kind in ("STARTED", "MOVED"))
            clock.changes = [
                (at, hours) for at, who, hours in self.log if who == clock.holder_id and at > since
            ]

    def change(self, who: int, works: Hours | None) -> bool:
        self.log.append((self.now, who, works))
        return super().change(who, works)

    def look_in(self) -> None:
        """The worker passes by."""
        with self.act() as ledger:
            moves.follow(self.clock, self.lead, ledger=ledger)

    def kept(self, who: int | None, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        """What somebody worked between two instants, as was known at each; the calendar's time
        where they have no hours, or there is nobody.
        """
        told = [(at, hours) for at, whose, hours in self.log if whose == who] or [(a, None)]
        ends = [at for at, _ in told[1:]] + [b]
        total = ZERO
        for (at, hours), end in zip(told, ends, strict=True):
            since, until = max(a, at), min(b, end)
            if since < until:
                counted = hours or Hours(KIT.calendars["office"])
                total += counted.elapsed(since, until)
        return total


class Away(Logged):
    """Its worker is away: nobody does anything but people."""

    is_back = False

    def begin(self, ledger: Ledger) -> None:
        if self.is_back:
            return super().begin(ledger)
        self.read_changes()
        services.catch_up(self.lead, self.running, ledger=ledger)
        if self.running and (self.clock.resume_at or course.LAST) <= self.now:
            pauses.wake_in_time(self.clock, self.lead, ledger)
        return None

    def change(self, who: int, works: Hours | None) -> bool:
        self.log.append((self.now, who, works))
        self.works[who] = works
        return True

    def look_in(self) -> None:
        self.is_back = True
        with self.act() as ledger:
            moves.follow(self.clock, self.lead, ledger=ledger)
        self.is_back = False


def overrun(one: Logged) -> dt.timedelta:
    """What has counted since the deadline, segment by segment, read off what people worked."""
    return sum(
        (
            one.kept(seg.holder, max(seg.since, one.clock.due_at), seg.until or one.now)
            for seg in segments.of(one.clock, one.notes)
            if (seg.until or one.now) > one.clock.due_at
        ),
        ZERO,
    )


steps_of = st.lists(st.tuples(gaps, acts | changes), min_size=2, max_size=10)


@given(steps_of)
@settings(max_examples=200)
def test_overdue_it_counts_in_the_hours_that_hold_and_every_sum_agrees(steps: Any) -> None:
    one = Logged(KIT)
    for gap, (what, *told) in [*steps, (30 * courses.DAY, ("hear",))]:
        one.now += gap
        getattr(one, what)(*told)
        if one.clock.breached_at is None:
            continue
        stretches = one.stretches()
        used = course.worked(stretches, one.now)
        assert used == ALLOWANCE + overrun(one)
        with one.act() as ledger:
            assert services.worked(one.clock, None, ledger) == used
        assert sum(at_work(one, stretches), ZERO) == used
        assert course.to_the_deadline(stretches)[-1].due_at == one.clock.due_at


def at_work(one: Logged, stretches: Any) -> Iterator[dt.timedelta]:
    """The same by who held it, as its page has it; without a holder it is open time that waits."""
    told = spent._at_work(lambda _: (), stretches)
    for seg in segments.of(one.clock, one.notes):
        until = seg.until or one.now
        if seg.holder is None:
            yield sum((s.between(seg.since, until) for s in stretches if s.holder is None), ZERO)
        elif seg.runs:
            found = split.stretches([seg], at_work=told, now=one.now)
            yield found[0].spans[split.Cause.REP]


looked_in = st.lists(
    st.tuples(gaps, acts | changes | st.tuples(st.just("look_in"))), min_size=2, max_size=10
)


ONCE_AWAY = Hours(LATE, ((NOW, NOW + HOUR),), own=True)
LEAVE_FORGOTTEN = [
    (MINUTE, ("change", ANNA, ONCE_AWAY)),
    (889 * MINUTE, ("change", ANNA, None)),
    (800 * MINUTE, ("change", ANNA, WORKS[ANNA])),
]
"""Leave that gave time back is not known any more once its holder has hours again."""


@given(looked_in, st.integers(1, 20))
@example(LEAVE_FORGOTTEN, 1)
@settings(max_examples=300)
def test_a_worker_who_was_away_catches_up_to_what_it_would_have_done(steps: Any, days: int) -> None:
    there, away = Logged(KIT), Away(KIT)
    for gap, (what, *told) in [*steps, (days * courses.DAY, ("look_in",))]:
        for one in (there, away):
            one.now += gap
            getattr(one, what)(*told)
    assert (away.clock.due_at, away.clock.breached_at) == (
        there.clock.due_at,
        there.clock.breached_at,
    )
    used = [course.worked(one.stretches(), one.now) for one in (there, away)]
    assert used[0] == used[1] == recounted(there)


def recounted(one: Logged) -> dt.timedelta | None:
    """As `verify` counts it, by nothing but who had it and what they worked."""
    return recounts.worked(
        KIT,
        KIT.policies[0],
        one.notes,
        lambda pk: [(at, hours) for at, who, hours in one.log if who == pk],
        until=one.now,
    )
