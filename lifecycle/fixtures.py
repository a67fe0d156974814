"""Examples that a kit must decide as they state. Decided by what decides real leads. Pure.

A fixture knows no people: the lead is taken to find an owner at once, in the pool its rule names,
and `pool` is where it goes whenever it needs one. A lead given in a worked stage has just come
there. One that rests has rested since before everything it is given to have done.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from core import errors
from governance import checks
from governance.findings import Finding
from governance.kit import Kit
from governance.moments import Moment
from leads import exclusion, qualification, scoring
from leads.qualification import Verdict
from leads.scoring import Score
from leads.snapshot import Snapshot
from leads.stages import CLOSED, WORKED, Stage
from lifecycle import fixture_reading, turns
from lifecycle.case import fact_names
from lifecycle.fixture_reading import Example
from routing import matching, rules
from routing.matching import Match
from sla import clock
from sla.clock import MOMENT_OF_STEP, Due

INBOUND = "INBOUND"
ENTERED_BY = {
    Stage.MQL: "qualify",
    Stage.SAL: "accept",
    Stage.SQL: "sales_qualify",
    Stage.OPPORTUNITY: "convert",
}
MEND = "Change the rules so that it is, or the example if the new outcome is meant."


@dataclass(frozen=True, slots=True)
class Decided:
    """What the kit makes of an example."""

    stage: str
    verdict: Verdict | None
    score: Score
    match: Match
    due: dict[str, Due]
    excluded: str = ""
    """What the exclusion is called that takes it out."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """One fixture and what is to be said against it; it passed when that is nothing."""

    key: str
    label: str
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether the kit decides the example as it states."""
        return not self.findings


def register() -> None:
    """Try the examples of every kit that has no other error."""
    checks.register_last(of_kit)


def of_kit(kit: Kit) -> Iterator[Finding]:
    """Every finding about the examples of a kit."""
    for outcome in run(kit):
        yield from outcome.findings


def run(kit: Kit) -> list[Outcome]:
    """Try every example of a kit, in their order."""
    return [
        Outcome(one.key, one.label, tuple(_tried(*fixture_reading.read(one, kit), kit)))
        for one in kit.fixtures
    ]


def decide(example: Example, kit: Kit) -> Decided:
    """Take the lead of an example as far as the kit alone decides.

    Raises `NoRule` and `NoWorkingTime` when the kit cannot; its checks forbid both.
    """
    score, lead = _scored(example.snapshot, kit)
    out = _excluded(lead, kit)
    stage, verdict, moments = _judged(example, lead, kit) if not out else (_out(lead), None, [])
    lead = dataclasses.replace(lead, stage=stage)
    known = _facts(lead, kit)
    match = matching.decide(rules.of_kit(kit), known, moment=INBOUND)
    due = _due(kit, moments, stage, known, lead.now)
    return Decided(stage, verdict, score, match, due, out)


def _scored(lead: Snapshot, kit: Kit) -> tuple[Score, Snapshot]:
    parts = scoring.appraise({}, lead.signals, _facts(lead, kit), kit, lead.now)
    score = scoring.decide(parts.values(), kit, lead.now)
    return score, dataclasses.replace(
        lead,
        score_fit=score.fit,
        score_engagement=score.engagement,
        score_intent=score.intent,
    )


def _excluded(lead: Snapshot, kit: Kit) -> str:
    """What the exclusion is called that holds for a lead nobody works; empty where none does."""
    if lead.stage in WORKED:
        return ""
    found = exclusion.decide(kit, lambda names: kit.registry.read_all(lead, names))
    return found[0].exclusion.label if found else ""


def _out(lead: Snapshot) -> str:
    return lead.stage if lead.stage in CLOSED else Stage.DISQUALIFIED.value


def _judged(example: Example, lead: Snapshot, kit: Kit) -> tuple[str, Verdict | None, list[Moment]]:
    """Where the lead stands then, why, and the moments that start clocks, in their order."""
    stage, moments = lead.stage, []
    verdict = None
    if stage in WORKED:
        moments.append(MOMENT_OF_STEP[ENTERED_BY[Stage(stage)]])
    elif example.raises_hand and turns.may_reopen(stage, lead.account_status):
        stage = Stage.INQUIRY.value
        moments.append(Moment.REOPENED)
    if turns.may_qualify(stage):
        verdict = qualification.decide(kit, _facts(dataclasses.replace(lead, stage=stage), kit))
        if verdict.qualified:
            stage = Stage.MQL.value
            moments.append(Moment.QUALIFIED)
    if example.raises_hand and stage not in CLOSED:
        moments.append(Moment.HAND_RAISED)
    if turns.needs_owner(stage, asked=example.raises_hand, held=False):
        moments.append(Moment.ASSIGNED)
    return stage, verdict, moments


def _due(
    kit: Kit, moments: list[Moment], stage: str, known: Mapping[str, Any], at: dt.datetime
) -> dict[str, Due]:
    started: dict[str, Due] = {}
    for moment in moments:
        for policy in clock.started_by(kit, moment, stage=stage, facts=lambda: known):
            started.setdefault(policy.obligation, clock.due(kit, policy, at))
    return started


def _facts(lead: Snapshot, kit: Kit) -> dict[str, Any]:
    return kit.registry.read_all(lead, fact_names(kit))


def _tried(example: Example | None, faults: list[Finding], kit: Kit) -> Iterator[Finding]:
    if example is None:
        yield from faults
        return
    place = f"fixture.{example.fixture.key}"
    try:
        decided = decide(example, kit)
    except errors.DomainError as refusal:
        yield Finding(place, refusal.message, "fixture_failed", "Mend the rules it names.")
        return
    expect = dict(example.fixture.expect)
    for obligation, wanted in expect.pop("due", {}).items():
        here = f"{place}.expect.due.{obligation}"
        yield from _compare_due(example, here, obligation, wanted, decided, kit)
    yield from _compare_score(example, expect.pop("score", {}), decided.score.total)
    for name, wanted in expect.items():
        got, because = _got(name, decided, kit)
        if wanted != got:
            what = name.replace("_", " ")
            yield _failed(
                example, f"{place}.expect.{name}", f"{what} “{wanted}”", f"“{got}”{because}"
            )


def _got(name: str, decided: Decided, kit: Kit) -> tuple[str, str]:
    """What came out, and the reason in words."""
    if name == "stage":
        judged = decided.verdict.judged if decided.verdict else ()
        unmet = [f"“{kit.criterion(one.criterion).label}”" for one in judged if not one.met]
        if decided.excluded:
            return decided.stage, f": the exclusion “{decided.excluded}” holds"
        return decided.stage, f": {', '.join(unmet)} not met" if unmet else ""
    if name == "band":
        return decided.score.band, f" with {decided.score.total:.1f} points"
    if name == "rule":
        return decided.match.rule, ""
    return decided.match.pool, f" by the rule “{decided.match.label}”"


def _compare_score(
    example: Example, wanted: Mapping[str, float], total: float
) -> Iterator[Finding]:
    total = round(total, 6)
    low, high = wanted.get("at_least", total), wanted.get("at_most", total)
    if not low <= total <= high:
        words = " and ".join(f"{name.replace('_', ' ')} {it:g}" for name, it in wanted.items())
        place = f"fixture.{example.fixture.key}.expect.score"
        yield _failed(example, place, f"a score of {words}", f"{total:.1f}")


def _compare_due(
    example: Example, place: str, obligation: str, wanted: Any, decided: Decided, kit: Kit
) -> Iterator[Finding]:
    due = decided.due.get(obligation)
    if isinstance(wanted, Mapping):
        expected = f"“{obligation}” within {wanted['minutes']:g} minutes"
        met = due is not None and due.policy.allowance == dt.timedelta(minutes=wanted["minutes"])
        got = "no such clock" if due is None else (
            f"{due.policy.allowance / dt.timedelta(minutes=1):g} by “{due.policy.label}”"
        )  # fmt: skip
    else:
        at = fixture_reading.instant(wanted)
        met = (due.due_at if due else None) == at
        expected = f"“{obligation}” due {_told(at, due, kit)}" if at else f"no clock “{obligation}”"
        got = f"{_told(due.due_at, due, kit)} by “{due.policy.label}”" if due else "no such clock"
    if not met:
        yield _failed(example, place, expected, got)


def _told(at: dt.datetime, due: Due | None, kit: Kit) -> str:
    """An instant as the clock's calendar reads it, in UTC where it has none."""
    calendar = kit.calendars.get(due.policy.calendar) if due else None
    zone = zoneinfo.ZoneInfo(calendar.zone) if calendar else dt.UTC
    return f"{at.astimezone(zone):%a %Y-%m-%d %H:%M %Z}"


def _failed(example: Example, place: str, expected: str, got: str) -> Finding:
    message = f"“{example.fixture.label}”: expected {expected}, got {got}."
    return Finding(place, message, "fixture_failed", MEND)
