"""One touch that waits for people: what it says, what was tried, and a form to mend it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.urls import reverse

from core.errors import DomainError, InvalidInput, NotFound
from core.texts import _, lazy
from leads.intake import LIMITS
from leads.models import Channel, Touch, TouchStatus
from lifecycle import set_aside, touch_words
from lifecycle.set_aside import Tried
from people.models import User
from web.console import fields, queue_page

SECTIONS = {
    "person": lazy("The buyer"), "company": lazy("The company"), "lead": lazy("The lead"),
    "source": lazy("Where it came from"),
}  # fmt: skip
TEXTS = {"external_id": (lazy("Id in the other system"), 200), "note": (lazy("Note"), 5_000)}


class MendForm(forms.Form):
    """The fields of a payload; what has no field here stays as it was."""

    channel = forms.ChoiceField(choices=Channel)
    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, touch: Touch, data: Any = None) -> None:
        self.touch = touch
        super().__init__(data, initial=_initial(touch))
        for name, (label, limit) in TEXTS.items():
            self.fields[name] = fields.GroupedField(label=label, required=False, max_length=limit)
        for section, heading in SECTIONS.items():
            for place, (name, limit) in enumerate(LIMITS[section].items()):
                self.fields[f"{section}-{name}"] = fields.GroupedField(
                    label=touch_words.LABELS[f"{section}.{name}"],
                    heading="" if place else heading,
                    required=False,
                    max_length=limit,
                )

    @classmethod
    def shown(cls, touch: Touch, *, now: datetime) -> MendForm:
        """The form as it is opened: with what could be read, and what is wrong beside its field."""
        faults = set_aside.faults(touch, now) if touch.status == TouchStatus.PARKED else []
        form = cls(touch, _initial(touch) if faults else None)
        if faults:
            form.refuse(InvalidInput(_("It cannot be taken as it is."), errors=faults))
        return form

    def run(self, by: User) -> Tried:
        """Mend and try it. Raises DomainError."""
        given = self.cleaned_data
        return set_aside.mend(self.touch.pk, self._body(given), by=by, seen=given["seen"])

    def refuse(self, refusal: DomainError) -> None:
        """Put each fault beside its field; what has no field here goes on top."""
        for fault in refusal.errors:
            name = fault.field.replace(".", "-")
            known = name if name in self.fields else None
            self.add_error(known, fault.message if known else touch_words.told(fault))
        if not refusal.errors:
            self.add_error(None, refusal.message)

    def _body(self, given: Mapping[str, Any]) -> dict[str, Any]:
        body = {**self.touch.payload, "channel": given["channel"]}
        body |= {name: given[name] for name in TEXTS}
        for section in SECTIONS:
            body[section] = {
                name: text for name in LIMITS[section] if (text := given[f"{section}-{name}"])
            }
        return {name: value for name, value in body.items() if value not in ("", {})}


@dataclass(frozen=True, slots=True)
class Part:
    """A section of a payload as lines."""

    label: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Done:
    """One act of a person on the touch."""

    who: str
    what: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class TouchPage:
    """The page."""

    row: queue_page.TouchRow
    queue: str
    label: str
    status: str
    occurred_at: datetime
    parts: tuple[Part, ...]
    first: tuple[Part, ...]
    done: tuple[Done, ...]
    act_url: str
    url: str
    lead_url: str
    is_left: bool


def load(touch_id: int) -> Touch:
    """A touch that waits, or waited, for people. Raises NotFound."""
    touch = Touch.objects.filter(pk=touch_id).first()
    if touch is None or not (touch.status in set_aside.WAITING or touch.handlings.exists()):
        raise NotFound(_("There is no such touchpoint in these queues."))
    return touch


def build(touch: Touch) -> TouchPage:
    """The page in two queries."""
    queue = "spam" if touch.status == TouchStatus.QUARANTINED else "exceptions"
    handled = list(touch.handlings.select_related("by").order_by("at", "pk"))
    first = next((one.before for one in handled if one.before is not None), None)
    return TouchPage(
        row=queue_page.touch_row(touch),
        queue=queue,
        label=queue_page.NAMES[queue],
        status=touch.status,
        occurred_at=touch.occurred_at,
        parts=_parts(touch.payload),
        first=_parts(first) if first is not None else (),
        done=tuple(Done(str(one.by), one.get_act_display(), one.at, one.reason) for one in handled),
        act_url=reverse("console:queue-act", args=[queue]),
        url=reverse("console:queue-touch", args=[touch.pk]),
        lead_url=reverse("console:lead", args=[touch.lead_id]) if touch.lead_id else "",
        is_left=bool(touch.outcome),
    )


def _parts(payload: Mapping[str, Any]) -> tuple[Part, ...]:
    """Every value of a payload as text, by section; single values first."""
    single = [(name, value) for name, value in payload.items() if not isinstance(value, dict)]
    parts = [
        Part(_("The touchpoint"), tuple((_label(name), _text(value)) for name, value in single))
    ]
    for name, value in payload.items():
        if isinstance(value, dict) and value:
            lines = tuple((_label(key), _text(one)) for key, one in value.items())
            parts.append(Part(SECTIONS.get(name, _label(name)), lines))
    return tuple(part for part in parts if part.lines)


def _label(name: str) -> str:
    return name.replace("_", " ").capitalize()


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(_text(one) for one in value)
    if isinstance(value, dict):
        return " · ".join(_text(one) for one in value.values())
    return str(value)


def _initial(touch: Touch) -> dict[str, Any]:
    payload = touch.payload
    known: dict[str, Any] = {name: payload.get(name, "") for name in TEXTS}
    for section in SECTIONS:
        said = queue_page.section(payload, section)
        known |= {f"{section}-{name}": said.get(name, "") for name in LIMITS[section]}
    return {**known, "channel": touch.channel, "seen": set_aside.fingerprint(payload)}
