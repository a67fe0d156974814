"""What the parts this app declares must get right by themselves: proof, clocks, reasons, lists."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from governance import escalation_checks
from governance.findings import Finding, unresolved, warning
from governance.kit import Kit
from governance.moments import Moment, Shown
from governance.terms import Criterion, Policy
from people.models import Role

SHAREABLE = ("EMAIL", "PHONE")
"""Values that several people may turn out to use."""

PROOFS = ("FACTS", "AFFIRMED", "ACTIVITY", "CHECKLIST")
ROLES = [role.value for role in Role if role != Role.SERVICE]


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding about single parts and the keys they name."""
    for check in (_once, _stages, _criteria, _policies, _unreachable_policies,
                  escalation_checks.of_kit, _calendars, _reasons, _identity, _quality,
                  _checklists):  # fmt: skip
        yield from check(kit)


def _once(kit: Kit) -> Iterator[Finding]:
    for kind, column in (("stage", "stage"), ("channel", "channel"), ("identity_rule", "value")):
        counted = Counter(str(entry[column]) for entry in kit.part_documents(kind))
        for value in sorted(value for value, count in counted.items() if count > 1):
            message = f"{value} is defined more than once."
            yield Finding(kind, message, "duplicate", "Keep one definition, and remove the others.")
    if kit.general.emergency < timedelta(hours=1):
        message = "An emergency change would revert at once, and nobody could countersign it."
        place = "general_policy.emergency_hours"
        yield Finding(place, message, "range", "Give the signers an hour at least.")
    if kit.general.dispute_calendar:
        place = "general_policy.dispute_calendar"
        yield from unresolved(place, kit.general.dispute_calendar, kit.calendars, "calendar")
    if len(kit.part_documents("general_policy")) > 1:
        message = "There is more than one general policy."
        yield Finding("general_policy", message, "duplicate", "Keep one.")


def _stages(kit: Kit) -> Iterator[Finding]:
    for words in kit.stages.values():
        if words.owner_role:
            place = f"stage.{words.key}.owner_role"
            yield from unresolved(place, words.owner_role, ROLES, "role")


def _criteria(kit: Kit) -> Iterator[Finding]:
    for one in kit.all_criteria:
        place = f"criterion.{one.key}"
        yield from unresolved(f"{place}.proof", one.proof, PROOFS, "sort of proof")
        yield from unresolved(f"{place}.stage", one.stage, kit.stages, "defined stage")
        for key in one.checklists:
            yield from unresolved(f"{place}.checklists", key, kit.checklists, "checklist")
        yield from _proof(one, place)
        yield from _shown(one, kit, place)


def _shown(one: Criterion, kit: Kit, place: str) -> Iterator[Finding]:
    """What shows it beforehand is known, and it is something to affirm."""
    for name in one.shown_by:
        yield from unresolved(f"{place}.shown_by", name, list(Shown), "fact that shows it")
    if one.shown_by and one.proof != "AFFIRMED":
        message = f"“{one.label}” is not affirmed by anybody, so nothing shows it beforehand."
        fix = "Leave “shown by” empty here."
        yield Finding(f"{place}.shown_by", message, "unused", fix)
    if Shown.ICP in one.shown_by:
        known = [other.key for other in kit.all_criteria]
        yield from unresolved(f"{place}.shown_by", "icp", known, "criterion")


def _proof(one: Criterion, place: str) -> Iterator[Finding]:
    column, given = {
        "FACTS": ("condition", one.condition is not None),
        "ACTIVITY": ("activity_kinds", bool(one.activity_kinds)),
        "CHECKLIST": ("checklists", bool(one.checklists)),
    }.get(one.proof, ("", True))
    if not given:
        message = f"“{one.label}” is empty: proof {one.proof} needs “{column}”."
        fix = f"Fill in “{column}”; otherwise anything would pass."
        yield Finding(f"{place}.{column}", message, "required", fix)


def _policies(kit: Kit) -> Iterator[Finding]:
    for one in kit.policies:
        place = f"clock_policy.{one.key}"
        if one.calendar:
            yield from unresolved(f"{place}.calendar", one.calendar, kit.calendars, "calendar")
        elif not one.elapsed:
            message = f"“{one.label}” counts working time, but names no calendar to count it on."
            fix = "Name the calendar whose open hours count, or count all time that passes."
            yield Finding(f"{place}.calendar", message, "required", fix)
        yield from _moments(one, place)
        for cause in sorted(one.pauses_for):
            yield from unresolved(f"{place}.pauses_for", cause, ["CUSTOMER", "LEAVE"], "pause")
        if not one.stages:
            message = f"“{one.label}” stands in no stage."
            fix = "Name the stages in which the obligation stands."
            yield Finding(f"{place}.stages", message, "required", fix)
        for stage in sorted(one.stages):
            yield from unresolved(f"{place}.stages", stage, kit.stages, "defined stage")


def _moments(one: Policy, place: str) -> Iterator[Finding]:
    for name, what in (("starts_on", "starts"), ("stopped_by", "meets")):
        moments: frozenset[str] = getattr(one, name)
        if not moments:
            message = f"Nothing {what} the clock “{one.label}”."
            yield Finding(f"{place}.{name}", message, "required", "Name at least one moment.")
        for moment in sorted(moments):
            yield from unresolved(f"{place}.{name}", moment, list(Moment), "moment")


def _unreachable_policies(kit: Kit) -> Iterator[Finding]:
    """A policy behind some that always fit its stages at its moments would never be used."""
    closed: dict[tuple[str, str], dict[tuple[str, str], str]] = {}
    for one in kit.policies:
        taken = closed.setdefault((one.obligation, one.scope), {})
        cells = {(stage, moment) for stage in one.stages for moment in one.starts_on}
        if cells and cells <= taken.keys():
            message = f"“{one.label}” is never used: “{taken[min(cells)]}” stands before it "
            message += "and always fits."
            fix = "Move it up, or give the one before it a condition."
            yield Finding(f"clock_policy.{one.key}.position", message, "unreachable", fix)
        if one.condition is None:
            taken.update(dict.fromkeys(cells - taken.keys(), one.key))


def _calendars(kit: Kit) -> Iterator[Finding]:
    for key, calendar in kit.calendars.items():
        if not any(calendar.week) and not any(spans for _, spans in calendar.opened):
            message = f"“{kit.calendar_labels[key]}” is never open: no clock on it could ever end."
            fix = "Give at least one day its hours."
            yield Finding(f"calendar.{key}.week", message, "never_open", fix)


def _reasons(kit: Kit) -> Iterator[Finding]:
    criteria = [one.key for one in kit.all_criteria]
    for one in kit.reasons.values():
        if one.criterion:
            yield from unresolved(
                f"reason.{one.key}.criterion", one.criterion, criteria, "criterion"
            )
        if one.attempt_days > one.attempts_needed:
            message = f"“{one.label}” needs attempts on {one.attempt_days} days, but only "
            message += f"{one.attempts_needed} of them."
            fix = "Need an attempt a day at least, or fewer days."
            yield Finding(f"reason.{one.key}.attempt_days", message, "range", fix)


def _identity(kit: Kit) -> Iterator[Finding]:
    for one in kit.identity.values():
        place = f"identity_rule.{one.key}"
        if one.shared_after and one.value not in SHAREABLE:
            message = "Only an e-mail address or a phone number can be shared by several people."
            fix = "Leave “shared after” at 0 here."
            yield Finding(f"{place}.shared_after", message, "not_shareable", fix)
        elif one.shared_after == 1:
            message = "Used by one person, every value would count as shared, and name nobody."
            fix = "Give 2 or more, or 0 for never."
            yield Finding(f"{place}.shared_after", message, "range", fix)
        if one.value == "NAME" and one.use == "MERGE":
            message = "Two people of one name at one company would become one person."
            fix = "Let the name suggest; people decide."
            yield warning(f"{place}.use", message, "name_merges", fix)
    shared = next((one for one in kit.identity.values() if one.shared_after), None)
    if shared is not None and kit.identity["CONTACT"].use == "IGNORE":
        message = "Who uses a shared value is a new person each time: their name says nothing."
        fix = "Add an identity rule for CONTACT, so that a name at a shared value is known."
        yield warning(f"identity_rule.{shared.key}.shared_after", message, "nobody_at_shared", fix)


def _quality(kit: Kit) -> Iterator[Finding]:
    for one in kit.quality:
        if one.condition is None:
            message = f"“{one.label}” asks for nothing, so every record has it."
            fix = "Say what a good record has, or remove it."
            yield warning(f"quality_rule.{one.key}.condition", message, "always_holds", fix)


def _checklists(kit: Kit) -> Iterator[Finding]:
    for one in kit.checklists.values():
        place = f"checklist.{one.key}"
        keys = [item.key for item in one.items]
        if len(set(keys)) < len(keys):
            message = f"Two items of “{one.label}” have the same key."
            yield Finding(f"{place}.items", message, "duplicate", "Give each a key of its own.")
        if not 1 <= one.needed <= len(keys):
            message = f"“{one.label}” needs {one.needed} of its {len(keys)} items."
            fix = f"Need from 1 to {len(keys)} of them."
            yield Finding(f"{place}.needed", message, "range", fix)
