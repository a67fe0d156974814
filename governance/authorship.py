"""Who wrote which part of a version, and when: read from the parts' history. Reads only."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import CharField, QuerySet, Value

from governance import documents
from governance.models import KitVersion
from governance.models.part import part_models
from people.models import User

LOOKED_BACK = 30
"""How many versions are searched for the one that changed a part; older changes go unnamed."""

Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Edit:
    """The last hand on a part: whose (None: nobody's, by the system), when, in which version."""

    by: User | None
    at: datetime
    number: int


def last_edits(
    after: KitVersion, document: Mapping[str, Any], places: Iterable[Place]
) -> dict[Place, Edit]:
    """Who made these parts of a version what they are, by kind and key of each part.

    Cloning copies every part, so the version that changed one is looked for along the bases; a
    part that was removed is known by who removed it. Four queries, whatever is asked.
    """
    chain = _chain(after)
    wanted = _changed_in(chain, {after.pk: document} | _documents(chain[1:]), set(places))
    rows = _union(
        model.history.filter(kit_id__in={one.pk for one in chain})
        .order_by("kit_id", "key", "-history_date", "-history_id")
        .distinct("kit_id", "key")
        .values_list(
            Value(model.kind, output_field=CharField()), "key", "kit_id", "history_user_id",
            "history_date",
        )
        for model in part_models()
    )  # fmt: skip
    hands = {(kind, key, kit): (user, at) for kind, key, kit, user, at in rows}
    people = User.objects.in_bulk({user for user, _ in hands.values() if user is not None})
    return {
        (kind, key): Edit(people.get(hand[0]), hand[1], version.number)
        for (kind, key), version in wanted.items()
        if (hand := hands.get((kind, key, version.pk)))
    }


def editors(version_ids: Collection[int]) -> dict[int, frozenset[int]]:
    """The ids of everybody who wrote a part of these versions. One query."""
    rows = _union(
        (
            model.history.filter(kit_id__in=version_ids, history_user__isnull=False)
            .order_by()
            .values_list("kit_id", "history_user_id")
            for model in part_models()
        ),
        all=False,
    )
    found: dict[int, set[int]] = {one: set() for one in version_ids}
    for version_id, user in rows:
        found[version_id].add(user)
    return {one: frozenset(users) for one, users in found.items()}


def _chain(after: KitVersion) -> list[KitVersion]:
    """The version and those it was drafted on, the newest first."""
    rows = KitVersion.objects.filter(number__lte=after.number).defer("document")
    known = {row.pk: row for row in rows.order_by("-number")[: 2 * LOOKED_BACK]}
    chain = [after]
    while len(chain) < LOOKED_BACK and (base := known.get(chain[-1].base_id or 0)):
        chain.append(base)
    return chain


def _documents(versions: Sequence[KitVersion]) -> dict[int, Mapping[str, Any]]:
    ids = [one.pk for one in versions]
    rows = KitVersion.objects.filter(pk__in=ids).values_list("pk", "document")
    return {pk: document or {} for pk, document in rows}


def _changed_in(
    chain: Sequence[KitVersion], texts: Mapping[int, Mapping[str, Any]], places: set[Place]
) -> dict[Place, KitVersion]:
    """Which version of the chain gave each of these parts its present content."""
    found: dict[Place, KitVersion] = {}
    for place, version in enumerate(chain):
        older = texts[chain[place + 1].pk] if place + 1 < len(chain) else {}
        for model in part_models():
            asked = {key for kind, key in places if kind == model.kind}
            now = documents.by_key(model, texts[version.pk]) if asked else {}
            was = documents.by_key(model, older) if asked else {}
            for key in asked:
                if (model.kind, key) not in found and now.get(key) != was.get(key):
                    found[(model.kind, key)] = version
    return found


def _union(rows: Iterable[QuerySet[Any, Any]], *, all: bool = True) -> QuerySet[Any, Any]:
    first, *others = rows
    return first.union(*others, all=all)
