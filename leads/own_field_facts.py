"""The facts that own fields are: declared by the kit that is read, one for each of its fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance import facts
from governance.facts import Fact, FactType
from leads import own_fields
from leads.own_field_sql import OwnValue
from leads.snapshot import Snapshot


def register(registry: facts.Registry = facts.registry) -> None:
    """Let kits declare them. Called once, when the app is ready."""
    registry.register_maker(own_fields.KIND, of_entry)


def of_entry(entry: Mapping[str, Any]) -> Fact:
    """The fact that a part of the kit declares. Raises ValueError for one that declares none."""
    asked = own_fields.of_entry(entry)

    def read(snapshot: Snapshot) -> object:
        if asked.key in snapshot.own:
            return snapshot.own[asked.key]
        found = own_fields.answer(asked, snapshot.sayings, snapshot.typed)
        return found.value if found is not None else None

    return Fact(
        asked.name,
        asked.label,
        asked.type,
        read=read,
        sql=lambda now: OwnValue(asked),
        choices=tuple((one, one) for one in asked.choices),
        unit=asked.unit if asked.type is FactType.NUMBER else "",
        help=asked.help,
        on_demand=True,
    )
