"""Who is at work on which day, and when nobody of a group is. Pure: it reads no rows and no clock.

A day is given as the instants at which it begins and ends, so each reader has their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from core import worktime
from people.availability import Availability

Span = tuple[datetime, datetime]
"""Two instants, the later one not in it."""


class Day(StrEnum):
    """What a day is to somebody."""

    WORKS = "WORKS"
    PARTLY = "PARTLY"
    """At work for a part of their hours, on leave or away for the rest."""
    LEAVE = "LEAVE"
    AWAY = "AWAY"
    HOLIDAY = "HOLIDAY"
    OFF = "OFF"


@dataclass(frozen=True, slots=True)
class Attendance:
    """Somebody's time between two instants, in order: by their week, and what is left of it."""

    week: tuple[Span, ...]
    """By their week alone, holidays and absences not looked at."""
    planned: tuple[Span, ...]
    """Without public holidays."""
    there: tuple[Span, ...]
    """Without leave and being away, too."""
    away_until: datetime | None


def attendance(one: Availability, since: datetime, until: datetime, *, now: datetime) -> Attendance:
    """When somebody is at work between two instants; nothing of who works no leads."""
    if not (one.active and one.works_leads):
        return Attendance((), (), (), None)
    week = _open(replace(one.hours, closed=frozenset()), since, until)
    planned = _open(one.hours, since, until)
    absent = list(one.leaves)
    if one.away_until is not None and one.away_until > now:
        absent.append((now, one.away_until))
    return Attendance(week, planned, _minus(planned, absent), one.away_until)


def day(one: Attendance, leaves: Iterable[Span], since: datetime, until: datetime) -> Day:
    """What the day from `since` to `until` is; `leaves` are the leaves of this person."""
    week, planned, there = (_cut(some, since, until) for some in (one.week, one.planned, one.there))
    on_leave = any(begins < until and ends > since for begins, ends in leaves)
    if not week:
        return Day.LEAVE if on_leave and _whole(leaves, since, until) else Day.OFF
    if not planned:
        return Day.HOLIDAY
    if there == planned:
        return Day.WORKS
    if there:
        return Day.PARTLY
    return Day.LEAVE if on_leave else Day.AWAY


def uncovered(group: Sequence[Attendance], since: datetime, until: datetime) -> tuple[Span, ...]:
    """When somebody of a group works by their week, but nobody of it is there."""
    there = [span for one in group for span in _cut(one.there, since, until)]
    return _minus(usual(group, since, until), there)


def usual(group: Sequence[Attendance], since: datetime, until: datetime) -> tuple[Span, ...]:
    """When somebody of a group works by their week."""
    return _joined(span for one in group for span in _cut(one.week, since, until))


def _open(calendar: worktime.WorkCalendar, since: datetime, until: datetime) -> tuple[Span, ...]:
    found = []
    opens = worktime.next_open(calendar, since)
    while opens is not None and opens < until:
        closes = worktime.closes_at(calendar, opens)
        if closes is None or closes >= until:
            found.append((opens, until))
            break
        found.append((opens, closes))
        opens = worktime.next_open(calendar, closes)
    return tuple(found)


def _cut(spans: Iterable[Span], since: datetime, until: datetime) -> tuple[Span, ...]:
    return tuple(
        (max(begins, since), min(ends, until))
        for begins, ends in spans
        if begins < until and ends > since
    )


def _whole(leaves: Iterable[Span], since: datetime, until: datetime) -> bool:
    return not _minus(((since, until),), leaves)


def _joined(spans: Iterable[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for begins, ends in sorted(spans):
        if found and begins <= found[-1][1]:
            found[-1] = (found[-1][0], max(ends, found[-1][1]))
        else:
            found.append((begins, ends))
    return tuple(found)


def _minus(spans: Iterable[Span], holes: Iterable[Span]) -> tuple[Span, ...]:
    """What is left of the spans without the holes."""
    left: list[Span] = []
    out = _joined(holes)
    for span in spans:
        begins, ends = span
        for since, until in out:
            if until <= begins or since >= ends:
                continue
            if since > begins:
                left.append((begins, since))
            begins = max(begins, until)
        if begins < ends:
            left.append((begins, ends))
    return tuple(left)
