"""What a judgement of a course leaves: marks that matter to owners and clocks, and its reasons."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from governance.moments import Moment
from leads.qualification import Verdict
from leads.scoring import Score
from routing.matching import Fit, Match
from routing.named import Asking

Facts = Mapping[str, object]
NOTHING: Facts = {}


class Mark(StrEnum):
    """What a mark says: a moment for clocks, a question for an owner, an end of owning.

    LEARNT tells where the rules would send a lead by now that somebody has, for levels of
    escalation that have them choose anew.
    """

    MOMENT = "MOMENT"
    IF_OWNED = "IF_OWNED"
    ASKS = "ASKS"
    HANDED = "HANDED"
    LET_GO = "LET_GO"
    LEARNT = "LEARNT"


@dataclass(frozen=True, slots=True)
class Question:
    """The rules that fit a lead, where they mean people or a queue, and whose lead it is."""

    fitted: Fit
    asking: Asking


@dataclass(frozen=True, slots=True)
class Marked:
    """One thing that matters to owners and clocks; `stage` is where the lead stands by then.

    `astray`: once its step was taken, the lead stands elsewhere under this kit than it really
    stood, so what people did afterwards says little about what they would have done, unless it was
    `held`: somebody really answered for it. `known` are the facts that clock policies speak of.
    `question` is asked of people when the turns are played. `quiet`: handed to the keeper of a
    known account, which is no moment of its own. `declined`: whoever has it says it is not theirs.
    """

    at: dt.datetime
    order: int
    mark: Mark
    stage: str
    astray: bool
    known: Facts
    moment: Moment | None = None
    proof_at: dt.datetime | None = None
    pool: str = ""
    user: int | None = None
    anew: bool = False
    held: bool = False
    quiet: bool = False
    declined: bool = False
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Reasons:
    """Why a judgement came out as it did.

    `verdict` is the one that made it an MQL, else the last one; None when criteria were never
    judged. `matches` are the routings asked for, None where no rule was tried or none fitted.
    """

    verdict: Verdict | None = None
    judged_at: dt.datetime | None = None
    score: Score | None = None
    scored_at: dt.datetime | None = None
    matches: tuple[Match | None, ...] = ()
    skipped: tuple[tuple[str, dt.datetime], ...] = ()


@dataclass(frozen=True, slots=True)
class Judgement:
    """What became of one lead under one kit, as far as the kit alone decides.

    `band` is the key of the band after the last touch, empty when there was none.
    """

    stage: str
    qualified_at: dt.datetime | None
    band: str
    marks: tuple[Marked, ...]
    reasons: Reasons = Reasons()
