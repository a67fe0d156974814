"""Vectors of working time: what somebody says the arithmetic must give, held against it. Pure.

A vector is a mapping, as a line of JSON or of a table has it, under any of the usual names:

    start, minutes (seconds, hours, work) -> due      when that much work ends
        and warn_percent -> warn                       when so much of it has passed
    a, b -> seconds (minutes, hours)                   the open time between two instants
    at -> open, opens, closes                          whether it is open then, and until when

`due` may be “never”: the calendar does not hold that much. A time without a zone is what the wall
clock of the calendar shows; an expected one is compared as the wall clock shows it.
"""

from __future__ import annotations

import re
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from core import stamps, worktime
from core.errors import InvalidInput
from core.worktime import WorkCalendar

NAMES = {
    "start": ("start", "from", "begin", "startsat", "startedat", "since", "a", "startat"),
    "due": ("due", "dueat", "deadline", "expecteddue", "endsat", "expected"),
    "until": ("b", "to", "until", "end", "finish", "finishedat", "stoppedat"),
    "at": ("at", "instant"),
    "open": ("open", "isopen"),
    "opens": ("opens", "nextopen", "opensat"),
    "closes": ("closes", "closesat"),
    "warn": ("warn", "warnat", "expectedwarn"),
    "share": ("warnpercent", "warnshare"),
}
SPANS = {
    "minutes": "m", "workingminutes": "m", "workminutes": "m", "openminutes": "m",
    "elapsedminutes": "m", "work": "m", "duration": "m", "expectedminutes": "m",
    "seconds": "s", "workingseconds": "s", "openseconds": "s", "elapsedseconds": "s",
    "workseconds": "s", "expectedseconds": "s",
    "hours": "h", "workinghours": "h", "openhours": "h", "workhours": "h", "expectedhours": "h",
}  # fmt: skip
"""What a span of work may be called, and the unit of its plain numbers."""

NEVER = ("never", "none", "noworkingtime")
_TRUE, _FALSE = ("true", "yes", "1", "open"), ("false", "no", "0", "closed")


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that comes out otherwise than the vector says."""

    what: str
    expected: str
    found: str


def judge(vector: Mapping[str, Any], calendar: WorkCalendar) -> Iterator[Difference]:
    """Where the arithmetic differs from the vector; nothing where it does not.

    Raises `InvalidInput` for a vector that cannot be read or asks for nothing.
    """
    told = _Told(vector, calendar)
    if "start" in told.found and "due" in told.found:
        yield from _addition(told)
    elif "start" in told.found and "until" in told.found:
        yield from _span(told)
    elif "at" in told.found and told.found.keys() & {"open", "opens", "closes"}:
        yield from _opening(told)
    else:
        raise InvalidInput(
            "it asks for nothing: give start, minutes and due; a, b and seconds; "
            "or at with open, opens, closes."
        )


def plain(name: object) -> str:
    """A heading without its blanks, dashes and capitals, as headings are compared."""
    return re.sub(r"[^a-z0-9]", "", str(name).lower())


class _Told:
    """What a vector says, by our names."""

    def __init__(self, vector: Mapping[str, Any], calendar: WorkCalendar) -> None:
        self.calendar = calendar
        self.zone = zoneinfo.ZoneInfo(calendar.zone)
        given = {plain(name): value for name, value in vector.items() if value != ""}
        self.found = {
            ours: given[name] for ours, names in NAMES.items() for name in names if name in given
        }
        self.spans = [(given[name], unit) for name, unit in SPANS.items() if name in given]
        self.fold = int(plain(given.get("fold", "")) in _TRUE)

    def instant(self, name: str) -> datetime:
        """The instant under a name."""
        try:
            return stamps.instant(self.found[name], zone=self.zone, fold=self.fold).at
        except InvalidInput as fault:
            raise InvalidInput(f"{name}: {fault.message}") from None

    def work(self) -> timedelta:
        """The one span it names."""
        if len(self.spans) != 1:
            raise InvalidInput("give the span of work once: minutes, seconds, hours or work.")
        text, unit = self.spans[0]
        return stamps.work(text, unit=unit)

    def differs(self, what: str, name: str, found: datetime | None) -> Iterator[Difference]:
        """The difference between an instant as told and as found; None: there is none."""
        expected = self.found[name]
        never = expected is None or plain(expected) in NEVER
        if never or found is None:
            if never != (found is None):
                yield Difference(what, "never" if never else str(expected), self.shown(found))
            return
        wall = stamps.wall_clock(expected)
        local = found.astimezone(self.zone)
        same = local.replace(tzinfo=None, fold=0) == wall if wall else self.instant(name) == found
        if not same:
            yield Difference(what, str(expected), self.shown(found))

    def shown(self, found: datetime | None) -> str:
        """An instant as the calendar's wall clock shows it."""
        return found.astimezone(self.zone).isoformat() if found else "never"


def _addition(told: _Told) -> Iterator[Difference]:
    start, work = told.instant("start"), told.work()
    try:
        due: datetime | None = worktime.add(told.calendar, start, work)
    except worktime.NoWorkingTime:
        due = None
    yield from told.differs(f"{told.found['start']} + {stamps.seconds(work)} s", "due", due)
    if due is not None and "warn" in told.found:
        part = stamps.work(told.found.get("share", ""), unit="s")  # a plain number, as percent
        warned = worktime.add(told.calendar, start, work * part.total_seconds() / 100)
        yield from told.differs(f"{part.total_seconds():g} % of it", "warn", warned)


def _span(told: _Told) -> Iterator[Difference]:
    a, b = told.instant("start"), told.instant("until")
    expected, found = _signed(told), worktime.elapsed(told.calendar, a, b)
    if expected != found:
        what = f"{told.found['start']} to {told.found['until']}"
        yield Difference(what, f"{stamps.seconds(expected)} s", f"{stamps.seconds(found)} s")


def _signed(told: _Told) -> timedelta:
    """The span it names; one that runs backwards is written with a minus."""
    (text, unit), *more = told.spans or [("", "m")]
    if not more and str(text).strip().startswith("-"):
        return -stamps.work(str(text).strip()[1:], unit=unit)
    return told.work()


def _opening(told: _Told) -> Iterator[Difference]:
    at = told.instant("at")
    if "open" in told.found:
        said = plain(told.found["open"])
        if said not in _TRUE + _FALSE:
            raise InvalidInput(f"open: “{told.found['open']}” is neither true nor false.")
        is_open = worktime.is_open(told.calendar, at)
        if is_open != (said in _TRUE):
            yield Difference(f"open at {told.found['at']}", said, str(is_open).lower())
    if "opens" in told.found:
        opens = worktime.next_open(told.calendar, at)
        yield from told.differs(f"opens after {told.found['at']}", "opens", opens)
    if "closes" in told.found:
        closes = worktime.closes_at(told.calendar, at)
        yield from told.differs(f"closes after {told.found['at']}", "closes", closes)
