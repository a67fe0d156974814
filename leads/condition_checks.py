"""Conditions that can never hold, always hold, or have a part that does: in every part of a kit."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from governance import condition_prose, conditions, contradictions, facts
from governance.conditions import All, AnyOf, Node, Not, Test
from governance.contradictions import Bounds
from governance.facts import Registry, Subject
from governance.findings import Finding, warning
from governance.kit import Kit
from governance.models.part import part_models
from leads import countries, fact_limits
from leads.stages import Stage

COUNTRIES = frozenset({"company.country", "person.country"})
MEND = "Change one of them, or remove what cannot be."


@dataclass(frozen=True, slots=True)
class _Part:
    """A node of a condition with its place, and what must hold beside it."""

    place: str
    node: Node
    registry: Registry
    beside: tuple[Node, ...] = ()

    def below(self, path: str, node: Node, *beside: Node) -> _Part:
        return _Part(f"{self.place}.{path}", node, self.registry, (*self.beside, *beside))


def conditions_of(kit: Kit) -> Iterator[tuple[str, Node]]:
    """Every condition of every kind of part that can be read, with its place."""
    for model in part_models():
        for entry in kit.part_documents(model.kind):
            if entry.get("condition") is None:
                continue
            try:
                node = conditions.parse(entry["condition"], kit.registry)
            except conditions.ConditionInvalid:
                continue  # whoever compiles this kind of part tells
            yield f"{model.kind}.{entry['key']}.condition", node


def unreadable(place: str, document: object, registry: Registry) -> Iterator[Finding]:
    """What cannot be read in a condition over leads, for kinds of parts that no compiler reads."""
    if document is None:
        return
    try:
        conditions.parse(document, registry, at=place, about=Subject.LEAD)
    except conditions.ConditionInvalid as refusal:
        for fault in refusal.errors:
            fix = "Write a condition over the facts there are."
            yield Finding(fault.field, fault.message, fault.code, fix)


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding about what single conditions, and criteria together, leave possible."""
    bounds = fact_limits.under(kit)
    sound = True
    for place, node in conditions_of(kit):
        found = [*_countries(place, node), *_of_condition(_Part(place, node, kit.registry), bounds)]
        sound = sound and not any(one.is_error for one in found)
        yield from found
    if sound:
        yield from _criteria_together(kit, bounds)
        yield from _recycled_at_once(kit, bounds)


def _countries(place: str, node: Node) -> Iterator[Finding]:
    """Country codes that no record can have: they are stored as ISO writes them."""
    for name, value in sorted(set(texts(node))):
        meant = countries.country_code(value) if name in COUNTRIES else value
        if meant != value:
            fix = f"Write {meant}." if meant else "Write the two letters of ISO 3166, such as DE."
            yield Finding(place, f"“{value}” is no country code.", "unresolved", fix)


def texts(node: Node) -> Iterator[tuple[str, str]]:
    """Facts with the whole texts they are compared with."""
    if isinstance(node, Test):
        if node.op not in ("eq", "ne", "in", "not_in"):
            return
        values = node.value if isinstance(node.value, tuple) else (node.value,)
        yield from ((node.fact, one) for one in values if isinstance(one, str))
    else:
        for child in (node.node,) if isinstance(node, Not) else node.nodes:
            yield from texts(child)


def _of_condition(part: _Part, bounds: Bounds) -> Iterator[Finding]:
    place, node, registry = part.place, part.node, part.registry
    if contradictions.satisfiable(node, registry, bounds) is False:
        message = contradictions.conflict(node, registry, bounds)
        yield Finding(place, message, "contradiction", MEND)
    elif contradictions.always(node, registry, bounds):
        yield _always(part)
    else:
        yield from _inside(part, bounds)


def _always(part: _Part) -> Finding:
    place = part.place
    message = f"“{condition_prose.english(part.node, part.registry)}” always holds."
    if place.startswith("criterion."):
        fix = "Say what must be true; otherwise anything would pass."
        return Finding(place, message, "always_holds", fix)
    if place.startswith("exclusion."):
        fix = "Say who is no buyer; otherwise everybody would be disqualified."
        return Finding(place, message, "always_holds", fix)
    fix = "Say what must be true, or leave the condition out."
    return warning(place, message, "always_holds", fix)


def _inside(part: _Part, bounds: Bounds) -> Iterator[Finding]:
    """Parts of a condition that add nothing, although the whole can hold."""
    node = part.node
    if isinstance(node, Test):
        return
    if isinstance(node, Not):
        yield from _inside(_Part(f"{part.place}.not", node.node, part.registry), bounds)
        return
    name = "all" if isinstance(node, All) else "any"
    for number, child in enumerate(node.nodes):
        others = (one for one in node.nodes if one is not child)
        beside = tuple(others) if isinstance(node, All) else ()
        below = part.below(f"{name}[{number}]", child, *beside)
        fault = _idle(below, bounds, alternative=isinstance(node, AnyOf))
        if fault is not None:
            yield fault
        else:
            yield from _inside(below, bounds)


def _idle(part: _Part, bounds: Bounds, *, alternative: bool) -> Finding | None:
    """One part that always holds, or an alternative that never can."""
    registry = part.registry
    words = condition_prose.english(part.node, registry)
    if contradictions.always(part.node, registry, bounds):
        message = f"“{words}” always holds, so it decides nothing."
        return warning(part.place, message, "always_holds", "Remove it, or say what was meant.")
    if not alternative:
        return None
    together = All((part.node, *part.beside))
    if contradictions.satisfiable(together, registry, bounds) is False:
        message = contradictions.conflict(together, registry, bounds)
        return warning(part.place, message, "contradiction", MEND)
    return None


def _criteria_together(kit: Kit, bounds: Bounds) -> Iterator[Finding]:
    """Criteria that each can be met, but not by one and the same lead."""
    for stage in kit.stages:
        judged = [one for one in kit.criteria(stage) if one.condition is not None]
        nodes = tuple(one.condition for one in judged if one.condition is not None)
        if contradictions.satisfiable(All(nodes), kit.registry, bounds) is False:
            listed = " and ".join(f"“{one.label}”" for one in judged)
            message = f"No lead can meet {listed} together. "
            message += contradictions.conflict(All(nodes), kit.registry, bounds)
            yield Finding(f"criterion.{judged[-1].key}.condition", message, "contradiction", MEND)


def _recycled_at_once(kit: Kit, bounds: Bounds) -> Iterator[Finding]:
    """A floor for MQLs above the score that the criteria of an MQL ask for."""
    nodes = tuple(one.condition for one in kit.criteria(Stage.MQL.value) if one.condition)
    if not any("score.total" in conditions.facts_of(node) for node in nodes):
        return
    floor = kit.general.recycle_below
    below = Test("score.total", "lt", facts.clean_number(floor) or 0)
    if contradictions.satisfiable(All((*nodes, below)), kit.registry, bounds):
        message = f"A lead may become an MQL with less than {floor:g} points, "
        message += "and would be recycled at once."
        fix = "Ask an MQL for at least that score, or lower “recycle_below”."
        entries = kit.part_documents("general_policy")
        place = f"general_policy.{entries[0]['key']}." if entries else "general_policy."
        yield warning(f"{place}recycle_below", message, "recycled_at_once", fix)
