"""What a calendar comes to: its next days one by one, and when so much work would end. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from core import stamps, worktime
from core.errors import InvalidInput
from core.worktime import WorkCalendar

DAYS = 30
A_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Day:
    """One local day. `hours` are the open spans the wall clock shows; `change` what clocks do."""

    date: dt.date
    hours: tuple[str, ...]
    open_time: dt.timedelta
    name: str = ""
    is_closed: bool = False
    is_special: bool = False
    change: str = ""

    @property
    def length(self) -> str:
        """“8 h”, “7 h 30 min”; “closed” for a day without hours."""
        return told(self.open_time) if self.hours else "closed"


@dataclass(frozen=True, slots=True)
class Ending:
    """When work would end: both instants in the calendar's zone, or why there is none."""

    start: dt.datetime | None = None
    end: dt.datetime | None = None
    counts_from: dt.datetime | None = None
    fault: str = ""

    @property
    def is_at_once(self) -> bool:
        """Whether no work was asked for: it ends when it starts, open or not."""
        return self.end is not None and self.end == self.start

    @property
    def words(self) -> dict[str, str]:
        """The three instants as the calendar's wall clock shows them, its offset by name.

        Seconds where they are not 0.
        """
        instants = {"start": self.start, "end": self.end, "counts_from": self.counts_from}
        return {name: _shown(at) for name, at in instants.items() if at is not None}


def names_of(entry: Mapping[str, Any]) -> dict[dt.date, str]:
    """What the closed dates of a kit's calendar are called."""
    closed = entry.get("closed")
    if not isinstance(closed, Mapping):  # a list has no names
        return {}
    return {dt.date.fromisoformat(day): str(name) for day, name in closed.items()}


def days(
    calendar: WorkCalendar, names: Mapping[dt.date, str], *, now: dt.datetime, count: int = DAYS
) -> Iterator[Day]:
    """The next local days from today on, each with what is open in it."""
    zone = ZoneInfo(calendar.zone)
    today = now.astimezone(zone).date()
    special = {day for day, _ in calendar.opened}
    for date in (today + A_DAY * number for number in range(count)):
        begins, ends = _midnight(date, zone), _midnight(date + A_DAY, zone)
        yield Day(
            date=date,
            hours=tuple(_hours(calendar, begins, ends, zone)),
            open_time=worktime.elapsed(calendar, begins, ends),
            name=names.get(date, ""),
            is_closed=date in calendar.closed and date not in special,
            is_special=date in special,
            change=_change(ends - begins),
        )


def ending(calendar: WorkCalendar, start: str, work: str, *, now: dt.datetime) -> Ending:
    """When this much work would end, from texts as people type them; no start means now."""
    zone = ZoneInfo(calendar.zone)
    try:
        begins = stamps.instant(start, zone=zone).at if start.strip() else now
        end = worktime.add(calendar, begins, stamps.work(work))
        opens = worktime.next_open(calendar, begins)
    except (InvalidInput, worktime.NoWorkingTime) as refusal:
        return Ending(fault=refusal.message[:1].upper() + refusal.message[1:])
    counts = opens.astimezone(zone) if opens and opens > begins else None
    return Ending(begins.astimezone(zone), end.astimezone(zone), counts)


def told(span: dt.timedelta) -> str:
    """A span of hours and minutes as people say it; a dash for nothing."""
    hours, minutes = divmod(span // dt.timedelta(minutes=1), 60)
    parts = ([f"{hours} h"] if hours else []) + ([f"{minutes} min"] if minutes else [])
    return " ".join(parts) or "–"


def _shown(at: dt.datetime) -> str:
    clock = f"{at:%H:%M:%S}".removesuffix(":00")
    return f"{at:%a} {at.day} {at:%b %Y}, {clock} {at.tzname()}"


def _hours(
    calendar: WorkCalendar, begins: dt.datetime, ends: dt.datetime, zone: ZoneInfo
) -> Iterator[str]:
    at = begins
    while (opens := worktime.next_open(calendar, at)) is not None and opens < ends:
        closes = worktime.closes_at(calendar, opens)
        at = min(closes, ends) if closes else ends
        until = "24:00" if at == ends else f"{at.astimezone(zone):%H:%M}"
        yield f"{opens.astimezone(zone):%H:%M}–{until}"


def _change(length: dt.timedelta) -> str:
    if length == A_DAY:
        return ""
    way = "forward" if length < A_DAY else "back"
    return f"clocks go {way} {told(abs(length - A_DAY))}"


def _midnight(date: dt.date, zone: ZoneInfo) -> dt.datetime:
    """The first instant of a local day, also where its midnight is never shown."""
    return dt.datetime.combine(date, dt.time(), zone).astimezone(dt.UTC)
