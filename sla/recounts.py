"""The time of clocks in their holders' hours, counted once more without their pins. Pure.

By who had them when, and by what was known at each instant of when those people work: whatever a
worker did or left undone, that is what they should come to.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Callable, Iterable, Sequence

from governance.kit import Kit
from governance.terms import Policy
from sla import clock as clocks
from sla import course, retracing
from sla.hours import ZERO, Hours, changed
from sla.retracing import Turn
from sla.segments import HANDED, MOVED, PAUSED, RESUMED, STARTED, Note

Known = Callable[[int], Sequence[tuple[dt.datetime, Hours | None]]]
"""From when on somebody was known to keep which hours, in order."""


def worked(
    kit: Kit,
    policy: Policy,
    notes: Iterable[Note],
    known: Known,
    *,
    until: dt.datetime,
) -> dt.timedelta | None:
    """How much had counted by an instant; None where the hours of somebody are not known.

    Raises NoWorkingTime where neither their hours nor the calendar hold so much time.
    """
    told = turns(notes, known, until=until)
    if told is None:
        return None
    found = retracing.of(kit, policy, told)
    stretches = course.of(found.steps, allowance=policy.allowance, hours=lambda one: one.hours)  # type: ignore[attr-defined]
    if stretches[-1].until is not None:  # it stands still
        return course.worked(stretches, until)
    used = course.worked(stretches, min(until, found.due_at))
    return used + _overrun(kit, policy, told, found.due_at, until)


def turns(notes: Iterable[Note], known: Known, *, until: dt.datetime) -> list[Turn] | None:
    """What happened to a clock up to an instant; None where somebody's hours are not known."""
    ordered = sorted(notes, key=lambda one: (one.kind != STARTED, one.at))
    told = [one for one in ordered if one.at <= until]
    found = [
        Turn(one.kind, one.at, cause=one.cause) for one in told if one.kind in (PAUSED, RESUMED)
    ]
    taken = [one for one in told if one.kind in (STARTED, HANDED)]
    for note, following in itertools.zip_longest(taken, taken[1:]):
        if note.holder_id is None:
            found.append(Turn(note.kind, note.at))
            continue
        kept = known(note.holder_id)
        before = [hours for at, hours in kept if at <= note.at]
        if not before:
            return None
        works, end = before[-1], until if following is None else following.at
        found.append(Turn(note.kind, note.at, note.holder_id, works))
        for at, hours in kept:
            if note.at < at < end and changed(works, hours, now=at):
                works = hours
                found.append(Turn(MOVED, at, note.holder_id, hours))
    return sorted(found, key=lambda one: (one.kind != STARTED, one.at))


def _overrun(
    kit: Kit, policy: Policy, told: Sequence[Turn], since: dt.datetime, until: dt.datetime
) -> dt.timedelta:
    """What counted after the deadline, from turn to turn."""
    taken = [one for one in told if one.kind in (STARTED, HANDED, MOVED)]
    ends = [*(one.at for one in taken[1:]), until]
    spans = (
        clocks.counted(kit, policy, one.hours).elapsed(max(one.at, since), min(end, until))
        for one, end in zip(taken, ends, strict=True)
        if max(one.at, since) < min(end, until)
    )
    return sum(spans, ZERO)
