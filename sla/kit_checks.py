"""What a kit must get right about time: a clock in every cell, clocks that start, calendars."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime, timedelta

from core.worktime import WorkCalendar
from governance import checks, contradictions
from governance.conditions import AnyOf, Node
from governance.findings import Finding, unresolved, warning
from governance.kit import Kit
from governance.moments import Moment
from governance.terms import Policy
from leads import fact_limits
from leads.models import Channel
from leads.stages import CLOSED, TRANSITIONS, Stage
from sla import clock as clocks
from sla import matrix, reach
from sla.clock import MOMENT_OF_STEP, OWNERSHIP

_LABELS = dict(Channel.choices)
_ANYWHERE = frozenset(set(Stage) - CLOSED)


def register() -> None:
    """Hold every kit against the stages and channels there are."""
    checks.register(of_kit)
    checks.register_dated(calendars)
    checks.register_dated(endless)


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding about clocks."""
    yield from _cells(kit)
    yield from _exemptions(kit)
    yield from _never_start(kit)
    yield from _shadowed(kit)
    yield from _legs(kit)
    yield from _promises(kit)
    yield from _by_holder(kit)


def calendars(kit: Kit, at: datetime) -> Iterator[Finding]:
    """Calendars whose copy of the public holidays does not reach through the coming year."""
    coming = at.year + 1
    for entry in kit.part_documents("calendar"):
        calendar = kit.calendars[entry["key"]]
        if entry.get("holiday_country") and coming not in {day.year for day in calendar.closed}:
            message = f"“{kit.calendar_labels[entry['key']]}” knows no holidays of {coming}: "
            message += "clocks would run on through them."
            place = entry["holiday_country"]
            fix = f"Look up the holidays of {place} for {coming} in it, and take them."
            yield warning(f"calendar.{entry['key']}.closed", message, "holidays_end", fix)


def endless(kit: Kit, at: datetime) -> Iterator[Finding]:
    """Clocks, and levels after their breach, that would never come in the time that they count.

    What warns comes before what is due, so it comes where that does.
    """
    told: set[str] = set()
    for policy in kit.policies:
        if not policy.elapsed and policy.calendar not in kit.calendars:
            continue
        calendar = clocks.hours(kit, policy)
        if not _ever_opens(calendar):
            continue
        asked = [(f"clock_policy.{policy.key}.minutes", policy.label, policy.allowance)]
        asked += [
            (f"escalation_level.{level.key}.after_minutes", level.label, level.after)
            for level in clocks.levels(kit, policy)
        ]
        for place, label, work in asked:
            start = reach.endless_from(calendar, work, at) if place not in told else None
            if start is not None:
                told.add(place)
                yield _endless(kit, place, label, work, policy, start)


def _ever_opens(calendar: WorkCalendar) -> bool:
    """A calendar that never does is told of once, as such."""
    return any(calendar.week) or any(spans for _, spans in calendar.opened)


def _endless(
    kit: Kit, place: str, label: str, work: timedelta, policy: Policy, start: datetime
) -> Finding:
    minutes = work // timedelta(minutes=1)
    message = f"“{label}” asks for {minutes:,} minutes, "
    fix = "Ask for fewer minutes"
    if policy.elapsed:
        message += "and ten years from any instant are fewer, day and night: it would never come."
        return Finding(place, message, "never_ends", f"{fix}.")
    message += f"and “{kit.calendar_labels[policy.calendar]}” has less than that open in the ten "
    message += f"years from {start:%Y-%m-%d}: it would never come."
    fix += ", open more hours, or choose another calendar."
    return Finding(place, message, "never_ends", fix)


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


def _legs(kit: Kit) -> Iterator[Finding]:
    """What each holder owes for themselves begins anew with each of them."""
    for policy in kit.policies:
        if policy.scope == OWNERSHIP and Moment.REASSIGNED not in policy.starts_on:
            message = f"“{policy.label}” is owed by each holder for themselves, but nothing starts "
            message += "it for who gets a lead from somebody else."
            fix = "Add REASSIGNED to what starts it, or let it be owed once a stage."
            yield Finding(f"clock_policy.{policy.key}.starts_on", message, "no_leg", fix)


def _promises(kit: Kit) -> Iterator[Finding]:
    """Only a next step promises an instant."""
    for policy in kit.policies:
        if policy.from_promise and policy.starts_on != {Moment.NEXT_STEP_SET}:
            message = (
                f"“{policy.label}” counts from a promised instant, which only a next step has."
            )
            fix = "Start it on NEXT_STEP_SET alone, or count from its start."
            yield Finding(f"clock_policy.{policy.key}.counts_from", message, "no_promise", fix)


def _by_holder(kit: Kit) -> Iterator[Finding]:
    """Whose hours count, where something else in the policy says otherwise."""
    for policy in kit.policies:
        if not policy.by_holder:
            continue
        if policy.elapsed:
            message = f"“{policy.label}” counts all time and the working hours of whoever holds it."
            fix = "Count working time, or the hours of its calendar."
            yield Finding(f"clock_policy.{policy.key}.hours", message, "two_hours", fix)
        if "LEAVE" in policy.pauses_for:
            message = f"“{policy.label}” counts the hours of whoever holds it, without their leave "
            message += "already: it need not stand still for it."
            fix = "Take LEAVE out of what stops its time."
            yield Finding(f"clock_policy.{policy.key}.pauses_for", message, "leave_twice", fix)


def _shadowed(kit: Kit) -> Iterator[Finding]:
    """A policy whose condition never holds where the ones before it do not."""
    bounds = fact_limits.under(kit)
    before: dict[tuple[str, str], list[Policy]] = defaultdict(list)
    for policy in kit.policies:
        earlier = before[policy.obligation, policy.scope]
        node = policy.condition
        if node is not None and contradictions.satisfiable(node, kit.registry, bounds):
            covering = [
                one
                for one in earlier
                if one.condition
                and policy.stages <= one.stages
                and policy.starts_on <= one.starts_on
            ]
            nodes: tuple[Node, ...] = tuple(one.condition for one in covering if one.condition)
            if nodes and contradictions.implies(node, AnyOf(nodes), kit.registry, bounds):
                names = ", ".join(f"“{one.label}”" for one in covering)
                message = f"“{policy.label}” is never used: {names} take every lead it fits."
                fix = "Move it up, or narrow the ones before it."
                yield Finding(f"clock_policy.{policy.key}.condition", message, "shadowed", fix)
        earlier.append(policy)
