"""What the log of one lead says became of it. Pure: the same events always give the same facts.

A step that was taken back was not taken; nor was one by which an exclusion had the lead out for a
time, or another lead that it was merged into. Instants are those at which things became true, not
when they were written down.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from leads.models import EventKind
from leads.stages import UNDO, Stage

RULES = 2
"""Raise it with any change of what is derived: all facts are then made anew."""

OWNING = frozenset({EventKind.ASSIGNED, EventKind.QUEUED, EventKind.RELEASED})
ENTRIES = {"qualify": "QUALIFIED", "self_source": "SELF_SOURCED"}
DECISIONS = {"accept": "ACCEPTED", "reject": "REJECTED"}
LEAVING = frozenset({"reject", "return_to_nurture", "recycle", "disqualify"})
DETOURS = frozenset({"merge", "unmerge"})
FIRSTS = {
    "qualify": "mql_at",
    "accept": "accepted_at",
    "self_source": "self_sourced_at",
    "sales_qualify": "sql_at",
    "convert": "opportunity_at",
    "win": "won_at",
    "lose": "lost_at",
    "reject": "rejected_at",
}
"""The step, and the column of its first instant."""
IN_PASS = {
    "accept": "sal_at",
    "self_source": "sal_at",
    "sales_qualify": "sql_at",
    "convert": "opportunity_at",
    "win": "won_at",
    "lose": "lost_at",
}

Instants = dict[str, dt.datetime]


class Event(NamedTuple):
    """One event of the log, as far as facts are concerned."""

    pk: int
    sequence: int
    kind: str
    transition: str
    to_stage: str
    owner: int | None
    by: int | None
    because: Mapping[str, Any]
    kit: int | None
    at: dt.datetime
    recorded_at: dt.datetime
    is_contact: bool = False
    """Whether it is an activity by which somebody reached out to the buyer."""


@dataclass(slots=True)
class Pass:
    """One pass through the hands of Sales."""

    sequence: int
    way: str
    kit: int | None
    historical: bool
    at: Instants = field(default_factory=dict)
    decision: str = ""
    decided_at: dt.datetime | None = None
    decided_by: int | None = None
    final: str = ""
    reason: str = ""
    criterion: str = ""
    rep: int | None = None


@dataclass(slots=True)
class Visit:
    """One stay at a stage."""

    sequence: int
    stage: str
    kit: int | None
    historical: bool
    entered_at: dt.datetime
    left_at: dt.datetime | None = None
    transition: str = ""
    to_stage: str = ""
    rep: int | None = None


@dataclass(slots=True)
class Story:
    """What became of one lead."""

    version: int
    recorded_at: dt.datetime
    came_at: dt.datetime
    stage: str
    historical: bool
    kit: int | None
    at: Instants
    rep: int | None
    nurtured: bool
    passes: Sequence[Pass]
    visits: Sequence[Visit]


def of_lead(events: Sequence[Event], *, until: dt.datetime | None = None) -> Story | None:
    """The facts of one lead by its events in their order; None of a lead that had not come yet.

    `until` leaves out what became true later; that a step was taken back counts whenever it was.
    Give only events that were recorded by some instant to learn what was known then.
    """
    told = [one for one in events if until is None or one.at <= until]
    if not told:
        return None
    undone = _undone(events)
    story = _Telling()
    for event in told:
        if event.pk not in undone:
            story.hear(event)
    return story.told(told)


def _undone(events: Iterable[Event]) -> frozenset[int]:
    """Events that were taken back: steps, and contacts."""
    back = {EventKind.STAGE: UNDO, EventKind.RETRACTED: ""}
    return frozenset(
        int(one.because["undone"])
        for one in events
        if "undone" in one.because and back.get(EventKind(one.kind)) == one.transition
    )


class _Telling:
    """Goes through the events of a lead in their order."""

    def __init__(self) -> None:
        self._at: Instants = {}
        self._passes: list[Pass] = []
        self._visits: list[Visit] = []
        self._owner: int | None = None
        self._held: int | None = None
        self._decisions: list[tuple[Pass, str, int]] = []
        self._lost_appeal: set[int] = set()

    def hear(self, event: Event) -> None:
        """Take one event into account."""
        if event.kind in OWNING:
            self._owns(event)
        elif event.kind == EventKind.ACTIVITY:
            if event.is_contact:
                self._at.setdefault("contacted_at", event.at)
        elif event.kind == EventKind.RULED:
            if event.because.get("outcome") == "OVERTURNED":
                self._lost_appeal.add(int(event.because["rejection"]))
        elif event.kind == EventKind.STAGE:
            self._moves(event)

    def told(self, events: Sequence[Event]) -> Story:
        """All of it."""
        first, last = events[0], max(events, key=lambda one: one.sequence)
        for one in self._passes:
            one.final = self._final(one)
        stages = [one for one in events if one.kind == EventKind.STAGE]
        at = dict(self._at)
        return Story(
            version=last.sequence,
            recorded_at=max(one.recorded_at for one in events),
            came_at=first.at,
            stage=stages[-1].to_stage,
            historical=bool(first.because.get("history")),
            kit=first.kit,
            at=at,
            rep=self._held,
            nurtured=self._was_nurtured(),
            passes=self._passes,
            visits=self._visits,
        )

    def _was_nurtured(self) -> bool:
        """Whether it was in Nurture, before it became an SQL if it did."""
        stays = [one.entered_at for one in self._visits if one.stage == Stage.NURTURE]
        return bool(stays) and ("sql_at" not in self._at or stays[0] < self._at["sql_at"])

    def _owns(self, event: Event) -> None:
        self._owner = event.owner if event.kind == EventKind.ASSIGNED else None
        current = self._passes[-1] if self._passes else None
        if self._owner is None or current is None:
            return
        if not current.decision:
            current.rep = self._owner
        if "left_at" not in current.at:
            self._held = self._owner
        if self._visits and self._visits[-1].left_at is None:
            self._visits[-1].rep = self._owner

    def _moves(self, event: Event) -> None:
        if event.transition in DETOURS or event.transition == UNDO:
            return  # the step that was taken back was never heard
        if event.because.get("exclusion"):
            return
        if event.transition == "disqualify":
            self._at["disqualified_at"] = event.at
        name = FIRSTS.get(event.transition)
        if name is not None:
            self._at.setdefault(name, event.at)
        self._visit(event)
        self._pass(event)

    def _visit(self, event: Event) -> None:
        if self._visits and self._visits[-1].left_at is None:
            before = self._visits[-1]
            before.left_at = event.at
            before.transition, before.to_stage = event.transition, event.to_stage
        self._visits.append(
            Visit(
                sequence=event.sequence,
                stage=event.to_stage,
                kit=event.kit,
                historical=bool(event.because.get("history")),
                entered_at=event.at,
                rep=self._owner,
            )
        )

    def _pass(self, event: Event) -> None:
        if event.transition in ENTRIES:
            self._begin(event)
        if not self._passes:
            return
        current = self._passes[-1]
        if event.transition in DECISIONS:
            self._decide(current, event)
        if event.transition == "reinstate":
            current.at.pop("left_at", None)
        name = IN_PASS.get(event.transition)
        if name is not None:
            current.at.setdefault(name, event.at)
        if event.transition in LEAVING:
            current.at["left_at"] = event.at

    def _begin(self, event: Event) -> None:
        self._passes.append(
            Pass(
                sequence=event.sequence,
                way=ENTRIES[event.transition],
                kit=event.kit,
                historical=bool(event.because.get("history")),
                rep=self._owner,
            )
        )
        if self._owner is not None:
            self._held = self._owner
        if event.transition == "qualify":
            self._passes[-1].at["mql_at"] = event.at

    def _decide(self, current: Pass, event: Event) -> None:
        what = DECISIONS[event.transition]
        self._decisions.append((current, what, event.pk))
        if current.decision:
            return
        current.decision, current.decided_at, current.decided_by = what, event.at, event.by
        current.reason = str(event.because.get("reason") or "")
        current.criterion = str(event.because.get("criterion") or "")

    def _final(self, current: Pass) -> str:
        return next(
            (
                what
                for one, what, pk in self._decisions
                if one is current and pk not in self._lost_appeal
            ),
            "",
        )
