"""The log of a review in words: who did what when, and what it was before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any

from core.texts import _, lazy
from people.models import User
from reports.models import ReviewFinding, ReviewStep
from web.console import words

NAMES = {
    "text": lazy("Finding"),
    "owner": lazy("Owner"),
    "due_on": lazy("Due"),
    "decision": lazy("Decision"),
    "reason": lazy("Reason"),
    "evidence": lazy("Evidence"),
}
SHOWN = 60


@dataclass(frozen=True, slots=True)
class Entry:
    """One step; `changes` say what was and is."""

    sentence: str
    line: str
    changes: tuple[str, ...]


def entries(rows: Iterable[ReviewStep], *, now: datetime, zone: tzinfo) -> tuple[Entry, ...]:
    """The steps, newest first. One query more for the names of owners."""
    found = list(rows)
    named = {one for row in found for one in (row.before.get("owner"), row.after.get("owner"))}
    people = User.objects.filter(pk__in=named - {None}) if named - {None} else ()
    names = {one.pk: str(one) for one in people}
    return tuple(_entry(one, names, now=now, zone=zone) for one in found)


def _entry(one: ReviewStep, names: Mapping[int, str], *, now: datetime, zone: tzinfo) -> Entry:
    of = f" {one.finding.number}" if one.finding else ""
    who = str(one.by) if one.by else _("the worker")
    at = words.moment(one.at, now=now, zone=zone)
    changes = _changes(one, names) if one.kind == ReviewStep.Kind.CHANGED else ()
    return Entry(f"{one.get_kind_display()}{of}", f"{who}, {at}", changes)


def _changes(one: ReviewStep, names: Mapping[int, str]) -> tuple[str, ...]:
    return tuple(
        _("{name}: {before} → {after}").format(
            name=label,
            before=_said(key, one.before.get(key), names),
            after=_said(key, one.after.get(key), names),
        )
        for key, label in NAMES.items()
        if one.before.get(key) != one.after.get(key)
    )


def _said(key: str, value: Any, names: Mapping[int, str]) -> str:
    if value in (None, ""):
        return words.DASH
    if key == "owner":
        return names.get(value, str(value))
    if key == "decision" and value in ReviewFinding.Decision.values:
        return str(ReviewFinding.Decision(value).label)
    return str(value)
