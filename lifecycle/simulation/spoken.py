"""The facts that each judgement of a kit asks for. Pure."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import dataclass

from governance import conditions
from governance.conditions import Node
from governance.kit import Kit
from leads import condition_checks
from leads.stages import Stage
from routing import rules


@dataclass(frozen=True, slots=True)
class Names:
    """The facts each judgement of a kit asks for."""

    fit: tuple[str, ...]
    mql: tuple[str, ...]
    routing: tuple[str, ...]
    clocks: tuple[str, ...]


@functools.lru_cache(maxsize=16)
def names(kit: Kit) -> Names:
    """Once for a kit."""

    def of(nodes: Iterable[Node | None]) -> tuple[str, ...]:
        found = (conditions.facts_of(node) for node in nodes if node is not None)
        return tuple(sorted(frozenset[str]().union(*found)))

    # Where a kit exempts channels, the choice of clocks hangs on the lead's own.
    channel = {"lead.channel"} if kit.exemptions else set()
    asked = of(one.condition for one in kit.policies)
    return Names(
        fit=of(one.condition for one in kit.score_rules),
        mql=of(one.condition for one in kit.criteria(Stage.MQL.value)),
        routing=of(rule.condition for rule in rules.of_kit(kit)),
        clocks=tuple(sorted({*asked, *channel})),
    )


@functools.lru_cache(maxsize=16)
def everything(kit: Kit) -> frozenset[str]:
    """Whatever facts any condition of a kit speaks of."""
    nodes = (node for _, node in condition_checks.conditions_of(kit))
    return frozenset[str]().union(*map(conditions.facts_of, nodes))
