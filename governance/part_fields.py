"""Fields of a part's lists and objects as people write them: ticks, rows, hours, dates, JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from core.work_calendar import DAY_NAMES

DAYS = dict(
    zip(
        DAY_NAMES,
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        strict=True,
    )
)
SPARE_ROWS = 3
_SPAN = re.compile(r"\s*(\d{1,2}:\d{2})\s*[-–]\s*(\d{1,2}:\d{2})\s*")


class JsonText(forms.JSONField):
    """JSON as people read it: indented, letters as they are."""

    widget = forms.Textarea(attrs={"rows": 10, "cols": 90, "spellcheck": "false"})

    def prepare_value(self, value: Any) -> Any:
        """The stored value as text; what somebody typed stays as it was typed."""
        if isinstance(value, forms.fields.InvalidJSONInput):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2)


class Words(forms.CharField):
    """A list of words, written with commas."""

    def prepare_value(self, value: Any) -> Any:
        """The list as text."""
        return ", ".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """The words, each once, in their order."""
        words = (word.strip() for word in super().clean(value).split(","))
        return list(dict.fromkeys(word for word in words if word))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as text, as both sides show it."""
        return bool(self.prepare_value(initial) != (data or ""))


class Lines(forms.CharField):
    """A list of texts, one a line, as each may hold commas."""

    widget: Any = forms.Textarea(attrs={"rows": 6, "cols": 60})

    def prepare_value(self, value: Any) -> Any:
        """The list as lines."""
        return "\n".join(map(str, value)) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        """The texts, each once, in their order."""
        texts = (text.strip() for text in super().clean(value).splitlines())
        return list(dict.fromkeys(text for text in texts if text))

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as text, as both sides show it."""
        text = (data or "").replace("\r\n", "\n").strip()
        return bool(self.prepare_value(initial or []) != text)


class Ticks(forms.MultipleChoiceField):
    """A list of known words, to tick. Words of the part that nobody knows stay on offer."""

    widget = forms.CheckboxSelectMultiple

    def has_changed(self, initial: Any, data: Any) -> bool:
        """The order of boxes says nothing."""
        return set(initial or ()) != set(data or ())


class Fields(forms.Widget):
    """A widget of several inputs, drawn by a template of this project."""

    use_fieldset = True

    def id_for_label(self, id_: str) -> str:
        """A group of inputs has no single one that a label could name."""
        return ""

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        """The inputs, by the template of the class."""
        shown = {"name": name, "id": (attrs or {}).get("id", f"id_{name}")}
        return render_to_string(str(self.template_name), shown | self.context(name, value))

    def context(self, name: str, value: Any) -> dict[str, Any]:
        """What the template shows of the value."""
        raise NotImplementedError


class Dates(forms.CharField):
    """Special dates, one a line: “2026-12-25 Christmas Day”, or with hours behind the date."""

    widget: Any = forms.Textarea(attrs={"rows": 8, "cols": 60, "spellcheck": "false"})

    def __init__(self, *, with_hours: bool = False, **options: Any) -> None:
        super().__init__(strip=True, **options)
        self.with_hours = with_hours

    def prepare_value(self, value: Any) -> Any:
        """The dates as lines; what somebody typed stays as it was typed."""
        if not isinstance(value, Mapping):
            return value
        shown = {day: spans_text(rest) if self.with_hours else rest for day, rest in value.items()}
        return "\n".join(f"{day} {rest}".strip() for day, rest in shown.items())

    def clean(self, value: Any) -> dict[str, Any]:
        """The dates as calendars store them, in the order they were typed."""
        found: dict[str, Any] = {}
        faults = []
        for number, line in enumerate(super().clean(value).splitlines(), start=1):
            day, _, rest = line.strip().partition(" ")
            if not day:
                continue
            try:
                day = date.fromisoformat(day).isoformat()
                if day in found:
                    raise ValueError(f"{day} stands in another line already.")
                found[day] = spans_of(rest) if self.with_hours else rest.strip()
            except ValueError as fault:
                wanted = "09:00-12:00" if self.with_hours else "Christmas Day"
                told = str(fault) if "Invalid isoformat" not in str(fault) else ""
                faults.append(f"Line {number}: {told or f'write it like 2026-12-25 {wanted}.'}")
        if faults:
            raise ValidationError(faults)
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        """Compared as text, as both sides show it."""
        text = (data or "").replace("\r\n", "\n").strip()
        return bool(self.prepare_value(initial or {}) != text)


class ItemsWidget(Fields):
    """The questions of a checklist, a row each, and spare rows behind them."""

    template_name = "governance/items.html"

    def context(self, name: str, value: Any) -> dict[str, Any]:
        """Each row with its three texts."""
        rows = [{"key": "", "label": "", "help": ""} | row for row in value or ()]
        spare = [{"key": "", "label": "", "help": ""}] * SPARE_ROWS
        return {"rows": [*rows, *spare]}

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, str]]:
        """The rows that are not blank, in their order."""
        rows = []
        for place in range(200):
            if f"{name}-{place}-key" not in data:
                break
            row = {one: data.get(f"{name}-{place}-{one}", "").strip() for one in _ITEM}
            if any(row.values()):
                rows.append(row)
        return rows

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        """When no row was sent."""
        return f"{name}-0-key" not in data


class Items(forms.Field):
    """The questions of a checklist."""

    widget = ItemsWidget

    def clean(self, value: Any) -> list[dict[str, str]]:
        """The rows as checklists store them."""
        faults = [
            f"Row {number}: give it a key and a label."
            for number, row in enumerate(value, start=1)
            if not row["key"] or not row["label"]
        ]
        keys = [row["key"] for row in value]
        faults += [f"Two rows have the key “{key}”." for key in _twice(keys)]
        if faults:
            raise ValidationError(faults)
        return list(super().clean(value) or [])


_ITEM = ("key", "label", "help")


def week_texts(week: Any) -> dict[str, str]:
    """Each day's hours as text; what is no week, as a file may bring it, has none."""
    return (
        {day: spans_text(spans) for day, spans in week.items()} if isinstance(week, Mapping) else {}
    )


def spans_text(spans: Any) -> str:
    """“09:00-12:00, 13:00-17:00”; what are no spans, as a file may bring them, as they are."""
    if not isinstance(spans, list | tuple):
        return str(spans)
    return ", ".join(
        "-".join(map(str, one)) if isinstance(one, list | tuple) else str(one) for one in spans
    )


def spans_of(text: str) -> list[list[str]]:
    """The hours that a text names. Raises ValueError."""
    if not text.strip():
        return []
    found = []
    for piece in text.split(","):
        span = _SPAN.fullmatch(piece)
        if span is None:
            raise ValueError(f"“{piece.strip()}” is no span of hours; write 09:00-12:00.")
        found.append([f"{time:0>5}" for time in span.groups()])
    return found


def _twice(keys: list[str]) -> list[str]:
    return sorted({key for key in keys if key and keys.count(key) > 1})
