"""What in a calendar was meant as an absence and is none: broken events, and days out of reach.

Whoever sends a calendar is told of each such event, by its title, rather than that nothing came.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from core import phrases
from people import calendar_events

LONGEST = dt.timedelta(days=731)
"""No absence is longer, as with leave that is typed."""
DAY = dt.timedelta(days=1)
TOO_OFTEN = frozenset({"SECONDLY", "MINUTELY", "HOURLY"})
"""No absence recurs so often, and following it would take for ever."""
NAMED = 5
OVER = "over already"
AHEAD = "further ahead than calendars are read"


def sort_out(
    events: Iterable[Any], since: dt.datetime, until: dt.datetime, *, all_day: bool
) -> tuple[list[Any], list[str]]:
    """The events that can be followed between two instants, and a sentence for each other one."""
    sound: list[Any] = []
    named: list[str] = []
    beyond: Counter[str] = Counter()
    for event in events:
        try:
            meant = calendar_events.is_meant(event, all_day=all_day)
            # Asked of every event, meant or not: what cannot be read here breaks the expansion.
            flaw, place = _flaw(event), _beyond(event, since, until)
        except Exception:  # the libraries raise what they please on broken events
            meant, flaw, place = calendar_events.says_so(event), "cannot be read", ""
        if flaw or place:
            if meant and flaw:
                named.append(f"{_title(event)} {flaw}; it is not entered.")
            elif meant:
                beyond[place] += 1
            continue
        sound.append(event)
        if meant and (zone := _unknown_zone(event)):
            named.append(f"{_title(event)} is in an unknown time zone, {zone}; taken as your own.")
    return sound, [*_first(named), *_counted(beyond)]


def _flaw(event: Any) -> str:
    if "DTSTART" not in event:
        return "has no beginning"
    rules = event.get("RRULE", [])
    every = rules if isinstance(rules, list) else [rules]
    if any(str(freq).upper() in TOO_OFTEN for one in every for freq in one.get("FREQ", [])):
        return "recurs more often than once a day"
    begins, ends = event["DTSTART"].dt, _end(event)
    if _before(ends, begins):
        return "ends before it begins"
    return "lasts more than two years" if _plain(ends) - _plain(begins) > LONGEST else ""


def _beyond(event: Any, since: dt.datetime, until: dt.datetime) -> str:
    """Where a single event lies that does not touch the time asked for, by a day or more."""
    if any(name in event for name in ("RRULE", "RDATE", "RECURRENCE-ID")):
        return ""
    if _plain(_end(event)) < since.date() - DAY:
        return OVER
    return AHEAD if _plain(event["DTSTART"].dt) > until.date() + DAY else ""


def _end(event: Any) -> dt.date:
    if "DTEND" in event:
        ends: dt.date = event["DTEND"].dt
        return ends
    begins: dt.date = event["DTSTART"].dt
    return begins + event["DURATION"].dt if "DURATION" in event else begins


def _plain(at: dt.date) -> dt.date:
    """The day alone: any day that can be written can be compared."""
    return at.date() if isinstance(at, dt.datetime) else at


def _before(ends: Any, begins: Any) -> bool:
    """Whether one comes first: as instants where both are some, else by their days."""
    timed = isinstance(ends, dt.datetime), isinstance(begins, dt.datetime)
    if all(timed) and (ends.tzinfo is None) == (begins.tzinfo is None):
        return bool(ends < begins)
    return _plain(ends) < _plain(begins)


def _unknown_zone(event: Any) -> str:
    """The name of a time zone that neither the calendar nor anybody else knows."""
    for name in ("DTSTART", "DTEND"):
        at = event.get(name)
        zone = "" if at is None else str(at.params.get("TZID", ""))
        if zone and isinstance(at.dt, dt.datetime) and at.dt.tzinfo is None:
            return zone[:60]
    return ""


def _title(event: Any) -> str:
    return f"“{str(event.get('SUMMARY', '')).strip()[:60] or 'An event without a title'}”"


def _first(named: list[str]) -> Iterator[str]:
    yield from named[:NAMED]
    if len(named) > NAMED:
        yield f"{phrases.plural(len(named) - NAMED, 'more event')} have such faults."


def _counted(beyond: Counter[str]) -> Iterator[str]:
    for place, count in sorted(beyond.items()):
        yield f"{phrases.plural(count, 'absence')} {'is' if count == 1 else 'are'} {place}."
