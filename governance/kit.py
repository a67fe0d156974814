"""The compiled kit: one version's document as frozen objects, ready to decide with.

Pure: no tables, no clock. Only the document speaks, and only through the entries named here, so
a column that a later release adds to a part cannot change what a published version means.

    {"schema": 1, "parts": {"stage": [{"key": …, "position": …, …}], "criterion": […], …}}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from core import errors, worktime
from governance import conditions
from governance.conditions import Node
from governance.facts import Registry
from governance.terms import (
    Band,
    Checklist,
    Criterion,
    General,
    Item,
    Policy,
    Reason,
    ScoreRule,
    SignalWords,
    StageWords,
)

__all__ = [
    "SCHEMA",
    "Band",
    "Checklist",
    "Criterion",
    "General",
    "Item",
    "Kit",
    "KitInvalid",
    "Policy",
    "Reason",
    "ScoreRule",
    "SignalWords",
    "StageWords",
    "checksum",
    "compile",
]

SCHEMA = 1

Entry = Mapping[str, Any]
Part = TypeVar("Part")


class KitInvalid(errors.InvalidInput):
    """The kit cannot be executed as it stands; `errors` names each part and what to do."""

    code = "kit_invalid"

    def __init__(self, faults: list[errors.FieldError]) -> None:
        listed = " ".join(f"{fault.field}: {fault.message}" for fault in faults[:3])
        more = f" (and {len(faults) - 3} more)" if len(faults) > 3 else ""
        super().__init__(f"The kit cannot be used. {listed}{more}", errors=faults)


@dataclass(frozen=True, slots=True, eq=False)
class Kit:
    """One version, ready to decide with. Kits are equal when version and checksum are.

    `stages` is keyed by stage, everything else by the part's key; tuples keep the order of
    positions, `bands` have the highest first.
    """

    id: int
    number: int
    checksum: str
    document: dict[str, Any]
    stages: dict[str, StageWords]
    all_criteria: tuple[Criterion, ...]
    policies: tuple[Policy, ...]
    calendars: dict[str, worktime.WorkCalendar]
    calendar_labels: dict[str, str]
    signals: dict[str, SignalWords]
    score_rules: tuple[ScoreRule, ...]
    bands: tuple[Band, ...]
    reasons: dict[str, Reason]
    checklists: dict[str, Checklist]
    general: General

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Kit):
            return NotImplemented
        return (self.id, self.checksum) == (other.id, other.checksum)

    def __hash__(self) -> int:
        return hash((self.id, self.checksum))

    def criteria(self, stage: str) -> tuple[Criterion, ...]:
        """What must be proven to enter a stage, in the signed order."""
        return tuple(one for one in self.all_criteria if one.stage == stage)

    def criterion(self, key: str) -> Criterion:
        """One criterion. Raises `KeyError` when this version has none of that key."""
        return next((one for one in self.all_criteria if one.key == key), None) or _missing(key)

    def policy(self, key: str) -> Policy:
        """One clock policy. Raises `KeyError` when this version has none of that key."""
        for policy in self.policies:
            if policy.key == key:
                return policy
        raise KeyError(key)

    def band_of(self, score: float) -> str:
        """Key of the highest band whose floor is reached; empty below all of them."""
        return next((band.key for band in self.bands if score >= band.at_least), "")

    def part_documents(self, kind: str) -> tuple[dict[str, Any], ...]:
        """The parts of one kind as the document holds them, in order of position."""
        return tuple(_entries(self.document, kind))


def checksum(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text, in hexadecimal: equal documents, equal checksums."""
    text = json.dumps(
        _canonical(document), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    return hashlib.sha256(text.encode()).hexdigest()


def compile(
    document: dict[str, Any], *, id: int, number: int, checksum: str, registry: Registry
) -> Kit:
    """Read a version's document over the facts of `registry`.

    Raises `KitInvalid`, naming every part that cannot be read and the place in it.
    """
    if document.get("schema") != SCHEMA:
        fault = f"is {document.get('schema')!r}; this release reads schema {SCHEMA}"
        raise KitInvalid([errors.FieldError("schema", fault, "schema")])
    reader = _Reader(document, registry)
    calendars = reader.read("calendar", _calendar)
    kit = Kit(
        id=id,
        number=number,
        checksum=checksum,
        document=document,
        stages={part.stage: part for part in reader.read("stage", _stage)},
        all_criteria=tuple(reader.read("criterion", reader.criterion)),
        policies=tuple(reader.read("clock_policy", reader.policy)),
        calendars={calendar.name: calendar for calendar in calendars},
        calendar_labels={
            str(part["key"]): str(part.get("label", part["key"]))
            for part in _entries(document, "calendar")
        },
        signals=_by_key(reader.read("signal", _signal)),
        score_rules=tuple(reader.read("score_rule", reader.score_rule)),
        bands=tuple(sorted(reader.read("score_band", _band), key=lambda band: -band.at_least)),
        reasons=_by_key(reader.read("reason", _reason)),
        checklists=_by_key(reader.read("checklist", _checklist)),
        general=next(iter(reader.read("general_policy", _general)), General()),
    )
    if reader.faults:
        raise KitInvalid(reader.faults)
    return kit


class _Reader:
    """Reads parts one by one and collects what is wrong with them, by place."""

    def __init__(self, document: Mapping[str, Any], registry: Registry) -> None:
        self.document = document
        self.registry = registry
        self.faults: list[errors.FieldError] = []

    def read(self, kind: str, build: Callable[[Entry], Part]) -> list[Part]:
        found = []
        for entry in _entries(self.document, kind):
            place = f"{kind}.{entry.get('key', '?')}"
            try:
                found.append(build(entry))
            except errors.InvalidInput as refusal:
                self.faults += [
                    errors.FieldError(f"{place}.{fault.field}", fault.message, fault.code)
                    for fault in refusal.errors
                ] or [errors.FieldError(place, refusal.message)]
            except (KeyError, TypeError, ValueError, AttributeError) as fault:
                what = f"misses “{fault.args[0]}”" if isinstance(fault, KeyError) else str(fault)
                self.faults.append(errors.FieldError(place, f"cannot be read: {what}"))
        return found

    def condition(self, entry: Entry) -> Node | None:
        document = entry.get("condition")
        if document is None:
            return None
        return conditions.parse(document, self.registry, at="condition")

    def criterion(self, entry: Entry) -> Criterion:
        return Criterion(
            key=entry["key"],
            stage=entry["stage"],
            label=entry["label"],
            prose=entry.get("prose", ""),
            proof=entry.get("proof", "FACTS"),
            condition=self.condition(entry),
            activity_kinds=tuple(entry.get("activity_kinds", ())),
            checklists=tuple(entry.get("checklists", ())),
        )

    def policy(self, entry: Entry) -> Policy:
        return Policy(
            key=entry["key"],
            obligation=entry["obligation"],
            label=entry["label"],
            prose=entry.get("prose", ""),
            scope=entry.get("scope", "STAGE"),
            stages=frozenset(entry["stages"]),
            condition=self.condition(entry),
            starts_on=frozenset(entry["starts_on"]),
            stopped_by=frozenset(entry["stopped_by"]),
            allowance=timedelta(minutes=entry["minutes"]),
            calendar=entry["calendar"],
            warn_percent=entry.get("warn_percent", 75),
        )

    def score_rule(self, entry: Entry) -> ScoreRule:
        return ScoreRule(
            key=entry["key"],
            label=entry["label"],
            category=entry["category"],
            condition=self.condition(entry),
            signal=entry.get("signal", ""),
            points=float(entry["points"]),
            half_life_days=_number(entry.get("half_life_days")),
            cap=_number(entry.get("cap")),
        )


def _stage(entry: Entry) -> StageWords:
    return StageWords(
        key=entry["key"],
        stage=entry["stage"],
        label=entry["label"],
        definition=entry.get("definition", ""),
        owner_role=entry.get("owner_role", ""),
    )


def _calendar(entry: Entry) -> worktime.WorkCalendar:
    document = {
        "zone": entry["zone"],
        "week": entry.get("week", {}),
        "closed": list(entry.get("closed", {})),  # the names of holidays are for people
        "opened": entry.get("opened", {}),
    }
    return worktime.from_document(document, name=entry["key"])


def _signal(entry: Entry) -> SignalWords:
    return SignalWords(entry["key"], entry["label"], bool(entry.get("hand_raise", False)))


def _band(entry: Entry) -> Band:
    return Band(entry["key"], entry["label"], float(entry["at_least"]))


def _reason(entry: Entry) -> Reason:
    return Reason(
        key=entry["key"],
        label=entry["label"],
        used_for=frozenset(entry["used_for"]),
        outcome=entry.get("outcome", ""),
        criterion=entry.get("criterion", ""),
        note_required=bool(entry.get("note_required", False)),
    )


def _checklist(entry: Entry) -> Checklist:
    items = tuple(Item(item["key"], item["label"], item.get("help", "")) for item in entry["items"])
    return Checklist(entry["key"], entry["label"], items, int(entry["needed"]))


def _general(entry: Entry) -> General:
    return General(
        undo=timedelta(minutes=entry.get("undo_minutes", 10)),
        recycle_below=float(entry.get("recycle_below", 0)),
        strip_plus=bool(entry.get("strip_plus", True)),
        gmail_dots=bool(entry.get("gmail_dots", True)),
    )


def _entries(document: Mapping[str, Any], kind: str) -> list[dict[str, Any]]:
    found = document.get("parts", {}).get(kind, [])
    placed = [(entry.get("position", place), entry) for place, entry in enumerate(found)]
    placed.sort(key=lambda one: (one[0], one[1].get("key", "")))
    return [entry for _, entry in placed]


def _by_key(parts: Iterable[Any]) -> dict[str, Any]:
    return {part.key: part for part in parts}


def _number(value: Any) -> float | None:
    return None if value is None else float(value)


def _missing(key: str) -> Criterion:
    raise KeyError(f"this kit has no criterion {key}")


def _canonical(value: Any) -> Any:
    """JSON as the database gives it back: 5.0 and 5 are one number."""
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
