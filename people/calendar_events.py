"""Which events of a calendar mean that their owner is away. Events are as icalendar reads them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from people import calendar_words

LONG = dt.timedelta(hours=4)
"""Events with a time of day count from here on."""


def counts(event: Any, *, all_day: bool) -> bool:
    """Whether an event is an absence. `all_day`: every busy all-day event is one."""
    if not is_meant(event, all_day=all_day):
        return False
    return is_whole_day(event) or is_out_of_office(event) or _length(event) >= LONG


def is_meant(event: Any, *, all_day: bool) -> bool:
    """Whether an event tells of an absence, however long it is."""
    if str(event.get("STATUS", "")).upper() == "CANCELLED" or "DTSTART" not in event:
        return False
    if is_out_of_office(event):
        return True
    free = str(event.get("TRANSP", "")).upper() == "TRANSPARENT"
    if free or _shown_as(event) == "FREE":
        return False
    return says_so(event) or (all_day and is_whole_day(event))


def is_out_of_office(event: Any) -> bool:
    """Whether it is marked so."""
    return _shown_as(event) == "OOF"


def is_whole_day(event: Any) -> bool:
    """Whether it begins with a day, not at a time."""
    return not isinstance(event["DTSTART"].dt, dt.datetime)


def says_so(event: Any) -> bool:
    """Whether its title or categories tell of an absence."""
    texts = [str(event.get("SUMMARY", ""))]
    groups = event.get("CATEGORIES", [])
    for group in groups if isinstance(groups, list) else [groups]:
        texts += [str(one) for one in getattr(group, "cats", [group])]
    return any(calendar_words.tell_absence(text) for text in texts)


def _shown_as(event: Any) -> str:
    return str(event.get("X-MICROSOFT-CDO-BUSYSTATUS", "")).upper()


def _length(event: Any) -> dt.timedelta:
    if "DTEND" in event:
        begins, ends = event["DTSTART"].dt, event["DTEND"].dt
        both = isinstance(ends, dt.datetime) and (begins.tzinfo is None) == (ends.tzinfo is None)
        return ends - begins if both else dt.timedelta()
    return event["DURATION"].dt if "DURATION" in event else dt.timedelta()
