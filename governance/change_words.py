"""Changes between two kits in sentences: what was, what is now, in whose words. Pure.

told = change_words.between(before, after, registry)
told[0].sentence        “MQL clock “Accept or reject”: 24 h → 16 h working time”
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import models

from governance import change_orders, change_values, changes, condition_changes, kit_reader
from governance.change_values import Reader
from governance.changes import Change, FieldChange, Kind
from governance.condition_changes import Mark, Step
from governance.facts import Registry

READ_FIRST = (
    "stage", "criterion", "exclusion", "reason", "checklist", "clock_policy", "escalation_level",
    "clock_exemption", "channel", "attribution_rule", "signal", "routing_rule", "score_rule",
    "score_band", "calendar", "identity_rule", "quality_rule", "quality_floor",
    "general_policy", "fixture",
)  # fmt: skip
"""The order in which people read kinds of parts; kinds that are not named come after."""


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that differs: a phrase for the sentence, and steps where it takes several.

    `heading` stands above the steps where these are shown.
    """

    text: str
    steps: tuple[Step, ...] = ()
    heading: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One part that differs, in words."""

    part: str
    key: str
    kind: Kind
    subject: str
    lines: tuple[Line, ...]
    needs_both_signatures: bool = True

    @property
    def sentence(self) -> str:
        """The change in one sentence: what it was and is, or how many things differ."""
        if self.kind is not Kind.CHANGED:
            return f"{self.subject}: {self.kind.lower()}"
        return f"{self.subject}: {'; '.join(line.text for line in self.lines)}"


def between(
    before: Mapping[str, Any], after: Mapping[str, Any], registry: Registry
) -> tuple[Told, ...]:
    """Everything that differs from one document to another, in reading order."""
    registry = kit_reader.registry_of(registry, before, after)
    reader = change_values.reader(before, after, registry=registry)
    moves = change_orders.between(before, after)
    told, renumbered = [], {}
    for change in changes.between(before, after):
        one = _told(change, reader, moves.get((change.part, change.key), ""))
        if one.kind is Kind.CHANGED and not one.lines:
            renumbered[change.part] = change
        else:
            told.append(one)
    for kind, change in renumbered.items():
        if all(one.part != kind for one in told):
            told.append(_renumbered(change))
    return tuple(sorted(told, key=lambda one: _place(one.part)))


def sentences(
    before: Mapping[str, Any], after: Mapping[str, Any], registry: Registry
) -> tuple[str, ...]:
    """The same, one sentence for each part."""
    return tuple(one.sentence for one in between(before, after, registry))


def _place(kind: str) -> int:
    return READ_FIRST.index(kind) if kind in READ_FIRST else len(READ_FIRST)


def _told(change: Change, reader: Reader, move: str) -> Told:
    entry = change.after or change.before
    if change.kind is Kind.CHANGED:
        lines = [line for field in change.fields for line in _field_lines(change, field, reader)]
        lines += [Line(move)] if move else []
    else:
        lines = list(_whole(change.part, entry, reader))
    return Told(
        change.part,
        change.key,
        change.kind,
        change_values.subject(change.part, entry),
        tuple(lines),
        change.needs_both_signatures,
    )


def _renumbered(change: Change) -> Told:
    label = change_values.kind_label(change.part, many=True)
    line = Line("positions are numbered anew, the order is the same")
    return Told(change.part, "", Kind.CHANGED, label, (line,), change.needs_both_signatures)


def _whole(kind: str, entry: Mapping[str, Any], reader: Reader) -> Iterator[Line]:
    """A part that came or went: each entry that says something."""
    for name, content in entry.items():
        field = change_values.field_of(kind, name)
        empty = content in (None, "", [], {}, False) and getattr(field, "default", None) is not True
        bare = field is None or empty or content == field.default
        if name in ("key", "position", "label") or (bare and name != "condition"):
            continue
        if name == "condition":
            steps = tuple(condition_changes.all_of(content, reader.registry))
            yield Line(steps[0].text) if len(steps) == 1 else Line("condition", steps)
        else:
            label = change_values.field_label(kind, name)
            yield Line(_with_label(label, _in_full(kind, name, content, entry, reader)))


def _in_full(kind: str, name: str, content: Any, entry: Mapping[str, Any], reader: Reader) -> str:
    if name == "week" and isinstance(content, dict):
        open_days = [(key, content.get(key)) for key in change_values.WEEKDAYS if content.get(key)]
        return "; ".join(
            f"{change_values.WEEKDAYS[key]} {change_values.intervals(spans)}"
            for key, spans in open_days
        )
    if name in _DATED and isinstance(content, dict):
        days = sorted(content)
        first, last = change_values.day(days[0]), change_values.day(days[-1])
        return first if len(days) == 1 else f"{len(days)} days, from {first} to {last}"
    if name == "items" and isinstance(content, list):
        return ", ".join(f"“{one.get('label', '')}”" for one in content if isinstance(one, dict))
    return reader.value(kind, name, content, entry)


def _field_lines(change: Change, field: FieldChange, reader: Reader) -> list[Line]:
    name, before, after = field.name, field.before, field.after
    if name == "position":  # said by the place among its kind
        return []
    if name == "condition":
        return [_condition(before, after, reader.registry)]
    if name in _BY_ENTRY and isinstance(before, dict) and isinstance(after, dict):
        return [Line(text) for text in _by_entry(name, before, after)]
    if name == "items" and isinstance(before, list) and isinstance(after, list):
        return [Line(text) for text in _items(before, after)]
    return [_plain_line(change, field, reader)]


def _plain_line(change: Change, field: FieldChange, reader: Reader) -> Line:
    kind, name, before, after = change.part, field.name, field.before, field.after
    label = change_values.field_label(kind, name)
    if isinstance(change_values.field_of(kind, name), models.TextField):
        return _reworded(label, before, after)
    if isinstance(before, list) and isinstance(after, list):
        said = condition_changes.items(
            before, after, lambda one: reader.value(kind, name, [one], {})
        )
        return Line(f"{label}: {said}")
    if name == "label":
        return Line(f"renamed from “{before}”")
    return Line(_with_label(label, _arrow(change, field, reader)))


def _condition(before: Any, after: Any, registry: Registry) -> Line:
    steps = condition_changes.steps(before, after, registry)
    said = condition_changes.summary(steps)
    if condition_changes.is_one_shift(steps):
        return Line(said)
    return Line(said or "other conditions", tuple(steps), "conditions")


def _arrow(change: Change, field: FieldChange, reader: Reader) -> str:
    """“24 h → 16 h working time”: a unit both share is said once."""
    was = reader.value(change.part, field.name, field.before, change.before)
    now = reader.value(change.part, field.name, field.after, change.after)
    for unit in (*change_values.TIMES, " % of the time", " points"):
        if was.endswith(unit) and now.endswith(unit):
            return f"{was.removesuffix(unit)} → {now}"
    return f"{was} → {now}"


def _reworded(label: str, before: Any, after: Any) -> Line:
    steps = [
        Step(mark, str(text))
        for mark, text in ((Mark.REMOVED, before), (Mark.ADDED, after))
        if text
    ]
    return Line(f"{label} {'reworded' if before and after else 'written' if after else 'gone'}",
                tuple(steps))  # fmt: skip


def _by_entry(name: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    """An object entry by entry: days of a week, dates with their names, facts of a fixture."""
    order = list(change_values.WEEKDAYS) if name == "week" else sorted({*before, *after})
    for key in (*order, *sorted({*before, *after} - {*order})):
        was, now = before.get(key), after.get(key)
        if was != now:
            yield _entry(name, key, was, now)


def _entry(name: str, key: str, was: Any, now: Any) -> str:
    if name == "week":
        said = change_values.WEEKDAYS.get(key, key)
        return (
            f"{said}: {change_values.intervals(was or [])} → {change_values.intervals(now or [])}"
        )
    if name == "opened":
        before, after = (
            "as usual" if one is None else change_values.intervals(one) for one in (was, now)
        )
        return f"{change_values.day(key)}: {before} → {after}"
    if name == "closed":
        return _closed(change_values.day(key), was, now)
    told = [f"{one}" if one is not None else change_values.NOTHING for one in (was, now)]
    return f"{name} {key}: {told[0]} → {told[1]}"


def _closed(day: str, was: Any, now: Any) -> str:
    if was is None:
        return f"closed on {day} ({now})" if now else f"closed on {day}"
    if now is None:
        return f"no longer closed on {day} ({was})" if was else f"no longer closed on {day}"
    return f"{day}: called “{was}” → “{now}”"


def _items(before: list[Any], after: list[Any]) -> Iterator[str]:
    """Questions of a checklist, by their keys."""
    old, new = _keyed(before), _keyed(after)
    for key in (*new, *(key for key in old if key not in new)):
        was, now = old.get(key), new.get(key)
        if was is None:
            yield f"item “{_called(now)}” added"
        elif now is None:
            yield f"item “{_called(was)}” removed"
        elif _called(was) != _called(now):
            yield f"item “{_called(was)}” is called “{_called(now)}” now"
        elif was != now:
            yield f"item “{_called(now)}”: help reworded"
    if [key for key in old if key in new] != [key for key in new if key in old]:
        yield "items in another order"


def _keyed(items: list[Any]) -> dict[str, Any]:
    return {str(one.get("key")): one for one in items if isinstance(one, dict)}


def _called(item: Any) -> str:
    return str(item.get("label") or item.get("key", ""))


def _with_label(label: str, text: str) -> str:
    return f"{label} {text}" if label else text


_DATED = frozenset({"closed", "opened"})
_BY_ENTRY = frozenset({"week", "closed", "opened", "given", "expect"})
