"""What became known of one lead and what was done with it, in order. Pure data: no kit speaks here.

A course holds facts and people's acts only. What a kit decided then (qualified, routed, due) is
left out of the steps, so that any kit can decide it anew; `Real` keeps it for comparison.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from governance.terms import Policy
from leads.snapshot import Snapshot
from lifecycle import turns

Signals = tuple[tuple[str, dt.datetime], ...]
"""Behaviours as (kind, instant)."""


class Stood(NamedTuple):
    """Where a lead stood that an exclusion took out, since when, and what was to wake it there."""

    stage: str = "INQUIRY"
    since: dt.datetime | None = None
    wake_on: str = ""


STOOD = Stood()


class Unknown(StrEnum):
    """Why a lead cannot be replayed."""

    ERASED = "ERASED"
    IMPORTED = "IMPORTED"
    NO_RECORD = "NO_RECORD"
    MERGED = "MERGED"


class Doing(StrEnum):
    """What a step is: the buyer touched, or somebody did something."""

    TOUCHED = "TOUCHED"
    STEPPED = "STEPPED"
    CONTACTED = "CONTACTED"
    BOOKED = "BOOKED"
    ANSWERED = "ANSWERED"
    ASKED = "ASKED"
    HANDED = "HANDED"
    REROUTED = "REROUTED"
    CLEANSED = "CLEANSED"
    LEARNT = "LEARNT"
    WOKEN = "WOKEN"
    SET = "SET"


PASSED = "passed"
"""The transition of a CLEANSED step by which somebody let a thin record pass.

And of a LEARNT step by which somebody let a lead past an exclusion, which `reason` names; else
facts about it changed without a touch, so that exclusions may see it otherwise.
"""


@dataclass(frozen=True, slots=True)
class Heard:
    """A touch as far as kits ask about it; `keeper` answered for its known account then.

    `after` says that somebody had reached out to the buyer before it. What came by itself, as no
    touch, has no channel.
    """

    id: int
    channel: str
    signals: Signals = ()
    historical: bool = False
    keeper: int | None = None
    after: bool = False

    @property
    def payload(self) -> dict[str, Any]:
        """The behaviours it carried, as a touch's payload tells them."""
        return {"signals": [{"kind": kind} for kind, _ in self.signals]}

    def is_word(self, *, at: dt.datetime, raised: bool) -> bool:
        """Whether it is the buyer's own word to us; `raised` says that it asks for a person."""
        if not self.channel:
            return raised or any(turns.is_reply(kind) for kind, _ in self.signals)
        return turns.is_word(self.channel, did=bool(self.signals), at=at, contacted_at=None)


@dataclass(frozen=True, slots=True)
class Ties:
    """Whose lead it is: the buyer and the account, by id."""

    person: int = 0
    account: int | None = None


UNTIED = Ties()


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing that happened, with the facts as they were known right then.

    `known` lacks what a kit decides: stage, cycle, raised hand and score. `order` is the id of the
    event, which orders steps of different leads at one instant. `cause` is the step this one
    followed from; a hand-off by rule says so in `moment`. `real_stage` is where the lead really
    stood afterwards, `real_held` whether somebody really owned it then or it waited in a queue,
    `owned` whether somebody really owned it right before.
    """

    at: dt.datetime
    order: int
    doing: Doing
    known: Snapshot
    real_stage: str
    real_held: bool = False
    owned: bool = False
    touch: Heard | None = None
    transition: str = ""
    to: str = ""
    reason: str = ""
    proof_at: dt.datetime | None = None
    user: int | None = None
    cause: int | None = None
    moment: str = ""
    ties: Ties = UNTIED
    declined: bool = False
    """Whoever had it said it was not theirs."""
    wake_on: str = ""
    """What wakes it sooner than its day, where it rests from here on."""


@dataclass(frozen=True, slots=True)
class Carried:
    """A clock that ran when the window began; its own kit's policy goes on judging it."""

    policy: Policy
    started_at: dt.datetime
    due_at: dt.datetime
    climbs: bool = False
    """Whether levels of that kit act on its lead: these are not played."""


@dataclass(frozen=True, slots=True)
class Real:
    """What was really decided in the window, and under which kits (their ids)."""

    qualified_at: dt.datetime | None = None
    pool: str = ""
    kits: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """One lead from the beginning of the window to its end.

    The first fields tell where it stood when the window began: `owner` or `queue` held it,
    `asked` says that a request for a person was open, `signals` are all behaviours known by then,
    `quarantined` that its data was too thin to go on, `passed` that somebody let it pass anyhow,
    `exclusion` which one had taken it out, `let_past` which ones somebody let it pass, `unheard`
    that its buyer had asked for a person while it was out, `stood` where it was until then,
    `wake_on` what wakes it where it rests,
    `known` the facts, which a lead that waited is judged by when its turn comes.
    """

    lead: int
    since: dt.datetime
    until: dt.datetime
    stage: str = "INQUIRY"
    entered_at: dt.datetime
    cycle: int = 1
    asked: bool = False
    owner: int | None = None
    queue: str = ""
    quarantined: bool = False
    passed: bool = False
    exclusion: str = ""
    let_past: frozenset[str] = frozenset()
    unheard: bool = False
    stood: Stood = STOOD
    wake_on: str = ""
    signals: Signals = ()
    known: Snapshot | None = None
    carried: tuple[Carried, ...] = ()
    category: str = "UNKNOWN"
    ties: Ties = UNTIED
    """As the window ends."""
    steps: tuple[Step, ...] = ()
    real: Real = field(default_factory=Real)
    unknown: Unknown | None = None
    missing: str = ""
    """Of which row there is no record, for NO_RECORD."""
