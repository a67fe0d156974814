"""How long somebody was at work: their shifts less public holidays and leave. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from core import worktime
from people.availability import Availability


@dataclass(frozen=True, slots=True)
class Regime:
    """What somebody's hours are from an aware instant on."""

    since: dt.datetime
    works: Availability


def over(regimes: Sequence[Regime], since: dt.datetime, until: dt.datetime) -> dt.timedelta:
    """As `at_work`, by the hours that held at each instant; the first held ever before, too."""
    cuts = [since, *(max(since, one.since) for one in regimes[1:]), until]
    spans = zip(regimes, cuts, cuts[1:], strict=False)
    return sum((at_work(one.works, a, min(b, until)) for one, a, b in spans), dt.timedelta())


def at_work(a: Availability, since: dt.datetime, until: dt.datetime) -> dt.timedelta:
    """The time between two aware instants in which they were on shift and not on leave.

    Being away for an hour or two is a word about new leads, not about work: it counts as work.
    """
    if until <= since:
        return dt.timedelta()
    worked = worktime.elapsed(a.hours, since, until)
    seen = since
    for begins, ends in sorted(a.leaves):
        start, end = max(begins, seen), min(ends, until)
        if start < end:
            worked -= worktime.elapsed(a.hours, start, end)
            seen = end
    return worked
