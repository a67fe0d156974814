"""How what is kept for several reps is shared by weight, moving as few leads as possible. Pure.

The exact share of somebody is their weight's part of all that is shared, as far as they have room:
what is beyond somebody's room is shared by the others. Nobody is to have a whole lead more or less
than that. Of all ways to get there the one that moves the fewest leads is taken, so a lead that can
stay with whom it is kept stays, and where shares are even nothing moves, however often one asks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class Part:
    """What somebody has of it now, their weight, and the most they may have."""

    user: int
    weight: int
    room: int
    has: int = 0


@dataclass(frozen=True, slots=True)
class Moves:
    """By user: how many leads are taken from them, and how many others they get.

    As many are got as are given, with the loose ones that are dealt besides.
    """

    gives: Mapping[int, int]
    takes: Mapping[int, int]

    def __bool__(self) -> bool:
        return bool(self.takes)


NONE = Moves({}, {})


def deal(parts: Iterable[Part], *, loose: int = 0) -> Moves:
    """The fewest moves by which everybody comes to their share of what they have and the `loose`.

    Whoever has more than there is room for gives as much as others have room for; that goes before
    what is loose. What nobody has room for stays where it is.
    """
    some = sorted(parts, key=lambda one: one.user)
    whole = loose + sum(one.has for one in some)
    dealt = min(whole, sum(one.room for one in some))
    wanted = _targets(some, dealt)
    takes = {one.user: wanted[one.user] - one.has for one in some if wanted[one.user] > one.has}
    gives: dict[int, int] = {}
    left = sum(takes.values())
    for one in some:
        over = min(one.has - wanted[one.user], left)
        if over > 0:
            gives[one.user] = over
            left -= over
    return Moves(gives, takes) if takes else NONE


def exact(parts: Iterable[Part], dealt: int) -> dict[int, Fraction]:
    """Everybody's share by weight of so many, nobody's beyond their room; in parts of a lead.

    `dealt` is no more than there is room for.
    """
    found: dict[int, Fraction] = {}
    sharing, left = list(parts), dealt
    while sharing:
        whole = sum(one.weight for one in sharing)
        full = [one for one in sharing if one.room * whole < one.weight * left]
        if not full:
            return found | {one.user: Fraction(one.weight * left, whole) for one in sharing}
        found |= {one.user: Fraction(one.room) for one in full}
        left -= sum(one.room for one in full)
        sharing = [one for one in sharing if one.user not in found]
    return found


def _targets(parts: list[Part], dealt: int) -> dict[int, int]:
    """How many each is to have: as near to what they have as less than one from their share is.

    Where that leaves one more or less to be had, it goes by what shares have behind the point:
    the greatest first, of equals to the lower user.
    """
    shares = exact(parts, dealt)
    low = {user: int(share) for user, share in shares.items()}
    rest = {user: share - low[user] for user, share in shares.items()}
    wanted = {
        one.user: min(max(one.has, low[one.user]), low[one.user] + (rest[one.user] > 0))
        for one in parts
    }
    missing = dealt - sum(wanted.values())
    by_rest = sorted((user for user in rest if rest[user]), key=lambda user: (-rest[user], user))
    for user in by_rest:
        if missing > 0 and wanted[user] == low[user]:
            wanted[user], missing = wanted[user] + 1, missing - 1
    for user in reversed(by_rest):
        if missing < 0 and wanted[user] > low[user]:
            wanted[user], missing = wanted[user] - 1, missing + 1
    return wanted
