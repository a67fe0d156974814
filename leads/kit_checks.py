"""What a kit must get right about leads: stages, channels of proof, reasons, signals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from core.errors import FieldError
from governance import checks, conditions
from governance.conditions import Node
from governance.kit import Criterion, Kit, Policy, QualityRule, ScoreRule
from leads.models import Activity
from leads.stages import RESTING, WORKED, Stage

STAGES = [stage.value for stage in Stage]
REASON_USES = ("reject", "return_to_nurture", "recycle", "disqualify", "lose")
OUTCOMES = ("NURTURE", "DISQUALIFIED")
_SIGNAL = re.compile(r"signal\.([a-z0-9_]+)\.")


def register() -> None:
    """Hold every kit against the stages and behaviours there are."""
    checks.register(of_kit)


def of_kit(kit: Kit) -> Iterator[FieldError]:
    """Every fault of a kit in what it says about leads."""
    yield from _stages(kit)
    yield from _clocks(kit)
    yield from _activities(kit)
    yield from _reasons(kit)
    for place, node in kit_conditions(kit):
        for kind in sorted(signals_of(node)):
            yield from checks.unknown(place, kind, kit.signals, "signal")


def kit_conditions(kit: Kit) -> Iterator[tuple[str, Node]]:
    """Every condition of the compiled parts, with its place."""
    parts: list[tuple[str, Criterion | Policy | ScoreRule | QualityRule]] = [
        *(("criterion", one) for one in kit.all_criteria),
        *(("clock_policy", one) for one in kit.policies),
        *(("score_rule", one) for one in kit.score_rules),
        *(("quality_rule", one) for one in kit.quality),
    ]
    for kind, part in parts:
        if part.condition is not None:
            yield f"{kind}.{part.key}.condition", part.condition


def signals_of(node: Node) -> set[str]:
    """The signals a condition speaks of."""
    return {found[1] for name in conditions.facts_of(node) if (found := _SIGNAL.match(name))}


def _stages(kit: Kit) -> Iterator[FieldError]:
    for words in kit.stages.values():
        yield from _among(f"stage.{words.key}.stage", words.stage, STAGES, "stage")
    for stage in sorted(set(STAGES) - RESTING - set(kit.stages)):
        message = f"Nothing says what {stage} means. Define it."
        yield FieldError("stage", message, "required")


def _clocks(kit: Kit) -> Iterator[FieldError]:
    """Wherever somebody is accountable, something is due."""
    covered = {stage for one in kit.policies if one.condition is None for stage in one.stages}
    for stage in sorted(WORKED - covered):
        message = f"No clock stands in {stage} for every lead: nothing would ever be due there."
        yield FieldError("clock_policy", message, "no_clock")


def _activities(kit: Kit) -> Iterator[FieldError]:
    for one in kit.all_criteria:
        for kind in one.activity_kinds:
            place = f"criterion.{one.key}.activity_kinds"
            yield from _among(place, kind, Activity.Kind.values, "kind of activity")


def _reasons(kit: Kit) -> Iterator[FieldError]:
    for one in kit.reasons.values():
        place = f"reason.{one.key}"
        for use in sorted(one.used_for):
            yield from _among(f"{place}.used_for", use, REASON_USES, "use of a reason")
        if "reject" in one.used_for or one.outcome:
            yield from _among(f"{place}.outcome", one.outcome, OUTCOMES, "outcome")
    used = {use for one in kit.reasons.values() for use in one.used_for}
    for use in REASON_USES:
        if use not in used:
            message = f"Nobody could {use.replace('_', ' ')} a lead: no reason is used for it."
            yield FieldError("reason", message, "required")


def _among(
    field: str, value: str, known: list[str] | tuple[str, ...], what: str
) -> Iterator[FieldError]:
    if value not in known:
        listed = ", ".join(known)
        yield FieldError(field, f"“{value}” is no {what}; there are {listed}.", "unresolved")
