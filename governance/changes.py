"""What differs between two kits, part by part. Says it; what follows is decided elsewhere."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from governance import documents, kit_words
from governance.models.part import part_models


class Kind(StrEnum):
    """What became of a part."""

    ADDED = "ADDED"
    REMOVED = "REMOVED"
    CHANGED = "CHANGED"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One entry of a part, before and after."""

    name: str
    before: Any
    after: Any

    @property
    def words(self) -> str:
        """“minutes: 240 → 120”, with conditions in words."""
        before, after = (kit_words.value(self.name, one) for one in (self.before, self.after))
        return f"{self.name.replace('_', ' ')}: {before} → {after}"


@dataclass(frozen=True, slots=True)
class Change:
    """One part that differs; `fields` are those of a changed part."""

    part: str
    key: str
    kind: Kind
    fields: tuple[FieldChange, ...] = ()
    needs_both_signatures: bool = True

    @property
    def words(self) -> str:
        """“changed clock policy route”."""
        return f"{self.kind.lower()} {self.part.replace('_', ' ')} {self.key}"


def between(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    """The differences from one document to another, by kind of part and key."""
    return [
        change
        for model in part_models()
        for change in _of_kind(
            model.kind,
            documents.by_key(model, before),
            documents.by_key(model, after),
            both=model.needs_both_signatures,
        )
    ]


def _of_kind(
    part: str, before: dict[str, dict[str, Any]], after: dict[str, dict[str, Any]], *, both: bool
) -> Iterator[Change]:
    for key in sorted(before.keys() | after.keys()):
        if key not in before:
            yield Change(part, key, Kind.ADDED, needs_both_signatures=both)
        elif key not in after:
            yield Change(part, key, Kind.REMOVED, needs_both_signatures=both)
        elif before[key] != after[key]:
            yield Change(part, key, Kind.CHANGED, _fields(before[key], after[key]), both)


def _fields(before: dict[str, Any], after: dict[str, Any]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, before[name], after[name])
        for name in after
        if before[name] != after[name]
    )
