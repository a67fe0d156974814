"""A pool that was asked in vain before something else placed a lead: kept to be asked again. Pure.

Decision records hold it with the level that asked, everybody in it, of large pools too: no batch
of leads that somebody took tells how they stood.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from routing import strategies
from routing.strategies import Candidate, Pick, Terms, Wanted


@dataclass(frozen=True, slots=True)
class AskedPool:
    """The pool, its terms, everybody as they stood, and what was known of the buyer."""

    pool: str
    label: str
    terms: Terms
    candidates: tuple[Candidate, ...]
    wanted: Wanted = strategies.NOBODY

    def pick(self) -> Pick:
        """Ask it again; chance draws nobody, who would have to be one that could take it."""
        return strategies.pick(replace(self.terms, random_percent=0), self.candidates, self.wanted)

    def as_data(self) -> dict[str, Any]:
        """For the decision record; of the buyer what the terms look at alone."""
        told: dict[str, Any] = {
            "pool": self.pool,
            "label": self.label,
            "terms": self.terms.as_data(),
            "candidates": [one.as_data() for one in self.pick().considered],
        }
        if self.terms.matches_language and self.wanted.language:
            told["language"] = self.wanted.language
        if self.terms.strategy == "BEST_PERFORMER" and self.wanted.segment:
            told["segment"] = self.wanted.segment
        return told


def from_data(kept: Mapping[str, Any]) -> AskedPool:
    """The same from a decision record."""
    return AskedPool(
        kept["pool"],
        kept["label"],
        strategies.terms_of(kept["terms"]),
        tuple(map(strategies.of_data, kept["candidates"])),
        Wanted(kept.get("language", ""), kept.get("segment", "")),
    )


def in_record(tried: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The pools asked in vain that a record tells of, as it holds them, in order."""
    return [one["asked"] for one in tried if one.get("asked")]


def everybody(
    candidates: Iterable[Mapping[str, Any]], tried: Iterable[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The candidates of a record, and those of pools asked in vain; each person once."""
    found = {one["user"]: dict(one) for one in candidates}
    for asked in in_record(tried):
        for one in asked["candidates"]:
            found.setdefault(one["user"], dict(one))
    return list(found.values())
