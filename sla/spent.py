"""Where the time of clocks went: what was noted of them, who had them when, the sum by cause."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from core import reading
from people import attendance, past
from people.attendance import Regime
from sla import course, moves, segments, selectors, split
from sla.clock import by_holder
from sla.models import Clock, ClockEvent
from sla.split import AtWork, Cause, Split, Stretch


@dataclass(frozen=True, slots=True)
class Spent:
    """One clock: its notes as they were written, what lay before its start, its stretches, the sum
    of all, what counted when.
    """

    notes: tuple[ClockEvent, ...]
    before: Mapping[Cause, dt.timedelta]
    stretches: tuple[Stretch, ...]
    split: Split
    counted: tuple[course.Stretch, ...]


def read(clocks: Sequence[Clock], *, now: dt.datetime) -> dict[int, Spent]:
    """How the time of each of these clocks was spent up to its end or `now`, by id.

    Six queries for all; the pins of the clocks themselves are read beforehand. Time at work is
    that of the pinned hours where a clock counts those, else of the hours people had then; leave is
    what was known of it then, so that nobody enters it afterwards to have been away.
    """
    if not clocks:
        return {}
    notes = selectors.notes_of(one.pk for one in clocks)
    folded = {one.pk: segments.of(one, notes[one.pk]) for one in clocks}
    holders = {one.holder for some in folded.values() for one in some if one.holder is not None}
    since = min(one.started_at for one in clocks)
    hours = past.regimes(holders, since=since, until=now, as_known=True)
    queued = _queued(clocks)
    found = {}
    for clock in clocks:
        counted = moves.stretches(clock, notes[clock.pk])
        theirs = counted if by_holder(selectors.policy_of(clock)) else ()
        at_work = _at_work(hours.__getitem__, theirs)
        stretches = split.stretches(
            folded[clock.pk], at_work=at_work, now=now, promised_at=clock.promised_at
        )
        before = split.before(clock, queued.get(clock.pk))
        whole = split.of(before, stretches)
        found[clock.pk] = Spent(tuple(notes[clock.pk]), before, stretches, whole, counted)
    return found


# What an assignment starts has its cause from the wait that it ends.
_QUEUED = """
    SELECT c.id, min(e.at) FROM sla_clock c
      JOIN leads_leadevent e ON e.lead_id = c.lead_id AND e.kind = 'QUEUED'
                            AND e.at >= c.received_at AND e.at <= c.started_at
     WHERE c.id = ANY(%s) AND c.received_at < c.started_at
     GROUP BY 1
"""


def _queued(clocks: Sequence[Clock]) -> dict[int, dt.datetime]:
    """Since when the leads of these clocks waited for somebody before they began."""
    asked = reading.plain(_QUEUED, [one.pk for one in clocks])
    reading.ask(asked)
    return {pk: at.astimezone(dt.UTC) for pk, at in asked.found}


def _at_work(hours: Callable[[int], Sequence[Regime]], counted: Sequence[course.Stretch]) -> AtWork:
    """By the hours as they were known when the deadline was computed, where there are any."""

    def at_work(holder: int, since: dt.datetime, until: dt.datetime) -> dt.timedelta:
        theirs = [one for one in counted if one.holder == holder]
        if theirs:
            return sum((one.between(since, until) for one in theirs), dt.timedelta())
        return attendance.over(hours(holder), since, until)

    return at_work
