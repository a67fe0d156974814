"""What became of acceptance, reject reasons and MQL volume since a publication. Pure.

Acceptance: accepted ÷ (accepted + rejected), over all and by source. Reasons: the share of each
reason among the rejections for reasons that both versions know; one that came or went with the
publication changes by intent. Volume: MQLs per working day, over all and by source; what came in
on other days is left out on both sides, so weekends and holidays do not count as drift.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from reports.drift import control_limits
from reports.drift.control_limits import Limits, Sample
from reports.drift.windows import Window

ALL = ""
"""The slice that is everything."""
ENOUGH_DECISIONS = 30
ENOUGH_REJECTIONS = 30
ENOUGH_DAYS = 5
ENOUGH_MQLS = 20
"""Both sides together: with fewer not even a halt of a source would show."""


class Metric(StrEnum):
    """What is watched."""

    ACCEPTANCE = "ACCEPTANCE"
    REASONS = "REASONS"
    VOLUME = "VOLUME"


class State(StrEnum):
    """What is said of one slice of a metric."""

    WITHIN = "WITHIN"
    ABOVE = "ABOVE"
    BELOW = "BELOW"
    TOO_FEW = "TOO_FEW"


OUTSIDE = frozenset({State.ABOVE, State.BELOW})


class Step(StrEnum):
    """The steps of leads that are counted."""

    QUALIFY = "qualify"
    ACCEPT = "accept"
    REJECT = "reject"


@dataclass(frozen=True, slots=True)
class Tally:
    """How many leads took one step on one day, by source and (of rejections) by reason."""

    kit_id: int
    day: dt.date
    step: str
    source: str
    reason: str
    count: int


@dataclass(frozen=True, slots=True)
class Evidence:
    """What a publication is judged by.

    `before` and `after` are the tallies of the version that was replaced and of the new one;
    `working` the days of work of both sides, `reasons` the keys of reasons that both know.
    """

    window: Window
    before: tuple[Tally, ...]
    after: tuple[Tally, ...]
    working: frozenset[dt.date]
    reasons: frozenset[str]


@dataclass(frozen=True, slots=True)
class Lack:
    """Why nothing can be said: there are only so many of the units needed, on which side."""

    have: int
    need: int
    unit: str
    side: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """One slice of a metric: its state, with the limits it was judged by or what it lacks."""

    metric: Metric
    slice: str
    state: State
    limits: Limits | None = None
    lack: Lack | None = None

    @property
    def is_outside(self) -> bool:
        """Whether chance alone does not explain it."""
        return self.state in OUTSIDE


Judge = Callable[..., Limits]
Pick = Callable[[Tally], bool]


@dataclass(frozen=True, slots=True)
class Pair:
    """One slice on both sides."""

    slice: str
    before: Sample
    after: Sample


def judge(evidence: Evidence) -> tuple[Verdict, ...]:
    """Every slice of the three metrics; of each metric at least one line."""
    return (*_acceptance(evidence), *_reasons(evidence), *_volume(evidence))


def acceptance(evidence: Evidence, source: str = ALL) -> Pair:
    """Acceptances among decisions, of all leads or of one source."""
    return _shares(
        evidence,
        source,
        hits=lambda one: one.step == Step.ACCEPT and source in (ALL, one.source),
        trials=lambda one: one.step != Step.QUALIFY and source in (ALL, one.source),
    )


def volume(evidence: Evidence, source: str = ALL) -> Pair:
    """MQLs per working day, of all sources or of one."""

    def sample(days: Sequence[dt.date], tallies: Iterable[Tally]) -> Sample:
        worked = [day for day in days if day in evidence.working]
        counted = _by_day(
            tallies, lambda one: one.step == Step.QUALIFY and source in (ALL, one.source)
        )
        return Sample(tuple(counted[day] for day in worked), (1,) * len(worked))

    return Pair(
        source,
        sample(evidence.window.before, evidence.before),
        sample(evidence.window.after, evidence.after),
    )


def _reason(evidence: Evidence, reason: str) -> Pair:
    def rejected(one: Tally) -> bool:
        return one.step == Step.REJECT and one.reason in evidence.reasons

    return _shares(
        evidence, reason, hits=lambda one: rejected(one) and one.reason == reason, trials=rejected
    )


def _shares(evidence: Evidence, slice: str, *, hits: Pick, trials: Pick) -> Pair:
    def sample(days: Sequence[dt.date], tallies: Sequence[Tally]) -> Sample:
        part, whole = _by_day(tallies, hits), _by_day(tallies, trials)
        return Sample(tuple(part[day] for day in days), tuple(whole[day] for day in days))

    window = evidence.window
    return Pair(slice, sample(window.before, evidence.before), sample(window.after, evidence.after))


def _by_day(tallies: Iterable[Tally], pick: Pick) -> Counter[dt.date]:
    found: Counter[dt.date] = Counter()
    for one in tallies:
        if pick(one):
            found[one.day] += one.count
    return found


def _acceptance(evidence: Evidence) -> list[Verdict]:
    sources = _sources(evidence, Step.ACCEPT, Step.REJECT)
    pairs = [acceptance(evidence, source) for source in (ALL, *sources)]
    lacks = {
        pair.slice: _lack(pair.before.n, pair.after.n, ENOUGH_DECISIONS, "decision")
        for pair in pairs
    }
    return _judged(Metric.ACCEPTANCE, pairs, lacks, control_limits.of_share)


def _reasons(evidence: Evidence) -> list[Verdict]:
    seen = {
        one.reason
        for one in (*evidence.before, *evidence.after)
        if one.step == Step.REJECT and one.reason in evidence.reasons
    }
    pairs = [_reason(evidence, reason) for reason in sorted(seen)]
    before, after = (pairs[0].before.n, pairs[0].after.n) if pairs else (0, 0)
    lack = _lack(before, after, ENOUGH_REJECTIONS, "rejection")
    if lack is not None:
        return [Verdict(Metric.REASONS, ALL, State.TOO_FEW, lack=lack)]
    return _judged(Metric.REASONS, pairs, {}, control_limits.of_share)


def _volume(evidence: Evidence) -> list[Verdict]:
    pairs = [volume(evidence, source) for source in (ALL, *_sources(evidence, Step.QUALIFY))]
    lacks = {
        pair.slice: _lack(pair.before.n, pair.after.n, ENOUGH_DAYS, "working day")
        or _lack_together(pair)
        for pair in pairs
    }
    return _judged(Metric.VOLUME, pairs, lacks, control_limits.of_rate)


def _judged(
    metric: Metric, pairs: Sequence[Pair], lacks: Mapping[str, Lack | None], limits_of: Judge
) -> list[Verdict]:
    charts = _charts([pair.slice for pair in pairs if lacks.get(pair.slice) is None])
    found = []
    for pair in pairs:
        lack = lacks.get(pair.slice)
        if lack is not None:
            found.append(Verdict(metric, pair.slice, State.TOO_FEW, lack=lack))
            continue
        limits = limits_of(pair.before, pair.after, charts=charts[pair.slice])
        found.append(Verdict(metric, pair.slice, state_of(limits), limits=limits))
    return found


def _charts(slices: Sequence[str]) -> dict[str, int]:
    """How many charts each slice counts for, so that together they alarm as rarely as one.

    What is said of all weighs as much as all that is said of its slices.
    """
    parts = [one for one in slices if one != ALL]
    both = 2 if ALL in slices and parts else 1
    return dict.fromkeys(parts, both * len(parts)) | {ALL: both}


def state_of(limits: Limits) -> State:
    """Above, below or within."""
    return State.ABOVE if limits.above else State.BELOW if limits.below else State.WITHIN


def _lack(before: int, after: int, need: int, unit: str) -> Lack | None:
    if after < need:
        return Lack(after, need, unit, "since")
    return Lack(before, need, unit, "before") if before < need else None


def _lack_together(pair: Pair) -> Lack | None:
    have = pair.before.hit + pair.after.hit
    return Lack(have, ENOUGH_MQLS, "MQL", "on both sides") if have < ENOUGH_MQLS else None


def _sources(evidence: Evidence, *steps: Step) -> list[str]:
    """The sources that took any of these steps; none where one is all."""
    both = (*evidence.before, *evidence.after)
    found = sorted({one.source for one in both if one.step in steps})
    return found if len(found) > 1 else []
