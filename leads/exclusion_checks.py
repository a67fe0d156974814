"""What a kit must get right about exclusions: whom they mean, and whom they leave."""

from __future__ import annotations

from collections.abc import Iterator

from governance import condition_prose, conditions, contradictions
from governance.conditions import All, Not
from governance.findings import Finding, unresolved, warning
from governance.kit import Exclusion, Kit
from governance.terms import Reason
from leads import fact_limits
from leads.stages import Stage

USE = "disqualify"
MOVING = ("lead.stage", "lead.cycle", "lead.hand_raiser", "score.")
"""Facts that disqualifying itself, or the mere passing of time, changes."""


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding about the exclusions of a kit."""
    usable = [one.key for one in kit.reasons.values() if USE in one.used_for]
    for one in kit.exclusions:
        place = f"exclusion.{one.key}"
        yield from unresolved(f"{place}.reason", one.reason, usable, f"reason used for “{USE}”")
        yield from _needs_no_note(place, kit.reasons.get(one.reason))
        if one.condition is None:
            message = f"“{one.label}” has no condition, so it means nobody."
            fix = "Say whom it means, or remove it."
            yield Finding(f"{place}.condition", message, "required", fix)
            continue
        yield from _moving(place, one, kit)
        yield from _whole_icp(place, one, kit)


def _needs_no_note(place: str, reason: Reason | None) -> Iterator[Finding]:
    if reason is not None and reason.note_required:
        message = f"“{reason.label}” needs a note, which an exclusion cannot write."
        fix = "Name a reason that needs none; the event says which exclusion held, and why."
        yield warning(f"{place}.reason", message, "note_required", fix)


def _moving(place: str, one: Exclusion, kit: Kit) -> Iterator[Finding]:
    assert one.condition is not None  # noqa: S101 - asked by who calls
    for name in sorted(conditions.facts_of(one.condition)):
        if name.startswith(MOVING):
            label = kit.registry.get(name).label
            message = f"“{one.label}” hangs on “{label}”, which changes as the lead moves: it "
            message += "could be taken out and let in again by turns."
            fix = "Say who is no buyer by facts about the person and the company."
            yield warning(f"{place}.condition", message, "moves", fix)


def _whole_icp(place: str, one: Exclusion, kit: Kit) -> Iterator[Finding]:
    """An exclusion that leaves nobody who could ever become an MQL."""
    assert one.condition is not None  # noqa: S101 - asked by who calls
    criteria = [each.condition for each in kit.criteria(Stage.MQL.value) if each.condition]
    bounds = fact_limits.under(kit)
    registry = kit.registry
    possible = contradictions.satisfiable(All(tuple(criteria)), registry, bounds)
    left = contradictions.satisfiable(All((*criteria, Not(one.condition))), registry, bounds)
    if criteria and possible is not False and left is False:
        words = condition_prose.english(one.condition, registry)
        message = f"“{one.label}” takes out every lead that could become an MQL: all of them "
        message += f"fit “{words}”."
        fix = "Make it narrower, or change the criteria."
        yield Finding(f"{place}.condition", message, "excludes_all", fix)
