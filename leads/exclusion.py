"""Who is no buyer at all, by the kit's exclusions: competitors, students, own staff. Pure.

The first exclusion whose condition holds counts. Those that a person let the lead pass are not
asked again; one without a condition means nobody.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from governance import conditions, facts
from governance.kit import Exclusion, Kit
from leads.quality_floor import Facts
from leads.stages import Stage

AT = (Stage.INQUIRY, Stage.NURTURE, Stage.MQL)
"""Where leads are that nobody works: there exclusions disqualify, as long as nobody owns them."""

OF_ACCOUNT = "account."

REJECTION = "rejection"
"""What events and leads say of a rejection that was overturned while an exclusion had it out."""


@dataclass(frozen=True, slots=True)
class Excluded:
    """The exclusion that holds, and the facts it looked at."""

    exclusion: Exclusion
    facts: tuple[tuple[str, Any], ...]

    def as_data(self) -> dict[str, Any]:
        """For events; numbers with decimals as text, so that no digit is lost."""
        return {
            "exclusion": self.exclusion.key,
            "reason": self.exclusion.reason,
            "facts": facts.registry.to_document(dict(self.facts)),
        }


def decide(kit: Kit, known: Facts, *, passed: Collection[str] = ()) -> tuple[Excluded, ...]:
    """The exclusions that hold, in the kit's order, but for those that were let `passed`.

    The first is the one that counts; none for a buyer.
    """
    if not kit.exclusions:
        return ()
    told = known(fact_names(kit))
    return tuple(
        Excluded(one, _looked_at(one, told))
        for one in kit.exclusions
        if one.condition is not None
        and one.key not in passed
        and conditions.holds(one.condition, told)
    )


def may_catch(stage: str, *, owned: bool) -> bool:
    """Whether exclusions take a lead out here: nobody works it yet."""
    return stage in AT and not owned


@functools.lru_cache(maxsize=64)
def fact_names(kit: Kit) -> frozenset[str]:
    """What the exclusions of the kit speak of."""
    nodes = [one.condition for one in kit.exclusions if one.condition is not None]
    return frozenset(name for node in nodes for name in conditions.facts_of(node))


def speaks_of_accounts(kit: Kit) -> bool:
    """Whether any exclusion hangs on how a company stands to us."""
    return any(name.startswith(OF_ACCOUNT) for name in fact_names(kit))


def _looked_at(one: Exclusion, told: Mapping[str, object]) -> tuple[tuple[str, Any], ...]:
    names = conditions.facts_of(one.condition) if one.condition is not None else ()
    return tuple(sorted((name, told.get(name)) for name in names))
