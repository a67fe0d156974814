"""The rules that were tried for a lead as plain data. Pure."""

from __future__ import annotations

from typing import Any

from governance import facts
from routing.matching import Match


def route(match: Match | None) -> dict[str, Any]:
    """Which rule decided, and those before it; nothing where none was tried or fitted."""
    if match is None:
        return {"rule": "", "label": "", "pool": "", "tried": []}
    return {
        "rule": match.rule,
        "label": match.label,
        "pool": match.pool,
        "tried": [_tried(one.as_data()) for one in match.tried],
    }


def _tried(told: dict[str, Any]) -> dict[str, Any]:
    return {**told, "facts": facts.registry.to_document(told["facts"])}
