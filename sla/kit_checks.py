"""What a kit must get right about time: a clock in every cell, clocks that start, calendars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime

from governance import checks, contradictions, facts
from governance.conditions import AnyOf, Node
from governance.findings import Finding, unresolved, warning
from governance.kit import Kit
from governance.moments import Moment
from governance.terms import Policy
from leads import fact_limits
from leads.models import Channel
from leads.stages import CLOSED, TRANSITIONS, Stage
from sla import matrix
from sla.clock import MOMENT_OF_STEP

_LABELS = dict(Channel.choices)
_ANYWHERE = frozenset(set(Stage) - CLOSED)


def register() -> None:
    """Hold every kit against the stages and channels there are."""
    checks.register(of_kit)
    checks.register_dated(calendars)


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding about clocks."""
    yield from _cells(kit)
    yield from _exemptions(kit)
    yield from _never_start(kit)
    yield from _shadowed(kit)


def calendars(kit: Kit, at: datetime) -> Iterator[Finding]:
    """Calendars whose copy of the public holidays does not reach through the coming year."""
    coming = at.year + 1
    for entry in kit.part_documents("calendar"):
        calendar = kit.calendars[entry["key"]]
        if entry.get("holiday_country") and coming not in {day.year for day in calendar.closed}:
            message = f"“{kit.calendar_labels[entry['key']]}” knows no holidays of {coming}: "
            message += "clocks would run on through them."
            fix = f"Copy the holidays of {entry['holiday_country']} for {coming} into “closed”."
            yield warning(f"calendar.{entry['key']}.closed", message, "holidays_end", fix)


def _cells(kit: Kit) -> Iterator[Finding]:
    """Empty cells, told once for all stages and channels that lack the same."""
    empty: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in matrix.of_kit(kit, Channel.values):
        for cell in row.cells:
            lacking = [slot.obligation for slot in cell.slots if slot.is_empty]
            for obligation in lacking or [""] * cell.is_empty:
                empty[obligation][row.stage].append(cell.channel)
    for obligation, by_stage in empty.items():
        alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for stage, channels in by_stage.items():
            alike[tuple(channels)].append(stage)
        for same, stages in alike.items():
            yield _uncovered(obligation, stages, same)


def _uncovered(obligation: str, stages: list[str], channels: tuple[str, ...]) -> Finding:
    only_raised = set(stages) <= set(matrix.HAND_RAISERS)
    whom = "buyers who asked for a person" if only_raised else "leads"
    through = "" if len(channels) == len(Channel.values) else f" through {_names(channels)}"
    what = f"“{obligation}” clock" if obligation else "clock"
    message = f"In {', '.join(stages)} no {what} stands for {whom}{through}."
    fix = "Add a clock policy without a condition behind the others of its obligation, or a clock "
    fix += "exemption that says why nothing is owed there."
    return Finding("clock_policy", message, "no_clock", fix)


def _names(channels: tuple[str, ...]) -> str:
    return ", ".join(_LABELS[one] for one in channels)


def _exemptions(kit: Kit) -> Iterator[Finding]:
    obligations = {one.obligation for one in kit.policies}
    for one in kit.exemptions:
        place = f"clock_exemption.{one.key}"
        if not one.stages:
            message = "The exemption names no stage, so it exempts nothing."
            yield Finding(f"{place}.stages", message, "required", "Name the stages.")
        if not one.because.strip():
            message = "Nobody could say why nothing is owed there."
            yield Finding(f"{place}.because", message, "required", "Say why, for who signs.")
        for stage in sorted(one.stages):
            yield from unresolved(f"{place}.stages", stage, kit.stages, "defined stage")
        for channel in sorted(one.channels):
            yield from unresolved(f"{place}.channels", channel, Channel.values, "channel")
        if one.obligation:
            yield from unresolved(
                f"{place}.obligation", one.obligation, obligations, "obligation of a clock policy"
            )


def _never_start(kit: Kit) -> Iterator[Finding]:
    """A clock none of whose moments can come while a lead is in one of its stages."""
    after: dict[str, set[Stage]] = defaultdict(set)
    for step, moment in MOMENT_OF_STEP.items():
        after[moment] |= TRANSITIONS[step].targets if step in TRANSITIONS else set(Stage)
    for policy in kit.policies:
        known = [one for one in policy.starts_on if one in list(Moment)]
        reached = {stage.value for one in known for stage in after.get(one) or _ANYWHERE}
        if known and policy.stages and not reached & policy.stages:
            message = f"“{policy.label}” never starts: {', '.join(sorted(known))} leads to "
            message += f"{', '.join(sorted(reached))}, not to {', '.join(sorted(policy.stages))}."
            fix = "Name a moment that comes in its stages, or the stages it belongs to."
            yield Finding(f"clock_policy.{policy.key}.starts_on", message, "never_starts", fix)


def _shadowed(kit: Kit) -> Iterator[Finding]:
    """A policy whose condition never holds where the ones before it do not."""
    bounds = fact_limits.under(kit)
    before: dict[tuple[str, str], list[Policy]] = defaultdict(list)
    for policy in kit.policies:
        earlier = before[policy.obligation, policy.scope]
        node = policy.condition
        if node is not None and contradictions.satisfiable(node, facts.registry, bounds):
            covering = [one for one in earlier if one.condition and policy.stages <= one.stages]
            nodes: tuple[Node, ...] = tuple(one.condition for one in covering if one.condition)
            if nodes and contradictions.implies(node, AnyOf(nodes), facts.registry, bounds):
                names = ", ".join(f"“{one.label}”" for one in covering)
                message = f"“{policy.label}” is never used: {names} take every lead it fits."
                fix = "Move it up, or narrow the ones before it."
                yield Finding(f"clock_policy.{policy.key}.condition", message, "shadowed", fix)
        earlier.append(policy)
