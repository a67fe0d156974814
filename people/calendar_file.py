"""Absences in an iCalendar file: which events mean that somebody is away, and from when to when.

All-day events are whole days in the person's zone, floating times are theirs, too. An event counts
when it is marked out of office; when it lasts a day or half of one and says so in its title or
categories; or, where its owner wants it so, when it is all day and busy. What is cancelled or
marked as free never counts. Recurrences are followed over the window that is asked for.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import icalendar
import recurring_ical_events

from people import calendar_events, calendar_faults

MOST_BYTES = 2 * 1024 * 1024
MOST_EVENTS = 20_000
MOST_FOUND = 500

# It tells of every odd time zone; the reader of a page cannot help it.
logging.getLogger("icalendar").setLevel(logging.ERROR)


class Unreadable(ValueError):
    """What was given is no calendar; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Absence:
    """One time away; `uid` stays the same when the event is moved or renamed. All UTC."""

    uid: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    title: str


@dataclass(frozen=True, slots=True)
class Found:
    """What a file holds: how many events in all, and the absences in the window.

    `remarks` are sentences on what was meant as an absence and is none, or not as it was written.
    """

    events: int
    absences: tuple[Absence, ...]
    remarks: tuple[str, ...] = ()


def read(
    data: bytes, *, zone: dt.tzinfo, since: dt.datetime, until: dt.datetime, all_day: bool
) -> Found:
    """The absences that lie in or reach into a window. `all_day`: every busy all-day event counts.

    Raises Unreadable.
    """
    _require_calendar(data)
    try:
        calendars = icalendar.Calendar.from_ical(data, multiple=True)
        events = sum(len(one.walk("VEVENT")) for one in calendars)
        if events > MOST_EVENTS:
            raise Unreadable(f"It has more than {MOST_EVENTS:,} events.")
        sorted_out = [
            calendar_faults.sort_out(one.walk("VEVENT"), since, until, all_day=all_day)
            for one in calendars
        ]
        found = {
            absence.uid: absence
            for one, (events_of, _) in zip(calendars, sorted_out, strict=True)
            for absence in _absences(one, events_of, since, until, zone, all_day=all_day)
        }
    except Unreadable:
        raise
    except Exception as fault:  # the libraries raise what they please on broken files
        raise Unreadable(f"It cannot be read as a calendar: {str(fault)[:120]}.") from fault
    if len(found) > MOST_FOUND:
        raise Unreadable(f"It has more than {MOST_FOUND} absences within a year.")
    remarks = tuple(remark for _, some in sorted_out for remark in some)
    return Found(events, tuple(sorted(found.values(), key=lambda one: one.starts_at)), remarks)


def _require_calendar(data: bytes) -> None:
    """Refuse what is too large, something else, or only the beginning of a calendar."""
    if len(data) > MOST_BYTES:
        raise Unreadable(f"It is larger than {MOST_BYTES // 1024 // 1024} MB.")
    begin = data[:4096].lower()
    if b"begin:vcalendar" not in begin:
        if b"<html" in begin or b"<!doctype" in begin:
            raise Unreadable("It is a web page, not a calendar; use the address that ends in .ics.")
        raise Unreadable("It is no calendar; a calendar begins with BEGIN:VCALENDAR.")
    if not data.rstrip().upper().endswith(b"END:VCALENDAR"):
        raise Unreadable("It breaks off in the middle.")


def _absences(
    calendar: Any,
    events: Sequence[Any],
    since: dt.datetime,
    until: dt.datetime,
    zone: dt.tzinfo,
    *,
    all_day: bool,
) -> Iterable[Absence]:
    """The absences of one calendar; only series of which some event counts are followed."""
    wanted = {_uid(one) for one in events if calendar_events.counts(one, all_day=all_day)}
    if not wanted:
        return
    kept = icalendar.Calendar()
    for name in ("VERSION", "PRODID", "X-WR-TIMEZONE"):
        if name in calendar:
            kept[name] = calendar[name]
    series = set()
    for part in [*calendar.walk("VTIMEZONE"), *(one for one in events if _uid(one) in wanted)]:
        kept.add_component(part)
        if any(name in part for name in ("RRULE", "RDATE", "RECURRENCE-ID")):
            series.add(_uid(part))
    query = recurring_ical_events.of(kept, skip_bad_series=True)
    first, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    for one in query.between(first, last):
        absence = _absence(one, zone, recurs=_uid(one) in series)
        if (
            calendar_events.counts(one, all_day=all_day)
            and absence is not None
            and absence.ends_at > since
        ):
            yield absence


def _uid(event: Any) -> str:
    return str(event.get("UID", ""))


def _absence(event: Any, zone: dt.tzinfo, *, recurs: bool) -> Absence | None:
    begins = event["DTSTART"].dt
    ends = event["DTEND"].dt if "DTEND" in event else begins
    if not isinstance(begins, dt.datetime) and ends <= begins:
        ends = begins + dt.timedelta(days=1)
    starts_at, ends_at = _instant(begins, zone), _instant(ends, zone)
    if ends_at <= starts_at:
        return None
    again = event.get("RECURRENCE-ID", event["DTSTART"]) if recurs else None
    which = f"{_uid(event)}/{again.dt.isoformat() if again is not None else ''}"
    uid = hashlib.sha256(which.encode()).hexdigest()[:40]
    return Absence(uid, starts_at, ends_at, str(event.get("SUMMARY", ""))[:120].strip())


def _instant(at: dt.date, zone: dt.tzinfo) -> dt.datetime:
    """An instant in UTC: a day begins at the person's midnight, a floating time is theirs."""
    if not isinstance(at, dt.datetime):
        at = dt.datetime.combine(at, dt.time(), zone)
    return (at if at.tzinfo is not None else at.replace(tzinfo=zone)).astimezone(dt.UTC)
