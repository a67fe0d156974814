"""Two kits over the same leads of the past: read, judge, play the rota, run the clocks, compare.

Leads are read in chunks and forgotten but for what owners and clocks hang on, a few hundred bytes
each; why a lead was judged as it was lies on disk until it is known to differ.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import itertools
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from governance import changes
from governance.kit import Kit
from lifecycle import escalating
from lifecycle.simulation import (
    comparing,
    explaining,
    history,
    judging,
    meant,
    records,
    report,
    rota,
    staff,
    ticking,
)
from lifecycle.simulation.comparing import Outcome
from lifecycle.simulation.course import Course, Unknown
from lifecycle.simulation.judging import Judgement
from lifecycle.simulation.meant import Known
from lifecycle.simulation.report import SIDES, Tally
from lifecycle.simulation.rota import Entry, Played
from lifecycle.simulation.spool import Spool
from lifecycle.simulation.staff import Hold, Staff
from routing import escalation
from routing.escalation import People
from sla.clock import by_holder

CHUNK = 500

BLIND = frozenset({"attribution_rule", "identity_rule", "quality_rule", "checklist"})
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
        self._spent: dict[str, float] = defaultdict(float)
        self._homes: Mapping[int, str] = {}

    def run(self) -> dict[str, Any]:
        """All of it; the times it took are part of the report."""
        found = history.window(since=self._since, until=self._until)
        self._judge(found.leads)
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
            unplayed={side: dict(one.unplayed) for side, one in zip(SIDES, played, strict=True)},
            blind=[
                *blind_spots(*self._kits),
                *records.unplayed_courses(since=self._since, until=self._until),
            ],
            seconds=round(sum(self._spent.values()), 1),
            spent={what: round(seconds, 3) for what, seconds in self._spent.items()},
        )

    @contextmanager
    def _timed(self, what: str) -> Iterator[None]:
        began = time.perf_counter()
        yield
        self._spent[what] += time.perf_counter() - began

    def _judge(self, ids: Sequence[int]) -> None:
        done = 0
        for chunk in _chunks(ids):
            with self._timed("reading"):
                courses = list(
                    history.courses(
                        chunk, since=self._since, until=self._until, judged_by=self._kits
                    )
                )
            for course in courses:
                if course.unknown is not None:
                    self._give_up(course.lead, course.unknown, course.missing)
                else:
                    self._leads.append(self._judged(course))
            done += len(chunk)
            if self._beat is not None:
                self._beat(done, len(ids))

    def _judged(self, course: Course) -> _Lead:
        bare = dataclasses.replace(course, steps=(), signals=())
        return _Lead(bare, (self._judged_by(course, 0), self._judged_by(course, 1)))

    def _judged_by(self, course: Course, place: int) -> Judgement:
        """One side's judgement; its reasons are set aside."""
        side, kit = SIDES[place], self._kits[place]
        with self._timed(f"judging, {side}"):
            judged = judging.judge(course, kit)
        if self._keep is not None:
            with self._timed("setting aside"):
                self._spool.put(side, course.lead, explaining.of_judgement(judged, kit))
        return dataclasses.replace(judged, reasons=judging.Reasons())

    def _play(self) -> tuple[Played, Played]:
        replayed = frozenset(lead.course.lead for lead in self._leads)
        holds, usual = staff.holds(since=self._since, until=self._until, without=replayed)
        with self._timed("reading"):
            known = self._meant(replayed)
        members = staff.pools().members.values()
        reps = {one.user_id for pool in members for one in pool} | known.everybody
        people = self._behind(reps)
        hours = staff.read(reps | people.everybody(), since=self._since, until=self._until)
        play = functools.partial(
            self._rota, hours=hours, holds=holds, usual=usual, known=known, people=people
        )
        both = (play(0), play(1))
        self._tally.load(rota.loads(both[0]), rota.loads(both[1]))
        return both

    def _behind(self, reps: set[int]) -> People:
        """Whom levels of escalation of either version mean, as people stand behind them today."""
        acting = [one for kit in self._kits for some in escalation.acting(kit).values()
                  for one in some]  # fmt: skip
        if not acting:
            return escalation.NOBODY
        owners = {lead.course.owner for lead in self._leads if lead.course.owner is not None}
        handed = {one.user for lead in self._leads for side in lead.judged for one in side.marks}
        self._homes = staff.homes(
            [lead.course.lead for lead in self._leads if lead.course.owner is not None],
            at=self._since,
        )
        return escalating.behind(
            reps | owners | {one for one in handed if one is not None},
            {one.rep for one in acting} - {""},
            staff.pools().pools,
        )

    def _meant(self, replayed: frozenset[int]) -> Known:
        """Whom the rules of either version mean; those who hold leads otherwise may be, too."""
        marks = [one for lead in self._leads for side in lead.judged for one in side.marks]
        asked = [one.question.asking for one in marks if one.question is not None]
        known = meant.read(asked, since=self._since, until=self._until, replayed=replayed)
        if not asked:
            return known
        handed = {one.user for one in marks if one.user is not None}
        owners = {lead.course.owner for lead in self._leads if lead.course.owner is not None}
        return dataclasses.replace(known, everybody=known.everybody | handed | owners)

    def _rota(
        self, place: int, *, hours: Staff, holds: Sequence[Hold], usual: dt.timedelta, known: Known,
        people: People,
    ) -> Played:  # fmt: skip
        side = SIDES[place]
        entries = (
            Entry(
                lead.course.lead, lead.course.owner, lead.judged[place].marks, lead.course.ties,
                lead.course.carried, lead.course.quarantined, self._homes.get(lead.course.lead, ""),
            )
            for lead in self._leads
        )  # fmt: skip
        with self._timed(f"rota, {side}"):
            return rota.play(
                entries,
                staff.pools(since=self._since),
                hours,
                holds,
                self._kits[place],
                since=self._since,
                until=self._until,
                usual=usual,
                told=self._teller(f"{side}.pick"),
                known=known,
                people=people,
            )

    def _teller(self, what: str) -> rota.Told | None:
        if self._keep is None:
            return None
        return lambda lead, story: self._spool.put(what, lead, story)

    def _compare(self, played: tuple[Played, Played]) -> None:
        for number, lead in enumerate(self._leads, start=1):
            before, after = (self._outcome(lead, place, played[place]) for place in (0, 1))
            with self._timed("comparing"):
                pairs = comparing.pairs(before.clocks, after.clocks)
                differs = comparing.compare(before, after, pairs)
                self._tally.add(lead.course, before, after, pairs, differs)
            if differs and self._keep is not None:
                with self._timed("keeping"):
                    pk = lead.course.lead
                    stories = (self._story(SIDES[0], pk, before), self._story(SIDES[1], pk, after))
                    self._keep(Row(pk, tuple(kind.value for kind in differs), "", *stories))
            if self._beat is not None and number % CHUNK == 0:
                self._beat(len(self._leads), len(self._leads))

    def _outcome(self, lead: _Lead, place: int, played: Played) -> Outcome:
        judged, pk = lead.judged[place], lead.course.lead
        given, clocks = played.of(pk), played.clocks.get(pk)
        with self._timed(f"clocks, {SIDES[place]}"):
            if clocks is None:
                clocks = ticking.run(
                    judged.marks,
                    {asked: one.at for asked, one in given if one.at is not None},
                    self._kits[place],
                    carried=lead.course.carried,
                    owned=lead.course.owner is not None,
                    until=self._until,
                )
        return comparing.outcome(judged, given, clocks, tuple(played.moves.get(pk, ())))

    def _story(self, side: str, lead: int, outcome: Outcome) -> dict[str, Any]:
        (judged,) = self._spool.of(side, lead)
        picks = list(self._spool.of(f"{side}.pick", lead))
        for pick in picks:  # what people were asked, too, says more than the rules alone
            route = pick.pop("route", None)
            if route is not None and pick["ask"] < len(judged["routes"]):
                judged["routes"][pick["ask"]] = route
        kit = self._kits[SIDES.index(side)]
        return {**judged, **explaining.of_outcome(outcome, picks, kit)}

    def _give_up(self, lead: int, why: Unknown, missing: str = "") -> None:
        self._tally.unknown(why, missing)
        if self._keep is not None:
            self._keep(Row(lead, unknown=f"{why.value}:{missing}" if missing else why.value))


def blind_spots(before: Kit, after: Kit) -> list[str]:
    """Kinds of parts that differ without showing in a replay: told, so that nobody is misled.

    So are deadlines in the hours of whoever holds a lead, where a kit has such.
    """
    differing = changes.between(before.document, after.document)
    held = any(by_holder(policy) for kit in (before, after) for policy in kit.policies)
    found = {one.part for one in differing if _is_blind(one)}
    return sorted(found | {"hours"} if held else found)


def _is_blind(change: changes.Change) -> bool:
    if change.part == "criterion":
        stages = {str(side.get("stage", "")) for side in (change.before, change.after)} - {""}
        return stages != {"MQL"}  # what people affirmed or logged, they did for the old ones
    if change.part == "general_policy":
        return any(one.name == "recycle_below" for one in change.fields)
    if change.part == "reason":
        return any(one.name in ("wake_days", "wake_on") for one in change.fields)
    if change.part == "escalation_level":
        acts = any(side.get("act") for side in (change.before, change.after))
        return not acts or any(one.name == "tell" for one in change.fields)
    return change.part in BLIND


def _chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in itertools.count(0, CHUNK):
        if start >= len(ids):
            return
        yield ids[start : start + CHUNK]


def report_of(summary: Mapping[str, Any]) -> Mapping[str, Any]:
    """The figures of a stored report, if this release can read them; else nothing."""
    return summary if summary.get("schema") == report.SCHEMA else {}
