"""One lead as its owner remembers it, with what becomes likely of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from lifecycle.demo.buyers import Buyer

COOLS_IN = timedelta(hours=16)
"""Buyers who waited so long are half as easily reached, and half as willing."""


@dataclass(slots=True, eq=False)
class Card:
    """One lead as its owner remembers it.

    `came_at` is when the buyer was here last, `promise` how much their score makes of them (1 of
    most), `warmth` what waiting has left of their interest.
    """

    lead: int
    buyer: Buyer
    channel: str
    came_at: datetime
    promise: float = 1.0
    warmth: float = 1.0
    stage: str = ""
    owner: int | None = None
    pending: set[str] = field(default_factory=set)
    plan: int = 0
    came_back: bool = False

    def came(self, at: datetime, score: float) -> None:
        """The buyer is here; most ask for a demo and have 80 points."""
        self.came_at, self.promise = at, min(max(0.3 + score / 115, 0.5), 1.4)

    def cool(self, at: datetime) -> None:
        """They are contacted only now."""
        self.warmth = max(0.2, 0.5 ** ((at - self.came_at) / COOLS_IN))
