"""The parts of a kit as frozen objects. What they mean is decided elsewhere; `kit` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from governance.conditions import Node
from governance.moments import HandOff


@dataclass(frozen=True, slots=True)
class StageWords:
    """What it means to be in a stage, and which role answers for it."""

    key: str
    stage: str
    label: str
    definition: str
    owner_role: str


@dataclass(frozen=True, slots=True)
class Criterion:
    """One acceptance criterion; `proof` says how: FACTS, AFFIRMED, ACTIVITY or CHECKLIST."""

    key: str
    stage: str
    label: str
    prose: str
    proof: str
    condition: Node | None
    activity_kinds: tuple[str, ...]
    checklists: tuple[str, ...]
    shown_by: tuple[str, ...] = ()
    """Of what is affirmed: which facts, as `Shown` names them, show it beforehand; any of them."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One obligation: `allowance` of working time on `calendar`, from and until which moments.

    With `from_promise` it counts from the instant that was promised. With `elapsed` all time
    counts, and `calendar` may be empty; `by_holder` counts the working time of whoever holds the
    lead, and the calendar's while nobody does. Its time stands still for what `pauses_for` names,
    for the customer at most so long in one go.
    """

    key: str
    obligation: str
    label: str
    prose: str
    scope: str
    stages: frozenset[str]
    condition: Node | None
    starts_on: frozenset[str]
    stopped_by: frozenset[str]
    allowance: timedelta
    calendar: str
    warn_percent: int
    escalation: str = ""
    elapsed: bool = False
    by_holder: bool = False
    from_promise: bool = False
    pauses_for: frozenset[str] = frozenset()
    longest_pause: timedelta = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Level:
    """Who hears of a clock that is overdue by `after` of working time, and which level is next.

    `after` counts from the deadline, on the clock's own calendar, whatever the level before said.
    `act` is what becomes of the lead: GIVE_ANEW (at most `times` in one pass), BACKUP (`rep`, else
    whom the holder named), POOL or QUEUE (`pool`), MANAGER; empty: nothing.
    """

    key: str
    label: str
    after: timedelta
    tell: tuple[str, ...]
    then: str
    act: str = ""
    pool: str = ""
    rep: str = ""
    times: int = 3


@dataclass(frozen=True, slots=True)
class Exemption:
    """Where nothing is owed, and why. No channel means every channel, no obligation every one."""

    key: str
    stages: frozenset[str]
    channels: frozenset[str]
    obligation: str
    because: str

    def covers(self, *, stage: str, channel: str, obligation: str) -> bool:
        """Whether this obligation does not stand in this stage for leads of this channel."""
        return (
            stage in self.stages
            and (not self.channels or channel in self.channels)
            and self.obligation in ("", obligation)
        )


@dataclass(frozen=True, slots=True)
class SignalWords:
    """A behaviour the company listens to; a hand-raise asks for a person."""

    key: str
    label: str
    hand_raise: bool


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """Points while facts hold (`condition`), or for a behaviour (`signal`).

    A behaviour counts each time it is shown or, `once`, the last time alone; with `within_days`
    for so many days, without for ever. The rule is worth at most `cap` points either way.
    """

    key: str
    label: str
    category: str
    condition: Node | None
    signal: str
    points: float
    half_life_days: float | None
    cap: float | None
    once: bool = False
    within_days: int | None = None


@dataclass(frozen=True, slots=True)
class Band:
    """A name for scores from `at_least` up to the next band.

    Who is in it stays until their score falls below `leaves_below`; without one, below `at_least`.
    """

    key: str
    label: str
    at_least: float
    leaves_below: float | None = None

    @property
    def left_below(self) -> float:
        """The score below which a lead leaves the band."""
        return self.at_least if self.leaves_below is None else self.leaves_below


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a lead leaves the path, and where it then goes."""

    key: str
    label: str
    used_for: frozenset[str]
    outcome: str
    criterion: str
    note_required: bool
    returns_turn: bool = False
    attempts_needed: int = 0
    attempt_days: int = 0
    """How many attempts to reach the buyer must be logged, and on how many different days."""
    wake_days: int = 0
    wake_on: str = ""
    """When a nurtured lead is looked at again, and what wakes it sooner."""
    instead: str = ""
    """What it really is, as `Instead` names it: then nobody rejects for it."""


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Who is no buyer at all, and the reason that is kept. Without a condition nobody is meant."""

    key: str
    label: str
    prose: str
    condition: Node | None
    reason: str


@dataclass(frozen=True, slots=True)
class Item:
    """One question of a checklist."""

    key: str
    label: str
    help: str


@dataclass(frozen=True, slots=True)
class Checklist:
    """A qualification framework: `needed` of its items must be answered."""

    key: str
    label: str
    items: tuple[Item, ...]
    needed: int


@dataclass(frozen=True, slots=True)
class General:
    """Settings with one value for the whole company."""

    undo: timedelta = timedelta(minutes=10)
    recycle_below: float = 0.0
    emergency: timedelta = timedelta(hours=24)
    hands_off_at: str = HandOff.SQL.value
    backdating: timedelta | None = None
    """How long afterwards people may report what they did; None: however long."""
    dispute: timedelta = timedelta(0)
    """How long Marketing may dispute a rejection; nought: not at all."""
    ruling: timedelta = timedelta(0)
    """How long RevOps has to decide a dispute; nought: no limit."""
    dispute_calendar: str = ""
    """The calendar both count in; empty: elapsed."""


@dataclass(frozen=True, slots=True)
class ChannelWords:
    """A way leads come to us; `asks_for_person`: who comes this way has raised a hand."""

    key: str
    channel: str
    label: str
    prose: str
    asks_for_person: bool


@dataclass(frozen=True, slots=True)
class IdentityRule:
    """What a known value of one kind says: MERGE, SUGGEST or IGNORE.

    Kinds are EMAIL, PHONE, EXTERNAL, CONTACT (a name at a shared mailbox or number) and NAME (a
    name at a company). An e-mail or phone used by `shared_after` people tells nobody apart; with
    0 it always does, whatever names are said with it.
    """

    key: str
    value: str
    use: str
    strip_plus: bool = True
    gmail_dots: bool = True
    shared_after: int = 0


@dataclass(frozen=True, slots=True)
class QualityRule:
    """Something every good record has. Without a condition every record has it."""

    key: str
    label: str
    prose: str
    condition: Node | None


@dataclass(frozen=True, slots=True)
class Fixture:
    """An example lead, and what the kit must make of it."""

    key: str
    label: str
    given: dict[str, Any]
    expect: dict[str, Any]
