"""What an imported record says of its past, as the legal steps that must have been taken. Pure.

Other systems keep a status and some dates. Ours keeps every step. What was passed on the way to
the stage that is said was taken no later than what is known to follow; what contradicts itself
goes no further than the dates prove.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from core.errors import FieldError
from leads.stages import Stage

CLOSED_AT = "closed_at"
LADDER = (
    (Stage.MQL, "mql_at", "qualify"),
    (Stage.SAL, "sal_at", "accept"),
    (Stage.SQL, "sql_at", "sales_qualify"),
    (Stage.OPPORTUNITY, "opportunity_at", "convert"),
)
"""The way up: each stage, the word for its instant, and the step that leads there."""

REACHED = {
    "mql_at": "it became MQL",
    "sal_at": "it was accepted",
    "sql_at": "it became SQL",
    "opportunity_at": "the deal was opened",
    CLOSED_AT: "it was closed",
}
INSTANTS = (*(name for _, name, _ in LADDER), CLOSED_AT)
WORDS = {
    "stage": 20,
    "owner": 254,
    "owner_else": 254,
    "amount": 40,
    "currency": 3,
    "reason": 120,
    "deal_id": 200,
    "deal_url": 500,
}
"""What may be said beside the instants, and how long; `owner_else` where no owner is found."""

LATEST = dt.datetime(2199, 12, 31, tzinfo=dt.UTC)
"""An open deal is often said to be closed on some day to come."""

SAYABLE = tuple(stage.value for stage in Stage if stage is not Stage.MERGED)
"""Stages a record may be said to stand at."""

GRAIN = dt.timedelta(days=1)
"""A day without a time may seem to lie before an instant of the same day; that is no fault."""

_HEIGHT = {Stage.INQUIRY: 0} | {stage: place for place, (stage, _, _) in enumerate(LADDER, 1)}
_SQL = _HEIGHT[Stage.SQL]
_DEALS_END = {Stage.WON: "win", Stage.LOST: "lose"}
_ENDS = frozenset(stage.value for stage in _DEALS_END)
"""An end that is said stands, whatever its date: nobody calls won what is still open."""


@dataclass(frozen=True, slots=True)
class Said:
    """The stage that is said, if any, and the instants, by their words. All UTC."""

    stage: str = ""
    at: Mapping[str, dt.datetime] = field(default_factory=dict)
    ahead: Mapping[str, dt.datetime] = field(default_factory=dict)
    """Those that lie in the future: plans, not steps."""


class Step(NamedTuple):
    """One step of the state machine, and when it was taken."""

    transition: str
    to_stage: str
    at: dt.datetime


class _Mark(NamedTuple):
    """A step on the planned way, by the word for its instant, which may not be said."""

    transition: str
    to_stage: str
    name: str


@dataclass(frozen=True, slots=True)
class Past:
    """The steps since the lead came in, oldest first, and what of the words was not used."""

    steps: tuple[Step, ...] = ()
    remarks: tuple[FieldError, ...] = ()
    expected: dt.datetime | None = None
    """When an open deal is hoped to be closed."""

    @property
    def stage(self) -> str:
        """Where they lead to."""
        return self.steps[-1].to_stage if self.steps else Stage.INQUIRY.value


def came(section: Mapping[str, str], *, now: dt.datetime) -> dt.datetime:
    """When it came in where nothing says so: no later than the first step of which we know."""
    return min(
        [dt.datetime.fromisoformat(section[one]) for one in INSTANTS if one in section] + [now]
    )


def said_of(section: Mapping[str, str], *, until: dt.datetime) -> Said:
    """The words of a touch's payload, of which `until` was the present."""
    every = {name: dt.datetime.fromisoformat(section[name]) for name in INSTANTS if name in section}
    at = {name: min(one, until) for name, one in every.items() if one < until + GRAIN}
    ahead = {name: one for name, one in every.items() if name not in at}
    return Said(section.get("stage", ""), at, ahead)


def decide(said: Said, *, received: dt.datetime) -> Past:
    """The steps from INQUIRY on, none of them before `received`, when the lead came in."""
    remarks: list[FieldError] = []
    marks = _way(said, remarks)
    used = {mark.name for mark in marks}
    known: dict[str, dt.datetime] = {}
    floor, before = received, "it came in"
    for place, mark in enumerate(marks):
        at = said.at.get(mark.name)
        if at is None:
            continue
        if at <= floor - GRAIN and mark.to_stage in _ENDS and mark.to_stage == said.stage:
            told = f"This lies before {before}: it counts as closed at that time."
            remarks.append(_remark(mark.name, told))
            known[mark.name] = floor
            continue
        if at <= floor - GRAIN:
            told = f"This lies before {before}: the stages from there on are not taken over."
            remarks.append(_remark(mark.name, told))
            marks = marks[: _proven(marks[:place], known)]
            break
        floor = known[mark.name] = max(at, floor)
        before = REACHED[mark.name]
    spare = [name for name in INSTANTS if name in said.at and name not in used]
    why = f"Not used: the stage is {marks[-1].to_stage}." if marks else "Not used."
    remarks += [_remark(name, why) for name in spare]
    open_deal = bool(marks) and marks[-1].to_stage == Stage.OPPORTUNITY
    expected = said.ahead.get(CLOSED_AT) if open_deal else None
    remarks += [
        _remark(name, "Not used: this lies in the future.")
        for name in said.ahead
        if not (expected and name == CLOSED_AT)
    ]
    return Past(_dated(marks, known, received), tuple(remarks), expected)


def _way(said: Said, remarks: list[FieldError]) -> list[_Mark]:
    """The steps to the stage that is said; else to the highest one that has an instant."""
    reached = max((h for stage, h in _HEIGHT.items() if _name(stage) in said.at), default=0)
    if not said.stage:
        return _up(reached)
    stage = Stage(said.stage)
    if stage in _HEIGHT:
        return _up(_HEIGHT[stage])
    if stage in _DEALS_END:
        return [*_up(len(LADDER)), _Mark(_DEALS_END[stage], stage.value, CLOSED_AT)]
    up = _up(min(reached, _SQL))
    if stage is Stage.DISQUALIFIED:
        return [*up, _Mark("disqualify", stage.value, CLOSED_AT)]
    if not up:
        told = "No date says that it was ever qualified, so it is an inquiry, not nurture."
        remarks.append(_remark("stage", told))
        return []
    step = "recycle" if len(up) == _HEIGHT[Stage.MQL] else "return_to_nurture"
    return [*up, _Mark(step, stage.value, CLOSED_AT)]


def _remark(name: str, told: str) -> FieldError:
    return FieldError(f"history.{name}", told, "past")


def _up(height: int) -> list[_Mark]:
    return [_Mark(step, stage.value, name) for stage, name, step in LADDER[:height]]


def _name(stage: Stage) -> str:
    return next((name for one, name, _ in LADDER if one is stage), "")


def _proven(marks: list[_Mark], known: Mapping[str, dt.datetime]) -> int:
    """How many steps the instants prove that have been found sound."""
    return max((place for place, mark in enumerate(marks, 1) if mark.name in known), default=0)


def _dated(
    marks: list[_Mark], known: Mapping[str, dt.datetime], received: dt.datetime
) -> tuple[Step, ...]:
    """What has no instant was taken by the next known one; without one, by the last known one."""
    last = max(known.values(), default=received)
    steps: list[Step] = []
    following = last
    for mark in reversed(marks):
        following = known.get(mark.name, following)
        steps.append(Step(mark.transition, mark.to_stage, following))
    return tuple(reversed(steps))
