"""What a lead is worth now: fit plus behaviour that fades. Pure; nothing here is ever stored twice.

Present value of one rule: min(cap, value · 2^(−age / half-life)); without half-life it stays.
The total is the sum of the present values, so what is shown always adds up.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from governance import conditions
from governance.kit import Kit
from governance.terms import ScoreRule

DAY = 86_400.0
_EXACT, _SHOWN = Decimal("0.000001"), Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Part:
    """The value one rule had at one instant."""

    rule: str
    category: str
    value: float
    at: dt.datetime
    half_life_days: float | None
    cap: float | None

    def present(self, now: dt.datetime) -> float:
        """Its worth at `now`; an instant before `at` counts as `at`."""
        value = self.value
        if self.half_life_days is not None:
            age = max(0.0, (now - self.at).total_seconds()) / DAY
            value *= 2.0 ** (-age / self.half_life_days)
        return value if self.cap is None else min(self.cap, value)


@dataclass(frozen=True, slots=True)
class Points:
    """What parts come to at an instant."""

    fit: float
    engagement: float
    intent: float

    @property
    def total(self) -> float:
        """The sum of the three."""
        return self.fit + self.engagement + self.intent

    def rounded(self) -> dict[str, float]:
        """For receipts and pages: one decimal, the total of the rounded parts."""
        shown = {name: round(getattr(self, name), 1) for name in ("fit", "engagement", "intent")}
        return {"total": round(sum(shown.values()), 1), **shown}


@dataclass(frozen=True, slots=True)
class Score(Points):
    """The score at one instant: the parts and what they sum to, its band and when it may fall."""

    parts: tuple[Part, ...]
    band: str
    decays_at: dt.datetime | None


def add_signals(
    parts: Mapping[str, Part], signals: Iterable[tuple[str, dt.datetime]], kit: Kit
) -> dict[str, Part]:
    """The parts after these behaviours; their order does not matter."""
    result = dict(parts)
    for kind, at in signals:
        for rule in kit.score_rules:
            if rule.signal == kind:
                result[rule.key] = _added(result.get(rule.key), rule, at)
    return result


def joined(parts: Mapping[str, Part], others: Mapping[str, Part]) -> dict[str, Part]:
    """The parts of two leads that are one buyer's: what their behaviours had been worth together.

    Each behaviour counts once, so a rule's cap holds for both together. Fit is the first one's,
    to be judged anew: it says what the buyer is, and that is no sum.
    """
    result = dict(parts)
    for key, other in others.items():
        part = result.get(key)
        if other.category == "FIT":
            continue
        if part is None:
            result[key] = other
            continue
        later = max(part.at, other.at)
        value = _faded(part.value, part.at, later, part.half_life_days) + _faded(
            other.value, other.at, later, other.half_life_days
        )
        result[key] = Part(part.rule, part.category, value, later, part.half_life_days, part.cap)
    return result


def _added(part: Part | None, rule: ScoreRule, at: dt.datetime) -> Part:
    if part is None:
        return Part(rule.key, rule.category, rule.points, at, rule.half_life_days, rule.cap)
    later = max(part.at, at)
    value = _faded(part.value, part.at, later, part.half_life_days) + _faded(
        rule.points, at, later, part.half_life_days
    )
    return Part(part.rule, part.category, value, later, part.half_life_days, part.cap)


def _faded(value: float, since: dt.datetime, until: dt.datetime, half_life: float | None) -> float:
    if half_life is None:
        return value
    return float(value * 2.0 ** (-(until - since).total_seconds() / DAY / half_life))


def fit(
    parts: Mapping[str, Part], facts: Mapping[str, object], kit: Kit, now: dt.datetime
) -> dict[str, Part]:
    """The parts with every fit rule judged anew on these facts."""
    judged = {key: part for key, part in parts.items() if part.category != "FIT"}
    for rule, fits in _fit_rules(kit):
        if fits is None or fits(facts):
            known = parts.get(rule.key)
            same = known is not None and known.value == rule.points
            judged[rule.key] = (
                known
                if same and known is not None
                else Part(rule.key, rule.category, rule.points, now, rule.half_life_days, rule.cap)
            )
    return judged


@functools.lru_cache(maxsize=16)
def _fit_rules(kit: Kit) -> tuple[tuple[ScoreRule, conditions.Predicate | None], ...]:
    """The fit rules with their conditions compiled: they are asked twice for every touch."""
    return tuple(
        (rule, None if rule.condition is None else conditions.compile(rule.condition))
        for rule in kit.score_rules
        if rule.category == "FIT"
    )


def shown(value: float) -> float | Decimal:
    """As people read it, to one decimal, halves up: what rules compare is what is shown.

    Rounded to six places first, as the database does.
    """
    if value.is_integer():
        return value
    return Decimal(repr(value)).quantize(_EXACT, ROUND_HALF_UP).quantize(_SHOWN, ROUND_HALF_UP)


def points(parts: Iterable[Part], now: dt.datetime) -> Points:
    """The sums of these parts as they have faded at `now`."""
    sums = {"FIT": 0.0, "ENGAGEMENT": 0.0, "INTENT": 0.0}
    for part in sorted(parts, key=lambda part: part.rule):
        sums[part.category] += part.present(now)
    return Points(sums["FIT"], sums["ENGAGEMENT"], sums["INTENT"])


def decide(
    parts: Iterable[Part], kit: Kit, now: dt.datetime, *, floors: Iterable[float] = ()
) -> Score:
    """The score at `now`, its band, and the earliest instant it can fall below a threshold."""
    kept = tuple(sorted(parts, key=lambda part: part.rule))
    sums = points(kept, now)
    total = sums.total
    thresholds = sorted({*(band.at_least for band in kit.bands), *floors}, reverse=True)
    floor = next((level for level in thresholds if level <= total), None)
    return Score(
        sums.fit,
        sums.engagement,
        sums.intent,
        kept,
        kit.band_of(total),
        None if floor is None else earliest_fall(kept, floor, now),
    )


def earliest_fall(parts: Iterable[Part], floor: float, now: dt.datetime) -> dt.datetime | None:
    """A lower bound for the instant at which the total falls below `floor`; None if never.

    With every fading part fading at the fastest half-life h, the total at t is C + D·2^(−t/h);
    it meets the floor at t = h · log2(D / (floor − C)). The true total falls no sooner.
    """
    steady = fading = 0.0
    fastest = math.inf
    for part in parts:
        value = part.present(now)
        if part.half_life_days is None or value <= 0:
            steady += value
        else:
            fading += value
            fastest = min(fastest, part.half_life_days)
    if not fading or steady >= floor or fading <= 0:
        return None
    days = fastest * math.log2(fading / (floor - steady)) if fading > floor - steady else 0.0
    if days > 3_650:
        return None
    return now + dt.timedelta(days=max(0.0, days), seconds=1)
