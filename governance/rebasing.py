"""Putting a draft onto the version that is active by now, when another was published first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from core import errors
from governance import documents, holding, merging, selectors, services, signing
from governance.kit import SCHEMA
from governance.merging import Conflict
from governance.models import KitStatus, KitVersion
from governance.models.part import part_models
from people.models import User

__all__ = ["Conflict", "Plan", "RebaseConflict", "plan", "rebase"]


class RebaseConflict(errors.DomainError):
    """Both versions changed the same parts; `errors` names each, and a choice is needed."""

    code = "rebase_conflict"


@dataclass(frozen=True, slots=True)
class Plan:
    """What a rebase would do: parts taken over as “kind.key”, conflicts, and the merged text."""

    onto: KitVersion
    taken: tuple[str, ...]
    conflicts: tuple[Conflict, ...]
    document: dict[str, Any]


def plan(version: KitVersion, *, keep: Mapping[str, str] | None = None) -> Plan | None:
    """How this draft would look on the active version; None when it stands on it already."""
    active = selectors.active_version()
    if active is None or version.base_id == active.pk:
        return None
    base = (version.base.document or {}) if version.base else {}
    mine, theirs = documents.document_of(version), active.document or {}
    parts: dict[str, Any] = {}
    taken: list[str] = []
    conflicts: list[Conflict] = []
    for model in part_models():
        merged = merging.merge(
            model.kind,
            base=documents.by_key(model, base),
            mine=documents.by_key(model, mine),
            theirs=documents.by_key(model, theirs),
            keep=keep or {},
        )
        taken += [f"{model.kind}.{key}" for key in merged.taken]
        conflicts += merged.conflicts
        if merged.entries:
            parts[model.kind] = list(merged.entries)
    return Plan(active, tuple(taken), tuple(conflicts), {"schema": SCHEMA, "parts": parts})


@transaction.atomic
def rebase(
    version: KitVersion, *, by: User, now: datetime, keep: Mapping[str, str] | None = None
) -> KitVersion:
    """Merge what the active version brought into this draft; signatures no longer count.

    `keep` decides conflicts: “kind.key” to “mine” or “theirs”. Raises `RebaseConflict` while one
    is undecided, `TooLate` when there is nothing to rebase. A version in review becomes a draft.
    """
    signing.require_may_publish(by)
    row = holding.locked(version)
    planned = plan(row, keep=keep)
    if planned is None:
        raise errors.TooLate(f"Kit v{row.number} stands on the active version already.")
    if planned.conflicts:
        raise RebaseConflict(
            f"{len(planned.conflicts)} parts were changed both here and in "
            f"v{planned.onto.number}. Choose for each whose text stands.",
            errors=[
                errors.FieldError(one.place, "Changed on both sides: keep mine, or take theirs.")
                for one in planned.conflicts
            ],
        )
    if row.status != KitStatus.DRAFT:
        row = services.reopen(row, by=by, now=now, why="rebased")
    documents.replace_parts(row, planned.document, by=by, now=now)
    row.base = planned.onto
    holding.save(row, "base", by=by, now=now, why=f"rebased onto v{planned.onto.number}")
    return row
