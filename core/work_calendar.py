"""Work calendars as data: open hours of a week, exceptions, and their document form.

No arithmetic here; that is `core.worktime`. A document, as kits, YAML and the admin hold it:

    {"zone": "Europe/Berlin",
     "week": {"mon": [["09:00", "12:30"], ["13:00", "17:00"]], "tue": [["22:00", "06:00"]]},
     "closed": ["2026-12-25"],
     "opened": {"2026-12-24": [["09:00", "12:00"]]}}

Days that `week` leaves out are closed. The end of a span may be "24:00".
"""

from __future__ import annotations

import itertools
import re
import reprlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core import zones
from core.errors import FieldError, InvalidInput

Span = tuple[int, int]  # minutes of the local day; the end may be 1440, or lie before the start
Spans = tuple[Span, ...]

DAY_NAMES = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class WorkCalendar:
    """Open hours of a week in one zone, with the dates that differ.

    `week` has seven entries, Monday first. `closed` are dates without hours; `opened` are dates
    with hours of their own, which replace both the week's and a closing. Raises `InvalidInput`
    for an unknown zone, spans that overlap (over midnight too) or are empty. `name` only serves
    messages: calendars that differ in name alone are equal.
    """

    zone: str
    week: tuple[Spans, ...]
    closed: frozenset[date] = frozenset()
    opened: tuple[tuple[date, Spans], ...] = ()
    name: str = field(default="", compare=False)

    def __post_init__(self) -> None:
        if errors := faults(self.zone, self.week, self.opened):
            raise InvalidInput(f"This is not a work calendar: {errors[0].message}", errors=errors)
        opened = sorted((day, _canonical(spans)) for day, spans in self.opened)
        object.__setattr__(self, "week", tuple(_canonical(spans) for spans in self.week))
        object.__setattr__(self, "closed", frozenset(self.closed))
        object.__setattr__(self, "opened", tuple(opened))


def from_document(document: Any, *, name: str = "") -> WorkCalendar:
    """Read a calendar from its document; raises `InvalidInput` that names every fault by path."""
    if not isinstance(document, Mapping):
        raise InvalidInput(
            "A calendar is an object with zone, week, closed and opened.",
            errors=[FieldError("", "Write an object with zone, week, closed and opened.", "type")],
        )
    errors = [
        FieldError(str(key), "No such entry; use zone, week, closed, opened.", "unknown")
        for key in document
        if key not in ("zone", "week", "closed", "opened")
    ]
    days = _mapping(document, "week", errors)
    errors += [
        FieldError(f"week.{key}", f"Days are {', '.join(DAY_NAMES)}.", "unknown")
        for key in days
        if key not in DAY_NAMES
    ]
    week = tuple(_spans(days.get(day, ()), f"week.{day}", errors) for day in DAY_NAMES)
    closed = [
        _date(raw, f"closed.{number}", errors)
        for number, raw in enumerate(_list(document.get("closed"), "closed", errors))
    ]
    opened = [
        (_date(raw, f"opened.{raw}", errors), _spans(spans, f"opened.{raw}", errors))
        for raw, spans in _mapping(document, "opened", errors).items()
    ]
    special = tuple((day, spans) for day, spans in opened if day)
    zone = document.get("zone")
    errors += faults(zone, week, special)
    if errors:
        listed = "; ".join(f"{error.field}: {error.message}" for error in errors[:3])
        raise InvalidInput(f"Calendar {name or 'document'} is faulty. {listed}", errors=errors)
    return WorkCalendar(str(zone), week, frozenset(filter(None, closed)), special, name=name)


def to_document(calendar: WorkCalendar) -> dict[str, Any]:
    """Write a calendar as the document that `from_document` reads; equal calendars, equal text."""
    return {
        "zone": calendar.zone,
        "week": {
            day: _written(spans)
            for day, spans in zip(DAY_NAMES, calendar.week, strict=True)
            if spans
        },
        "closed": [day.isoformat() for day in sorted(calendar.closed)],
        "opened": {day.isoformat(): _written(spans) for day, spans in calendar.opened},
    }


def _mapping(document: Mapping[Any, Any], key: str, errors: list[FieldError]) -> Mapping[Any, Any]:
    found = document.get(key)
    if found is None or isinstance(found, Mapping):
        return found or {}
    errors.append(FieldError(key, "Write an object: one entry for each day.", "type"))
    return {}


def _list(found: Any, path: str, errors: list[FieldError]) -> list[Any] | tuple[Any, ...]:
    if found is None or isinstance(found, list | tuple):
        return found or ()
    errors.append(FieldError(path, "Write a list.", "type"))
    return ()


def _spans(found: Any, path: str, errors: list[FieldError]) -> Spans:
    spans = []
    for number, pair in enumerate(_list(found, path, errors)):
        where = f"{path}.{number}"
        if not isinstance(pair, list | tuple) or len(pair) != 2:
            errors.append(FieldError(where, 'Write a pair like ["09:00", "17:00"].', "type"))
            continue
        opens, closes = (_minutes(time, where, errors) for time in pair)
        if opens is not None and closes is not None:
            spans.append((opens, closes))
    return tuple(spans)


def _minutes(raw: Any, path: str, errors: list[FieldError]) -> int | None:
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{2}:[0-5][0-9]", raw):
        minutes = int(raw[:2]) * 60 + int(raw[3:])
        if minutes <= 1440:
            return minutes
    message = f'{reprlib.repr(raw)} is no time; write it in quotes, "00:00" to "24:00".'
    errors.append(FieldError(path, message, "time"))
    return None


def _date(raw: Any, path: str, errors: list[FieldError]) -> date | None:
    if isinstance(raw, date) and not isinstance(raw, datetime):  # YAML reads dates by itself
        return raw
    if isinstance(raw, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", raw):
        try:
            return date.fromisoformat(raw)
        except ValueError:
            pass
    errors.append(FieldError(path, f"{reprlib.repr(raw)} is no date; write YYYY-MM-DD.", "date"))
    return None


def _written(spans: Spans) -> list[list[str]]:
    return [
        [_clock(opens), "24:00" if closes == 1440 else _clock(closes)] for opens, closes in spans
    ]


def faults(
    zone: object, week: tuple[Spans, ...], opened: Iterable[tuple[date, Spans]] = ()
) -> list[FieldError]:
    """Return what is wrong with the parts of a calendar, by path; empty when nothing is."""
    errors = [] if zones.is_known(zone) else [_unknown_zone(zone)]
    if len(week) != 7:
        return [*errors, FieldError("week", "A week has seven days, Monday first.", "week")]
    days = [(f"week.{name}", spans) for name, spans in zip(DAY_NAMES, week, strict=True)]
    special = [(f"opened.{day.isoformat()}", spans) for day, spans in opened]
    malformed = [e for path, spans in [*days, *special] for e in _malformed(path, spans)]
    if malformed:
        return errors + malformed
    for path, spans in special:
        errors += _overlaps([(path, extent) for extent in map(extent, spans)])
    return errors + _overlaps(
        [
            (path, (opens + number * 1440, closes + number * 1440))
            for number, (path, spans) in enumerate(days)
            for opens, closes in map(extent, spans)
        ],
        period=7 * 1440,
    )


def _malformed(path: str, spans: Spans) -> Iterator[FieldError]:
    for number, (opens, closes) in enumerate(spans):
        where = f"{path}.{number}"
        if not (0 <= opens < 1440 and 0 <= closes <= 1440):
            yield FieldError(where, "Times lie between 00:00 and 24:00; only an end may be 24:00.")
        elif opens == closes:
            message = "A span that ends where it starts is empty; a whole day is 00:00 to 24:00."
            yield FieldError(where, message, "empty_span")


def _overlaps(extents: list[tuple[str, Span]], *, period: int | None = None) -> list[FieldError]:
    """Compare each span with the next one, the last with the first of the next period."""
    extents = sorted(extents, key=lambda extent: extent[1])
    pairs = list(itertools.pairwise(extents))
    if period and extents:
        path, (opens, closes) = extents[0]
        pairs.append((extents[-1], (path, (opens + period, closes + period))))
    return [
        FieldError(path, f"{_clock(opens)} lies within an earlier span; join them.", "overlap")
        for (_, (_, before)), (path, (opens, _)) in pairs
        if opens < before
    ]


def _unknown_zone(zone: object) -> FieldError:
    return FieldError(
        "zone", f"There is no time zone {reprlib.repr(zone)}; write one like Europe/Berlin.", "zone"
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60 % 24:02}:{minutes % 60:02}"


def extent(span: Span) -> Span:
    """Opening and closing minute on one line: a night shift closes after minute 1440."""
    opens, closes = span
    return (opens, closes if closes > opens else closes + 1440)


def _canonical(spans: Spans) -> Spans:
    return tuple(sorted((opens, closes or 1440) for opens, closes in spans))


ALWAYS = WorkCalendar(zone="UTC", week=(((0, 1440),),) * 7, name="round the clock")
