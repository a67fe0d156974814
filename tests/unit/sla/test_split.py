"""Every second of a clock has one cause, and they add up."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla import split
from sla.segments import Segment
from sla.split import Cause

MONDAY = dt.datetime(2026, 3, 2, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Clock:
    event_at: dt.datetime | None
    received_at: dt.datetime | None
    started_at: dt.datetime


def nine_to_five(_: int, since: dt.datetime, until: dt.datetime) -> dt.timedelta:
    """At work from nine to five UTC, every day, counted day by day."""
    worked = dt.timedelta()
    day = since.replace(hour=0, minute=0, second=0, microsecond=0)
    while day < until:
        opens, closes = max(day + 9 * HOUR, since), min(day + 17 * HOUR, until)
        worked += max(dt.timedelta(), closes - opens)
        day += 24 * HOUR
    return worked


def segment(since: float, until: float | None, holder: int | None, cause: str = "") -> Segment:
    """From hour to hour after Monday at nine."""
    end = None if until is None else MONDAY + until * HOUR
    return Segment(MONDAY + since * HOUR, end, runs=not cause, cause=cause, holder=holder)


def hours(
    clock: Clock, *segments: Segment, now: float = 100, promised: float | None = None
) -> dict[str, float]:
    at = None if promised is None else MONDAY + promised * HOUR
    told = split.stretches(segments, at_work=nine_to_five, now=MONDAY + now * HOUR, promised_at=at)
    found = split.of(split.before(clock), told)
    return {cause.value: some / 3600 for cause, some in found.seconds.items() if some}


AT_ONCE = Clock(None, None, MONDAY)


@pytest.mark.parametrize(
    ("clock", "segments", "expected"),
    [
        (AT_ONCE, [segment(0, 2, 7)], {"REP": 2}),
        (AT_ONCE, [segment(0, 2, None), segment(2, 3, 7)], {"QUEUE": 2, "REP": 1}),
        # Taken at three in the afternoon, done at ten the next morning.
        (AT_ONCE, [segment(0, 6, None), segment(6, 25, 7)],
         {"QUEUE": 6, "REP": 3, "OFF_SHIFT": 16}),
        (AT_ONCE, [segment(0, 1, 7), segment(1, 5, 7, "CUSTOMER"), segment(5, 6, 7)],
         {"REP": 2, "CUSTOMER": 4}),
        (AT_ONCE, [segment(0, 1, 7), segment(1, 5, 7, "LEAVE")], {"REP": 1, "OFF_SHIFT": 4}),
        (AT_ONCE, [segment(0, 1, 7), segment(1, 3, 8)], {"REP": 3}),
        # Scanned at a fair three days before the list was uploaded, decided two hours later.
        (Clock(MONDAY - 74 * HOUR, MONDAY - 2 * HOUR, MONDAY), [segment(0, 1, 7)],
         {"INTAKE": 72, "ROUTING": 2, "REP": 1}),
        # Heard of before it happened, by a clock that goes wrong: nothing is negative.
        (Clock(MONDAY - HOUR, MONDAY - 3 * HOUR, MONDAY), [segment(0, 1, 7)],
         {"ROUTING": 1, "REP": 1}),
    ],
)  # fmt: skip
def test_time_is_put_down_to_whoever_had_it(
    clock: Clock, segments: list[Segment], expected: dict[str, float]
) -> None:
    assert hours(clock, *segments) == expected


@pytest.mark.parametrize(
    ("promised", "segments", "expected"),
    [
        (-1, [segment(0, 2, 7)], {"REP": 2}),
        (1, [segment(0, 2, 7)], {"PROMISED": 1, "REP": 1}),
        # Kept ahead of time, by whoever had it; a night before it is nobody's either.
        (30, [segment(0, 1, None), segment(1, 20, 7)], {"PROMISED": 20}),
        (25, [segment(0, 26, 7)], {"PROMISED": 25, "REP": 1}),
        (2, [segment(0, 1, 7), segment(1, 4, 7, "CUSTOMER"), segment(4, 5, 8)],
         {"PROMISED": 2, "CUSTOMER": 2, "REP": 1}),
        (2, [segment(0, None, None)], {"PROMISED": 2, "QUEUE": 98}),
    ],
)  # fmt: skip
def test_until_what_was_promised_it_is_nobody_s(
    promised: float, segments: list[Segment], expected: dict[str, float]
) -> None:
    assert hours(AT_ONCE, *segments, promised=promised) == expected


@pytest.mark.parametrize(
    ("queued", "routing", "queue"), [(None, 6, 0), (-5, 1, 5), (-9, 0, 6), (0, 6, 0), (3, 6, 0)]
)
def test_what_an_assignment_starts_waited_for_it_in_the_queue(
    queued: float | None, routing: float, queue: float
) -> None:
    clock = Clock(MONDAY - 8 * HOUR, MONDAY - 6 * HOUR, MONDAY)
    at = None if queued is None else MONDAY + queued * HOUR
    found = split.before(clock, at)
    assert {cause: span / HOUR for cause, span in found.items()} == {
        Cause.INTAKE: 2, Cause.ROUTING: routing, Cause.QUEUE: queue
    }  # fmt: skip


def test_a_clock_that_runs_is_divided_up_to_now() -> None:
    assert hours(AT_ONCE, segment(0, None, 7), now=3) == {"REP": 3}
    assert hours(AT_ONCE, segment(0, None, 7), now=-1) == {}


def test_nobody_works_longer_than_they_held_it() -> None:
    told = split.stretches([segment(0, 1, 7)], at_work=lambda *_: dt.timedelta(hours=9), now=MONDAY)
    found = split.of(split.before(AT_ONCE), told)
    assert (found.seconds[Cause.REP], found.seconds[Cause.OFF_SHIFT]) == (3600, 0)


microseconds = st.integers(0, 40 * 24 * 3600 * 1_000_000).map(
    lambda n: dt.timedelta(microseconds=n)
)


@st.composite
def courses(draw: st.DrawFn) -> tuple[Clock, list[Segment], dt.datetime]:
    """A clock with an arbitrary past before its start and arbitrary neighbouring segments."""
    at, segments = MONDAY, []
    for _ in range(draw(st.integers(1, 6))):
        end = at + draw(microseconds)
        cause = draw(st.sampled_from(["", "", "CUSTOMER", "LEAVE"]))
        holder = draw(st.sampled_from([None, 7, 8]))
        segments.append(Segment(at, end, runs=not cause, cause=cause, holder=holder))
        at = end
    event = MONDAY - draw(microseconds)
    clock = Clock(event, event + draw(microseconds), MONDAY)
    return clock, segments, at


@given(courses())
def test_the_causes_add_up_to_the_whole_to_the_second(
    course: tuple[Clock, list[Segment], dt.datetime],
) -> None:
    clock, segments, end = course
    told = split.stretches(segments, at_work=nine_to_five, now=end)
    found = split.of(split.before(clock), told)
    assert sum(found.seconds.values()) == found.total
    assert min(found.seconds.values()) >= 0
    assert clock.event_at is not None
    exact = (end - clock.event_at).total_seconds()
    assert abs(found.total - exact) <= 0.5
    assert sum(map(found.share, Cause)) == pytest.approx(1.0 if found.total else 0.0)


@given(courses())
def test_no_cause_is_a_second_off_its_exact_span(
    course: tuple[Clock, list[Segment], dt.datetime],
) -> None:
    clock, segments, end = course
    told = split.stretches(segments, at_work=nine_to_five, now=end)
    found = split.of(split.before(clock), told)
    exact = dict.fromkeys(Cause, 0.0)
    for cause, span in split.before(clock).items():
        exact[cause] += span.total_seconds()
    for one in split.stretches(segments, at_work=nine_to_five, now=end):
        for cause, span in one.spans.items():
            exact[cause] += span.total_seconds()
    assert all(abs(found.seconds[cause] - exact[cause]) < 1.000_001 for cause in Cause)


@given(courses())
def test_the_stretches_and_what_lay_before_come_to_the_causes(
    course: tuple[Clock, list[Segment], dt.datetime],
) -> None:
    clock, segments, end = course
    before = split.before(clock)
    told = split.stretches(segments, at_work=nine_to_five, now=end)
    whole = split.of(before, told)
    cells = split.in_seconds(whole, told, before)
    for cause in Cause:
        rest = whole.seconds[cause] - sum(one.get(cause, 0) for one in cells)
        assert abs(rest - before.get(cause, dt.timedelta()).total_seconds()) < 1.000_001
    for one, seconds in zip(told, cells, strict=True):
        assert seconds.keys() == one.spans.keys()
        exact = {cause: span.total_seconds() for cause, span in one.spans.items()}
        assert all(abs(count - exact[cause]) < 1.000_001 for cause, count in seconds.items())
        assert min(seconds.values()) >= 0
