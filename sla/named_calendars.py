"""Calendars by whatever names them: a key of a kit, a file, an entry beside vectors, a document.

A document is that of `core.work_calendar`, or says the same in other usual words; `holidays` may
also be a place (“DE”, “DE-BY”) whose public holidays of 2000 to 2049 are closed besides.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core import holidays_source, work_calendar, worktime
from core.errors import InvalidInput, NotFound
from core.work_calendar import WorkCalendar
from governance import drafts, kit_reader
from governance.models import KitStatus, KitVersion
from sla import loose_calendars

YEARS = range(2000, 2050)
"""Whose holidays a place stands for. A kit keeps its own copy instead."""

ROUND_THE_CLOCK = "24/7"
"""A calendar that needs no kit: elapsed time."""

_FOR_PEOPLE = ("key", "label", "name", "position", "holiday_country", "holiday_subdivision")


class Calendars:
    """Finds calendars, each once. `beside` are those a file of vectors brings itself."""

    def __init__(self, *, kit: int | None = None, beside: Mapping[str, Any] | None = None) -> None:
        self.kit = kit
        self.beside = dict(beside or {})
        self._found: dict[str, WorkCalendar | InvalidInput] = {}
        self._of_kit: dict[str, WorkCalendar] | None = None
        self._is_kit = True

    def of(self, named: object) -> WorkCalendar:
        """The calendar meant. Raises `InvalidInput` for one that is not there or is faulty."""
        name = named if isinstance(named, str) else json.dumps(named, sort_keys=True, default=str)
        if name not in self._found:
            try:
                self._found[name] = self._read(named)
            except InvalidInput as fault:
                self._found[name] = fault
        found = self._found[name]
        if isinstance(found, InvalidInput):
            raise found
        return found

    def _read(self, named: object) -> WorkCalendar:
        if not isinstance(named, str):
            return of_document(named)
        name = named.strip()
        if name in self.beside:
            return of_document(self.beside[name], name=name)
        if name == ROUND_THE_CLOCK:
            return worktime.ALWAYS
        if name.startswith("{"):
            return of_document(_json(name, "the calendar"))
        if name.lower().endswith(".json") or "/" in name:
            return of_document(_json(_text(Path(name)), name), name=Path(name).stem)
        return self._in_kit(name)

    def _in_kit(self, key: str) -> WorkCalendar:
        if self._of_kit is None:
            self._of_kit = self._kits_own()
        if key not in self._of_kit:
            beside = f"; the file brings {', '.join(self.beside)}" if self.beside else ""
            known = ", ".join(sorted(self._of_kit)) or "none"
            has = f"the kit has {known}" if self._is_kit else "no kit is in force"
            raise InvalidInput(f"There is no calendar “{key}”: {has}{beside}.")
        return self._of_kit[key]

    def _kits_own(self) -> dict[str, WorkCalendar]:
        """Those of the kit; a kit that is asked for by number has to be there, one in force not."""
        try:
            return of_kit(self.kit)
        except NotFound:
            if self.kit:
                raise
            self._is_kit = False
            return {}


def of_kit(number: int | None = None) -> dict[str, WorkCalendar]:
    """The calendars of a kit version, drafts included; None: of the one in force.

    Raises `NotFound`, and `InvalidInput` for a draft's calendar that is faulty.
    """
    wanted = {"number": number} if number else {"status": KitStatus.ACTIVE}
    version = KitVersion.objects.filter(**wanted).first()
    if version is None:
        raise NotFound(f"There is no kit version {number}." if number else "No kit is in force.")
    parts = drafts.texts_of([version])[version.pk]["parts"]
    return {entry["key"]: kit_reader.calendar(entry) for entry in parts.get("calendar", [])}


def of_document(document: object, *, name: str = "") -> WorkCalendar:
    """A calendar from its document as files hold it. Raises `InvalidInput`."""
    if not isinstance(document, Mapping):
        return work_calendar.from_document(document, name=name)
    told = {key: value for key, value in document.items() if key not in _FOR_PEOPLE}
    place = told.pop("holidays", "") if isinstance(told.get("holidays"), str) else ""
    plain = loose_calendars.plain(told)
    if place:
        country, _, part = place.partition("-")
        found = holidays_source.holiday_dates(country, part or None, YEARS)
        plain["closed"] = [*plain.get("closed", []), *found]
    name = name or str(document.get("key") or document.get("name") or "")
    return work_calendar.from_document(plain, name=name)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as fault:
        raise InvalidInput(f"The calendar {path} cannot be read: {fault}") from None


def _json(text: str, what: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as fault:
        raise InvalidInput(f"{what} is no JSON: {fault}") from None
