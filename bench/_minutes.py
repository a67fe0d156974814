"""Working time by counting: the wall clock is read at every minute. Slow, plain, independent.

Knows nothing of intervals on the UTC line, of changes of offset or of weeks: what is open is what
the clock on the wall of the zone shows, minute by minute. Good where offsets are whole minutes.
"""

from __future__ import annotations

import random
import zoneinfo
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import accumulate
from typing import Any

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
MINUTE = timedelta(minutes=1)
_US = 60_000_000


class Counted:
    """The open minutes of a calendar document from one instant on, each read off the wall."""

    def __init__(self, document: dict[str, Any], first: datetime, count: int) -> None:
        self.document, self.first, self.count = document, first, count
        zone = zoneinfo.ZoneInfo(document["zone"])
        around = (first + timedelta(hours=hour) for hour in range(-72, count // 60 + 72))
        self.shown = {hour.astimezone(zone).date() for hour in around}
        self._minutes: dict[date, bytearray] = {}
        self.open = bytearray(self._read(first, zone, count))
        self.before = [0, *accumulate(self.open)]

    def elapsed(self, a: datetime, b: datetime) -> timedelta:
        """The open time from a to b, by subtracting what was open before each."""
        return timedelta(microseconds=self._passed(b) - self._passed(a))

    def left(self, at: datetime) -> timedelta:
        """The open time from an instant to the end of what was counted."""
        return timedelta(microseconds=self.before[-1] * _US - self._passed(at))

    def add(self, start: datetime, work: timedelta) -> datetime:
        """The first instant by which so much was open; there must be as much `left`."""
        if not work:
            return start
        target = self._passed(start) + work // timedelta(microseconds=1)
        minute = bisect_left(self.before, -(-target // _US)) - 1
        rest = target - self.before[minute] * _US
        return self.first + timedelta(microseconds=minute * _US + rest)

    def next_open(self, at: datetime) -> datetime | None:
        """When it is open next, as far as was counted."""
        place = (at - self.first) // MINUTE
        if self.open[place]:
            return at
        found = self.open.find(1, place)
        return None if found < 0 else self.first + found * MINUTE

    def closes_at(self, at: datetime) -> datetime | None:
        """When it closes, for an open instant and as far as was counted."""
        found = self.open.find(0, (at - self.first) // MINUTE)
        return None if found < 0 else self.first + found * MINUTE

    def is_open(self, at: datetime) -> bool:
        """Whether it is open at an instant."""
        return bool(self.open[(at - self.first) // MINUTE])

    def _passed(self, at: datetime) -> int:
        minute, rest = divmod((at - self.first) // timedelta(microseconds=1), _US)
        return self.before[minute] * _US + (rest if rest and self.open[minute] else 0)

    def _read(self, first: datetime, zone: zoneinfo.ZoneInfo, count: int) -> Iterator[int]:
        at, a_day = first, timedelta(days=1)
        for _ in range(count):
            local = at.astimezone(zone)
            minute, today = local.hour * 60 + local.minute, local.date()
            is_open = self._day(today)[minute] or self._day(today - a_day)[minute + 1440]
            yield is_open
            at += MINUTE

    def _day(self, day: date) -> bytearray:
        """The minutes open of what starts on a day, those after its midnight included."""
        found = self._minutes.get(day)
        if found is None:
            found = self._minutes[day] = bytearray(2880)
            for opens, closes in self._spans(day):
                found[opens:closes] = b"\1" * (closes - opens)
        return found

    def _spans(self, day: date) -> Iterable[tuple[int, int]]:
        if day not in self.shown:
            return
        written = self.document["week"].get(DAYS[day.weekday()], [])
        if day.isoformat() in self.document["closed"]:
            written = []
        for pair in self.document["opened"].get(day.isoformat(), written):
            opens, closes = (int(text[:2]) * 60 + int(text[3:]) for text in pair)
            yield opens, closes if closes > opens else closes + 1440


def document(draw: random.Random, zone: str, first: date, days: int) -> dict[str, Any]:
    """A calendar at random: up to fourteen spans a week, some over midnight, special dates."""
    dates = [(first + timedelta(days=one)).isoformat() for one in range(-1, days + 1)]
    special = ([], [["00:00", "24:00"]], [["01:20", "02:40"]], [["22:10", "03:05"]],
               [["02:30", "02:35"], ["13:00", "17:45"]])  # fmt: skip
    return {
        "zone": zone,
        "week": _office(draw) if draw.random() < 0.3 else _week(draw),
        "closed": draw.sample(dates, draw.randint(0, 2)),
        "opened": {one: draw.choice(special) for one in draw.sample(dates, draw.randint(0, 2))},
    }


def odd_days(zone: str, year: int) -> list[date]:
    """The days of a year on which the zone's offset is another than the day before."""
    there = zoneinfo.ZoneInfo(zone)
    noon, found, before = datetime(year, 1, 1, 12, tzinfo=UTC), [], None
    while noon.year == year:
        offset = noon.astimezone(there).utcoffset()
        if before not in (None, offset):
            found.append(noon.date())
        noon, before = noon + timedelta(days=1), offset
    return found


def _office(draw: random.Random) -> dict[str, list[list[str]]]:
    noon = draw.randrange(690, 780, 5)
    hours = [[_clock(draw.randrange(360, 660, 15)), _clock(noon)],
             [_clock(noon + 30), _clock(draw.randrange(900, 1441, 15))]]  # fmt: skip
    return dict.fromkeys(draw.sample(DAYS, draw.randint(1, 7)), hours)


def _week(draw: random.Random) -> dict[str, list[list[str]]]:
    """Spans cut out of the line of a week, turned so that one may run over any midnight."""
    points = sorted(draw.sample(range(7 * 288), 2 * draw.randint(1, 14)))
    shift = draw.randrange(2016)
    week: dict[str, list[list[str]]] = {day: [] for day in DAYS}
    for opens, closes in zip(points[::2], points[1::2], strict=True):
        length = min(closes - opens, 287) * 5
        start = (opens + shift) * 5 % (7 * 1440)
        day, minute = divmod(start, 1440)
        week[DAYS[day]].append([_clock(minute), _clock((minute + length) % 1440)])
    return week


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
