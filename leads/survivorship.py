"""What becomes of two people who are one: whose fields stay, which of their leads carries on. Pure.

Fields: the winner's value stays unless it is empty or somebody chose the loser's. Leads: the one
that is furthest carries on, worked before waiting before closed; another lead of the other person
joins it when both are at one company, when either has none, or when both are open, since one buyer
has one way at a time. Deals belong to companies: two leads on two open deals never join.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from leads.stages import CLOSED, WORKED, Stage

FIELDS = ("first_name", "last_name", "title", "email", "phone", "country")
"""What people choose between."""


class Side(StrEnum):
    """Whose."""

    WINNER = "WINNER"
    LOSER = "LOSER"


@dataclass(frozen=True, slots=True)
class Choice:
    """One field of the two: both values and whose stays."""

    name: str
    winner: str
    loser: str
    keep: Side

    @property
    def value(self) -> str:
        """What the winner says afterwards."""
        return self.winner if self.keep is Side.WINNER else self.loser

    @property
    def is_open(self) -> bool:
        """Whether there is anything to choose: both say something, and not the same."""
        return bool(self.winner and self.loser and self.winner != self.loser)


def fields(
    winner: Mapping[str, str], loser: Mapping[str, str], *, keep: Mapping[str, str]
) -> tuple[Choice, ...]:
    """Whose value of each field stays; `keep` names those that somebody chose."""
    return tuple(
        Choice(name, winner[name], loser[name], _kept(winner[name], loser[name], keep.get(name)))
        for name in FIELDS
    )


def _kept(winner: str, loser: str, chosen: str | None) -> Side:
    if chosen is not None:
        return Side(chosen)
    return Side.LOSER if loser and not winner else Side.WINNER


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """One lead of either person, as far as the merge must know it."""

    lead: int
    side: Side
    account: int | None
    stage: Stage
    asked: bool = False
    held: bool = False
    due: bool = False
    quarantined: bool = False
    deal: int | None = None
    created_at: dt.datetime

    @property
    def is_open(self) -> bool:
        """Whether something may still be owed to the buyer."""
        return self.stage not in CLOSED


@dataclass(frozen=True, slots=True)
class Plan:
    """Which lead joins which; leads that are not named carry on as they are.

    `clash` are two leads that cannot be brought together: each has an open deal at one company.
    """

    joins: Mapping[int, int] = field(default_factory=dict)
    clash: tuple[int, int] | None = None


_RESTING = (Stage.DISQUALIFIED, Stage.INQUIRY, Stage.NURTURE, Stage.LOST, Stage.WON)
_WORKED = (Stage.MQL, Stage.SAL, Stage.SQL, Stage.OPPORTUNITY)


def decide(ways: Iterable[Way]) -> Plan:
    """Which leads join which; only leads of different people ever join."""
    joins: dict[int, int] = {}
    kept: list[Way] = []
    for way in sorted(ways, key=_rank):
        for better in kept:
            if better.side is way.side or not _belong_together(better, way):
                continue
            if _on_two_deals(better, way):
                return Plan(clash=(better.lead, way.lead))
            joins[way.lead] = better.lead
            break
        else:
            kept.append(way)
    return Plan(joins)


def _rank(way: Way) -> tuple[int, int, bool, bool, bool, dt.datetime, int]:
    """The one that carries on comes first."""
    if way.stage in WORKED:
        level, step = 3, _WORKED.index(way.stage)
    else:
        asked, held = way.asked and way.is_open, way.held and not way.quarantined
        level, step = (2 if asked else 1 if held else 0), _RESTING.index(way.stage)
    return (-level, -step, way.quarantined, not way.held, not way.due, way.created_at, way.lead)


def _belong_together(better: Way, way: Way) -> bool:
    if better.account == way.account:
        return True
    if _on_two_deals(better, way):
        return False
    return None in (better.account, way.account) or (better.is_open and way.is_open)


def _on_two_deals(better: Way, way: Way) -> bool:
    both = better.stage is Stage.OPPORTUNITY and way.stage is Stage.OPPORTUNITY
    return both and better.deal != way.deal
