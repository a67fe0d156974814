"""Entries of parts as people say them, with units and labels. Pure; `change_words` tells changes.

Everything here is generic over the kinds of parts: what a column holds is read from its model,
and only where that does not speak plainly a table below says it better.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from governance.facts import Registry
from governance.models import ClockPolicy, EscalationLevel, KitPart
from governance.models.part import part_models
from governance.moments import Shown

HOUR = 60
DAY = 24 * HOUR
WEEK = 7 * DAY
NOTHING = "nothing"
WEEKDAYS = {
    "mon": "Monday",
    "tue": "Tuesday",
    "wed": "Wednesday",
    "thu": "Thursday",
    "fri": "Friday",
    "sat": "Saturday",
    "sun": "Sunday",
}

IDENTIFYING = {
    "EMAIL": "E-mail",
    "PHONE": "Phone",
    "EXTERNAL": "External id",
    "CONTACT": "Name at a shared mailbox or number",
    "NAME": "Name at a company",
}
"""What kinds of value that say who somebody is are called."""

_LABELS = {
    ("clock_policy", "minutes"): "",
    ("clock_policy", "escalation"): "escalation after a breach",
    ("clock_policy", "starts_on"): "starts when",
    ("clock_policy", "stopped_by"): "ended by",
    ("clock_policy", "warn_percent"): "warns at",
    ("clock_policy", "basis"): "counts",
    ("clock_policy", "hours"): "working hours",
    ("clock_policy", "counts_from"): "counts from",
    ("clock_policy", "pauses_for"): "stands still",
    ("clock_policy", "pause_days"): "waits for the customer at most",
    ("escalation_level", "after_minutes"): "after the deadline",
    ("escalation_level", "tell"): "tells",
    ("escalation_level", "then"): "next level",
    ("escalation_level", "act"): "does",
    ("escalation_level", "rep"): "the backup it names",
    ("escalation_level", "times"): "gives anew at most",
    ("channel", "asks_for_person"): "asks for a person",
    ("signal", "hand_raise"): "asks for a person",
    ("identity_rule", "use"): "means",
    ("identity_rule", "strip_plus"): "“+…” in an address counts for nothing",
    ("identity_rule", "gmail_dots"): "dots in Gmail names count for nothing",
    ("identity_rule", "shared_after"): "people from which on it is shared",
    ("score_rule", "half_life_days"): "half-life",
    ("score_rule", "cap"): "at most",
    ("score_rule", "times"): "counts",
    ("score_rule", "within_days"): "counts for",
    ("score_band", "at_least"): "from",
    ("score_band", "leaves_below"): "left below",
    ("criterion", "shown_by"): "shown beforehand by",
    ("reason", "criterion"): "contests",
    ("reason", "note_required"): "needs a note",
    ("reason", "returns_turn"): "gives the turn back",
    ("reason", "instead"): "in place of rejecting",
    ("reason", "attempts_needed"): "attempts that must be logged",
    ("reason", "attempt_days"): "on so many different days",
    ("reason", "wake_days"): "looked at again after so many days",
    ("reason", "wake_on"): "woken sooner by",
    ("routing_rule", "at_work_within"): "at work within",
    ("routing_rule", "keeps_to_cap"): "keeps to the cap",
    ("routing_rule", "otherwise"): "where they cannot take it",
    ("checklist", "needed"): "items that must be answered",
    ("general_policy", "undo_minutes"): "an act can be undone for",
    ("general_policy", "recycle_below"): "recycled below",
    ("general_policy", "emergency_hours"): "emergency changes revert after",
    ("general_policy", "hands_off_at"): "handed off to an AE",
    ("general_policy", "backdating_minutes"): "own reports count from when it was done up to",
    ("general_policy", "dispute_hours"): "a rejection can be disputed for",
    ("general_policy", "ruling_hours"): "a dispute is decided within",
    ("general_policy", "dispute_calendar"): "disputes count in the hours of",
}
_REFERS_TO = {
    ("clock_policy", "calendar"): "calendar",
    ("clock_policy", "escalation"): "escalation_level",
    ("escalation_level", "then"): "escalation_level",
    ("criterion", "checklists"): "checklist",
    ("reason", "criterion"): "criterion",
    ("exclusion", "reason"): "reason",
    ("general_policy", "dispute_calendar"): "calendar",
    ("score_rule", "signal"): "signal",
}
WORKING = ClockPolicy.Basis.WORKING.value
TIMES = (" working time", " day and night", " as its clock counts")
"""What minutes are of: of WORKING time, of all that passes, of the one or the other."""
_TITLES = ("label", "because", "value")


@dataclass(frozen=True, slots=True)
class Reader:
    """What both documents of a comparison call their parts, by kind and key."""

    registry: Registry
    labels: Mapping[str, Mapping[str, str]]
    bases: Mapping[str, frozenset[str]]
    """Which time the clocks count that come to an escalation level, by its key."""

    def value(self, kind: str, name: str, content: Any, entry: Mapping[str, Any]) -> str:
        """One entry of a part in words, with its unit; `entry` is the whole part."""
        if (kind, name) == ("clock_policy", "minutes"):
            return f"{minutes(content)}{_time(frozenset({_basis(entry)}))}"
        if (kind, name) == ("escalation_level", "after_minutes"):
            return f"{minutes(content)}{_time(self.bases.get(str(entry.get('key')), frozenset()))}"
        if name in _LISTED_CHOICES and isinstance(content, list):
            known = _LISTED_CHOICES[name]
            return ", ".join(known.get(one, str(one)) for one in content) or NOTHING
        if isinstance(content, list):
            return ", ".join(self.item(kind, name, one) for one in content) or NOTHING
        if (said := _UNITS.get((kind, name))) is not None:
            return said(content)
        return self.item(kind, name, content)

    def item(self, kind: str, name: str, content: Any) -> str:
        """One value, or one item of a list."""
        if content in (None, "", [], {}):
            return NOTHING
        if isinstance(content, bool):
            return "yes" if content else "no"
        if target := _REFERS_TO.get((kind, name)):
            return f"“{self.labels.get(target, {}).get(str(content), str(content))}”"
        return _choice(kind, name, content) or _plain(name, content)


def reader(*documents: Mapping[str, Any], registry: Registry) -> Reader:
    """The labels of several documents; where they differ, the last one has its say."""
    labels: dict[str, dict[str, str]] = {}
    for document in documents:
        for kind, entries in document.get("parts", {}).items():
            found = {str(one.get("key")): title(kind, one) for one in entries}
            labels.setdefault(kind, {}).update(found)
    return Reader(registry, labels, _bases(documents))


def _bases(documents: Iterable[Mapping[str, Any]]) -> dict[str, frozenset[str]]:
    """What counts for the clocks that come to each level, along the chains of levels."""
    found: dict[str, set[str]] = defaultdict(set)
    for document in documents:
        parts = document.get("parts", {})
        then = {one.get("key"): one.get("then") for one in parts.get("escalation_level", [])}
        for policy in parts.get("clock_policy", []):
            key, seen = policy.get("escalation"), set()
            while key in then and key not in seen:
                seen.add(key)
                found[key].add(_basis(policy))
                key = then[key]
    return {key: frozenset(bases) for key, bases in found.items()}


def _basis(policy: Mapping[str, Any]) -> str:
    return str(policy.get("basis") or WORKING)


def _time(bases: frozenset[str]) -> str:
    """What so many minutes are of: of both, as a level that several clocks come to may be."""
    if not bases - {WORKING}:
        return TIMES[0]
    return TIMES[1] if WORKING not in bases else TIMES[2]


def title(kind: str, entry: Mapping[str, Any]) -> str:
    """What people call this part: its label, else what it says, else its key."""
    found = next((str(entry[name]) for name in _TITLES if entry.get(name)), "")
    if kind == "identity_rule":
        return IDENTIFYING.get(found, found)
    return found or str(entry.get("key", ""))


def subject(kind: str, entry: Mapping[str, Any]) -> str:
    """A part as the subject of a sentence: “MQL criterion “Ideal customer profile””."""
    called = title(kind, entry)
    if kind == "criterion":
        return f"{entry.get('stage', '')} criterion “{called}”".strip()
    if kind == "clock_policy":
        stages = entry.get("stages") or []
        return f"{stages[0]} clock “{called}”" if len(stages) == 1 else f"Clock “{called}”"
    if kind == "stage":
        return f"Stage {entry.get('stage', called)}"
    if kind == "general_policy":
        return "General policy"
    return f"{kind_label(kind)} “{called}”"


def kind_label(kind: str, *, many: bool = False) -> str:
    """A kind of part by its model's name: “Routing rule”, “Routing rules”."""
    model = _models().get(kind)
    if model is None:
        return kind.replace("_", " ").capitalize()
    meta = model._meta
    return _capital(str(meta.verbose_name_plural if many else meta.verbose_name))


def field_label(kind: str, name: str) -> str:
    """A column as people call it; empty where the value alone says enough."""
    if (kind, name) in _LABELS:
        return _LABELS[(kind, name)]
    field = field_of(kind, name)
    return str(field.verbose_name) if field is not None else name.replace("_", " ")


def field_of(kind: str, name: str) -> models.Field[Any, Any] | None:
    """The column, if this release has it."""
    model = _models().get(kind)
    if model is None:
        return None
    return next((one for one in model._meta.concrete_fields if one.name == name), None)


def minutes(count: Any) -> str:
    """An allowance as it was agreed: “15 min”, “4 h”, “48 h”, “10 d”, “1 h 30 min”."""
    count = int(count)
    if count and count % DAY == 0 and count >= WEEK:
        return f"{count // DAY} d"
    if count >= HOUR:
        rest = f" {count % HOUR} min" if count % HOUR else ""
        return f"{count // HOUR} h{rest}"
    return f"{count} min"


def day(text: str) -> str:
    """A date of a calendar: “Thu 24 Dec 2026”; what is no date stays as it is."""
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        return text
    return f"{date:%a} {date.day} {date:%b %Y}"


def intervals(spans: Any) -> str:
    """Hours of a day: “09:00–12:00, 13:00–17:00”, “closed” for none."""
    if not isinstance(spans, list):
        return str(spans)
    pairs = [one for one in spans if isinstance(one, list | tuple) and len(one) == 2]
    return ", ".join(f"{start}–{end}" for start, end in pairs) or "closed"


def _models() -> dict[str, type[KitPart]]:
    return {model.kind: model for model in part_models()}


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _choice(kind: str, name: str, content: Any) -> str:
    field = field_of(kind, name)
    if field is None or not field.choices or isinstance(content, dict | list):
        return ""
    return str(dict(field.flatchoices).get(content, ""))


def _plain(name: str, content: Any) -> str:
    if name in _SHOUTED:
        return str(content).replace("_", " ").lower()
    if isinstance(content, dict):
        return "; ".join(f"{key} {_plain(name, one)}" for key, one in content.items())
    return str(content)


def _points(content: Any) -> str:
    return f"{float(content):+g} points"


def _limit(content: Any) -> str:
    return "no limit" if content is None else f"{float(content):g} points"


def _backdating(content: Any) -> str:
    return "no limit" if content is None else f"{minutes(content)} afterwards"


def _half_life(content: Any) -> str:
    return "does not fade" if content is None else f"{float(content):g} days"


def _window(content: Any) -> str:
    if content is None:
        return "for ever"
    return "a day" if content == 1 else f"{content} days"


def _exit(content: Any) -> str:
    return "where it begins" if content is None else _floor(content)


def _floor(content: Any) -> str:
    return f"{float(content):g} points"


_SHOUTED = frozenset({"starts_on", "stopped_by", "used_for", "activity_kinds", "outcome"})
_LISTED_CHOICES = {
    "tell": dict(EscalationLevel.Tell.choices),
    "shown_by": {one.value: one.label for one in Shown},
}
_UNITS: dict[tuple[str, str], Callable[[Any], str]] = {
    ("clock_policy", "warn_percent"): lambda share: f"{share} % of the time",
    ("clock_policy", "pause_days"): lambda count: "a day" if count == 1 else f"{count} days",
    ("escalation_level", "times"): lambda count: "once" if count == 1 else f"{count} times",
    ("general_policy", "undo_minutes"): minutes,
    ("general_policy", "backdating_minutes"): _backdating,
    ("general_policy", "emergency_hours"): lambda hours: f"{hours} h",
    ("general_policy", "dispute_hours"): lambda hours: f"{hours} h" if hours else "not at all",
    ("general_policy", "ruling_hours"): lambda hours: f"{hours} h" if hours else "no limit",
    ("general_policy", "recycle_below"): _floor,
    ("routing_rule", "at_work_within"): minutes,
    ("score_rule", "points"): _points,
    ("score_rule", "cap"): _limit,
    ("score_rule", "half_life_days"): _half_life,
    ("score_rule", "within_days"): _window,
    ("score_band", "at_least"): _floor,
    ("score_band", "leaves_below"): _exit,
}
