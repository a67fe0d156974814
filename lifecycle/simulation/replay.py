"""Two kits over the same leads of the past: read, judge, play the rota, run the clocks, compare.

Leads are read in chunks and forgotten but for what owners and clocks hang on, a few hundred bytes
each; why a lead was judged as it was lies on disk until it is known to differ.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import itertools
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from governance import changes
from governance.kit import Kit
from lifecycle.simulation import (
    comparing,
    explaining,
    history,
    judging,
    report,
    rota,
    staff,
    ticking,
)
from lifecycle.simulation.comparing import Outcome
from lifecycle.simulation.course import Course, Unknown
from lifecycle.simulation.judging import Judgement
from lifecycle.simulation.report import SIDES, Tally
from lifecycle.simulation.rota import Entry, Played
from lifecycle.simulation.spool import Spool

CHUNK = 500

BLIND = frozenset(
    {"identity_rule", "quality_rule", "checklist", "escalation_level", "clock_exemption"}
)
"""Kinds of parts of which a replay shows nothing."""

Beat = Callable[[int, int], None]
"""Told after every chunk: leads replayed so far, and leads in all."""


@dataclass(frozen=True, slots=True)
class Row:
    """A lead that differs, or could not be replayed (`unknown`), with both explanations."""

    lead: int
    differs: tuple[str, ...] = ()
    unknown: str = ""
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


Keep = Callable[[Row], None]


def replay(
    before: Kit,
    after: Kit,
    *,
    since: dt.datetime,
    until: dt.datetime,
    keep: Keep | None = None,
    beat: Beat | None = None,
) -> dict[str, Any]:
    """The report on all leads touched after `since`, up to `until`. Reads only.

    `keep` is given every lead that differs or could not be replayed, as soon as it is known.
    """
    with tempfile.TemporaryFile() as file:
        return _Replay((before, after), since, until, keep, beat, Spool(file)).run()


@dataclass(frozen=True, slots=True)
class _Lead:
    """What is left of a lead after judging: its course without steps, and both judgements."""

    course: Course
    judged: tuple[Judgement, Judgement]


class _Replay:
    def __init__(
        self,
        kits: tuple[Kit, Kit],
        since: dt.datetime,
        until: dt.datetime,
        keep: Keep | None,
        beat: Beat | None,
        spool: Spool,
    ) -> None:
        self._kits, self._since, self._until = kits, since, until
        self._keep, self._beat, self._spool = keep, beat, spool
        self._tally = Tally(*kits, since=since, until=until)
        self._leads: list[_Lead] = []

    def run(self) -> dict[str, Any]:
        """All of it; the times it took are part of the report."""
        began = time.monotonic()
        found = history.window(since=self._since, until=self._until)
        self._judge(found.leads)
        judged = time.monotonic()
        played = self._play()
        self._compare(played)
        for lead in found.imported:
            self._give_up(lead, Unknown.IMPORTED)
        return self._tally.summary(
            touches_parked=found.parked,
            touches_quarantined=found.quarantined,
            waited={
                side: sum(one.waited.values()) for side, one in zip(SIDES, played, strict=True)
            },
            blind=blind_spots(*self._kits),
            seconds=round(time.monotonic() - began, 1),
            seconds_judging=round(judged - began, 1),
        )

    def _judge(self, ids: Sequence[int]) -> None:
        done = 0
        for chunk in _chunks(ids):
            for course in history.courses(chunk, since=self._since, until=self._until):
                if course.unknown is not None:
                    self._give_up(course.lead, course.unknown, course.missing)
                else:
                    self._leads.append(self._judged(course))
            done += len(chunk)
            if self._beat is not None:
                self._beat(done, len(ids))

    def _judged(self, course: Course) -> _Lead:
        both = (judging.judge(course, self._kits[0]), judging.judge(course, self._kits[1]))
        if self._keep is not None:
            for side, kit, one in zip(SIDES, self._kits, both, strict=True):
                self._spool.put(side, course.lead, explaining.of_judgement(one, kit))
        bare = dataclasses.replace(course, steps=(), signals=())
        without = judging.Reasons()
        return _Lead(
            bare,
            (
                dataclasses.replace(both[0], reasons=without),
                dataclasses.replace(both[1], reasons=without),
            ),
        )

    def _play(self) -> tuple[Played, Played]:
        replayed = frozenset(lead.course.lead for lead in self._leads)
        holds, usual = staff.holds(since=self._since, until=self._until, without=replayed)
        members = staff.pools().members.values()
        hours = staff.read(
            (one.user_id for pool in members for one in pool), since=self._since, until=self._until
        )
        both = [
            rota.play(
                (
                    Entry(lead.course.lead, lead.course.owner, lead.judged[place].marks)
                    for lead in self._leads
                ),
                staff.pools(),
                hours,
                holds,
                kit,
                since=self._since,
                until=self._until,
                usual=usual,
                told=self._teller(f"{side}.pick"),
            )
            for place, (side, kit) in enumerate(zip(SIDES, self._kits, strict=True))
        ]
        self._tally.load(rota.loads(both[0]), rota.loads(both[1]))
        return both[0], both[1]

    def _teller(self, what: str) -> rota.Told | None:
        if self._keep is None:
            return None
        return lambda lead, story: self._spool.put(what, lead, story)

    def _compare(self, played: tuple[Played, Played]) -> None:
        for number, lead in enumerate(self._leads, start=1):
            before, after = (self._outcome(lead, place, played[place]) for place in (0, 1))
            pairs = comparing.pairs(before.clocks, after.clocks)
            differs = comparing.compare(before, after, pairs)
            self._tally.add(lead.course, before, after, pairs, differs)
            if differs and self._keep is not None:
                pk = lead.course.lead
                stories = (self._story(SIDES[0], pk, before), self._story(SIDES[1], pk, after))
                self._keep(Row(pk, tuple(kind.value for kind in differs), "", *stories))
            if self._beat is not None and number % CHUNK == 0:
                self._beat(len(self._leads), len(self._leads))

    def _outcome(self, lead: _Lead, place: int, played: Played) -> Outcome:
        judged, given = lead.judged[place], played.of(lead.course.lead)
        clocks = ticking.run(
            judged.marks,
            {asked: one.at for asked, one in given if one.at is not None},
            self._kits[place],
            carried=lead.course.carried,
            owned=lead.course.owner is not None,
            until=self._until,
        )
        return comparing.outcome(judged, given, clocks)

    def _story(self, side: str, lead: int, outcome: Outcome) -> dict[str, Any]:
        (judged,) = self._spool.of(side, lead)
        return {**judged, **explaining.of_outcome(outcome, self._spool.of(f"{side}.pick", lead))}

    def _give_up(self, lead: int, why: Unknown, missing: str = "") -> None:
        self._tally.unknown(why, missing)
        if self._keep is not None:
            self._keep(Row(lead, unknown=f"{why.value}:{missing}" if missing else why.value))


def blind_spots(before: Kit, after: Kit) -> list[str]:
    """Kinds of parts that differ without showing in a replay: told, so that nobody is misled."""
    return sorted(
        {one.part for one in changes.between(before.document, after.document) if _is_blind(one)}
    )


def _is_blind(change: changes.Change) -> bool:
    if change.part == "criterion":
        stages = {str(side.get("stage", "")) for side in (change.before, change.after)} - {""}
        return stages != {"MQL"}  # what people affirmed or logged, they did for the old ones
    if change.part == "general_policy":
        return any(one.name == "recycle_below" for one in change.fields)
    return change.part in BLIND


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in itertools.count(0, CHUNK):
        if start >= len(ids):
            return
        yield ids[start : start + CHUNK]


def report_of(summary: Mapping[str, Any]) -> Mapping[str, Any]:
    """The figures of a stored report, if this release can read them; else nothing."""
    return summary if summary.get("schema") == report.SCHEMA else {}
