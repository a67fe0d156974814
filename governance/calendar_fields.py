"""Fields of a calendar as people keep one: the week as a grid, public holidays, a preview."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from core.work_calendar import DAY_NAMES, extent
from governance.calendar_preview import Day, Ending
from governance.part_fields import DAYS, Dates, Fields, spans_of, week_texts

ACT = "calendar-act"
"""The name of the buttons that change the form and save nothing."""

MOST_SPANS = 8
LEAST_SPANS = 2
CSS: Any = {"all": ["css/condition.css", "css/calendar.css"]}


@dataclass(frozen=True, slots=True)
class Line:
    """One weekday of the grid: its spans as typed, and as bars from minute to minute."""

    key: str
    label: str
    spans: tuple[tuple[str, str], ...]
    bars: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Offer:
    """One public holiday on offer; `known` is what the calendar calls that date already."""

    date: dt.date
    name: str
    known: str | None

    @property
    def is_new(self) -> bool:
        """Whether the calendar does not have it under this name."""
        return self.known != self.name


class WeekGrid(Fields):
    """Seven lines of spans, each a pair of times; a day's hours may be copied to others."""

    template_name = "governance/week.html"

    class Media:
        css: ClassVar[Any] = CSS

    def context(self, name: str, value: Any) -> dict[str, Any]:
        """Each day with its spans, spare ones, and its bar."""
        is_typed = isinstance(value, dict) and all(isinstance(one, str) for one in value.values())
        texts = value if is_typed else week_texts(value)
        return {"lines": list(_lines(texts)), "days": list(DAYS.items()), "act": ACT}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> dict[str, str]:
        """The hours of each day as text: from its pairs of times, or as one line of text."""
        return {day: _typed(data, f"{name}-{day}") for day in DAY_NAMES}

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """When no day was sent."""
        days = [f"{name}-{day}" for day in DAY_NAMES]
        return not any(day in data or f"{day}-0-from" in data for day in days)


class Week(forms.Field):
    """The hours of a week: spans for each day, none when it is closed."""

    widget = WeekGrid

    def clean(self, value: Any) -> dict[str, list[list[str]]]:
        """The days that have hours, as calendars store them."""
        week, faults = {}, []
        for day, text in value.items():
            try:
                if spans := spans_of(text):
                    week[day] = spans
            except ValueError as fault:
                faults.append(f"{DAYS[day]}: {fault}")
        if faults:
            raise ValidationError(faults)
        return week

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as text, as both sides show it."""
        texts = week_texts(initial)
        return any(" ".join(text.split()) != texts.get(day, "") for day, text in data.items())


class ClosedWidget(Fields):
    """Closed dates as lines, and the public holidays of the calendar's place to take over."""

    template_name = "governance/closed.html"
    years: tuple[int, int] = (0, 0)
    offers: tuple[Offer, ...] | None = None
    only_here: tuple[str, ...] = ()
    fault = ""

    class Media:
        css: ClassVar[Any] = CSS

    def context(self, name: str, value: Any) -> dict[str, Any]:
        """The lines, and what is on offer."""
        text = value if isinstance(value, str) else Dates().prepare_value(value or {})
        first, last = self.years
        return {
            "text": text, "rows": min(max(str(text).count("\n") + 2, 4), 20), "act": ACT,
            "first": first, "last": last, "offers": self.offers, "only_here": self.only_here,
            "fault": self.fault,
        }  # fmt: skip

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """The lines as they were typed."""
        return data.get(name)

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """When no lines were sent."""
        return name not in data


class ClosedDates(Dates):
    """Closed dates with their names."""

    widget = ClosedWidget


class PreviewWidget(Fields):
    """The next days of the calendar as it stands in the form, and when work would end."""

    template_name = "governance/calendar_preview.html"
    zone = ""
    days: tuple[Day, ...] = ()
    ending: Ending | None = None
    asked: Mapping[str, str] | None = None

    class Media:
        css: ClassVar[Any] = CSS

    def context(self, name: str, value: Any) -> dict[str, Any]:
        """What was asked and what came out."""
        asked = self.asked or {"start": "", "work": "4h"}
        return {"asked": asked, "days": self.days, "ending": self.ending, "zone": self.zone,
                "act": ACT}  # fmt: skip

    def value_from_datadict(self, data: Any, files: Any, name: str) -> None:
        """Nothing of it is stored."""


class Preview(forms.Field):
    """No value: it shows what the others come to."""

    widget = PreviewWidget

    def clean(self, value: Any) -> None:
        """Nothing."""

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Never."""
        return False


def _typed(data: Any, name: str) -> str:
    if name in data:
        return str(data.get(name))
    pairs = ((data.get(f"{name}-{at}-from", ""), data.get(f"{name}-{at}-to", ""))
             for at in range(MOST_SPANS))  # fmt: skip
    times = ((_time(opens), _time(closes)) for opens, closes in pairs)
    return ", ".join(f"{opens}-{closes}" for opens, closes in times if opens or closes)


def _time(text: str) -> str:
    """“9” and “0900” as “09:00”; what is neither stays."""
    text = text.strip()
    short = re.fullmatch(r"(\d{1,2}?)(\d{2})?", text, re.ASCII) if text else None
    return f"{short[1]:0>2}:{short[2] or '00'}" if short else text


def _lines(texts: Mapping[str, str]) -> Iterator[Line]:
    for day in DAY_NAMES:
        pieces = [one.strip() for one in texts.get(day, "").split(",") if one.strip()]
        pairs = [tuple(re.split(r"\s*[-–]\s*", one, maxsplit=1)) for one in pieces]
        spans = [(one[0], one[1] if len(one) > 1 else "") for one in pairs]
        spare = max(LEAST_SPANS - len(spans), 1 if len(spans) < MOST_SPANS else 0)
        before = DAY_NAMES[DAY_NAMES.index(day) - 1]
        bars = (*_bars(texts.get(before, ""), 1440), *_bars(texts.get(day, ""), 0))
        yield Line(day, DAYS[day], (*spans, *[("", "")] * spare), bars)


def _bars(text: str, shift: int) -> Iterator[tuple[int, int]]:
    """From which minute a day is open and for how many, of what starts `shift` minutes before."""
    try:
        spans = spans_of(text)
    except ValueError:
        return
    for pair in spans:
        opens, closes = extent(tuple(int(one[:2]) * 60 + int(one[3:]) for one in pair))  # type: ignore[arg-type]
        opens, closes = max(opens - shift, 0), min(closes - shift, 1440)
        if closes > opens:
            yield opens, closes - opens
