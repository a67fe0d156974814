"""Which pool gets the lead: rules in order, the first that fits. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import errors
from governance import conditions, facts
from routing import rule_index
from routing.rules import Rule


class NoRule(errors.DomainError):
    """No rule fits and the kit has no fallback; the kit's checks forbid this."""

    code = "no_routing_rule"


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule that was looked at, and the facts it saw."""

    rule: str
    label: str
    matched: bool
    facts: tuple[tuple[str, Any], ...]

    def as_data(self) -> dict[str, Any]:
        """For the decision record; numbers with decimals as text, so that no digit is lost."""
        return {
            "rule": self.rule,
            "label": self.label,
            "matched": self.matched,
            "facts": facts.registry.to_document(dict(self.facts)),
        }


@dataclass(frozen=True, slots=True)
class Match:
    """The rule that fits, its pool, and every rule tried before it."""

    rule: str
    label: str
    pool: str
    tried: tuple[Tried, ...]


def decide(rules: Sequence[Rule], facts: Mapping[str, object], *, moment: str) -> Match:
    """The first rule of this moment that fits. Raises NoRule when none does.

    Of very many rules only those are tried whose most selective fact agrees.
    """
    tried: list[Tried] = []
    for one in rule_index.of_moment(rules, moment).possible(facts):
        rule = one.rule
        fits = rule.condition is None or conditions.holds(rule.condition, facts)
        seen = tuple([(name, facts.get(name)) for name in one.facts])
        tried.append(Tried(rule.key, rule.label, fits, seen))
        if fits:
            return Match(rule.key, rule.label, rule.pool, tuple(tried))
    raise NoRule("No routing rule fits this lead; add a rule without condition at the end.")
