"""Who wrote which part of a version, and when: read from the parts' history. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, QuerySet, Value

from governance.models import KitVersion
from governance.models.part import part_models
from people.models import User


@dataclass(frozen=True, slots=True)
class Edit:
    """The last hand on a part: whose (None: nobody's, by the system), and when."""

    by: User | None
    at: datetime


def last_edits(version: KitVersion) -> dict[tuple[str, str], Edit]:
    """The last edit of each part, removed ones included, by kind and key. Two queries."""
    rows = [
        model.history.filter(kit_id=version.pk)
        .order_by("key", "-history_date", "-history_id")
        .distinct("key")
        .values_list(
            Value(model.kind, output_field=CharField()), "key", "history_user_id", "history_date"
        )
        for model in part_models()
    ]
    found = list(_union(rows))
    people = User.objects.in_bulk({user for _, _, user, _ in found if user is not None})
    return {(kind, key): Edit(people.get(user), at) for kind, key, user, at in found}


def editors(version_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """The ids of everybody who wrote a part of these versions. One query."""
    rows = [
        model.history.filter(kit_id__in=version_ids, history_user__isnull=False)
        .order_by()
        .values_list("kit_id", "history_user_id")
        for model in part_models()
    ]
    found: dict[int, set[int]] = {one: set() for one in version_ids}
    for version_id, user in _union(rows, all=False):
        found[version_id].add(user)
    return {one: frozenset(users) for one, users in found.items()}


def _union(rows: Sequence[QuerySet[Any, Any]], *, all: bool = True) -> QuerySet[Any, Any]:
    return rows[0].union(*rows[1:], all=all)
