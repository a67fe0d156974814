"""A score told in full: each rule's points, what they are for, and what became of them since. Pure.

Every number has one decimal, and they add up: evidence to its rule, rules to the total that is
shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from governance.kit import Kit
from governance.terms import ScoreRule
from leads import scoring
from leads.scoring import Part

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Seen:
    """A behaviour as it was recorded; `touch` brought it, None where it came by itself."""

    id: int
    kind: str
    at: dt.datetime
    touch: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A behaviour that counts for a rule, and what is left of its points."""

    seen: Seen
    points: Decimal


@dataclass(frozen=True, slots=True)
class Told:
    """What one rule adds: its `points`, of which the cap took away `capped`.

    `rule` is None where the kit of that time has none of this key any more. Rules over facts have
    no evidence; they hold since `part.at`.
    """

    part: Part
    rule: ScoreRule | None
    points: Decimal
    capped: Decimal
    evidence: tuple[Evidence, ...]


def tell(
    parts: Sequence[Part], signals: Iterable[Seen], kit: Kit | None, now: dt.datetime
) -> list[Told]:
    """Every rule that adds or takes away something at `now`, the largest first.

    `kit` is the one that judged the parts, `signals` what was known of the buyer by `now`.
    """
    rules = {rule.key: rule for rule in kit.score_rules} if kit is not None else {}
    seen = sorted(signals, key=lambda one: (one.at, one.id), reverse=True)
    told = [
        _told(part, points, rules.get(part.rule), seen, now)
        for part, points in scoring.shared(parts, now)
        if part.value
    ]
    return sorted(told, key=lambda one: (-abs(one.points), one.part.rule))


def _told(
    part: Part, points: Decimal, rule: ScoreRule | None, seen: Sequence[Seen], now: dt.datetime
) -> Told:
    counted = _counted(part, rule, seen, now) if rule is not None and rule.signal else []
    if not counted or rule is None:
        return Told(part, rule, points, Decimal(0), ())
    values = [_left(rule, one, now) for one in counted]
    whole = part.uncapped(now)
    if abs(sum(values) - whole) > 0.05:
        return Told(part, rule, points, Decimal(0), ())  # behaviour was taken back, or moved, since
    is_capped = whole != part.present(now)
    shares = scoring.shares(values, to=None if is_capped else points)
    evidence = tuple(Evidence(one, share) for one, share in zip(counted, shares, strict=True))
    return Told(part, rule, points, points - sum(shares, Decimal(0)), evidence)


def _counted(part: Part, rule: ScoreRule, seen: Sequence[Seen], now: dt.datetime) -> list[Seen]:
    """The behaviours that count for the rule, the last first."""
    found = [one for one in seen if one.kind == rule.signal and one.at <= max(now, part.at)]
    if rule.once:
        found = found[:1]
    if rule.within_days is not None:
        found = [one for one in found if now - one.at < rule.within_days * DAY]
    return found


def _left(rule: ScoreRule, one: Seen, now: dt.datetime) -> float:
    """What is left of the points of one behaviour."""
    if rule.half_life_days is None:
        return rule.points
    age = max(0.0, (now - one.at) / DAY)
    return float(rule.points * 2.0 ** (-age / rule.half_life_days))
