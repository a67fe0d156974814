"""Who held a clock when, and when it stood still: a fold over its notes. Pure.

A segment lasts from one note to the next. They begin where the clock does, have no gap, and end
where it ended; the last one of a clock that is still open has no end.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

STARTED, HANDED, PAUSED, RESUMED, MOVED = "STARTED", "HANDED", "PAUSED", "RESUMED", "MOVED"

DUE_BEARING = (STARTED, PAUSED, RESUMED, MOVED)
"""Notes whose deadline holds from there on; the others only repeat it."""

COPIED = (HANDED, PAUSED, RESUMED, MOVED, "JOINED")
"""Notes that tell of a clock's course: a successor that runs on has them too."""


class Timed(Protocol):
    """What is asked of a clock."""

    started_at: dt.datetime
    stopped_at: dt.datetime | None
    effective_at: dt.datetime | None


class Note(Protocol):
    """What is asked of a note."""

    kind: str
    at: dt.datetime
    cause: str
    holder_id: int | None


@dataclass(frozen=True, slots=True)
class Segment:
    """From `since` on, until `until` (None: still), it ran or stood still, with one holder.

    `cause` says why it stood still, and is empty where it ran. Without `holder` it waited for one.
    """

    since: dt.datetime
    until: dt.datetime | None
    runs: bool
    cause: str
    holder: int | None

    def lasted(self, now: dt.datetime) -> dt.timedelta:
        """How long, up to `now` where it still lasts."""
        return max(dt.timedelta(), (self.until or now) - self.since)

    def _goes_on_as(self, other: Segment) -> bool:
        return (self.runs, self.cause, self.holder) == (other.runs, other.cause, other.holder)


def of(clock: Timed, notes: Iterable[Note]) -> tuple[Segment, ...]:
    """The segments of a clock by all its notes, which come in the order they were written.

    What was noted after it had ended (evidence may be older than the note before it) is left out.
    There is always one at least.
    """
    end = clock.effective_at or clock.stopped_at
    told = sorted(notes, key=lambda note: (note.kind != STARTED, note.at))
    found = [Segment(clock.started_at, None, runs=True, cause="", holder=None)]
    for note in told:
        if note.kind not in (STARTED, HANDED, PAUSED, RESUMED) or (end and note.at > end):
            continue
        was = found[-1]
        becomes = _after(was, note)
        if note.at > was.since:
            found[-1] = replace(was, until=note.at)
            found.append(becomes)
        else:
            found[-1] = becomes
    found[-1] = replace(found[-1], until=end)
    return tuple(_joined(found))


def _after(was: Segment, note: Note) -> Segment:
    """How it goes on from a note."""
    since = max(was.since, note.at)
    if note.kind in (STARTED, HANDED):
        return Segment(since, None, was.runs, was.cause, note.holder_id)
    runs = note.kind == RESUMED
    return Segment(since, None, runs, "" if runs else note.cause, was.holder)


def _joined(some: Sequence[Segment]) -> list[Segment]:
    """Neighbours that differ in nothing are one."""
    joined = [some[0]]
    for one in some[1:]:
        if joined[-1]._goes_on_as(one):
            joined[-1] = replace(joined[-1], until=one.until)
        else:
            joined.append(one)
    return joined
