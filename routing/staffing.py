"""Hours that a pool's clocks promise and nobody of it works, over a typical week. Pure.

A promise is broken where a clock that starts then would run out before anybody is on shift.
Leave, holidays and absences do not count here: they end by themselves. A break in the middle of
the day that is shorter than an hour is no gap.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from core import worktime
from core.work_calendar import WorkCalendar
from people import availability
from people.availability import Availability

BREAK = dt.timedelta(hours=1)
WEEK = dt.timedelta(days=7)
MONTHS = {1: "January", 7: "July"}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

Span = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Promise:
    """The hours in which clocks run, what they are called, and how long the shortest one is."""

    label: str
    calendar: WorkCalendar
    allowance: dt.timedelta


def unstaffed(
    promise: Promise,
    members: Iterable[Availability],
    *,
    look_ahead: dt.timedelta,
    at: dt.datetime,
) -> list[str]:
    """The hours nobody works, in words: “Mon–Fri 17:00–18:00 Europe/Berlin”; empty when none.

    Looked at in a winter and a summer week of the year of `at`, as zones differ in between; what
    is so in one of them alone names its month.
    """
    zone = zoneinfo.ZoneInfo(promise.calendar.zone)
    usual = replace(promise.calendar, closed=frozenset(), opened=())
    people = [_usually(one) for one in members if one.active]
    found: dict[str, list[str]] = {}
    for month, name in MONTHS.items():
        monday = _monday(dt.datetime(at.year, month, 10, tzinfo=zone))
        gaps = list(_gaps(promise, usual, people, look_ahead, monday))
        for words in dict.fromkeys(_words(gaps, zone)):
            found.setdefault(words, []).append(name)
    return [
        f"{words} {promise.calendar.zone}{f' in {months[0]}' if len(months) == 1 else ''}"
        for words, months in found.items()
    ]


def shifts(
    member: Availability, since: dt.datetime, until: dt.datetime, *, look_ahead: dt.timedelta
) -> Iterator[Span]:
    """The spans in which leads may be given to somebody: shifts, and so long before each."""
    moment: dt.datetime | None = since - look_ahead
    while moment is not None and moment < until + look_ahead:
        opens = availability.next_available(member, moment)
        if opens is None:
            return
        closes = worktime.closes_at(member.hours, opens) or until
        yield opens - look_ahead, closes
        moment = closes if closes < until else None


def _usually(member: Availability) -> Availability:
    hours = replace(member.hours, closed=frozenset(), opened=())
    return Availability(active=True, hours=hours)


def _monday(day: dt.datetime) -> dt.datetime:
    return day - dt.timedelta(days=day.weekday())


def _gaps(
    promise: Promise,
    hours: WorkCalendar,
    people: Sequence[Availability],
    look_ahead: dt.timedelta,
    monday: dt.datetime,
) -> Iterator[Span]:
    """Gaps that start in this week. Two weeks are read, so that one over the weekend is whole."""
    until = monday + 2 * WEEK
    open_spans = list(_open(hours, monday, until))
    staffed = sorted(
        span for one in people for span in shifts(one, monday, until, look_ahead=look_ahead)
    )
    for run in _runs(_left_over(open_spans, staffed), staffed):
        length = sum((closes - opens for opens, closes in run), dt.timedelta())
        is_break = length < BREAK and _is_inside(run[0], open_spans)
        if length >= promise.allowance and not is_break:
            yield from (span for span in run if span[0] < monday + WEEK)


def _open(hours: WorkCalendar, since: dt.datetime, until: dt.datetime) -> Iterator[Span]:
    moment = worktime.next_open(hours, since)
    while moment is not None and moment < until:
        closes = min(worktime.closes_at(hours, moment) or until, until)
        yield moment, closes
        moment = worktime.next_open(hours, closes) if closes < until else None


def _left_over(open_spans: Iterable[Span], staffed: Sequence[Span]) -> Iterator[Span]:
    """The open time that nobody works."""
    for opens, closes in open_spans:
        at = opens
        for begins, ends in staffed:
            if begins < closes and ends > at:
                if begins > at:
                    yield at, begins
                at = ends
        if at < closes:
            yield at, closes


def _runs(gaps: Iterable[Span], staffed: Sequence[Span]) -> Iterator[list[Span]]:
    """Gaps with nobody at work between them, taken together."""
    run: list[Span] = []
    for gap in gaps:
        if run and any(begins < gap[0] and ends > run[-1][1] for begins, ends in staffed):
            yield run
            run = []
        run.append(gap)
    if run:
        yield run


def _is_inside(gap: Span, open_spans: Sequence[Span]) -> bool:
    """Whether somebody works before and after it in the same open hours."""
    return any(opens < gap[0] and gap[1] < closes for opens, closes in open_spans)


def _words(gaps: Iterable[Span], zone: zoneinfo.ZoneInfo) -> Iterator[str]:
    """Spans in words, the same hours of several days together."""
    same: dict[tuple[str, str, int], list[int]] = {}
    for opens, closes in gaps:
        start, end = opens.astimezone(zone), closes.astimezone(zone)
        days = (end.date() - start.date()).days
        if end.time() == dt.time(0) and days:
            days, until = days - 1, "24:00"
        else:
            until = f"{end:%H:%M}"
        same.setdefault((f"{start:%H:%M}", until, days), []).append(start.weekday())
    for (opens_at, until, days), weekdays in same.items():
        if days == 1 and len(weekdays) > 1:
            yield f"{_days(sorted(set(weekdays)))} {opens_at}–{until} the next day"
        elif days:
            yield from (
                f"{DAYS[day]} {opens_at}–{DAYS[(day + days) % 7]} {until}" for day in weekdays
            )
        else:
            yield f"{_days(sorted(set(weekdays)))} {opens_at}–{until}"


def _days(weekdays: Sequence[int]) -> str:
    """“Mon–Fri”, “Mon, Wed”: neighbours joined."""
    blocks: list[list[int]] = []
    for day in weekdays:
        if blocks and blocks[-1][-1] == day - 1:
            blocks[-1].append(day)
        else:
            blocks.append([day])
    return ", ".join(
        DAYS[block[0]] if len(block) == 1 else f"{DAYS[block[0]]}–{DAYS[block[-1]]}"
        for block in blocks
    )
