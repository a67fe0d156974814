"""A calendar of any version: its week, its next days, and when so much work would end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from core.errors import NotFound
from core.texts import _
from governance import calendar_preview, documents, kit_reader
from governance.calendar_preview import Day, Ending
from governance.models import KitVersion
from web.console import kit_time


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """The page."""

    number: int
    title: str
    week: str
    zone: str
    place: str
    asked: Mapping[str, str]
    ending: Ending
    days: tuple[Day, ...]


def build(
    version: KitVersion, key: str, asked: Mapping[str, str], *, now: datetime
) -> CalendarPage:
    """One calendar of a version. Raises `NotFound`, and `InvalidInput` for a faulty one."""
    entries = documents.document_of(version)["parts"].get("calendar", [])
    entry = next((one for one in entries if one["key"] == key), None)
    if entry is None:
        raise NotFound(
            _("Kit v{number} has no calendar “{key}”.").format(number=version.number, key=key)
        )
    calendar = kit_reader.calendar(entry)
    said = {"start": asked.get("start", ""), "work": asked.get("work", "") or "4h"}
    names = calendar_preview.names_of(entry)
    place = "-".join(filter(None, (entry.get("holiday_country"), entry.get("holiday_subdivision"))))
    return CalendarPage(
        number=version.number,
        title=str(entry.get("label") or key),
        week=kit_time.week(entry.get("week") or {}),
        zone=calendar.zone,
        place=place,
        asked=said,
        ending=calendar_preview.ending(calendar, **said, now=now),
        days=tuple(calendar_preview.days(calendar, names, now=now)),
    )
