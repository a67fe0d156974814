"""What is lent while somebody is away, and how fast it is paid back. Pure.

In a pool that catches up, a rep's credit has two parts: their place in the rotation, and what
stands over from absences, theirs or others'. The second is `lent`, in half units of weight, so that
halves of weights are whole numbers; their place is twice the credit less it.

* Whoever takes a turn borrows the weights of all who are away at it. Turns go by weight among those
  who can take them, so the shares of the absent are lent by weight.
* Those whom something is owed earn more for their place in the rotation, up to double their
  weight; those who owe earn less, down to half of it. Nobody else's earnings change. So who was
  away gets at most double their share, and nobody less than half of theirs, until all is paid back.

What some earn more, others earn less: over all members, `lent` sums to what it summed to before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple


class Change(NamedTuple):
    """How a credit changes, in units of weight; `lent` is the part lent, in half units."""

    credit: int
    lent: int = 0

    def times(self, number: int) -> Change:
        """The same so many times over; -1 is the other way round."""
        return Change(number * self.credit, number * self.lent)


class Account(NamedTuple):
    """What stands over for a rep who can take the turn."""

    user: int
    weight: int
    lent: int


def repaid(accounts: Iterable[Account]) -> dict[int, int]:
    """What each gets back at one turn (above nought) or gives back, in half units.

    Of those who have much to get, or to give, for their weight, the first come first; ties go to
    the lower user number. Whom it does not concern is left out.
    """
    open_ones = [one for one in accounts if one.lent]
    getting = [one for one in open_ones if one.lent > 0]
    giving = [one for one in open_ones if one.lent < 0]
    if not getting or not giving:
        return {}
    most = [(one, min(one.lent, 2 * one.weight)) for one in sorted(getting, key=_urgency)]
    least = [(one, min(-one.lent, one.weight)) for one in sorted(giving, key=_urgency)]
    whole = min(sum(room for _, room in most), sum(room for _, room in least))
    taken = _dealt(least, whole)
    return _dealt(most, whole) | {user: -part for user, part in taken.items()}


def booked(chosen: int, away: Mapping[int, int], repaid: Mapping[int, int]) -> dict[int, int]:
    """How a turn changes what stands over: who takes it borrows the weights of those `away`."""
    found = Counter({user: 2 * weight for user, weight in away.items()})
    found[chosen] -= 2 * sum(away.values())
    found.subtract(repaid)
    return dict(found)


def _urgency(one: Account) -> tuple[float, int]:
    return -abs(one.lent) / one.weight, one.user


def _dealt(rooms: Iterable[tuple[Account, int]], whole: int) -> dict[int, int]:
    """`whole` dealt out in this order, to each no more than their room."""
    found: dict[int, int] = {}
    for one, room in rooms:
        part = min(room, whole)
        if part:
            found[one.user] = part
        whole -= part
    return found
