"""Who held a clock when and when it stood still, by its notes alone."""

from __future__ import annotations

import datetime as dt
import itertools
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sla import segments
from sla.segments import Segment

START = dt.datetime(2026, 3, 3, 9, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@dataclass
class Clock:
    stopped: int | None = None
    effective: int | None = None
    started_at: dt.datetime = START

    @property
    def stopped_at(self) -> dt.datetime | None:
        return None if self.stopped is None else START + self.stopped * MINUTE

    @property
    def effective_at(self) -> dt.datetime | None:
        return None if self.effective is None else START + self.effective * MINUTE


@dataclass
class Note:
    kind: str
    minute: int
    holder_id: int | None = None
    cause: str = ""

    @property
    def at(self) -> dt.datetime:
        return START + self.minute * MINUTE


def told(clock: Clock, *notes: Note) -> list[tuple[int, int | None, str, int | None]]:
    """Each segment: first and last minute, why it stood still or RUNS, who held it."""
    return [
        (
            (one.since - START) // MINUTE,
            None if one.until is None else (one.until - START) // MINUTE,
            "RUNS" if one.runs else one.cause,
            one.holder,
        )
        for one in segments.of(clock, notes)
    ]


BEGUN = Note("STARTED", 0, 1)
HANDED = Note("HANDED", 10, 2)
PAUSED = Note("PAUSED", 20, 2, "CUSTOMER")
RESUMED = Note("RESUMED", 30, 2)
BREACHED = Note("BREACHED", 40, 2)


@pytest.mark.parametrize(
    ("clock", "notes", "wanted"),
    [
        (Clock(), [BEGUN], [(0, None, "RUNS", 1)]),
        (Clock(), [], [(0, None, "RUNS", None)]),
        (Clock(5), [BEGUN], [(0, 5, "RUNS", 1)]),
        (Clock(0), [BEGUN], [(0, 0, "RUNS", 1)]),
        (Clock(), [BEGUN, HANDED], [(0, 10, "RUNS", 1), (10, None, "RUNS", 2)]),
        (
            Clock(50),
            [BEGUN, HANDED, PAUSED, RESUMED, BREACHED, Note("STOPPED", 50)],
            [(0, 10, "RUNS", 1), (10, 20, "RUNS", 2), (20, 30, "CUSTOMER", 2), (30, 50, "RUNS", 2)],
        ),
        # Evidence of before the hand-over: the rest never was.
        (Clock(7), [BEGUN, HANDED, PAUSED, Note("STOPPED", 7)], [(0, 7, "RUNS", 1)]),
        (Clock(50, 15), [BEGUN, HANDED, PAUSED], [(0, 10, "RUNS", 1), (10, 15, "RUNS", 2)]),
        # Handed on at the instant of the start, or at the stop.
        (Clock(), [BEGUN, Note("HANDED", 0, 3)], [(0, None, "RUNS", 3)]),
        (Clock(10), [BEGUN, HANDED], [(0, 10, "RUNS", 1), (10, 10, "RUNS", 2)]),
        # Handed over while it stands still.
        (
            Clock(),
            [BEGUN, PAUSED, Note("HANDED", 25, 3), RESUMED],
            [(0, 20, "RUNS", 1), (20, 25, "CUSTOMER", 1), (25, 30, "CUSTOMER", 3),
             (30, None, "RUNS", 3)],
        ),
        # Back to whom it was: one segment.
        (Clock(), [BEGUN, Note("HANDED", 9, 1)], [(0, None, "RUNS", 1)]),
    ],
)  # fmt: skip
def test_notes_fold_into_segments(
    clock: Clock, notes: list[Note], wanted: list[tuple[int, int | None, str, int | None]]
) -> None:
    assert told(clock, *notes) == wanted


STEPS = st.lists(
    st.tuples(st.integers(0, 30), st.sampled_from(["HAND", "TURN", "WARN"]), st.integers(1, 3)),
    max_size=12,
)


@given(steps=STEPS, stop=st.none() | st.integers(0, 200))
def test_segments_have_no_gap_and_last_as_long_as_the_clock(
    steps: list[tuple[int, str, int]], stop: int | None
) -> None:
    notes, minute, paused = [Note("STARTED", 0, 1)], 0, False
    for waited, what, who in steps:
        minute += waited
        if what == "HAND":
            notes.append(Note("HANDED", minute, who))
        elif what == "TURN":
            notes.append(
                Note("RESUMED" if paused else "PAUSED", minute, None, "" if paused else "LEAVE")
            )
            paused = not paused
        else:
            notes.append(Note("WARNED", minute))
    found = segments.of(Clock(stop), notes)
    end = START + (minute + 5 if stop is None else stop) * MINUTE
    assert found[0].since == START
    assert found[-1].until == Clock(stop).stopped_at
    assert all(a.until == b.since for a, b in itertools.pairwise(found))
    assert sum((one.lasted(end) for one in found), dt.timedelta()) == end - START
    assert all(a != b for a, b in zip(map(_kind, found), map(_kind, found[1:]), strict=False))


def _kind(one: Segment) -> tuple[bool, str, int | None]:
    return one.runs, one.cause, one.holder
