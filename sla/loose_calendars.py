"""Calendars as other people write them, in the form of `core.work_calendar`. Pure.

Other names for the same entries, days by their long names or as ranges, spans as “09:00-17:00”,
dates with names: all of it says one thing only. What says nothing we know is left for the reader
of calendars to refuse by name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from core.work_calendar import DAY_NAMES

ENTRIES = {
    "zone": ("zone", "tz", "timezone", "time_zone"),
    "week": ("week", "hours", "weekly", "business_hours", "working_hours", "schedule"),
    "closed": ("closed", "holidays", "closed_dates"),
    "opened": ("opened", "special", "special_days", "exceptions", "overrides"),
}
_OURS = {theirs: ours for ours, names in ENTRIES.items() for theirs in names}
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::00)?")


def plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """The same calendar by our names; `closed` of several entries is joined."""
    found: dict[str, Any] = {}
    for name, value in document.items():
        ours = _OURS.get(str(name).lower(), str(name))
        if ours == "closed":
            found[ours] = [*found.get(ours, []), *_dates(value)]
        elif ours == "week":
            found[ours] = _week(value)
        elif ours == "opened":
            found[ours] = _opened(value)
        else:
            found[ours] = value
    return found


def _week(value: Any) -> Any:
    if not isinstance(value, Mapping):
        return value
    week: dict[str, Any] = {}
    for names, spans in value.items():
        for day in _days(str(names)):
            week[day] = _spans(spans)
    return week


def _days(names: str) -> Iterator[str]:
    """“monday”, “Mon-Fri”, “sat, sun”; what is no day stays as it is, to be refused by name."""
    for piece in re.split(r"\s*,\s*", names.strip().lower()):
        ends = [one[:3] for one in re.split(r"\s*[-–]\s*", piece)]
        if len(ends) > 2 or any(one not in DAY_NAMES for one in ends):
            yield names
            continue
        first, last = DAY_NAMES.index(ends[0]), DAY_NAMES.index(ends[-1])
        for number in range(first, last + (1 if last >= first else 8)):
            yield DAY_NAMES[number % 7]


def _spans(value: Any) -> Any:
    """Pairs; a single pair or one text may stand without its list, nothing for closed."""
    if value is None:
        return []
    if isinstance(value, str):
        value = [one for one in re.split(r"\s*,\s*", value.strip()) if one]
    if not isinstance(value, list | tuple):
        return value
    if len(value) == 2 and all(isinstance(one, str) and _CLOCK.fullmatch(one) for one in value):
        value = [value]
    return [_pair(one) for one in value]


def _pair(value: Any) -> Any:
    if isinstance(value, Mapping) and len(value) == 2:
        value = list(value.values())
    if isinstance(value, str):
        value = re.split(r"\s*[-–]\s*", value, maxsplit=1)
    return [_time(one) for one in value] if isinstance(value, list | tuple) else value


def _time(value: Any) -> Any:
    found = _CLOCK.fullmatch(value.strip()) if isinstance(value, str) else None
    return f"{found[1]:0>2}:{found[2]}" if found else value


def _dates(value: Any) -> list[Any]:
    """Dates of a list, of a list of objects with a date, or the keys of an object."""
    if isinstance(value, Mapping):
        return list(value)
    if isinstance(value, str) or not isinstance(value, Iterable):
        return [value]
    return [one.get("date") if isinstance(one, Mapping) else one for one in value]


def _opened(value: Any) -> Any:
    return (
        {day: _spans(spans) for day, spans in value.items()}
        if isinstance(value, Mapping)
        else value
    )
