"""How much of a clock's allowance was used, and when the rest is due: a fold over its notes. Pure.

A stretch lasts as long as the clock runs with one holder. It begins with what is left then; a
pause, and who gets the lead next, begin another one. Hours that change while it lasts count from
then on, but leave counts with its own dates: entered late it gives back what it took, and leave
that is taken back is worked after all. Once the deadline has passed nothing is given back any more:
other hours, like another holder, begin a stretch in which nothing is left.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from sla.hours import ZERO, Hours
from sla.segments import MOVED, PAUSED, RESUMED, STARTED

LAST = dt.datetime.max.replace(tzinfo=dt.UTC)


class Note(Protocol):
    """What is asked of a note."""

    @property
    def kind(self) -> str:
        """As in `segments`."""

    @property
    def at(self) -> dt.datetime:
        """When it became true."""

    @property
    def holder_id(self) -> int | None:
        """Who has it from here on."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Which hours count from an instant on."""

    since: dt.datetime
    hours: Hours


@dataclass(frozen=True, slots=True)
class Stretch:
    """From `since` the clock runs with `left` of its allowance, `until` a pause or a hand-over.

    `overdue`: it began when the deadline had passed.
    """

    since: dt.datetime
    left: dt.timedelta
    holder: int | None
    pieces: tuple[Piece, ...]
    until: dt.datetime | None = None
    overdue: bool = False

    def worked(self, until: dt.datetime) -> dt.timedelta:
        """How much of it has counted by an instant."""
        end = until if self.until is None else min(until, self.until)
        own = (one.hours.leaves for one in reversed(self.pieces) if one.hours.own)
        leaves = next(own, ())
        ends = [one.since for one in self.pieces[1:]] + [end]
        spans = (
            one.hours.with_leaves(leaves).elapsed(one.since, min(stop, end))
            for one, stop in zip(self.pieces, ends, strict=True)
            if one.since < min(stop, end)
        )
        return sum(spans, ZERO)

    def between(self, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        """How much of it counted between two instants."""
        return self.worked(b) - self.worked(a)

    def reached(self, work: dt.timedelta) -> dt.datetime:
        """When so much of it will have counted, in the hours of today; not before these began."""
        last = self.pieces[-1]
        return last.hours.add(last.since, max(ZERO, work - self.worked(last.since)))

    @property
    def due_at(self) -> dt.datetime:
        """When nothing is left. Raises NoWorkingTime where that never comes."""
        return self.reached(self.left)

    def then(self, at: dt.datetime, hours: Hours) -> Stretch:
        """Other hours count from an instant on."""
        since = max(at, self.since)
        kept = tuple(one for one in self.pieces if one.since < since)
        return replace(self, pieces=(*kept, Piece(since, hours)))

    def ended(self, at: dt.datetime) -> Stretch:
        """It runs no further."""
        return replace(self, until=max(at, self.since))


def of(
    notes: Iterable[Note],
    *,
    allowance: dt.timedelta,
    hours: Callable[[Note], Hours],
    promised_at: dt.datetime | None = None,
    breached_at: dt.datetime | None = None,
) -> tuple[Stretch, ...]:
    """The stretches of a clock by its notes, in the order they were written.

    `hours` tells what counts from a note on. The time of a promise counts from when it is for.
    """
    last = LAST if breached_at is None else breached_at
    found: list[Stretch] = []
    paused = False
    for note in _in_order(notes):
        if note.kind == STARTED:
            found = [_begins(note, max(note.at, promised_at or note.at), allowance, hours(note))]
        elif not found:
            continue
        elif note.kind == PAUSED:
            found[-1], paused = found[-1].ended(note.at), True
        elif note.kind == RESUMED:
            since = max(note.at, promised_at or note.at)
            found.append(_begins(note, since, _left(found[-1]), hours(note)))
            paused = False
        elif note.kind == MOVED and not paused:
            _move(found, note, hours(note), overdue=last <= note.at)
    return tuple(found)


def worked(stretches: Sequence[Stretch], until: dt.datetime) -> dt.timedelta:
    """How much of the allowance was used by an instant."""
    return sum((one.worked(until) for one in stretches), ZERO)


def to_the_deadline(stretches: Sequence[Stretch]) -> Sequence[Stretch]:
    """Those that began before the deadline had passed: all that it hangs on."""
    return [one for one in stretches if not one.overdue]


def _in_order(notes: Iterable[Note]) -> list[Note]:
    return sorted(notes, key=lambda note: note.kind != STARTED)


def _begins(note: Note, since: dt.datetime, left: dt.timedelta, hours: Hours) -> Stretch:
    return Stretch(since, left, note.holder_id, (Piece(since, hours),))


def _left(stretch: Stretch) -> dt.timedelta:
    """What is left at its end, which is known."""
    return max(ZERO, stretch.left - stretch.worked(stretch.until or stretch.since))


def _move(found: list[Stretch], note: Note, hours: Hours, *, overdue: bool) -> None:
    """Somebody else has it, or whoever has it works at other times."""
    last = found[-1]
    if note.holder_id == last.holder and not overdue:
        found[-1] = last.then(note.at, hours)
        return
    found[-1] = last.ended(note.at)
    begun = _begins(note, max(note.at, last.since), _left(found[-1]), hours)
    found.append(replace(begun, overdue=overdue))
