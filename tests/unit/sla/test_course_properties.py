"""Any course of a clock: pauses, hand-overs, the buyer's word, other hours, in any order.

Played by the services that play it in the product, on rows that are written nowhere.
"""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import made
from core.work_calendar import WorkCalendar
from governance import selectors
from governance.kit import Kit
from leads.ledger import Ledger
from leads.models import EventKind, Lead
from sla import course, hours, moves, pauses, pins, segments, services, sweeps
from sla.hours import ZERO, Hours
from sla.models import Clock, ClockEvent, ClockState, HoursPin
from sla.pins import Pins
from tests.unit.sla.test_recalculation import kit, policy

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)  # a Tuesday
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)
ANNA, BEN = 1, 2
EARLY = WorkCalendar("Europe/Berlin", (((6 * 60, 12 * 60),),) * 5 + ((), ()))
LATE = WorkCalendar("America/New_York", (((13 * 60, 22 * 60),),) * 7)
WORKS = {ANNA: Hours(EARLY, own=True), BEN: Hours(LATE, own=True)}
ALLOWANCE = 12 * HOUR


class Known(Pins):
    """Hours that are told instead of read."""

    works_by: dict[int, Hours | None]

    def read(self, user_ids: Any) -> None:
        self._works.update({one: self.works_by[one] for one in user_ids})


@dataclass
class Played:
    """A lead with one clock, taken from act to act."""

    kit: Kit
    works: dict[int, Hours | None] = field(default_factory=lambda: dict(WORKS))
    now: dt.datetime = NOW
    notes: list[ClockEvent] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.lead = made.row(Lead, stage="MQL", channel="FORM", version=0, owner_id=ANNA)
        self.running: list[Clock] = []
        with self.act() as ledger:
            event = ledger.event(self.lead, EventKind.ASSIGNED)
            clock = services.start(self.lead, self.kit.policies[0], ledger=ledger, event=event)
            clock.pk = 1
            self.running.append(clock)
        clock.past = self.notes

    def begin(self, ledger: Ledger) -> None:
        """What has come before an act is done first."""
        sweeps._catch_up(self.lead, self.running, [], ledger)

    @property
    def clock(self) -> Clock:
        return self.running[0]

    def act(self) -> _Act:
        return _Act(self)

    def stretches(self) -> tuple[course.Stretch, ...]:
        return moves.stretches(self.clock, self.notes)

    # What can happen

    def wait(self, days: int) -> None:
        with self.act() as ledger:
            if pauses.may_pause(self.clock, pauses.CUSTOMER, self.now):
                event = ledger.event(self.lead, EventKind.PAUSED)
                until = self.now + days * DAY
                pauses.pause(
                    self.clock,
                    pauses.CUSTOMER,
                    at=self.now,
                    until=until,
                    ledger=ledger,
                    event=event,
                )

    def hear(self) -> None:
        with self.act() as ledger:
            event = ledger.event(self.lead, EventKind.ACTIVITY)
            services.heard(self.lead, self.running, ledger=ledger, event=event)

    def hand(self, owner: int | None) -> None:
        with self.act() as ledger:
            self.lead.owner_id = owner
            event = ledger.event(self.lead, EventKind.ASSIGNED)
            services.hand_over(self.lead, self.running, ledger=ledger, event=event)

    def change(self, who: int, works: Hours | None) -> bool:
        self.works[who] = works
        with self.act():
            pass  # the sweep, in a transaction of its own
        with self.act() as ledger:
            return moves.follow(self.clock, self.lead, ledger=ledger)


class _Act:
    """One ledger: the sweep first, then what is done; its notes are kept as if written."""

    def __init__(self, played: Played) -> None:
        self._played = played

    def __enter__(self) -> Ledger:
        one = self._played
        self._ledger = Ledger(kit=one.kit, now=one.now, actor="test")
        known = Known(self._ledger)
        known.works_by = one.works
        self._ledger._once[Pins] = known
        one.begin(self._ledger)
        return self._ledger

    def __exit__(self, *_: object) -> None:
        self._played.notes += self._ledger._new[ClockEvent]


@pytest.fixture(autouse=True, scope="module")
def _no_database() -> Iterator[None]:
    with without_database():
        yield


@contextlib.contextmanager
def without_database() -> Iterator[None]:
    """The kit and pins at hand, and pauses that end as in the product."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Pins, "_pin", _pin)
        patch.setattr(sweeps, "_resumes", [pauses.wake_in_time])
        patch.setattr(selectors, "kit_of", lambda _: KIT)
        yield


def _pin(self: Pins, document: Any) -> HoursPin:
    return made.row(HoursPin, digest=hours.digest(document), document=dict(document))


KIT = kit(policy("a", minutes=ALLOWANCE // MINUTE, hours="HOLDER", pauses_for=["CUSTOMER"]))
"""Of one clock in the hours of whoever holds the lead, which waits for customers."""

gaps = st.integers(1, 30 * 60).map(lambda minutes: minutes * MINUTE)
acts = st.one_of(
    st.tuples(st.just("wait"), st.integers(1, 5)),
    st.tuples(st.just("hear")),
    st.tuples(st.just("hand"), st.sampled_from([None, ANNA, BEN])),
)
course_of = st.lists(st.tuples(gaps, acts), max_size=8)


def play(steps: Any) -> Iterator[Played]:
    """The same clock after each step, swept up to then."""
    one = Played(KIT)
    for gap, (what, *given_) in steps:
        one.now += gap
        getattr(one, what)(*given_)
        yield one


def counted(one: Played, until: dt.datetime) -> dt.timedelta:
    """The time of its running segments in the hours of who held each."""
    spans = [
        (seg.since, min(seg.until or until, until), seg.holder)
        for seg in segments.of(one.clock, one.notes)
        if seg.runs
    ]
    return sum((in_hours(one, who).elapsed(a, b) for a, b, who in spans if a < b), ZERO)


def in_hours(one: Played, who: int | None) -> Hours:
    found = one.works.get(who) if who is not None else None
    return found or Hours(KIT.calendars["office"])


@given(course_of)
@settings(max_examples=150)
def test_what_is_left_is_due_in_the_hours_of_whoever_holds_it(steps: Any) -> None:
    for one in play(steps):
        clock = one.clock
        if clock.breached_at is not None:
            assert counted(one, clock.breached_at) == ALLOWANCE
            continue
        worked = counted(one, one.now)
        assert course.worked(one.stretches(), one.now) == worked
        assert worked <= ALLOWANCE
        since = clock.resume_at or one.now
        assert clock.due_at == in_hours(one, clock.holder_id).add(since, ALLOWANCE - worked)


@given(course_of)
@settings(max_examples=100)
def test_nothing_breaches_in_a_pause_and_no_pause_heals_a_breach(steps: Any) -> None:
    passed: dt.datetime | None = None
    for one in play(steps):
        clock = one.clock
        assert passed is None or clock.breached_at == clock.due_at == passed
        passed = clock.breached_at
        assert not (passed and clock.state == ClockState.PAUSED)
        still = [seg for seg in segments.of(clock, one.notes) if not seg.runs]
        for seg in still:
            assert passed is None or not seg.since < passed < (seg.until or one.now)
        times = [note.kind for note in one.notes].count("BREACHED")
        assert times == (passed is not None)


offs = st.lists(
    st.tuples(st.integers(-48, 72), st.integers(1, 60)).map(
        lambda at: (NOW + at[0] * HOUR, NOW + (at[0] + at[1]) * HOUR)
    ),
    max_size=3,
).map(tuple)
others = st.builds(Hours, st.sampled_from([EARLY, LATE]), offs, st.just(True))
changes = st.tuples(st.just("change"), st.sampled_from([ANNA, BEN]), st.none() | others)


@given(st.lists(st.tuples(gaps, acts | changes), max_size=8))
@settings(max_examples=150)
def test_a_deadline_is_computed_again_from_its_notes_and_pins(steps: Any) -> None:
    for one in play(steps):
        clock, last = one.clock, course.to_the_deadline(one.stretches())[-1]
        if clock.state == ClockState.RUNNING:
            assert last.due_at == clock.due_at
        elif clock.resume_at is not None:
            left = last.left - last.worked(clock.resume_at)
            assert moves.hours(clock).add(clock.resume_at, left) == clock.due_at
        assert clock.started_at <= clock.warn_at <= clock.due_at
        assert clock.breached_at or clock.due_at >= one.now


@given(gaps, others, st.integers(0, 600))
@settings(max_examples=150)
def test_hours_that_come_back_bring_the_first_deadline_back(
    gap: dt.timedelta, works: Hours, later: int
) -> None:
    one = Played(KIT)
    first, warned = one.clock.due_at, one.clock.warn_at
    one.now = min(one.now + gap, warned - MINUTE)
    one.change(ANNA, works)
    if works.calendar is EARLY and one.now + later * MINUTE < warned:
        one.now += later * MINUTE  # leave counts with its own dates, whenever it is told of
    over = any(until <= one.now for _, until in works.leaves)  # what is over stays as it was
    if one.clock.breached_at is None and not over:
        one.change(ANNA, WORKS[ANNA])
        assert (one.clock.due_at, one.clock.warn_at) == (first, warned)


leaves = st.lists(st.tuples(st.integers(0, 300), st.integers(1, 100)), max_size=4)


@given(leaves, st.integers(0, 400), st.integers(1, 3000))
def test_adding_and_measuring_are_inverse_and_leave_holds_no_time(
    spans: list[tuple[int, int]], start: int, minutes: int
) -> None:
    at = [(NOW + a * HOUR, NOW + (a + b) * HOUR) for a, b in spans]
    works, since = Hours(LATE, tuple(at)), NOW + start * HOUR
    end = works.add(since, minutes * MINUTE)
    assert works.elapsed(since, end) == minutes * MINUTE
    assert works.elapsed(since, end - MINUTE) < minutes * MINUTE
    assert works.elapsed(end, since) == -minutes * MINUTE
    for begins, ends in at:
        assert works.elapsed(begins, ends) == ZERO


def on_holiday(*days: str) -> Hours:
    closed = frozenset(map(dt.date.fromisoformat, days))
    return Hours(WorkCalendar("UTC", EARLY.week, closed))


@pytest.mark.parametrize(
    ("was", "becomes", "differs"),
    [
        (None, None, False),
        (None, WORKS[ANNA], True),
        (WORKS[ANNA], None, True),
        (WORKS[ANNA], WORKS[BEN], True),
        (WORKS[ANNA], WORKS[ANNA], False),
        (Hours(EARLY, ((NOW - DAY, NOW - HOUR),)), WORKS[ANNA], False),
        (Hours(EARLY, ((NOW - DAY, NOW + HOUR),)), WORKS[ANNA], True),
        (on_holiday("2026-12-25"), on_holiday("2026-12-25", "2027-12-25"), False),
        (on_holiday("2026-12-25"), on_holiday("2026-12-24"), True),
    ],
)  # fmt: skip
def test_hours_differ_where_a_deadline_ahead_could(
    was: Hours | None, becomes: Hours | None, differs: bool
) -> None:
    assert hours.changed(was, becomes, now=NOW) is differs


def test_hours_are_the_same_when_they_are_read_again() -> None:
    works = Hours(EARLY, ((NOW, NOW + HOUR),), own=True)
    assert hours.from_document(hours.to_document(works)) == works
    assert pins.hours_of(made.row(HoursPin, digest="d1", document={})) is None
    late = hours.to_document(works, falls_back=True)
    assert pins.hours_of(made.row(HoursPin, digest="d2", document=late)) is None
    assert pins.known_hours(made.row(HoursPin, digest="d2", document=late)) == works
