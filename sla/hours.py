"""The hours that a clock counts: a calendar, less the leave of whoever holds it. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from core import work_calendar, worktime
from core.work_calendar import WorkCalendar

Span = tuple[dt.datetime, dt.datetime]
ZERO = dt.timedelta()


@dataclass(frozen=True, slots=True)
class Hours:
    """Open time of `calendar` outside `leaves`, which are half-open [from, to).

    Without leave it is the calendar's own arithmetic. `own`: somebody's, whose leave is known.
    """

    calendar: WorkCalendar
    leaves: tuple[Span, ...] = ()
    own: bool = False

    def add(self, start: dt.datetime, work: dt.timedelta) -> dt.datetime:
        """The first instant by which `work` has passed since `start`; it is `start` for none.

        Raises NoWorkingTime where there is not so much of it within ten years.
        """
        at, left = start, work
        for begins, ends in self._apart(start):
            free = worktime.elapsed(self.calendar, at, max(at, begins))
            if left <= free:
                break
            at, left = max(at, ends), left - free
        return worktime.add(self.calendar, at, left)

    def elapsed(self, a: dt.datetime, b: dt.datetime) -> dt.timedelta:
        """The time that counts between two instants; negative when `b` lies before `a`."""
        if b < a:
            return -self.elapsed(b, a)
        whole = worktime.elapsed(self.calendar, a, b)
        for begins, ends in self._apart(a):
            if begins < b:
                whole -= worktime.elapsed(self.calendar, max(a, begins), min(b, ends))
        return whole

    def with_leaves(self, leaves: tuple[Span, ...]) -> Hours:
        """The same calendar with other leave, where it is somebody's own."""
        return replace(self, leaves=leaves) if self.own and leaves != self.leaves else self

    def _apart(self, since: dt.datetime) -> list[Span]:
        """The leaves that are not over at an instant, those that overlap taken as one."""
        joined: list[Span] = []
        for begins, ends in sorted(self.leaves):
            if ends <= since:
                continue
            if joined and begins <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(ends, joined[-1][1]))
            else:
                joined.append((begins, ends))
        return joined


def ever_open(calendar: WorkCalendar) -> bool:
    """Whether there is any hour to count in: else nobody can be held to it."""
    return any(calendar.week) or any(spans for _, spans in calendar.opened)


def changed(pinned: Hours | None, present: Hours | None, *, now: dt.datetime) -> bool:
    """Whether a deadline in the pinned hours would be another one in those of today; None: none.

    Leave that is over changes nothing, nor do holidays of years that only one of the two knows.
    """
    if pinned is None or present is None:
        return pinned is not present
    was, is_now = pinned.calendar, present.calendar
    if (was.zone, was.week, was.opened) != (is_now.zone, is_now.week, is_now.opened):
        return True
    if bool(was.closed) != bool(is_now.closed):
        return True
    years = {day.year for day in was.closed} & {day.year for day in is_now.closed}
    if {day for day in was.closed ^ is_now.closed if day.year in years}:
        return True
    return _ahead(pinned.leaves, now) != _ahead(present.leaves, now)


def _ahead(leaves: Iterable[Span], now: dt.datetime) -> list[Span]:
    return sorted(one for one in leaves if one[1] > now)


def to_document(hours: Hours, *, falls_back: bool = False) -> dict[str, Any]:
    """As a pin keeps it. `falls_back`: a clock could not be held to these hours."""
    spans = sorted(
        (since.astimezone(dt.UTC), until.astimezone(dt.UTC)) for since, until in hours.leaves
    )
    document: dict[str, Any] = {
        "calendar": work_calendar.to_document(hours.calendar),
        "leaves": [[since.isoformat(), until.isoformat()] for since, until in spans],
    }
    return {**document, "falls_back": True} if falls_back else document


def from_document(document: Mapping[str, Any]) -> Hours:
    """What `to_document` wrote. Raises InvalidInput, KeyError or ValueError for anything else."""
    leaves: Sequence[Sequence[str]] = document["leaves"]
    return Hours(
        work_calendar.from_document(document["calendar"]),
        tuple(
            (dt.datetime.fromisoformat(since), dt.datetime.fromisoformat(until))
            for since, until in leaves
        ),
        own=True,
    )


def digest(document: Mapping[str, Any]) -> str:
    """The same for equal documents."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
