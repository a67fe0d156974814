"""What each member of a pool was entitled to, got, and why turns went past them. Pure.

At a turn whose takers weigh W in all, each of them is entitled to w / W of a lead and earns w of
credit; whoever gets the lead pays W. So over any turns

    credit at the end = credit at the start + earned − paid + what entries of the ledger changed

exactly, in whole units of weight. In leads, a turn that was given back counts as if it had never
been; in credit it stands twice, as it was booked and as it was given back.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import NamedTuple

from routing import fates

COULD = ("TURN", "LOAD", "BEST", "LANGUAGE", "DRAWN")
"""Why somebody who could have taken a turn did not: another was due, or came first."""
COULD_NOT = (
    "LEAVE", "AWAY", "OFF_SHIFT", "OPEN_CAP", "DAY_CAP", "WEEK_CAP", "MONTH_CAP", "HELD",
    "DECLINED", "KEPT", "INACTIVE", "OTHER",
)  # fmt: skip
"""Why a turn went past somebody who could not take it."""


BOOKED = GIVEN_BACK, COUNTED_AGAIN, BEGAN, CORRECTED = (
    "RETURNED", "COUNTED_AGAIN", "BEGAN", "CORRECTED",
)  # fmt: skip
"""What changes credits beside turns; counted again is a turn that had been given back."""


class Like(NamedTuple):
    """What is alike of some turns of one member.

    `whole` are the weights of all who earned at each of them.
    """

    user: int
    weight: int
    whole: int
    fate: str
    earned: int
    is_returned: bool


@dataclass(slots=True)
class Share:
    """One member over some turns; `entitled` in leads, `earned` and `paid` in units of credit."""

    entitled: Fraction = Fraction(0)
    received: int = 0
    given_back: int = 0
    could: int = 0
    passed: Counter[str] = field(default_factory=Counter)
    earned: int = 0
    paid: int = 0

    @property
    def difference(self) -> Fraction:
        """Leads received beyond what they were entitled to; below nought they got fewer."""
        return self.received - self.entitled

    @property
    def could_not(self) -> int:
        """Turns that went past them while they could take nothing."""
        return sum(self.passed[why] for why in COULD_NOT)

    def add(self, like: Like, turns: int) -> None:
        """Count so many turns."""
        took = like.fate == fates.TOOK
        if took:
            self.paid += like.whole * turns
        self.earned += like.earned * turns
        if like.is_returned:
            self.given_back += turns if took else 0
            return
        self.received += turns if took else 0
        if like.earned and like.whole:
            self.entitled += Fraction(like.earned * turns, like.whole)
        if took or like.fate in COULD:
            self.could += turns
        if not took:
            self.passed[like.fate] += turns


def shares(tallies: Mapping[Like, int]) -> dict[int, Share]:
    """By user what they were entitled to, and got, of so many turns of each kind."""
    found: dict[int, Share] = {}
    for like, turns in tallies.items():
        found.setdefault(like.user, Share()).add(like, turns)
    return found


@dataclass(frozen=True, slots=True)
class Level:
    """Where the active members of a pool stand together: `credit` is the sum of theirs.

    Whoever joins starts where the others stand on the mean, so the sum need not be nought: what the
    pool owes somebody is how far they stand above the others, not above nought.
    """

    credit: int
    weights: int
    members: int
    by_weight: bool = False
    """Whether credits are compared for their weight: see `strategies.Terms`."""

    def owes(self, credit: int, weight: int) -> Fraction:
        """What the pool owes somebody of this credit, in leads; below nought they owe it."""
        if not self.weights:
            return Fraction(0)
        part = Fraction(weight, self.weights) if self.by_weight else Fraction(1, self.members)
        return (credit - self.credit * part) / self.weights


def level(members: Iterable[tuple[int, int]], *, by_weight: bool) -> Level:
    """The level of active members by their credits and weights."""
    rows = list(members)
    credits, weights = (sum(one[place] for one in rows) for place in (0, 1))
    return Level(credits, weights, len(rows), by_weight)


@dataclass(frozen=True, slots=True)
class Account:
    """The credit of one member over a period, line by line."""

    opening: int
    earned: int
    paid: int
    given_back: int
    counted_again: int
    began: int
    corrected: int
    credit: int

    @property
    def adds_up(self) -> bool:
        """Whether the lines come to the credit that is stored."""
        booked = self.given_back + self.counted_again + self.began + self.corrected
        return self.opening + self.earned - self.paid + booked == self.credit


def account(share: Share, entries: Mapping[str, int], *, credit: int, since_start: bool) -> Account:
    """The lines of a period that ends now; of one since the start, the opening is nought.

    `entries` are sums by what they were booked as, one of `BOOKED`.
    """
    back, again, began, set_to = (entries.get(name, 0) for name in BOOKED)
    booked = back + again + began + set_to
    opening = 0 if since_start else credit - (share.earned - share.paid + booked)
    return Account(opening, share.earned, share.paid, back, again, began, set_to, credit)
