"""Where the time of a clock went: every second of it has one cause. Pure.

    happened ──intake──▶ received ──routing──▶ started ──segments──▶ ended, or now

Before the clock started the time was on its way to us, then the system's, or the lead waited for
the assignment that started it (queue). From then on it waited for somebody (queue), stood still for
the customer, or somebody had it: while they were at work it is theirs, else it is off shift. Leave
is off shift, whether the clock stood still for it or not. Until an instant that was promised, where
a clock counts from one, its time is nobody's delay.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from sla.segments import Segment

SECOND = dt.timedelta(seconds=1)
ZERO = dt.timedelta()

AtWork = Callable[[int, dt.datetime, dt.datetime], dt.timedelta]
"""How long somebody was at work between two instants: their shifts less holidays and leave."""


class Cause(StrEnum):
    """What a stretch of time is put down to, in the order in which a lead meets them."""

    INTAKE = "INTAKE"
    ROUTING = "ROUTING"
    PROMISED = "PROMISED"
    QUEUE = "QUEUE"
    OFF_SHIFT = "OFF_SHIFT"
    REP = "REP"
    CUSTOMER = "CUSTOMER"


class Timed(Protocol):
    """What is asked of a clock."""

    event_at: dt.datetime | None
    received_at: dt.datetime | None
    started_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Split:
    """Whole seconds by cause; they add up to `total`, which is rounded to the nearest second."""

    seconds: Mapping[Cause, int]
    total: int

    def share(self, cause: Cause) -> float:
        """The part of the whole, from 0 to 1; 0 of nothing."""
        return self.seconds[cause] / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class Stretch:
    """A segment, and how its time divides: at work and not, or all of one cause."""

    segment: Segment
    spans: Mapping[Cause, dt.timedelta]


def of(before: Mapping[Cause, dt.timedelta], stretches: Sequence[Stretch]) -> Split:
    """Divide a clock's whole time, from what caused it to its end or now, among the causes.

    `before` is what lay before its start, `stretches` are those of all its segments.
    """
    spans = dict.fromkeys(Cause, ZERO)
    for cause, span in before.items():
        spans[cause] += span
    for stretch in stretches:
        for cause, span in stretch.spans.items():
            spans[cause] += span
    return _rounded(spans)


def before(clock: Timed, queued_at: dt.datetime | None = None) -> dict[Cause, dt.timedelta]:
    """What lies before the start: intake until we heard of it, routing until the clock ran.

    A clock that an assignment started waited for it since `queued_at`.
    """
    started = clock.started_at
    happened = clock.event_at or started
    received = min(max(clock.received_at or happened, happened), started)
    queued = min(max(queued_at or started, received), started)
    return {
        Cause.INTAKE: received - happened,
        Cause.ROUTING: queued - received,
        Cause.QUEUE: started - queued,
    }


def stretches(
    segments: Sequence[Segment],
    *,
    at_work: AtWork,
    now: dt.datetime,
    promised_at: dt.datetime | None = None,
) -> tuple[Stretch, ...]:
    """Each segment, as `sla.segments` folds them, with the causes of its time.

    The last one of an open clock lasts until `now`; a clock may count from what was promised only.
    Instants in UTC.
    """
    return tuple(Stretch(one, _causes(one, at_work, now, promised_at)) for one in segments)


def _causes(
    one: Segment, at_work: AtWork, now: dt.datetime, promised_at: dt.datetime | None
) -> dict[Cause, dt.timedelta]:
    lasted = one.lasted(now)
    ahead = min(max(ZERO, (promised_at or one.since) - one.since), lasted)
    found = _counting(one, at_work, one.since + ahead, lasted - ahead)
    return {Cause.PROMISED: ahead, **found} if ahead else found


def _counting(
    one: Segment, at_work: AtWork, since: dt.datetime, lasted: dt.timedelta
) -> dict[Cause, dt.timedelta]:
    """The causes of what is left of a segment once its clock counts."""
    if one.cause == Cause.CUSTOMER:
        return {Cause.CUSTOMER: lasted}
    if not one.runs:
        return {Cause.OFF_SHIFT: lasted}
    if one.holder is None:
        return {Cause.QUEUE: lasted}
    worked = min(max(ZERO, at_work(one.holder, since, since + lasted)), lasted)
    return {Cause.REP: worked, Cause.OFF_SHIFT: lasted - worked}


def in_seconds(
    whole: Split, stretches: Sequence[Stretch], before: Mapping[Cause, dt.timedelta]
) -> tuple[Mapping[Cause, int], ...]:
    """Whole seconds by cause of each stretch, so that a table of them adds up both ways.

    Over the stretches, and over what lay `before` them, each cause comes to what `whole` says of
    it; so nothing that is shown differs between the sum by cause and the sum by stretch.
    """
    found: list[dict[Cause, int]] = [{} for _ in stretches]
    for cause, total in whole.seconds.items():
        places = [place for place, one in enumerate(stretches) if cause in one.spans]
        spans = [before.get(cause, ZERO), *(stretches[place].spans[cause] for place in places)]
        for place, seconds in zip(places, _adding_up(spans, total)[1:], strict=True):
            found[place][cause] = seconds
    return tuple(found)


def _rounded(spans: Mapping[Cause, dt.timedelta]) -> Split:
    total = round(sum(spans.values(), ZERO) / SECOND)
    seconds = _adding_up(list(spans.values()), total)
    return Split(dict(zip(spans, seconds, strict=True)), total)


def _adding_up(spans: Sequence[dt.timedelta], total: int) -> list[int]:
    """Whole seconds that add up to `total`: those with the largest remainders are rounded up."""
    seconds = [span // SECOND for span in spans]
    nearest = sorted(range(len(spans)), key=lambda place: spans[place] % SECOND, reverse=True)
    for place in nearest[: total - sum(seconds)]:
        seconds[place] += 1
    return seconds
