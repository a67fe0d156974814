"""Working time: when has a span of open hours passed. Pure arithmetic on the UTC line.

An instant is open when the wall clock in the calendar's zone, read at that instant, shows an open
time. Everything about daylight saving follows from that: an hour shown twice counts twice, an
hour never shown counts nothing, a day that was skipped has no hours. Spans are half-open,
[start, end). One that ends before it starts runs over midnight and belongs to the day it starts
on, holidays included. Good for the years 1900 to 2199.
"""

from __future__ import annotations

import zoneinfo
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from core.errors import DomainError, InvalidInput
from core.work_calendar import (
    ALWAYS,
    Spans,
    WorkCalendar,
    extent,
    from_document,
    to_document,
)

__all__ = [
    "ALWAYS",
    "SEARCH_DAYS",
    "NoWorkingTime",
    "WorkCalendar",
    "add",
    "closes_at",
    "elapsed",
    "from_document",
    "is_open",
    "next_open",
    "to_document",
]

SEARCH_DAYS = 3660  # ten years: a calendar that stays closed for longer never opens

_MICROSECOND = timedelta(microseconds=1)
_MINUTE = 60_000_000
_DAY = 1440 * _MINUTE
_WEEK = 7 * _DAY
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_FIRST = (datetime(1900, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND
_LAST = (datetime(2200, 1, 1, tzinfo=UTC) - _EPOCH) // _MICROSECOND

# All instants below are whole microseconds since 1970 UTC, all days are counted from 1970-01-01.
_Interval = tuple[int, int]


class NoWorkingTime(DomainError):
    """The calendar does not hold as much open time as is asked for."""

    code = "no_working_time"


def add(calendar: WorkCalendar, start: datetime, work: timedelta) -> datetime:
    """Return the first instant (UTC) by which `work` of open time has passed since `start`.

    `start` is aware and may lie in closed time; no work ends at `start` itself. Raises
    `NoWorkingTime` when the calendar does not hold that much within `SEARCH_DAYS`.
    """
    left = work // _MICROSECOND
    if left < 0:
        raise InvalidInput("Working time to add cannot be negative.")
    at = _instant(start)
    if left == 0:
        return _moment(at)
    table = _table(calendar)
    day, limit = at // _DAY, _limit(at)
    while day * _DAY < limit:
        if _is_whole_week(day, at) and left > (total := _open_total(table, day // 7)):
            left -= total
            day += 7
            continue
        for opens, closes in _from(table, day, at):
            if left <= closes - opens:
                return _moment(opens + left)
            left -= closes - opens
        day += 1
    raise NoWorkingTime(
        f"Calendar {calendar.name or calendar.zone} has less than {work} of open time between "
        f"{_moment(at):%Y-%m-%d} and {_moment(limit):%Y-%m-%d}. Open more hours."
    )


def elapsed(calendar: WorkCalendar, a: datetime, b: datetime) -> timedelta:
    """Return the open time between two aware instants; negative when `b` lies before `a`."""
    since, until = _instant(a), _instant(b)
    if until < since:
        return -elapsed(calendar, b, a)
    table, day, total = _table(calendar), since // _DAY, 0
    while day * _DAY < until:
        if _is_whole_week(day, since) and (day + 7) * _DAY <= until:
            total += _open_total(table, day // 7)
            day += 7
            continue
        total += sum(
            max(0, min(closes, until) - opens) for opens, closes in _from(table, day, since)
        )
        day += 1
    return total * _MICROSECOND


def is_open(calendar: WorkCalendar, at: datetime) -> bool:
    """Say whether the instant lies in open time; the end of a span is already closed."""
    instant = _instant(at)
    return any(opens <= instant < closes for opens, closes in _day_of(calendar, instant))


def next_open(calendar: WorkCalendar, at: datetime) -> datetime | None:
    """Return `at` itself (UTC) when open, else when it opens next; None if not in `SEARCH_DAYS`."""
    instant, table = _instant(at), _table(calendar)
    day, limit = instant // _DAY, _limit(instant)
    if not table.week_total and not any(
        spans for one, spans in table.special.items() if one > day - 3
    ):
        return None  # it is never open, as of who has no shifts yet
    while day * _DAY < limit:
        if _is_whole_week(day, instant) and not _open_total(table, day // 7):
            day += 7
            continue
        for opens, _closes in _from(table, day, instant):
            return _moment(opens)
        day += 1
    return None


def closes_at(calendar: WorkCalendar, at: datetime) -> datetime | None:
    """Return the end (UTC) of the open time that holds `at`, adjoining spans taken as one.

    None when `at` is closed, and when no end comes within `SEARCH_DAYS`.
    """
    instant, table = _instant(at), _table(calendar)
    end, limit = instant, _limit(instant)
    while end < limit:
        day = end // _DAY
        if end == day * _DAY and day % 7 == 0 and _open_total(table, day // 7) == _WEEK:
            end += _WEEK
            continue
        until = next(
            (closes for opens, closes in _open_on(table, day) if opens <= end < closes), end
        )
        if until < (day + 1) * _DAY:
            return None if until == instant else _moment(until)
        end = until
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """A calendar made ready for arithmetic; hashed by identity, so that caches stay fast."""

    zone: str
    week: tuple[tuple[_Interval, ...], ...]
    special: dict[int, tuple[_Interval, ...]]
    special_days: tuple[int, ...]
    week_total: int

    def spans(self, day: int) -> tuple[_Interval, ...]:
        """Return the open wall-clock intervals that start on a local day, from its midnight."""
        found = self.special.get(day)
        return self.week[(day + 3) % 7] if found is None else found  # day 0 was a Thursday

    def is_regular(self, first: int) -> bool:
        """Say whether the seven UTC days from `first` hold exactly an ordinary week."""
        since = bisect_left(self.special_days, first - 3)
        if since < len(self.special_days) and self.special_days[since] <= first + 8:
            return False
        years = {_year(first - 2), _year(first + 6)}
        changes = (change for year in years for change in _changes(self.zone, year))
        return not any(
            (first - 2) * _DAY <= instant < (first + 7) * _DAY for instant, _, _ in changes
        )


@lru_cache(maxsize=512)
def _table(calendar: WorkCalendar) -> _Table:
    def ready(spans: Spans) -> tuple[_Interval, ...]:
        return tuple((opens * _MINUTE, closes * _MINUTE) for opens, closes in map(extent, spans))

    week = tuple(ready(spans) for spans in calendar.week)
    special: dict[int, tuple[_Interval, ...]] = {
        day.toordinal() - _EPOCH_ORDINAL: () for day in calendar.closed
    }
    special |= {day.toordinal() - _EPOCH_ORDINAL: ready(spans) for day, spans in calendar.opened}
    total = sum(closes - opens for spans in week for opens, closes in spans)
    return _Table(calendar.zone, week, special, tuple(sorted(special)), total)


@lru_cache(maxsize=32768)
def _open_on(table: _Table, day: int) -> tuple[_Interval, ...]:
    """Return the open intervals of one UTC day, sorted and apart from each other."""
    found: list[_Interval] = []
    for since, until, offset in _regimes(table.zone, day):
        first, last = (since + offset) // _DAY, (until + offset - 1) // _DAY
        for local in range(first - 1, last + 1):  # the day before may run over midnight
            if _is_skipped(table.zone, local):
                continue
            midnight = local * _DAY - offset
            for opens, closes in table.spans(local):
                found.append((max(midnight + opens, since), min(midnight + closes, until)))
    return _joined(sorted(interval for interval in found if interval[0] < interval[1]))


def _joined(intervals: list[_Interval]) -> tuple[_Interval, ...]:
    joined: list[_Interval] = []
    for opens, closes in intervals:
        if joined and opens <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], closes))
        else:
            joined.append((opens, closes))
    return tuple(joined)


@lru_cache(maxsize=32768)
def _open_total(table: _Table, week: int) -> int:
    """Return the open time of seven UTC days, without counting them where nothing is special."""
    first = week * 7
    if table.is_regular(first):
        return table.week_total
    days = (_open_on(table, day) for day in range(first, first + 7))
    return sum(closes - opens for day in days for opens, closes in day)


def _regimes(zone: str, day: int) -> list[tuple[int, int, int]]:
    """Cut one UTC day where the zone's offset changes: (since, until, offset)."""
    since, end = day * _DAY, (day + 1) * _DAY
    offset, pieces = _offset(zone, since), []
    for instant, _, after in _changes(zone, _year(day)):
        if since < instant < end:
            pieces.append((since, instant, offset))
            since, offset = instant, after
    return [*pieces, (since, end, offset)]


@lru_cache(maxsize=8192)
def _changes(zone: str, year: int) -> tuple[tuple[int, int, int], ...]:
    """Return the changes of offset in a year: (instant, offset before, offset after).

    Looks once a day, then halves: no zone has changed twice within four days since 1900.
    """
    found = []
    first = date(year, 1, 1).toordinal() - _EPOCH_ORDINAL
    last = date(year + 1, 1, 1).toordinal() - _EPOCH_ORDINAL
    before = _offset(zone, first * _DAY - 1)
    for day in range(first, last):
        after = _offset(zone, (day + 1) * _DAY - 1)
        if after != before:
            found.append((_change_in(zone, day * _DAY - 1, (day + 1) * _DAY - 1), before, after))
        before = after
    return tuple(found)


def _change_in(zone: str, low: int, high: int) -> int:
    """Return the first instant of the new offset, given one that has it and one that has not."""
    before = _offset(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(zone, middle) == before else (low, middle)
    return high


def _is_skipped(zone: str, day: int) -> bool:
    """Say whether a local day never was: clocks jumped from its first midnight to its last."""
    return any(
        instant + before <= day * _DAY and (day + 1) * _DAY <= instant + after
        for year in {_year(day - 1), _year(day + 1)}
        for instant, before, after in _changes(zone, year)
        if after - before >= _DAY
    )


def _offset(zone: str, instant: int) -> int:
    local = (_EPOCH + instant * _MICROSECOND).astimezone(zoneinfo.ZoneInfo(zone))
    return (local.utcoffset() or timedelta()) // _MICROSECOND


def _year(day: int) -> int:
    return date.fromordinal(day + _EPOCH_ORDINAL).year


def _is_whole_week(day: int, since: int) -> bool:
    return day % 7 == 0 and day * _DAY >= since


def _from(table: _Table, day: int, since: int) -> Iterator[_Interval]:
    """Yield what is open on a UTC day at or after an instant."""
    return ((max(opens, since), closes) for opens, closes in _open_on(table, day) if closes > since)


def _day_of(calendar: WorkCalendar, instant: int) -> tuple[_Interval, ...]:
    return _open_on(_table(calendar), instant // _DAY)


def _limit(since: int) -> int:
    return min(since + SEARCH_DAYS * _DAY, _LAST)


def _instant(at: datetime) -> int:
    if at.tzinfo is None:
        raise ValueError("Working time needs an instant with its zone.")
    instant = (at - _EPOCH) // _MICROSECOND
    if not _FIRST <= instant <= _LAST:
        raise InvalidInput(f"{at.isoformat()} lies outside the years 1900 to 2199.")
    return instant


def _moment(instant: int) -> datetime:
    return _EPOCH + instant * _MICROSECOND
