"""The kit's routing rules, compiled. Pure."""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance import conditions
from governance.conditions import Node
from governance.facts import Registry, Subject
from governance.kit import Kit

INBOUND, REENTRY, HANDOFF = "INBOUND", "REENTRY", "HANDOFF"
POOL, QUEUE, NEXT_RULE = "POOL", "QUEUE", "NEXT_RULE"


@dataclass(frozen=True, slots=True)
class Rule:
    """One routing rule; without a condition it always fits.

    `pool` takes the lead, or what the person whom the target means cannot take. `within` is how
    long ahead of their shift that person may be given it.
    """

    key: str
    label: str
    moment: str
    condition: Node | None
    pool: str
    target: str = POOL
    rep: str = ""
    within: dt.timedelta = dt.timedelta()
    keeps_to_cap: bool = True
    otherwise: str = POOL

    @property
    def means_people(self) -> bool:
        """Whether it means somebody, not a pool or its queue."""
        return self.target not in (POOL, QUEUE)

    @property
    def takes_all(self) -> bool:
        """Whether every lead it fits stops here, whoever can or cannot take it."""
        return not self.means_people or self.otherwise == POOL

    @property
    def is_fallback(self) -> bool:
        """Whether no lead of its moment goes past it."""
        return self.condition is None and self.takes_all


@functools.lru_cache(maxsize=64)
def of_kit(kit: Kit) -> tuple[Rule, ...]:
    """The rules of a kit in the order they are tried.

    One that only means people may name no pool: it has that of the rule which takes the rest.
    """
    read = tuple(_rule(entry, kit.registry) for entry in kit.part_documents("routing_rule"))
    last = {rule.moment: rule.pool for rule in read if rule.is_fallback}
    return tuple(
        rule if rule.pool else dataclasses.replace(rule, pool=last.get(rule.moment, ""))
        for rule in read
    )


def _rule(entry: Mapping[str, Any], registry: Registry) -> Rule:
    return Rule(
        key=entry["key"],
        label=entry["label"],
        moment=entry["moment"],
        condition=None
        if entry["condition"] is None
        else conditions.parse(entry["condition"], registry, about=Subject.LEAD),
        pool=entry["pool"],
        # Kits from before rules had targets mean a pool.
        target=entry.get("target", POOL),
        rep=entry.get("rep", ""),
        within=dt.timedelta(minutes=entry.get("at_work_within", 0)),
        keeps_to_cap=entry.get("keeps_to_cap", True),
        otherwise=entry.get("otherwise", POOL),
    )


def of_moment(rules: Sequence[Rule], moment: str) -> list[Rule]:
    """The rules that are tried at a moment: without any for re-entries, those for inbound."""
    own = [rule for rule in rules if rule.moment == moment]
    if own or moment != REENTRY:
        return own
    return [rule for rule in rules if rule.moment == INBOUND]


def has(rules: Sequence[Rule], moment: str) -> bool:
    """Whether a kit has rules of its own for a moment."""
    return any(rule.moment == moment for rule in rules)
