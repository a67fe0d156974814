"""What the rota is given of each lead, keeps of it on the way, and tells in the end. Pure data."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lifecycle.simulation.course import UNTIED, Carried, Ties
from lifecycle.simulation.judgement import Marked, Question
from lifecycle.simulation.ticking import Ticked


@dataclass(frozen=True, slots=True)
class Entry:
    """What the rota needs of one lead: who held it to begin with, and its marks."""

    lead: int
    owner: int | None
    marks: Sequence[Marked]
    ties: Ties = UNTIED
    carried: Sequence[Carried] = ()
    quarantined: bool = False
    home: str = ""
    """The pool of whoever held it to begin with, for levels of escalation."""


@dataclass(frozen=True, slots=True)
class Given:
    """What became of one question for an owner; no user and no instant: it waits to the end.

    `pool` is empty where no rule fitted or the kit names a pool that is not there.
    """

    pool: str
    user: int | None = None
    at: dt.datetime | None = None


LAST_RESORT = ""
"""No level: nobody could take the lead, and it was left in the queue of its pool."""


class Unplayed(StrEnum):
    """Why a level that may have come was not played."""

    NOT_KNOWN = "NOT_KNOWN"
    NO_POOL = "NO_POOL"


@dataclass(frozen=True, slots=True)
class Move:
    """A level of escalation came that acts: whose the lead is since, where it waits, or why not."""

    level: str
    at: dt.datetime
    user: int | None = None
    queue: str = ""
    why: str = ""

    @property
    def acted(self) -> bool:
        """Whether somebody else has it, or a queue."""
        return not self.why

    def as_data(self, labels: Mapping[str, str]) -> dict[str, Any]:
        """For the stored explanation."""
        return {
            "level": labels.get(self.level, "Last resort"),
            "at": self.at.isoformat(),
            "user": self.user,
            "queue": self.queue,
            "why": self.why,
        }


@dataclass(slots=True)
class Load:
    """What fell to one rep: leads given by rule, held at the end, most held at once."""

    given: int = 0
    held: int = 0
    most: int = 0


@dataclass(slots=True)
class Played:
    """The whole window: by lead, what became of each question, in order; the load; the levels."""

    given: dict[int, list[tuple[int, Given]]] = field(default_factory=lambda: defaultdict(list))
    load: dict[int, Load] = field(default_factory=lambda: defaultdict(Load))
    waited: Counter[str] = field(default_factory=Counter)
    moves: dict[int, list[Move]] = field(default_factory=lambda: defaultdict(list))
    clocks: dict[int, tuple[Ticked, ...]] = field(default_factory=dict)
    """Of every lead, under a kit whose levels of escalation act; else they are run afterwards."""
    unplayed: Counter[str] = field(default_factory=Counter)

    def of(self, lead: int) -> list[tuple[int, Given]]:
        """What became of a lead's questions, each with the place of the mark that asked."""
        return self.given.get(lead, [])


@dataclass(slots=True, eq=False)
class Asker:
    """Where one lead stands while the rota is played."""

    id: int
    owner: int | None
    last_let_go: int
    asked: int | None = None
    pool: str = ""
    without: int | None = None
    declined: set[int] = field(default_factory=set)
    """Who said in this pass that it was not theirs."""
    astray: bool = False
    known: Mapping[str, Any] = field(default_factory=dict)
    ties: Ties = UNTIED
    question: Question | None = None
    asks: int = -1
    stays: bool = False
    """It waits for people to claim it: routing leaves it there."""
    kept_for: int | None = None
    kept_until: dt.datetime | None = None
