"""The stages of a lead and every legal step between them.

The state machine on `Lead`, the database trigger, the guards and the diagram in the docs are all
read from this one table.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Where a lead stands."""

    INQUIRY = "INQUIRY"
    MQL = "MQL"
    SAL = "SAL"
    SQL = "SQL"
    OPPORTUNITY = "OPPORTUNITY"
    WON = "WON"
    LOST = "LOST"
    NURTURE = "NURTURE"
    DISQUALIFIED = "DISQUALIFIED"
    MERGED = "MERGED"


CHOICES = [(stage.value, stage.value if len(stage) == 3 else stage.title()) for stage in Stage]

WORKED = frozenset({Stage.MQL, Stage.SAL, Stage.SQL, Stage.OPPORTUNITY})
"""Someone is accountable and a clock runs."""

CLOSED = frozenset({Stage.WON, Stage.LOST, Stage.DISQUALIFIED, Stage.MERGED})
"""Nothing is owed to the buyer any more in this cycle."""

RESTING = frozenset({Stage.NURTURE}) | CLOSED
"""Nobody owns the lead, unless the buyer raises a hand again."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One named step. `human` steps can be undone by who took them.

    One that `follows` can be taken back only with the human step that it followed from.
    """

    name: str
    sources: frozenset[Stage]
    targets: frozenset[Stage]
    human: bool
    follows: bool = False

    @property
    def goes_back(self) -> bool:
        """Whether there is a way back from it."""
        return self.human or self.follows


def _step(
    name: str,
    sources: set[Stage],
    targets: set[Stage],
    *,
    human: bool = True,
    follows: bool = False,
) -> Transition:
    return Transition(name, frozenset(sources), frozenset(targets), human, follows)


_S = Stage
TRANSITIONS: dict[str, Transition] = {
    step.name: step
    for step in (
        _step("qualify", {_S.INQUIRY, _S.NURTURE}, {_S.MQL}, human=False, follows=True),
        _step("accept", {_S.MQL}, {_S.SAL}),
        _step("reject", {_S.MQL}, {_S.NURTURE, _S.DISQUALIFIED}),
        _step("reinstate", {_S.NURTURE, _S.DISQUALIFIED}, {_S.MQL}, human=False),
        _step("self_source", {_S.INQUIRY, _S.NURTURE}, {_S.SAL}),
        _step("sales_qualify", {_S.SAL}, {_S.SQL}),
        _step("convert", {_S.SQL}, {_S.OPPORTUNITY}),
        _step("win", {_S.OPPORTUNITY}, {_S.WON}),
        _step("lose", {_S.OPPORTUNITY}, {_S.LOST}),
        _step("return_to_nurture", {_S.SAL, _S.SQL}, {_S.NURTURE}),
        _step("recycle", {_S.MQL}, {_S.NURTURE}),
        _step("disqualify", {_S.INQUIRY, _S.MQL, _S.SAL, _S.SQL, _S.NURTURE}, {_S.DISQUALIFIED}),
        _step("reopen", {_S.LOST, _S.WON, _S.DISQUALIFIED}, {_S.INQUIRY}, human=False),
        _step("readmit", {_S.DISQUALIFIED}, {_S.INQUIRY, _S.NURTURE, _S.MQL}),
        _step("merge", set(Stage) - {_S.MERGED}, {_S.MERGED}, human=False),
        _step("unmerge", {_S.MERGED}, set(Stage) - {_S.MERGED}, human=False),
    )
}

HUMAN = tuple(sorted(step.name for step in TRANSITIONS.values() if step.human))
"""The steps that people take, and can undo."""

BEGIN = "begin"
"""The event that creates a lead: from nothing to INQUIRY."""

UNDO = "undo"
"""The last human transition, back, and what followed from it."""


@functools.cache
def legal_steps() -> tuple[tuple[str, str, str], ...]:
    """Every (transition, from, to) that the database lets pass, sorted."""
    steps = {(BEGIN, "", Stage.INQUIRY.value)}
    for step in TRANSITIONS.values():
        for source in step.sources:
            for target in step.targets:
                steps.add((step.name, source.value, target.value))
                if step.goes_back:
                    steps.add((UNDO, target.value, source.value))
    return tuple(sorted(steps))
