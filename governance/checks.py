"""What must be true of a kit before it may be published. Apps above add what they know.

A check takes the compiled kit and yields one `FieldError` per fault; the field is
`kind.key.attribute`. Upper apps register theirs from `AppConfig.ready()`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TypeAlias

from core.errors import FieldError
from governance.facts import did_you_mean
from governance.kit import Kit
from governance.moments import Moment

Check: TypeAlias = Callable[[Kit], Iterable[FieldError]]

PROOFS = ("FACTS", "AFFIRMED", "ACTIVITY", "CHECKLIST")

_registered: list[Check] = []


def register(check: Check) -> None:
    """Add a check that every kit must pass; adding it again changes nothing."""
    if check not in _registered:
        _registered.append(check)


def run(kit: Kit) -> list[FieldError]:
    """Every fault of a compiled kit, in the order of the checks."""
    return [fault for check in (*_OWN, *_registered) for fault in check(kit)]


def unknown(field: str, value: str, known: Collection[str], what: str) -> Iterator[FieldError]:
    """One fault when a key names nothing, with the nearest one there is."""
    if value not in known:
        hint = did_you_mean(value, known) or f"; there are {', '.join(sorted(known)) or 'none'}."
        yield FieldError(field, f"“{value}” is no {what} of this kit{hint}", "unresolved")


def _criteria(kit: Kit) -> Iterator[FieldError]:
    for one in kit.all_criteria:
        place = f"criterion.{one.key}"
        yield from unknown(f"{place}.proof", one.proof, PROOFS, "sort of proof")
        yield from unknown(f"{place}.stage", one.stage, kit.stages, "defined stage")
        for key in one.checklists:
            yield from unknown(f"{place}.checklists", key, kit.checklists, "checklist")
        needed = {
            "FACTS": ("condition", one.condition is not None),
            "ACTIVITY": ("activity_kinds", bool(one.activity_kinds)),
            "CHECKLIST": ("checklists", bool(one.checklists)),
        }.get(one.proof)
        if needed and not needed[1]:
            message = f"Proof {one.proof} needs {needed[0]}; otherwise anything would pass."
            yield FieldError(f"{place}.{needed[0]}", message, "required")


def _policies(kit: Kit) -> Iterator[FieldError]:
    for one in kit.policies:
        place = f"clock_policy.{one.key}"
        yield from unknown(f"{place}.calendar", one.calendar, kit.calendars, "calendar")
        for name in ("starts_on", "stopped_by"):
            moments: frozenset[str] = getattr(one, name)
            if not moments:
                yield FieldError(f"{place}.{name}", "Name at least one moment.", "required")
            for moment in sorted(moments):
                yield from unknown(f"{place}.{name}", moment, list(Moment), "moment")
        if not one.stages:
            message = "Name the stages in which the obligation stands."
            yield FieldError(f"{place}.stages", message, "required")
        for stage in sorted(one.stages):
            yield from unknown(f"{place}.stages", stage, kit.stages, "defined stage")


def _unreachable_policies(kit: Kit) -> Iterator[FieldError]:
    """A policy behind one that always fits the same stages would never be used."""
    closed: dict[str, dict[str, str]] = {}
    for one in kit.policies:
        taken = closed.setdefault(one.obligation, {})
        if one.stages and one.stages <= taken.keys():
            first = taken[min(one.stages)]
            message = f"Is never reached: “{first}” stands before it and always fits. Move it up."
            yield FieldError(f"clock_policy.{one.key}.position", message, "unreachable")
        if one.condition is None:
            taken.update(dict.fromkeys(one.stages - taken.keys(), one.key))


def _fallbacks(kit: Kit) -> Iterator[FieldError]:
    """An obligation that depends on conditions needs one policy for everybody else."""
    conditional: dict[str, set[str]] = {}
    always: dict[str, set[str]] = {}
    for one in kit.policies:
        side = always if one.condition is None else conditional
        side.setdefault(one.obligation, set()).update(one.stages)
    for obligation, stages in conditional.items():
        if open_stages := sorted(stages - always.get(obligation, set())):
            message = (
                f"In {', '.join(open_stages)} no “{obligation}” clock fits every lead. "
                "Add one without a condition, behind the others."
            )
            yield FieldError("clock_policy", message, "no_fallback")


def _calendars(kit: Kit) -> Iterator[FieldError]:
    for key, calendar in kit.calendars.items():
        if not any(calendar.week) and not any(spans for _, spans in calendar.opened):
            message = "Is never open, so no clock on it could ever end. Give a day its hours."
            yield FieldError(f"calendar.{key}.week", message, "never_open")


def _scores(kit: Kit) -> Iterator[FieldError]:
    for rule in kit.score_rules:
        place = f"score_rule.{rule.key}"
        if rule.signal:
            yield from unknown(f"{place}.signal", rule.signal, kit.signals, "signal")
        elif rule.category != "FIT":
            message = "Engagement and intent are read from a signal; name one."
            yield FieldError(f"{place}.signal", message, "required")
        elif rule.condition is None:
            message = "A fit rule needs a condition; otherwise everybody gets the points."
            yield FieldError(f"{place}.condition", message, "required")
    floors = [band.at_least for band in kit.bands]
    if len(set(floors)) < len(floors):
        message = "Two bands start at the same score; give each its own floor."
        yield FieldError("score_band", message, "duplicate")
    if not kit.bands:
        yield FieldError("score_band", "Name at least one band.", "required")


def _reasons(kit: Kit) -> Iterator[FieldError]:
    criteria = [one.key for one in kit.all_criteria]
    for one in kit.reasons.values():
        if one.criterion:
            yield from unknown(f"reason.{one.key}.criterion", one.criterion, criteria, "criterion")


def _checklists(kit: Kit) -> Iterator[FieldError]:
    for one in kit.checklists.values():
        place = f"checklist.{one.key}"
        keys = [item.key for item in one.items]
        if len(set(keys)) < len(keys):
            yield FieldError(f"{place}.items", "Two items have the same key.", "duplicate")
        if not 1 <= one.needed <= len(keys):
            message = f"Must be from 1 to {len(keys)}, the number of its items."
            yield FieldError(f"{place}.needed", message, "range")


def _once(kit: Kit) -> Iterator[FieldError]:
    stages = [entry["stage"] for entry in kit.part_documents("stage")]
    for stage in sorted({stage for stage in stages if stages.count(stage) > 1}):
        message = f"{stage} is defined more than once; keep one definition."
        yield FieldError("stage", message, "duplicate")
    if len(kit.part_documents("general_policy")) > 1:
        yield FieldError("general_policy", "There can be only one general policy.", "duplicate")


_OWN: tuple[Check, ...] = (
    _once,
    _criteria,
    _policies,
    _unreachable_policies,
    _fallbacks,
    _calendars,
    _scores,
    _reasons,
    _checklists,
)
