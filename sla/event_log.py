"""Open time between the events of a log, and the share of work done within a span of it. Pure.

A piece of work runs from one instant to another. It comes from a row that has both, or from the
events of a case: from the first event of a kind to the first of another kind at or after it, from
the first to the last, or from each to the next. What was done within exactly N minutes of open
time counts as within; work without an end is open still and counts as nothing.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from core import worktime
from core.errors import InvalidInput
from core.worktime import WorkCalendar

CASE = ("case:concept:name", "case id", "case", "lead id", "lead", "trace", "ticket id")
ACTIVITY = ("concept:name", "activity", "activity name", "event", "event name", "task")
TIME = ("time:timestamp", "timestamp", "time", "at", "complete timestamp", "event time", "date")
START = ("start timestamp", "start time", "start", "started at", "start datetime", "begin", "a",
         "created time", "created at", "from")  # fmt: skip
END = ("end timestamp", "end time", "end", "ended at", "end datetime", "complete timestamp",
       "completed at", "finish", "finished at", "closed at", "b", "to", "until")  # fmt: skip
"""What logs usually call these columns, the likeliest first."""


class Event(NamedTuple):
    """One row of a log that was read."""

    row: int
    case: str
    activity: str
    group: str
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of work between two instants; `end` is None while nothing ended it."""

    row: int
    name: str
    group: str
    start: datetime
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Measured:
    """A piece of work with its open time; None while it is open."""

    piece: Piece
    open_time: timedelta | None
    is_within: bool


@dataclass(slots=True)
class Share:
    """How much of the work was done within the span."""

    within: int = 0
    done: int = 0
    unfinished: int = 0
    total: timedelta = field(default_factory=timedelta)

    def take(self, one: Measured) -> None:
        """Count one piece."""
        if one.open_time is None:
            self.unfinished += 1
            return
        self.done += 1
        self.within += one.is_within
        self.total += one.open_time

    @property
    def exact(self) -> Fraction | None:
        """Of what was done, the part done within; None where nothing was."""
        return Fraction(self.within, self.done) if self.done else None


def column(wanted: str, headings: Iterable[str], usual: tuple[str, ...]) -> str:
    """The heading meant: the one asked for, else the first usual one; empty where none is there.

    Raises `InvalidInput` for one that was asked for and is not there.
    """
    there = list(headings)
    if wanted:
        exact = [one for one in there if one == wanted]
        alike = exact or [one for one in there if _plain(one) == _plain(wanted)]
        if not alike:
            raise InvalidInput(f"There is no column “{wanted}”; there are: {', '.join(there)}.")
        return alike[0]
    by_name = {_plain(one): one for one in reversed(there)}
    return next((by_name[_plain(one)] for one in usual if _plain(one) in by_name), "")


def of_case(events: list[Event], begins: frozenset[str], ends: frozenset[str]) -> list[Piece]:
    """From the first event that begins the work to the first at or after it that ends it.

    An empty set of names stands for any event: the first, or the last of the case. An event that
    takes time begins work when it starts and ends it when it ends. No piece where none begins it.
    """
    found = [one for one in events if not begins or one.activity in begins]
    if not found:
        return []
    first = min(found, key=lambda one: (one.starts, one.row))
    later = [one for one in events if one.ends >= first.starts and one is not first]
    if ends:
        closing = [one.ends for one in later if one.activity in ends]
        end = min(closing, default=None)
    else:
        end = max((one.ends for one in later), default=first.ends)
    return [Piece(first.row, first.case, first.group, first.starts, end)]


def steps(events: list[Event]) -> Iterator[Piece]:
    """The waiting from each event of a case until the next one starts; the last has no next.

    Events that overlap leave nothing to wait for. Equal times keep the order of the file.
    """
    ordered = sorted(events, key=lambda one: (one.starts, one.row))
    for one, following in itertools.pairwise(ordered):
        name = f"{one.activity} → {following.activity}"
        yield Piece(one.row, one.case, name, min(one.ends, following.starts), following.starts)


def measure(piece: Piece, calendar: WorkCalendar, within: timedelta) -> Measured:
    """The open time of a piece. Raises `InvalidInput` for one that ends before it starts."""
    if piece.end is None:
        return Measured(piece, None, is_within=False)
    if piece.end < piece.start:
        raise InvalidInput(f"it ends at {piece.end.isoformat()}, before it starts.")
    passed = worktime.elapsed(calendar, piece.start, piece.end)
    return Measured(piece, passed, passed <= within)


def group_of(row: Mapping[str, object], heading: str) -> str:
    """What a row is counted under."""
    return str(row.get(heading) or "").strip() if heading else ""


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
