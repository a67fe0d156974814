"""One lead under one kit on its course: where it stands, and the marks it leaves."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterable
from typing import Any

from governance.kit import Kit
from governance.moments import Moment
from leads import scoring
from leads.qualification import Verdict
from leads.scoring import Part, Score
from leads.snapshot import Snapshot
from leads.stages import Stage
from lifecycle import turns
from lifecycle.simulation import spoken
from lifecycle.simulation.course import Course, Step
from lifecycle.simulation.excluding import Out
from lifecycle.simulation.judgement import NOTHING, Mark, Marked
from routing.matching import Match


class State:
    """The lead's state under a kit. Who judges a course inherits it."""

    def __init__(self, course: Course, kit: Kit) -> None:
        self._course, self._kit, self._names = course, kit, spoken.names(kit)
        self._stage, self._entered_at = course.stage, course.entered_at
        self._cycle, self._asked = course.cycle, course.asked
        self._held = course.owner is not None or bool(course.queue)
        self._signals, self._band = list(course.signals), ""
        self._parts: dict[str, Part] = {}
        self._score: Score | None = None
        self._scored_at: dt.datetime | None = None
        self._verdict: Verdict | None = None
        self._judged_at: dt.datetime | None = None
        self._qualified_at: dt.datetime | None = None
        self._matches: list[Match | None] = []
        self._marks: list[Marked] = []
        self._skipped: list[tuple[str, dt.datetime]] = []
        self._not_taken: set[int] = set()
        self._kept = False  # with somebody because its account is known
        self._waits, self._passed = course.quarantined, course.passed
        self._out = Out(kit, course.exclusion, course.let_past, course.unheard, course.stood)
        self._moment, self._returned = "", False
        self._wake_on, self._woken = course.wake_on, False

    def _move(self, step: Step, to: str) -> None:
        self._stage, self._entered_at, self._wake_on = to, step.at, step.wake_on

    def _let_go(self, step: Step) -> None:
        self._mark(step, Mark.LET_GO)
        self._held = self._asked = False

    def _happen(self, step: Step, moment: Moment) -> None:
        self._mark(step, Mark.MOMENT, moment=moment, proof_at=step.proof_at)

    def _set(self, step: Step) -> None:
        self._wake_on = step.wake_on if self._stage == Stage.NURTURE else ""

    def _is_woken(self) -> bool:
        return self._woken or bool(
            turns.woken_by(
                self._wake_on, signals=self._signals, since=self._entered_at, band=self._band,
                kit=self._kit,
            )
        )  # fmt: skip

    def _rescore(self, step: Step, *, fresh: bool) -> None:
        """As `Case.rescore`: on a touch, rules over the score itself see none at first."""
        if fresh:
            self._score = None
        known = self._facts(step, self._names.fit)
        self._parts = scoring.appraise(self._parts, self._signals, known, self._kit, step.at)
        self._score = scoring.decide(
            self._parts.values(), self._kit, step.at, band=self._band, floors=self._floors()
        )
        self._band = self._score.band
        self._scored_at = step.at

    def _floors(self) -> tuple[float, ...]:
        waits = self._stage == Stage.MQL and not self._held
        return (self._kit.general.recycle_below,) if waits else ()

    def _mark(self, step: Step, mark: Mark, **more: Any) -> None:
        known = self._facts(step, self._names.clocks) if self._names.clocks else NOTHING
        self._marks.append(
            Marked(
                step.at,
                step.order,
                mark,
                self._stage,
                astray=False,
                known=known,
                held=step.real_held,
                declined=step.declined,
                **more,
            )
        )

    def _facts(
        self, step: Step, names: Iterable[str], *, since: dt.datetime | None = None
    ) -> dict[str, Any]:
        return self._kit.registry.read_all(self._snapshot(step.known, since), names)

    def _snapshot(self, known: Snapshot, since: dt.datetime | None) -> Snapshot:
        """What was known, with what this kit has decided so far."""
        score = self._score
        seen = known.signals
        if since is not None:
            seen = tuple(one for one in seen if one[1] > since)
        return dataclasses.replace(
            known,
            stage=self._stage,
            cycle=self._cycle,
            hand_raiser=self._asked,
            signals=seen,
            score_fit=score.fit if score else None,
            score_engagement=score.engagement if score else None,
            score_intent=score.intent if score else None,
        )
