"""What a lead is worth now: what it is, plus behaviour that fades. Pure; no total is stored.

A rule over facts is worth its points while they hold. A rule over a behaviour is worth them each
time it is shown, or once; all times, or those of the last days. Present value of one rule:
Σ points · 2^(−age / half-life) over the times that count, within ±cap; without half-life it stays.
The total is the sum of the present values, so what is shown always adds up.
"""

from __future__ import annotations

import datetime as dt
import functools
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeAlias

from governance import conditions
from governance.kit import Kit
from governance.terms import ScoreRule
from leads import score_falls

DAY = 86_400.0
CATEGORIES = ("FIT", "ENGAGEMENT", "INTENT")
_EXACT, _SHOWN = Decimal("0.000001"), Decimal("0.1")

Shown: TypeAlias = tuple[str, dt.datetime]
"""A behaviour: its kind, and when it was shown."""


@dataclass(frozen=True, slots=True)
class Part:
    """The value one rule had at one instant.

    Of a rule with a window, `value` is what each time is worth, and `instants` are the times; they
    are read from the behaviours of kind `signal`, or are `at` alone where that is empty.
    """

    rule: str
    category: str
    value: float
    at: dt.datetime
    half_life_days: float | None
    cap: float | None
    within_days: int | None = None
    signal: str = ""
    instants: tuple[dt.datetime, ...] = ()

    def present(self, now: dt.datetime) -> float:
        """Its worth at `now`; an instant before `at` counts as `at`."""
        value = self.uncapped(now)
        return value if self.cap is None else max(-abs(self.cap), min(abs(self.cap), value))

    def uncapped(self, now: dt.datetime) -> float:
        """What it would be worth at `now` without its cap."""
        if self.within_days is None:
            return self._faded(now - self.at)
        return math.fsum(self._faded(now - at) for at in self.counted(now))

    def counted(self, now: dt.datetime) -> Iterator[dt.datetime]:
        """The times that are within its window at `now`."""
        window = dt.timedelta(days=self.within_days or 0)
        return (at for at in self.instants if now - at < window)

    def leaves(self, now: dt.datetime) -> list[dt.datetime]:
        """When each of the times that count at `now` leaves its window."""
        if self.within_days is None:
            return []
        return [at + dt.timedelta(days=self.within_days) for at in self.counted(now)]

    @property
    def fades(self) -> bool:
        """Whether it is worth less as time goes by, windows left aside."""
        return self.half_life_days is not None and self.value > 0

    def _faded(self, age: dt.timedelta) -> float:
        if self.half_life_days is None:
            return self.value
        days = max(0.0, age.total_seconds()) / DAY
        return float(self.value * 2.0 ** (-days / self.half_life_days))


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
        sums = {name: getattr(self, name) for name in ("fit", "engagement", "intent")}
        total = total_shown(sums.values())
        return {"total": total, **{name: float(shown(one)) for name, one in sums.items()}}


@dataclass(frozen=True, slots=True)
class Score(Points):
    """The score at one instant: the parts and what they sum to, its band and when it may move."""

    parts: tuple[Part, ...]
    band: str
    decays_at: dt.datetime | None


def appraise(
    known: Mapping[str, Part],
    signals: Iterable[Shown],
    facts: Mapping[str, object],
    kit: Kit,
    now: dt.datetime,
) -> dict[str, Part]:
    """All parts of a score: what the buyer did, and what is known of them at `now`.

    Since when facts hold is taken over from the `known` parts.
    """
    return {**behaviour(signals, kit), **judged(known, facts, kit, now)}


def behaviour(signals: Iterable[Shown], kit: Kit) -> dict[str, Part]:
    """What these behaviours are worth by each rule; their order does not matter."""
    times: dict[str, list[dt.datetime]] = defaultdict(list)
    for kind, at in signals:
        times[kind].append(at)
    return {
        rule.key: _counted(rule, sorted(times[rule.signal]))
        for rule in kit.score_rules
        if rule.signal and rule.signal in times
    }


def _counted(rule: ScoreRule, times: Sequence[dt.datetime]) -> Part:
    last, value, signal = times[-1], rule.points, ""
    instants: tuple[dt.datetime, ...] = ()
    if rule.once:
        instants = () if rule.within_days is None else (last,)
    elif rule.within_days is not None:
        signal, instants = rule.signal, tuple(times)
    elif rule.half_life_days is None:
        value = rule.points * len(times)
    else:
        value = rule.points * math.fsum(
            2.0 ** (-(last - at).total_seconds() / DAY / rule.half_life_days) for at in times
        )
    return _part(rule, value, last, signal, instants)


def _part(
    rule: ScoreRule,
    value: float,
    at: dt.datetime,
    signal: str = "",
    instants: tuple[dt.datetime, ...] = (),
) -> Part:
    return Part(
        rule.key, rule.category, value, at, rule.half_life_days, rule.cap, rule.within_days,
        signal, instants,
    )  # fmt: skip


def judged(
    known: Mapping[str, Part], facts: Mapping[str, object], kit: Kit, now: dt.datetime
) -> dict[str, Part]:
    """What these facts are worth by each rule; since when is taken over from the `known` parts."""
    found = {}
    for rule, holds in _over_facts(kit):
        if holds is None or holds(facts):
            before = known.get(rule.key)
            since = before.at if before is not None and before.value == rule.points else now
            found[rule.key] = Part(
                rule.key, rule.category, rule.points, since, rule.half_life_days, rule.cap
            )
    return found


@functools.lru_cache(maxsize=16)
def _over_facts(kit: Kit) -> tuple[tuple[ScoreRule, conditions.Predicate | None], ...]:
    """The rules over facts with their conditions compiled: they are asked twice for each touch."""
    return tuple(
        (rule, None if rule.condition is None else conditions.compile(rule.condition))
        for rule in kit.score_rules
        if not rule.signal
    )


def shown(value: float) -> float | Decimal:
    """As people read it, to one decimal, halves up: what rules compare is what is shown.

    Rounded to six places first, as the database does.
    """
    if value.is_integer():
        return value
    return Decimal(repr(value)).quantize(_EXACT, ROUND_HALF_UP).quantize(_SHOWN, ROUND_HALF_UP)


def total_shown(sums: Iterable[float]) -> float:
    """The total as people read it: the sum of the categories as they are shown."""
    return float(sum(Decimal(str(shown(one))) for one in sums))


def shares(values: Sequence[float], *, to: Decimal | None = None) -> list[Decimal]:
    """Each value to one decimal, so that they add up to their sum as it is `shown`, or `to` that.

    Those nearest to the next step take what is left over (largest remainders).
    """
    steps = [Decimal(repr(value)).quantize(_EXACT, ROUND_HALF_UP) * 10 for value in values]
    floors = [step.to_integral_value("ROUND_FLOOR") for step in steps]
    whole = (Decimal(str(shown(math.fsum(values)))) if to is None else to) * 10
    left = int(whole - sum(floors, Decimal(0)))
    by_rest = sorted(range(len(steps)), key=lambda n: (floors[n] - steps[n], n))
    for number in by_rest[: max(0, left)]:
        floors[number] += 1
    if left < 0 and by_rest:
        floors[by_rest[-1]] += left
    return [(floor / 10).quantize(_SHOWN) for floor in floors]


def shared(parts: Sequence[Part], now: dt.datetime) -> list[tuple[Part, Decimal]]:
    """Each part with what it is worth to one decimal; they add up to the categories as shown."""
    found: list[tuple[Part, Decimal]] = []
    for category in CATEGORIES:
        own = [part for part in parts if part.category == category]
        found += zip(own, shares([part.present(now) for part in own]), strict=True)
    return sorted(found, key=lambda one: one[0].rule)


def points(parts: Iterable[Part], now: dt.datetime) -> Points:
    """The sums of these parts as they have faded at `now`."""
    worth: dict[str, list[float]] = {category: [] for category in CATEGORIES}
    for part in parts:
        worth[part.category].append(part.present(now))
    return Points(*(math.fsum(worth[category]) for category in CATEGORIES))


def decide(
    parts: Iterable[Part],
    kit: Kit,
    now: dt.datetime,
    *,
    band: str = "",
    floors: Iterable[float] = (),
    turns_at: dt.datetime | None = None,
) -> Score:
    """The score at `now`, the band it is in who was in `band`, and when either may move next.

    That is the instant at which the total falls below what its band is left at or below one of
    `floors`, or reaches the next band as penalties run out; or `turns_at`, when the rules over
    facts may say something else.
    """
    kept = tuple(sorted(parts, key=lambda part: part.rule))
    sums = points(kept, now)
    total = sums.total
    now_in = kit.band_of(total, before=band)
    moves_at = score_falls.leaves(
        kept, _below(kit, now_in, floors, total), _above(kit, now_in), now
    )
    instants = [one for one in (moves_at, turns_at) if one is not None]
    return Score(sums.fit, sums.engagement, sums.intent, kept, now_in, min(instants, default=None))


def _below(kit: Kit, band: str, floors: Iterable[float], total: float) -> float | None:
    """The nearest number at or below the total that it must not fall below unseen."""
    own = [one.left_below for one in kit.bands if one.key == band]
    return max((one for one in (*own, *floors) if one <= total), default=None)


def _above(kit: Kit, band: str) -> float | None:
    """What the next band starts at; None from the highest one."""
    above = None
    for one in kit.bands:
        if one.key == band:
            return above
        above = one.at_least
    return above
