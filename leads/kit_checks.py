"""What a kit must get right about leads: stages, proof, channels, reasons, signals."""

from __future__ import annotations

import re
from collections.abc import Iterator

from governance import checks, conditions
from governance.conditions import Node
from governance.findings import Finding, unresolved, warning
from governance.kit import Criterion, Exclusion, Kit, Policy, QualityRule, ScoreRule
from governance.moments import Instead, Moment
from governance.terms import Reason
from leads import attribution_checks, condition_checks, exclusion_checks
from leads.models import Activity, Channel
from leads.stages import RESTING, WORKED, Stage

STAGES = [stage.value for stage in Stage]
GOVERNED = (*(stage for stage in Stage if stage in WORKED), Stage.INQUIRY, Stage.NURTURE)
"""Stages in which somebody answers for the lead, or the company keeps in touch."""
CONTESTED = (Stage.MQL.value, Stage.SAL.value)
"""Whose criteria a rejection can contest: what made it an MQL, and what accepting it asks for."""
REASON_USES = ("reject", "return_to_nurture", "recycle", "disqualify", "lose")
MORE_USES = ("win", "churn")
"""What a reason may be used for besides; a kit need not have reasons for these."""
OUTCOMES = ("NURTURE", "DISQUALIFIED")
_SIGNAL = re.compile(r"signal\.([a-z0-9_]+)\.")


def register() -> None:
    """Hold every kit against the stages and behaviours there are."""
    checks.register(of_kit)
    checks.register(condition_checks.of_kit)
    checks.register(attribution_checks.of_kit)
    checks.register(exclusion_checks.of_kit)


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding of a kit in what it says about leads."""
    yield from _stages(kit)
    yield from _words(kit)
    yield from _proof(kit)
    yield from _activities(kit)
    yield from _channels(kit)
    yield from _reasons(kit)
    yield from _floors(kit)
    for place, node in condition_checks.conditions_of(kit):
        for kind in sorted(signals_of(node)):
            yield from unresolved(place, kind, kit.signals, "signal of this kit")


def kit_conditions(kit: Kit) -> Iterator[tuple[str, Node]]:
    """Every condition of the compiled parts, with its place."""
    parts: list[tuple[str, Criterion | Policy | ScoreRule | QualityRule | Exclusion]] = [
        *(("criterion", one) for one in kit.all_criteria),
        *(("clock_policy", one) for one in kit.policies),
        *(("score_rule", one) for one in kit.score_rules),
        *(("quality_rule", one) for one in kit.quality),
        *(("exclusion", one) for one in kit.exclusions),
    ]
    for kind, part in parts:
        if part.condition is not None:
            yield f"{kind}.{part.key}.condition", part.condition


def signals_of(node: Node) -> set[str]:
    """The signals a condition speaks of."""
    return {found[1] for name in conditions.facts_of(node) if (found := _SIGNAL.match(name))}


def _stages(kit: Kit) -> Iterator[Finding]:
    for words in kit.stages.values():
        yield from unresolved(f"stage.{words.key}.stage", words.stage, STAGES, "stage")
    for stage in sorted(set(STAGES) - RESTING - set(kit.stages)):
        message = f"Nothing says what {stage} means."
        yield Finding("stage", message, "required", "Define it.")


def _words(kit: Kit) -> Iterator[Finding]:
    """Whoever signs must read what they sign."""
    for stage in GOVERNED:
        words = kit.stages.get(stage.value)
        for name in ("label", "definition", "owner_role"):
            if words is not None and not str(getattr(words, name)).strip():
                message = f"{stage.value} has no {name.replace('_', ' ')}."
                fix = f"Write its “{name}”: who signs should know what it means."
                yield warning(f"stage.{words.key}.{name}", message, "no_words", fix)
    for one in kit.all_criteria:
        if not one.prose.strip():
            message = f"“{one.label}” has no prose."
            fix = "Say in words what must be true, and how it is known."
            yield warning(f"criterion.{one.key}.prose", message, "no_words", fix)


def _proof(kit: Kit) -> Iterator[Finding]:
    """What must be shown to enter a stage that Sales answers for."""
    if not any(one.condition for one in kit.criteria(Stage.MQL.value)):
        message = "MQL has no criterion over facts: no lead could ever qualify."
        fix = "Add the criteria of an MQL: who fits, and what they must have done."
        yield Finding("criterion", message, "no_criterion", fix)
    for stage in (Stage.SAL.value, Stage.SQL.value):
        if stage in kit.stages and not kit.criteria(stage):
            message = f"{stage} has no criterion: nothing need be shown to enter it."
            fix = "Add what the owner must confirm or show."
            yield warning("criterion", message, "no_criterion", fix)


def _activities(kit: Kit) -> Iterator[Finding]:
    for one in kit.all_criteria:
        for kind in one.activity_kinds:
            place = f"criterion.{one.key}.activity_kinds"
            yield from unresolved(place, kind, Activity.Kind.values, "kind of activity")


def _channels(kit: Kit) -> Iterator[Finding]:
    entries = kit.part_documents("channel")
    for entry in entries:
        place = f"channel.{entry['key']}.channel"
        yield from unresolved(place, entry["channel"], Channel.values, "channel")
    silent = [code for code in Channel.values if code not in kit.channels]
    if entries and silent and set(kit.channels) <= set(Channel.values):
        message = f"The kit says nothing of the channels {', '.join(silent)}."
        fix = "Say what each is, and whether who comes that way asks for a person."
        yield warning("channel", message, "no_words", fix)


def _floors(kit: Kit) -> Iterator[Finding]:
    """Floors that hold something back, with somebody told by when to look after it."""
    entries = kit.part_documents("quality_floor")
    for entry in entries:
        place = f"quality_floor.{entry['key']}"
        yield from condition_checks.unreadable(
            f"{place}.condition", entry.get("condition"), kit.registry
        )
        if not 1 <= int(entry["at_least_percent"]) <= 100:
            message = f"“{entry['label']}” asks for {entry['at_least_percent']} percent."
            fix = "Give from 1 to 100 percent."
            yield Finding(f"{place}.at_least_percent", message, "range", fix)
    if entries and not kit.quality:
        message = "There is a quality floor, but nothing says what a good record has."
        yield warning("quality_floor", message, "no_rules", "Add data quality rules.")
    always = next((n for n, one in enumerate(entries) if one.get("condition") is None), None)
    for entry in entries[always + 1 :] if always is not None else ():
        message = f"“{entry['label']}” is never used: “{entries[always or 0]['label']}” stands "
        message += "before it and always fits."
        fix = "Move it up, or give the one before it a condition."
        yield Finding(f"quality_floor.{entry['key']}.position", message, "unreachable", fix)
    yield from _cleansed(kit, has_floor=bool(entries))


def _cleansed(kit: Kit, *, has_floor: bool) -> Iterator[Finding]:
    started = [one for one in kit.policies if Moment.QUARANTINED in one.starts_on]
    if has_floor and not started:
        message = "Nothing says by when a record in quarantine has to be completed."
        fix = f"Add a clock policy that starts on {Moment.QUARANTINED} and is stopped by "
        fix += f"{Moment.CLEANSED}."
        yield warning("clock_policy", message, "no_clock", fix)
    for one in started:
        if Moment.CLEANSED not in one.stopped_by:
            message = f"“{one.label}” starts with quarantine, but not even leaving it meets it."
            fix = f"Name {Moment.CLEANSED} in “stopped_by”."
            yield warning(f"clock_policy.{one.key}.stopped_by", message, "never_met", fix)


def _reasons(kit: Kit) -> Iterator[Finding]:
    for one in kit.reasons.values():
        place = f"reason.{one.key}"
        for use in sorted(one.used_for):
            yield from unresolved(
                f"{place}.used_for", use, (*REASON_USES, *MORE_USES), "use of a reason"
            )
        if ("reject" in one.used_for and not one.instead) or one.outcome:
            yield from unresolved(f"{place}.outcome", one.outcome, OUTCOMES, "outcome")
        yield from _woken(kit, one, place)
        if one.instead:
            yield from unresolved(f"{place}.instead", one.instead, list(Instead), "act")
        elif "reject" in one.used_for:
            yield from _contested(kit, one)
            yield from _no_rejection(one)
    used = {
        use
        for one in kit.reasons.values()
        for use in one.used_for
        if use != "reject" or not one.instead
    }
    for use in REASON_USES:
        if use not in used:
            message = f"Nobody could {use.replace('_', ' ')} a lead: no reason is used for it."
            yield Finding("reason", message, "required", f"Name {use} in “used_for” of a reason.")


def _woken(kit: Kit, one: Reason, place: str) -> Iterator[Finding]:
    """What wakes a lead is a behaviour or a band of this kit, and there is somebody to wake."""
    if one.wake_on:
        yield from unresolved(f"{place}.wake_on", one.wake_on, wakers(kit), "signal or band")
    if (one.wake_on or one.wake_days) and one.outcome == "DISQUALIFIED":
        message = f"“{one.label}” disqualifies: there is nobody to wake."
        yield Finding(f"{place}.wake_days", message, "unused", "Leave it empty here.")


def wakers(kit: Kit) -> list[str]:
    """What may wake a nurtured lead: every behaviour and every band of this kit."""
    bands = [f"band:{one.key}" for one in kit.bands]
    return [*(f"signal:{key}" for key in kit.signals), *bands]


def _no_rejection(one: Reason) -> Iterator[Finding]:
    """A lead that should not have come to its owner is none that they refuse."""
    if one.returns_turn:
        message = f"“{one.label}” says that the lead should not have come to its owner, which is "
        message += "no rejection: it would count against the rules and Marketing."
        fix = f"Say in “instead” what it is: {', '.join(Instead)}."
        yield warning(f"reason.{one.key}.instead", message, "no_rejection", fix)


def _contested(kit: Kit, one: Reason) -> Iterator[Finding]:
    """A rejection says which criterion failed; that is what Marketing learns from."""
    place = f"reason.{one.key}.criterion"
    if not one.criterion:
        message = f"“{one.label}” rejects a lead without saying which criterion failed."
        yield warning(place, message, "no_criterion", "Name the criterion it contests.")
        return
    stages = [criterion.stage for criterion in kit.all_criteria if criterion.key == one.criterion]
    if stages and stages[0] not in CONTESTED:
        message = f"“{one.label}” contests a criterion of {stages[0]}, "
        message += "which nobody has judged when a lead is rejected."
        fix = f"Name a criterion of {' or '.join(CONTESTED)}."
        yield Finding(place, message, "not_contested", fix)
