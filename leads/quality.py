"""How good a record is: which of the kit's rules for a good record it fulfils. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from governance import conditions
from governance.terms import QualityRule


@dataclass(frozen=True, slots=True)
class Quality:
    """The rules a record fulfils, and those it does not, in the signed order."""

    met: tuple[QualityRule, ...]
    missed: tuple[QualityRule, ...]

    @property
    def rules(self) -> int:
        """How many rules there are."""
        return len(self.met) + len(self.missed)

    @property
    def share(self) -> float | None:
        """The part of the rules that is fulfilled, from 0 to 1; None where there are none."""
        return len(self.met) / self.rules if self.rules else None


def decide(rules: Iterable[QualityRule], facts: Mapping[str, object]) -> Quality:
    """Judge one record by the cleaned facts it has; a rule without a condition always holds."""
    judged = [
        (rule, conditions.holds(rule.condition or conditions.ALWAYS, facts)) for rule in rules
    ]
    return Quality(
        met=tuple(rule for rule, holds in judged if holds),
        missed=tuple(rule for rule, holds in judged if not holds),
    )


def fact_names(rules: Iterable[QualityRule]) -> frozenset[str]:
    """The facts these rules speak of."""
    nodes = [rule.condition for rule in rules if rule.condition is not None]
    return frozenset(name for node in nodes for name in conditions.facts_of(node))
