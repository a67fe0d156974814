"""The facts that conditions of one version may speak of, its own fields among them. Reads only.

Of a compiled kit it is `Kit.registry`; this is for versions that are still written.
"""

from __future__ import annotations

import json
from typing import Any

from governance import facts, kit_reader
from governance.facts import Registry
from governance.models.part import KitPart, part_models


def registry_of(version_id: int) -> Registry:
    """Everything that a version's conditions may speak of, as its rows stand now.

    A query for each kind of part that declares facts.
    """
    parts = {
        model.kind: [row.entry() for row in model._default_manager.filter(kit=version_id)]
        for model in part_models()
        if model.kind in facts.registry.makers
    }
    return kit_reader.registry_of(facts.registry, {"parts": parts})


def registry_for(part: KitPart) -> Registry:
    """The same for telling of one part: nothing is asked where it names no fact unknown so far."""
    if all(name in facts.registry for name in _named(getattr(part, "condition", None))):
        return facts.registry
    return registry_of(part.kit_id)


def _named(condition: Any) -> set[str]:
    found: set[str] = set()

    def note(entry: dict[str, Any]) -> dict[str, Any]:
        found.update(value for name, value in entry.items() if name == "fact" and _is_text(value))
        return entry

    json.loads(json.dumps(condition), object_hook=note)
    return found


def _is_text(value: object) -> bool:
    return isinstance(value, str)
