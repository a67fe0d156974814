"""The kit's routing rules, compiled. Pure."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from governance import conditions, facts
from governance.conditions import Node
from governance.facts import Subject
from governance.kit import Kit


@dataclass(frozen=True, slots=True)
class Rule:
    """One routing rule; without a condition it always fits."""

    key: str
    label: str
    moment: str
    condition: Node | None
    pool: str


@functools.lru_cache(maxsize=64)
def of_kit(kit: Kit) -> tuple[Rule, ...]:
    """The rules of a kit in the order they are tried."""
    return tuple(
        Rule(
            key=entry["key"],
            label=entry["label"],
            moment=entry["moment"],
            condition=None
            if entry["condition"] is None
            else conditions.parse(entry["condition"], facts.registry, about=Subject.LEAD),
            pool=entry["pool"],
        )
        for entry in kit.part_documents("routing_rule")
    )
