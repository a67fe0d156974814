"""What differs between two kits, part by part. `change_words` tells it to people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from governance import documents
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


@dataclass(frozen=True, slots=True)
class Change:
    """One part that differs, as it was and is; `fields` are those of a changed part."""

    part: str
    key: str
    kind: Kind
    fields: tuple[FieldChange, ...] = ()
    needs_both_signatures: bool = True
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)


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
        was, now = before.get(key, {}), after.get(key, {})
        if was == now:
            continue
        kind = Kind.ADDED if not was else Kind.REMOVED if not now else Kind.CHANGED
        fields = _fields(was, now) if kind is Kind.CHANGED else ()
        yield Change(part, key, kind, fields, both, was, now)


def _fields(before: dict[str, Any], after: dict[str, Any]) -> tuple[FieldChange, ...]:
    return tuple(
        FieldChange(name, before[name], after[name])
        for name in after
        if before[name] != after[name]
    )
