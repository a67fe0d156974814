"""The compiled kit: one version's document as frozen objects, ready to decide with.

Pure: no tables, no clock. Only the document speaks, and only through the entries named here, so
a column that a later release adds to a part cannot change what a published version means.

    {"schema": 1, "parts": {"stage": [{"key": …, "position": …, …}], "criterion": […], …}}
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from core import errors, worktime
from governance import facts, kit_reader
from governance.facts import Registry
from governance.terms import (
    Band,
    ChannelWords,
    Checklist,
    Criterion,
    Exclusion,
    Exemption,
    Fixture,
    General,
    IdentityRule,
    Item,
    Level,
    Policy,
    QualityRule,
    Reason,
    ScoreRule,
    SignalWords,
    StageWords,
)

__all__ = [
    "SCHEMA",
    "Band",
    "ChannelWords",
    "Checklist",
    "Criterion",
    "Exclusion",
    "Exemption",
    "Fixture",
    "General",
    "IdentityRule",
    "Item",
    "Kit",
    "KitInvalid",
    "Level",
    "Policy",
    "QualityRule",
    "Reason",
    "ScoreRule",
    "SignalWords",
    "StageWords",
    "checksum",
    "compile",
]

SCHEMA = 1


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

    `stages` is keyed by stage, `channels` by channel, `identity` by the kind of value; everything
    else by the part's key. Tuples keep the order of positions, `bands` have the highest first.
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
    channels: dict[str, ChannelWords]
    exemptions: tuple[Exemption, ...]
    escalations: dict[str, Level]
    identity: dict[str, IdentityRule]
    quality: tuple[QualityRule, ...]
    exclusions: tuple[Exclusion, ...]
    fixtures: tuple[Fixture, ...]
    registry: Registry = facts.registry
    """The facts its rules may speak of: everybody's, and those its own parts declare."""

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

    def exemption(self, *, stage: str, channel: str, obligation: str) -> Exemption | None:
        """The signed reason why this obligation does not stand there; None where it does."""
        for one in self.exemptions:
            if one.covers(stage=stage, channel=channel, obligation=obligation):
                return one
        return None

    def asks_for_person(self, channel: str) -> bool:
        """Whether who comes through this channel has asked for a person by that alone."""
        return channel in self.channels and self.channels[channel].asks_for_person

    def band_of(self, score: float, *, before: str = "") -> str:
        """Key of the highest band whose floor is reached; empty below all of them.

        Who was in the band `before`, or in one above it, stays until below where it is left.
        """
        inside = False
        for band in self.bands:
            inside = inside or band.key == before
            if score >= band.at_least or (inside and score >= band.left_below):
                return band.key
        return ""

    def part_documents(self, kind: str) -> tuple[dict[str, Any], ...]:
        """The parts of one kind as the document holds them, in order of position."""
        return tuple(kit_reader.entries(self.document, kind))


def checksum(document: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical text, in hexadecimal: equal documents, equal checksums."""
    text = _text(document)
    if ".0" in text or "e+" in text:  # a number may be one that is whole: nearly no document has it
        text = _text(_canonical(document))
    return hashlib.sha256(text.encode()).hexdigest()


def _text(document: Mapping[str, Any]) -> str:
    return json.dumps(
        document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=dict
    )


def compile(
    document: dict[str, Any], *, id: int, number: int, checksum: str, registry: Registry
) -> Kit:
    """Read a version's document over the facts of `registry`.

    Raises `KitInvalid`, naming every part that cannot be read and the place in it.
    """
    if document.get("schema") != SCHEMA:
        fault = f"is {document.get('schema')!r}; this release reads schema {SCHEMA}"
        raise KitInvalid([errors.FieldError("schema", fault, "schema")])
    reader = kit_reader.Reader(document, registry)
    reader.registry = registry.and_these(reader.declared())
    calendars = reader.read("calendar", kit_reader.calendar)
    kit = Kit(
        id=id,
        number=number,
        checksum=checksum,
        document=document,
        stages={part.stage: part for part in reader.read("stage", kit_reader.stage)},
        all_criteria=tuple(reader.read("criterion", reader.criterion)),
        policies=tuple(reader.read("clock_policy", reader.policy)),
        calendars={calendar.name: calendar for calendar in calendars},
        calendar_labels=kit_reader.labels(document, "calendar"),
        signals=_by_key(reader.read("signal", kit_reader.signal)),
        score_rules=tuple(reader.read("score_rule", reader.score_rule)),
        bands=tuple(
            sorted(reader.read("score_band", kit_reader.band), key=lambda band: -band.at_least)
        ),
        reasons=_by_key(reader.read("reason", kit_reader.reason)),
        checklists=_by_key(reader.read("checklist", kit_reader.checklist)),
        general=next(iter(reader.read("general_policy", kit_reader.general)), General()),
        channels=kit_reader.channels(reader),
        exemptions=tuple(reader.read("clock_exemption", kit_reader.exemption)),
        escalations=_by_key(reader.read("escalation_level", kit_reader.level)),
        identity=kit_reader.identity(reader),
        quality=tuple(reader.read("quality_rule", reader.quality_rule)),
        exclusions=tuple(reader.read("exclusion", reader.exclusion)),
        fixtures=tuple(reader.read("fixture", kit_reader.fixture)),
        registry=reader.registry,
    )
    if reader.faults:
        raise KitInvalid(reader.faults)
    return kit


def _by_key(parts: Iterable[Any]) -> dict[str, Any]:
    return {part.key: part for part in parts}


def _missing(key: str) -> Criterion:
    raise KeyError(f"this kit has no criterion {key}")


_AS_THEY_ARE = frozenset((str, int, bool, type(None)))


def _canonical(value: Any) -> Any:
    """JSON as the database gives it back: 5.0 and 5 are one number."""
    if type(value) in _AS_THEY_ARE:  # nearly all: asking whether it is a mapping costs far more
        return value
    if isinstance(value, Mapping):
        return {key: _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value
