"""What the score rules, bands and thresholds of a kit must get right together."""

from __future__ import annotations

from collections.abc import Iterator

from governance import score_reach
from governance.conditions import ALWAYS, facts_of
from governance.findings import Finding, unresolved, warning
from governance.kit import Kit
from governance.terms import ScoreRule


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
            yield from _behaviour(rule, place)
        elif rule.condition is None:
            message = f"“{rule.label}” has neither condition nor signal: everybody would get the "
            message += "points."
            entry, fix = ("condition", "Say whom it fits.")
            if rule.category != "FIT":
                entry, fix = ("signal", "Name a signal, or give it a condition.")
            yield Finding(f"{place}.{entry}", message, "required", fix)
        else:
            yield from _facts(rule, place)
        yield from _worth(rule, place)


def _behaviour(rule: ScoreRule, place: str) -> Iterator[Finding]:
    if rule.condition is not None:
        message = f"“{rule.label}” names a signal and a condition; its condition is never asked."
        fix = "Leave one of them out; two rules add up."
        yield Finding(f"{place}.condition", message, "ambiguous", fix)


def _facts(rule: ScoreRule, place: str) -> Iterator[Finding]:
    """Of rules over facts: nothing is shown once or within days, and no rule asks for the score."""
    if rule.once or rule.within_days is not None:
        entry = "times" if rule.once else "within_days"
        message = f"“{rule.label}” counts no behaviour: its condition holds or does not."
        fix = f"Leave “{entry}” as it is by itself, or name a signal."
        yield warning(f"{place}.{entry}", message, "no_effect", fix)
    asked = sorted(name for name in facts_of(rule.condition or ALWAYS) if name.startswith("score."))
    if asked:
        message = f"“{rule.label}” gives points by {asked[0]}, which its own points change."
        fix = "Ask for what the score is made of instead."
        yield warning(f"{place}.condition", message, "circular", fix)
    if rule.half_life_days is not None and rule.category == "FIT":
        message = f"“{rule.label}” is about fit, and would fade while the company still fits."
        fix = "Leave the half-life out, or make it engagement or intent."
        yield warning(f"{place}.half_life_days", message, "fit_fades", fix)


def _worth(rule: ScoreRule, place: str) -> Iterator[Finding]:
    if not rule.points:
        message = f"“{rule.label}” is worth nothing."
        yield warning(f"{place}.points", message, "zero_weight", "Give it points, or remove it.")
    elif rule.cap == 0:
        message = f"“{rule.label}” is capped at 0: it is never worth anything."
        yield warning(f"{place}.cap", message, "zero_weight", "Raise the cap, or remove it.")
    if rule.points < 0 and rule.half_life_days is not None:
        message = f"“{rule.label}” takes points away, and penalties do not fade."
        fix = "Leave the half-life out; “within_days” lets a behaviour count for some days only."
        yield Finding(f"{place}.half_life_days", message, "penalty_fades", fix)


def _bands(kit: Kit) -> Iterator[Finding]:
    floors = [band.at_least for band in kit.bands]
    for band in kit.bands:
        if band.left_below > band.at_least:
            message = f"“{band.label}” begins at {band.at_least:g} and would be left below "
            message += f"{band.left_below:g}: who reaches it would be out of it at once."
            fix = f"Give at most {band.at_least:g}."
            yield Finding(f"score_band.{band.key}.leaves_below", message, "range", fix)
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
