"""Whether what was done meets an obligation: since when, and how sure that is. Pure.

    before the event            never: it cannot answer what was not asked yet
    from the event to the start at the start: nothing was owed before
    after that                  at its own time

A machine's message is no contact. What somebody reports of themselves long after it was done stops
a clock all the same, but at the time it was written: it cures no breach.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

VERIFIED, SELF = "VERIFIED", "SELF"


class WhyNot(StrEnum):
    """Why something that was logged stops no clock."""

    NO_CONTACT = "NO_CONTACT"
    AUTOMATIC = "AUTOMATIC"
    BEFORE = "BEFORE"


WORDS = {
    WhyNot.BEFORE: "logged, but it stops no clock: it took place before the buyer asked",
    WhyNot.AUTOMATIC: "logged, but it stops no clock: a machine sent it",
    WhyNot.NO_CONTACT: "logged, but it stops no clock: it reached out to nobody",
}
LATE = "it counts from when it was written, as that was long after it was done"
"""What people read of something backdated."""


class Done(Protocol):
    """What is asked of an activity."""

    at: dt.datetime
    recorded_at: dt.datetime
    verified: bool
    automatic: bool

    @property
    def is_contact(self) -> bool:
        """Whether it proves that somebody reached out to the buyer."""
        ...


class Owed(Protocol):
    """What is asked of a clock."""

    event_at: dt.datetime | None
    started_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """From which instant (UTC) something counts, and by which proof; or `why_not`.

    `backdated`: it counts from when it was written, as that was too long after it was done.
    """

    at: dt.datetime
    proof: str
    why_not: WhyNot | None = None
    backdated: bool = False

    @property
    def counts(self) -> bool:
        """Whether it meets the clock."""
        return self.why_not is None


def judge(done: Done, owed: Owed, *, backdating: dt.timedelta | None) -> Verdict:
    """What an activity is worth for one clock.

    `backdating`: how long afterwards people may report what they did themselves, as the kit that
    started the clock says; None: however long.
    """
    proof = VERIFIED if done.verified else SELF
    if done.automatic:
        return Verdict(done.at, proof, WhyNot.AUTOMATIC)
    if not done.is_contact:
        return Verdict(done.at, proof, WhyNot.NO_CONTACT)
    if done.at < asked_at(owed):
        return Verdict(done.at, proof, WhyNot.BEFORE)
    late = done.recorded_at - done.at
    backdated = proof == SELF and backdating is not None and late > backdating
    at = done.recorded_at if backdated else done.at
    return Verdict(max(at, owed.started_at), proof, backdated=backdated)


def asked_at(owed: Owed) -> dt.datetime:
    """Since when there is something to answer: when the buyer acted, or the clock began."""
    return owed.event_at or owed.started_at


def first(verdicts: Iterable[Verdict]) -> Verdict | None:
    """The earliest that counts; of several at one instant the surest. None where none counts."""
    counting = [one for one in verdicts if one.counts]
    return min(counting, key=_order, default=None)


def is_better(one: Verdict, than: Verdict) -> bool:
    """Whether it stops a clock earlier, or is surer at the same instant."""
    return one.counts and (not than.counts or _order(one) < _order(than))


def _order(one: Verdict) -> tuple[dt.datetime, bool]:
    return one.at, one.proof != VERIFIED
