"""The form of a calendar: copy a day, take public holidays, see what it comes to, then save."""

from __future__ import annotations

import contextlib
import datetime as dt
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core import database, holidays_source, work_calendar, zones
from core.errors import InvalidInput
from governance import calendar_preview
from governance.calendar_fields import ACT, Offer, Preview
from governance.forms import PartForm
from governance.part_fields import DAYS, Dates

NOT_SAVED = "Nothing was saved yet."
MOST_YEARS = 10


class CalendarForm(PartForm):
    """A calendar of a draft. Its buttons besides saving change the form and save nothing."""

    preview = Preview(label="What it comes to")
    said = ""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.now = database.now()
        self.act = self.data.get(ACT, "") if self.is_bound else ""
        self._offer_places()
        self._years()
        if self.act:
            self._do()
        elif not self.is_bound:
            self._show(self.initial)

    def clean(self) -> dict[str, Any]:
        """Spans that overlap and zones there are not are told where they stand."""
        cleaned = super().clean()
        told = {"zone", "week", "closed", "opened"} <= cleaned.keys()
        if told:
            try:
                work_calendar.from_document(_document(cleaned))
            except InvalidInput as refusal:
                self._blame(refusal)
            self._show(cleaned)
        if self.act:
            self.add_error(None, ValidationError(self.said or NOT_SAVED, code="acted"))
        return cleaned

    def _do(self) -> None:
        """What a button besides saving asks for."""
        self.data: Any = self.data.copy()  # what was sent may not be changed
        if self._said("holiday_subdivision") not in dict(self.regions):
            self.data["holiday_subdivision"] = ""
        acts = {"copy": self._copy, "holidays": self._holidays, "take": self._take,
                "preview": self._preview}  # fmt: skip
        acts.get(self.act, self._preview)()

    def _blame(self, refusal: InvalidInput) -> None:
        for fault in refusal.errors:
            field, _, rest = fault.field.partition(".")
            place = rest.split(".")[0]
            where = f"{DAYS.get(place, place)}: " if place else ""
            self.add_error(field if field in self.fields else None, f"{where}{fault.message}")

    def _offer_places(self) -> None:
        """Zones, countries and regions by name; what is stored and unknown stays on offer."""
        self._choose("zone", [(one, one.replace("_", " ")) for one in sorted(zones.names())])
        self._choose("holiday_country", [("", "–"), *holidays_source.countries()])
        country = self._said("holiday_country")
        regions = holidays_source.regions(country) if country else []
        self.regions = [("", "The whole country"), *regions]
        self._choose("holiday_subdivision", self.regions)

    def _choose(self, name: str, choices: list[tuple[str, str]]) -> None:
        if name not in self.fields:
            return
        stored = str(self.initial.get(name) or "")
        word = f"{stored} (unknown)" if stored else "–"
        gone = [(stored, word)] if stored not in dict(choices) else []
        before = self.fields[name]
        self.fields[name] = forms.ChoiceField(
            choices=[*gone, *choices], required=before.required, label=before.label,
            help_text=before.help_text,
        )  # fmt: skip

    def _said(self, name: str) -> str:
        """What the form says now: as sent, else as stored."""
        found = self.data.get(name) if self.is_bound else self.initial.get(name)
        return str(found or "").strip()

    def _years(self) -> None:
        if "closed" not in self.fields:
            return
        asked = [self._said(f"closed-{name}") for name in ("first", "last")]
        first, last = (int(one) if one.isascii() and one.isdigit() and len(one) < 5 else 0
                       for one in asked)  # fmt: skip
        first = first or self.now.year
        last = last or max(first, self.now.year + 1)
        self.years = (first, min(max(first, last), first + MOST_YEARS - 1))
        self.fields["closed"].widget.years = self.years

    def _copy(self) -> None:
        """One day's hours to others."""
        source = self.data.get("week-copy-from", "")
        wanted = [day for day in self.data.getlist("week-copy-to") if day in DAYS]
        if source not in DAYS or not wanted:
            self.said = f"Say which day to copy, and tick the days to copy it to. {NOT_SAVED}"
            return
        text = self.fields["week"].widget.value_from_datadict(self.data, {}, "week")[source]
        for day in wanted:
            self.data[f"week-{day}"] = text
        names = ", ".join(DAYS[day] for day in wanted)
        self.said = f"The hours of {DAYS[source]} stand on {names} now. {NOT_SAVED}"

    def _holidays(self) -> None:
        """The public holidays of the place in the years, to be ticked."""
        widget: Any = self.fields["closed"].widget
        found = self._source()
        if found is None:
            return
        here = self._closed()
        widget.offers = tuple(Offer(day, name, here.get(day)) for day, name in found.items())
        first, last = self.years
        widget.only_here = tuple(
            f"{day:%a %d %b %Y} {name}".strip()
            for day, name in sorted(here.items())
            if first <= day.year <= last and day not in found
        )
        lacking = [str(year) for year in range(first, last + 1)
                   if year not in {day.year for day in found}]  # fmt: skip
        if lacking:
            widget.fault = f"Nothing is known of {', '.join(lacking)}."
        self.said = f"{len(found)} public holidays are listed; tick what to take. {NOT_SAVED}"

    def _take(self) -> None:
        """The ticked holidays into the closed dates, by their name in the source."""
        found, here = self._source(), self._closed()
        ticked = set(self.data.getlist("closed-take"))
        taken = {day: name for day, name in (found or {}).items() if day.isoformat() in ticked}
        if not taken:
            self.said = f"No holiday was ticked. {NOT_SAVED}"
            return
        lines = sorted({**here, **taken}.items())
        stored = {day.isoformat(): name for day, name in lines}
        self.data["closed"] = Dates().prepare_value(stored)
        self.said = f"{len(taken)} holidays stand in the closed dates now. {NOT_SAVED}"

    def _preview(self) -> None:
        """What is typed, shown below."""
        self.said = f"Below stands what this comes to. {NOT_SAVED}"

    def _source(self) -> Mapping[dt.date, str] | None:
        widget: Any = self.fields["closed"].widget
        country, region = self._said("holiday_country"), self._said("holiday_subdivision")
        if not country:
            widget.fault = "Choose a country above first."
            self.said = f"{widget.fault} {NOT_SAVED}"
            return None
        first, last = self.years
        try:
            return holidays_source.holiday_dates(country, region or None, range(first, last + 1))
        except InvalidInput as refusal:
            widget.fault = refusal.message
            self.said = f"{refusal.message} {NOT_SAVED}"
            return None

    def _closed(self) -> dict[dt.date, str]:
        """The closed dates as typed; lines that cannot be read are told when they are saved."""
        with contextlib.suppress(ValidationError):
            typed = Dates(required=False).clean(self.data.get("closed") or "")
            return {dt.date.fromisoformat(day): name for day, name in typed.items()}
        return {}

    def _show(self, values: Mapping[str, Any]) -> None:
        """The preview of a calendar, where it can be read."""
        widget: Any = self.fields["preview"].widget
        asked = {"start": self._said("preview-start"), "work": self._said("preview-work") or "4h"}
        widget.asked = asked
        if not values.get("zone"):
            return
        try:
            calendar = work_calendar.from_document(_document(values))
        except InvalidInput:
            return
        widget.zone = calendar.zone
        names = calendar_preview.names_of(values)
        widget.days = tuple(calendar_preview.days(calendar, names, now=self.now))
        widget.ending = calendar_preview.ending(
            calendar, asked["start"], asked["work"], now=self.now
        )


def _document(values: Mapping[str, Any]) -> dict[str, Any]:
    """The calendar that values of a form or of a part describe."""
    return {
        "zone": values.get("zone"),
        "week": values.get("week") or {},
        "closed": list(values.get("closed") or {}),
        "opened": values.get("opened") or {},
    }
