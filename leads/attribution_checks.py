"""What a kit must get right about attribution: readable rules, known categories, none in vain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from governance import conditions, contradictions, facts
from governance.conditions import ALWAYS, All, AnyOf, Node, Test
from governance.contradictions import Bounds
from governance.facts import Subject
from governance.findings import Finding, unresolved
from governance.kit import Kit
from leads import attribution, fact_limits
from leads.attribution import Rule
from leads.models import SourceCategory

UNSTATED = Test(attribution.STATED, "is_missing")


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding about the attribution rules of a kit."""
    readable = True
    for entry in kit.part_documents("attribution_rule"):
        place = f"attribution_rule.{entry['key']}"
        yield from unresolved(
            f"{place}.category", entry["category"], SourceCategory.values, "source"
        )
        faults = list(_condition(f"{place}.condition", entry.get("condition")))
        readable = readable and not faults
        yield from faults
    if readable:
        yield from _order(attribution.of_kit(kit), fact_limits.under(kit))


def _condition(place: str, document: object) -> Iterator[Finding]:
    if document is None:
        return
    try:
        conditions.parse(document, facts.registry, at=place, about=Subject.TOUCHPOINT)
    except conditions.ConditionInvalid as refusal:
        for fault in refusal.errors:
            fix = (
                "Attribution rules speak of the touchpoint: its medium, its referrer, its channel."
            )
            yield Finding(fault.field, fault.message, fault.code, fix)


def _order(rules: Sequence[Rule], bounds: Bounds) -> Iterator[Finding]:
    """Rules that no touchpoint reaches, because those before them take each one they fit."""
    for place, rule in enumerate(rules):
        before = rules[:place]
        if contradictions.satisfiable(rule.condition or ALWAYS, facts.registry, bounds) is False:
            continue  # told as a contradiction already
        taking = _taking(rule, before, bounds)
        if taking is not None:
            message = f"“{rule.label}” never names a source: "
            message += f"{taking} before it {'take' if ' and ' in taking else 'takes'} every "
            message += "touchpoint it fits."
            fix = "Move it up, narrow what stands before it, or remove it."
            yield Finding(f"attribution_rule.{rule.key}.position", message, "shadowed", fix)


def _taking(rule: Rule, before: Sequence[Rule], bounds: Bounds) -> str | None:
    """Those before a rule that leave it nothing, as words; None where something is left.

    A rule that overrules what was stated is held against the others that do: where a source is
    stated, only they are asked.
    """
    rivals = [one for one in before if one.overrules] if rule.overrules else list(before)
    node = _asked(rule)
    registry = facts.registry
    for one in rivals:
        if contradictions.implies(node, one.condition or ALWAYS, registry, bounds):
            return f"“{one.key}”"
    others = AnyOf(tuple(one.condition for one in rivals if one.condition))
    if len(rivals) < 2 or not contradictions.implies(node, others, registry, bounds):
        return None
    needed = list(rivals)
    for one in rivals:
        fewer = tuple(other.condition or ALWAYS for other in needed if other is not one)
        if fewer and contradictions.implies(node, AnyOf(fewer), registry, bounds):
            needed.remove(one)
    return " and ".join(f"“{one.key}”" for one in needed)


def _asked(rule: Rule) -> Node:
    own = rule.condition or ALWAYS
    return own if rule.overrules else All((own, UNSTATED))
