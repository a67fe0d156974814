"""Clocks in their holders' hours once their deadline has passed: they count by the hours that hold.

Whoever has the lead, and whatever becomes of their shifts and leave meanwhile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sla import course, segments, services, spent, split
from sla.hours import ZERO, Hours
from tests.unit.sla import test_course_properties as courses
from tests.unit.sla.test_course_properties import (
    ALLOWANCE,
    KIT,
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
        self.log = [(courses.NOW, who, hours) for who, hours in WORKS.items()]
        super().__post_init__()
        self.clock.past = self.notes

    def change(self, who: int, works: Hours | None) -> bool:
        if self.clock.due_at == self.now:
            return False  # it has not passed yet, and moves no more
        self.log.append((self.now, who, works))
        return super().change(who, works)

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
