"""Facts about the buyer that rules go by, and leads of which they are not known. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from governance import conditions, contradictions
from governance.conditions import All, Test
from governance.contradictions import Bounds
from governance.facts import Registry
from governance.findings import Finding, warning
from routing.rules import Rule

ABOUT_THE_BUYER = ("company.", "person.", "lead.territory")
"""What a lead may come without, though it has one; a campaign that is missing is none."""


def findings(rules: Sequence[Rule], registry: Registry, bounds: Bounds) -> Iterator[Finding]:
    """A warning for each fact that rules of one moment go by, where nothing but the rule for
    everybody is left for leads of which it is not known.

    From the first rule that speaks of the fact on, any other rule that can fit such a lead
    answers for it.
    """
    rest = next((rule for rule in rules if rule.condition is None), None)
    for name, place in _first_spoken(rules).items():
        if rest is None or not name.startswith(ABOUT_THE_BUYER) or bounds(name).always_known:
            continue
        if not any(_fits_without(rule, name, registry, bounds) for rule in rules[place:]):
            label = registry.get(name).label
            message = f"Rules go by “{label}”, and none says where leads go of which it is not "
            message += f"known; they fall to “{rest.label}”."
            fix = f"Add a rule for leads of which “{label}” is not known, or accept that."
            where = f"routing_rule.{rules[place].key}.condition"
            yield warning(where, message, "unknown_branch", fix)


def _first_spoken(rules: Sequence[Rule]) -> dict[str, int]:
    """The place of the first rule that speaks of each fact."""
    found: dict[str, int] = {}
    for place, rule in enumerate(rules):
        if rule.condition is not None:
            for name in sorted(conditions.facts_of(rule.condition)):
                found.setdefault(name, place)
    return found


def _fits_without(rule: Rule, name: str, registry: Registry, bounds: Bounds) -> bool:
    if rule.condition is None:
        return False
    both = All((Test(name, "is_missing", None), rule.condition))
    return contradictions.satisfiable(both, registry, bounds) is not False
