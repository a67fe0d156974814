"""Who in the pool gets the lead. Pure functions over candidates, each explained.

Weighted round-robin is the smooth one: at each pick every eligible candidate earns its weight in
credit, the richest is picked and pays the sum of the weights. Over any run the picks stay within
one of the weights' shares, and whoever was not eligible neither earns nor pays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Candidate:
    """One pool member at the instant of the pick."""

    user: int
    weight: int
    credit: int
    open_leads: int
    open_cap: int | None
    unavailable: str | None = None
    until: str | None = None
    """When that ends by itself, ISO 8601 in UTC; None when it does not."""

    @property
    def exclusion(self) -> str | None:
        """Why this candidate cannot be picked, in words; None if they can."""
        if self.unavailable:
            return self.unavailable
        if self.open_cap is not None and self.open_leads >= self.open_cap:
            return f"at the cap: {self.open_leads} of {self.open_cap} open leads"
        return None


@dataclass(frozen=True, slots=True)
class Considered:
    """What became of one candidate in one pick."""

    candidate: Candidate
    excluded: str | None
    credit_before: int
    credit_after: int
    rank: int | None

    def as_data(self) -> dict[str, Any]:
        """For the decision record."""
        return {
            "user": self.candidate.user,
            "weight": self.candidate.weight,
            "open_leads": self.candidate.open_leads,
            "open_cap": self.candidate.open_cap,
            "excluded": self.excluded,
            "until": self.candidate.until,
            "credit_before": self.credit_before,
            "credit_after": self.credit_after,
            "rank": self.rank,
        }


@dataclass(frozen=True, slots=True)
class Pick:
    """The chosen user, or None when nobody can take the lead; and every candidate's story."""

    user: int | None
    because: str
    considered: tuple[Considered, ...]


def weighted_round_robin(candidates: Sequence[Candidate]) -> Pick:
    """Pick by credit; ties go to the lower id, which the credits then even out."""
    eligible = [one for one in candidates if one.exclusion is None]
    earned = {one.user: one.credit + one.weight for one in eligible}
    ranking = sorted(eligible, key=lambda one: (-earned[one.user], one.user))
    chosen = ranking[0].user if ranking else None
    if chosen is not None:
        earned[chosen] -= sum(one.weight for one in eligible)
    ranks = {one.user: place for place, one in enumerate(ranking, start=1)}
    considered = tuple(
        Considered(
            one,
            one.exclusion,
            one.credit,
            earned.get(one.user, one.credit),
            ranks.get(one.user),
        )
        for one in candidates
    )
    if chosen is None:
        return Pick(None, "nobody in the pool can take a lead now", considered)
    return Pick(chosen, "next in the weighted rotation", considered)


STRATEGIES = {"WEIGHTED_ROUND_ROBIN": weighted_round_robin}
