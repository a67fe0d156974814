"""The lowest and highest scores the rules of a kit can give. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from governance.kit import Kit
from governance.terms import ScoreRule


@dataclass(frozen=True, slots=True)
class Reach:
    """Bounds of the score and of its three categories: (lowest, highest)."""

    fit: tuple[float, float]
    engagement: tuple[float, float]
    intent: tuple[float, float]

    @property
    def total(self) -> tuple[float, float]:
        """The bounds of the sum."""
        parts = (self.fit, self.engagement, self.intent)
        return sum(low for low, _ in parts), sum(high for _, high in parts)


def of_kit(kit: Kit) -> Reach:
    """The bounds. Every rule counts as if it could come together with every other one."""
    categories = {
        name: _summed(rule for rule in kit.score_rules if rule.category == name)
        for name in ("FIT", "ENGAGEMENT", "INTENT")
    }
    return Reach(categories["FIT"], categories["ENGAGEMENT"], categories["INTENT"])


def _summed(rules: Iterable[ScoreRule]) -> tuple[float, float]:
    bounds = [_bounds(rule) for rule in rules]
    return sum(low for low, _ in bounds), sum(high for _, high in bounds)


def _bounds(rule: ScoreRule) -> tuple[float, float]:
    """What one rule can add: a behaviour adds up each time it is shown, unless it counts once."""
    adds_up = rule.signal and rule.points and not rule.once
    most = math.copysign(math.inf, rule.points) if adds_up else rule.points
    if rule.cap is not None:
        most = max(-abs(rule.cap), min(abs(rule.cap), most))
    return min(0.0, most), max(0.0, most)
