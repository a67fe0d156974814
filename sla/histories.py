"""What is known of the past of clocks: who had them when, and when those people worked. Reads only.

A clock that counted the hours of its holders has them pinned in its notes. Of one that counted a
calendar, people's shifts, holidays and leave are read as they were then.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from governance.kit import Kit
from governance.terms import Policy
from people import past
from sla import pins, segments, selectors
from sla.clock import by_holder, slot
from sla.hours import Hours
from sla.models import ClockEvent
from sla.retracing import Turn
from sla.segments import HANDED, MOVED, STARTED

Notes = Mapping[int, Sequence[ClockEvent]]
Worked = Callable[[int], Sequence[tuple[dt.datetime, Hours | None]]]
"""From when on somebody kept which hours, in order; the first held ever before, too."""


def of(
    policies: Mapping[int, Policy], kit: Kit, *, now: dt.datetime, notes: Notes | None = None
) -> dict[int, tuple[Turn, ...]]:
    """The turns of each clock, by its id with the policy it has, as `kit` may have to count them.

    Without those that count nothing but open time since their start, unless `notes` of all are
    given. One query for the notes, one for their pins, two messages for what people worked.
    """
    counting = {slot(one) for one in kit.policies if by_holder(one)}
    if notes is None:
        notes = selectors.notes_of(
            pk
            for pk, one in policies.items()
            if slot(one) in counting or by_holder(one) or one.pauses_for
        )
    unpinned = {pk for pk, one in policies.items() if slot(one) in counting and not by_holder(one)}
    worked = _worked([note for pk in unpinned for note in notes[pk]], now)

    def known(pk: int) -> Worked | None:
        if by_holder(policies[pk]):
            return None
        return worked if pk in unpinned else _unasked

    return {pk: turns(told, worked=known(pk)) for pk, told in notes.items() if told}


def turns(notes: Iterable[ClockEvent], *, worked: Worked | None = None) -> tuple[Turn, ...]:
    """What happened to a clock, in order; `worked` tells hours where its notes have none pinned."""
    known = (*segments.DUE_BEARING, HANDED)
    told = sorted(
        (one for one in notes if one.kind in known), key=lambda one: (one.kind != STARTED, one.at)
    )
    return tuple(_pinned(told) if worked is None else _by_shifts(told, worked))


def _pinned(notes: Sequence[ClockEvent]) -> Iterator[Turn]:
    """By the pins of each period; that of a hand-over is in the note that moves the deadline."""
    holder: int | None = None
    for note, following in itertools.zip_longest(notes, notes[1:]):
        if note.kind == HANDED and following is not None and _moves_with(note, following):
            continue
        is_other = note.kind == MOVED and note.holder_id != holder
        kind, holder = HANDED if is_other else note.kind, note.holder_id
        pinned = None if note.pin is None else pins.known_hours(note.pin)
        yield Turn(kind, note.at, note.holder_id, pinned, note.cause)


def _moves_with(handed: ClockEvent, note: ClockEvent) -> bool:
    return note.kind == MOVED and (note.at, note.holder_id) == (handed.at, handed.holder_id)


def _by_shifts(notes: Sequence[ClockEvent], worked: Worked) -> list[Turn]:
    """By what each holder worked while it was theirs."""
    found: list[Turn] = []
    taken = [note for note in notes if note.kind in (STARTED, HANDED)]
    for note, following in itertools.zip_longest(taken, taken[1:]):
        if note.holder_id is None:
            found.append(Turn(note.kind, note.at))
            continue
        kept = worked(note.holder_id)
        at_first = next((one for since, one in reversed(kept) if since <= note.at), kept[0][1])
        found.append(Turn(note.kind, note.at, note.holder_id, at_first))
        found += [
            Turn(MOVED, since, note.holder_id, one)
            for since, one in kept
            if note.at < since and (following is None or since < following.at)
        ]
    stood_still = (segments.PAUSED, segments.RESUMED)
    found += [
        Turn(note.kind, note.at, cause=note.cause) for note in notes if note.kind in stood_still
    ]
    return sorted(found, key=lambda one: (one.kind != STARTED, one.at))


def _unasked(_: int) -> Sequence[tuple[dt.datetime, Hours | None]]:
    """Of clocks that count a calendar under either kit nobody's hours are read."""
    return [(past.EVER, None)]


def _worked(notes: Sequence[ClockEvent], now: dt.datetime) -> Worked:
    """The hours of all who held these clocks, since the first of them began.

    Leave is that of the last months at least, as in the pins of clocks that start today.
    """
    people = {note.holder_id for note in notes if note.holder_id is not None}
    if not people:
        return lambda _: [(now, None)]
    since = min(now - pins.MEMORY, *(note.at for note in notes))
    found = {
        pk: [(one.since, pins.worked(one.works)) for one in some]
        for pk, some in past.regimes(people, since=since, until=now).items()
    }
    return found.__getitem__
