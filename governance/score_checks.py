"""What the score rules, bands and thresholds of a kit must get right together."""

from __future__ import annotations

from collections.abc import Iterator

from governance import score_reach
from governance.findings import Finding, unresolved, warning
from governance.kit import Kit


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding about points and thresholds."""
    yield from _rules(kit)
    yield from _bands(kit)
    yield from _thresholds(kit)


def _rules(kit: Kit) -> Iterator[Finding]:
    for rule in kit.score_rules:
        place = f"score_rule.{rule.key}"
        if rule.signal:
            yield from unresolved(f"{place}.signal", rule.signal, kit.signals, "signal")
        elif rule.category != "FIT":
            message = f"“{rule.label}” names no signal; engagement and intent are read from one."
            yield Finding(f"{place}.signal", message, "required", "Name a signal.")
        elif rule.condition is None:
            message = f"“{rule.label}” has no condition: everybody would get the points."
            yield Finding(f"{place}.condition", message, "required", "Say whom it fits.")
        if not rule.points:
            message = f"“{rule.label}” is worth nothing."
            yield warning(
                f"{place}.points", message, "zero_weight", "Give it points, or remove it."
            )
        elif rule.cap is not None and rule.cap <= 0 < rule.points:
            message = f"“{rule.label}” is capped at {rule.cap:g}: it is never worth anything."
            yield warning(f"{place}.cap", message, "zero_weight", "Raise the cap, or remove it.")


def _bands(kit: Kit) -> Iterator[Finding]:
    floors = [band.at_least for band in kit.bands]
    if len(set(floors)) < len(floors):
        message = "Two bands start at the same score."
        yield Finding("score_band", message, "duplicate", "Give each its own floor.")
    if not kit.bands:
        message = "There is no score band."
        yield Finding("score_band", message, "required", "Name at least one.")


def _thresholds(kit: Kit) -> Iterator[Finding]:
    most = score_reach.of_kit(kit).total[1]
    for band in kit.bands:
        if band.at_least > most:
            message = f"“{band.label}” starts at {band.at_least:g}; no score exceeds {most:g}."
            fix = "Lower its floor, or give more points."
            yield warning(f"score_band.{band.key}.at_least", message, "out_of_reach", fix)
    if kit.general.recycle_below > most:
        message = f"MQLs below {kit.general.recycle_below:g} points are recycled, "
        message += f"but no score exceeds {most:g}: every one would be."
        fix = "Lower “recycle_below”, or give more points."
        yield Finding(_general(kit), message, "out_of_reach", fix)


def _general(kit: Kit) -> str:
    entries = kit.part_documents("general_policy")
    return f"general_policy.{entries[0]['key']}.recycle_below" if entries else "general_policy"
