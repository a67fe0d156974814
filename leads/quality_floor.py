"""How good a record must be to go on, by the kit's quality floors. Pure.

A kit without floors, or without data quality rules, lets every record pass.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from governance import conditions
from governance.conditions import Node
from governance.kit import Kit
from leads import quality
from leads.quality import Quality

Facts = Callable[[frozenset[str]], Mapping[str, object]]
"""Gives the facts of these names; asked only for what a judgement needs."""


@dataclass(frozen=True, slots=True)
class Floor:
    """The share of the data quality rules, in percent, that records it fits must meet.

    Without a condition it fits every record. `pool` looks after those that lie below.
    """

    key: str
    label: str
    condition: Node | None
    at_least_percent: int
    pool: str


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a record stands: the floor that fits it, if any, and the rules it meets and misses."""

    floor: Floor | None
    quality: Quality

    @property
    def is_below(self) -> bool:
        """Whether it has to wait for better data."""
        if self.floor is None or not self.quality.rules:
            return False
        return len(self.quality.met) * 100 < self.floor.at_least_percent * self.quality.rules

    def as_data(self) -> dict[str, Any]:
        """For events: keys and counts only, never what the record says."""
        return {
            "floor": self.floor.key if self.floor else "",
            "at_least_percent": self.floor.at_least_percent if self.floor else 0,
            "met": len(self.quality.met),
            "missed": [rule.key for rule in self.quality.missed],
        }


PASSES = Standing(None, Quality((), ()))


def decide(kit: Kit, known: Facts) -> Standing:
    """Judge one record by the first floor of the kit that fits it."""
    floors = of_kit(kit)
    if not floors or not kit.quality:
        return PASSES
    asked = known(_asked_by_floors(kit))
    for floor in floors:
        if floor.condition is None or conditions.holds(floor.condition, asked):
            return Standing(floor, quality.decide(kit.quality, known(_asked_by_rules(kit))))
    return PASSES


@functools.lru_cache(maxsize=64)
def of_kit(kit: Kit) -> tuple[Floor, ...]:
    """The floors of a kit in the order they are tried."""
    return tuple(
        Floor(
            key=entry["key"],
            label=entry["label"],
            condition=None
            if entry.get("condition") is None
            else conditions.parse(entry["condition"], kit.registry),
            at_least_percent=int(entry["at_least_percent"]),
            pool=entry["pool"],
        )
        for entry in kit.part_documents("quality_floor")
    )


@functools.lru_cache(maxsize=64)
def _asked_by_floors(kit: Kit) -> frozenset[str]:
    nodes = [floor.condition for floor in of_kit(kit) if floor.condition is not None]
    return frozenset(name for node in nodes for name in conditions.facts_of(node))


@functools.lru_cache(maxsize=64)
def _asked_by_rules(kit: Kit) -> frozenset[str]:
    return quality.fact_names(kit.quality)
