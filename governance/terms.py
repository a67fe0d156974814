"""The parts of a kit as frozen objects. What they mean is decided elsewhere; `kit` reads them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from governance.conditions import Node


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


@dataclass(frozen=True, slots=True)
class Policy:
    """One obligation: `allowance` of working time on `calendar`, from and until which moments."""

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


@dataclass(frozen=True, slots=True)
class SignalWords:
    """A behaviour the company listens to; a hand-raise asks for a person."""

    key: str
    label: str
    hand_raise: bool


@dataclass(frozen=True, slots=True)
class ScoreRule:
    """Points for fitting (`condition`) or for a behaviour (`signal`) that fades."""

    key: str
    label: str
    category: str
    condition: Node | None
    signal: str
    points: float
    half_life_days: float | None
    cap: float | None


@dataclass(frozen=True, slots=True)
class Band:
    """A name for scores from `at_least` up to the next band."""

    key: str
    label: str
    at_least: float


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a lead leaves the path, and where it then goes."""

    key: str
    label: str
    used_for: frozenset[str]
    outcome: str
    criterion: str
    note_required: bool


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
    strip_plus: bool = True
    gmail_dots: bool = True
