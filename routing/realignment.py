"""A realignment: from a day on territories have other holders, areas other territories. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from routing import place_spelling
from routing.territories import Area, Atlas

Spot: TypeAlias = tuple[str, str, str]
"""An area by itself: country, region, postal prefix."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who looks after a territory: a rep, a pool, or nobody."""

    user: int | None = None
    pool: str = ""

    @property
    def is_nobody(self) -> bool:
        """Whether neither a rep nor a pool holds it."""
        return self.user is None and not self.pool


NOBODY = Holder()


@dataclass(frozen=True, slots=True)
class Chart:
    """Which territory each area belongs to on a day, and who holds the territories then."""

    areas: Mapping[Spot, str] = field(default_factory=dict)
    holders: Mapping[str, Holder] = field(default_factory=dict)

    def atlas(self) -> Atlas:
        """The same, to ask for places."""
        found = []
        for (country, region, prefix), key in self.areas.items():
            holder = self.holders.get(key, NOBODY)
            found.append(Area(key, country, region, prefix, holder.user, holder.pool))
        return Atlas(found)

    def spelled(self, spot: Spot) -> Spot:
        """The area as it is written here already, where it is; else as given."""
        wanted = same(spot)
        return next((one for one in self.areas if same(one) == wanted), spot)


@dataclass(frozen=True, slots=True)
class Handover:
    """A territory comes from one holder to another."""

    territory: str
    before: Holder
    after: Holder


@dataclass(frozen=True, slots=True)
class Move:
    """An area comes from one territory to another; from none where it is new."""

    spot: Spot
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Changes:
    """All that changes on the day."""

    handovers: tuple[Handover, ...] = ()
    moves: tuple[Move, ...] = ()

    @property
    def territories(self) -> frozenset[str]:
        """The territories it is about."""
        touched = {one.territory for one in self.handovers}
        for move in self.moves:
            touched |= {move.before, move.after} - {""}
        return frozenset(touched)

    @property
    def spots(self) -> frozenset[Spot]:
        """The areas that move, as they are compared."""
        return frozenset(same(one.spot) for one in self.moves)

    def reversed(self) -> Changes:
        """What takes it back."""
        return Changes(
            tuple(Handover(one.territory, one.after, one.before) for one in self.handovers),
            tuple(Move(one.spot, one.after, one.before) for one in self.moves),
        )

    def as_data(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "holders": [
                [
                    one.territory,
                    [one.before.user, one.before.pool],
                    [one.after.user, one.after.pool],
                ]
                for one in self.handovers
            ],
            "areas": [[list(one.spot), one.before, one.after] for one in self.moves],
        }


def from_data(data: Mapping[str, Any]) -> Changes:
    """What `as_data` gave."""
    return Changes(
        tuple(
            Handover(key, Holder(*before), Holder(*after)) for key, before, after in data["holders"]
        ),
        tuple(
            Move((spot[0], spot[1], spot[2]), before, after)
            for spot, before, after in data["areas"]
        ),
    )


def changed(chart: Chart, changes: Changes) -> Chart:
    """The chart as it is with these changes."""
    areas, holders = dict(chart.areas), dict(chart.holders)
    for move in changes.moves:
        areas.pop(move.spot, None)
        if move.after:
            areas[move.spot] = move.after
    for one in changes.handovers:
        holders[one.territory] = one.after
    return Chart(areas, holders)


def same(spot: Spot) -> Spot:
    """An area as it is compared, however it is spelled."""
    country, region, prefix = spot
    return place_spelling.land(country), place_spelling.told(region), place_spelling.compact(prefix)
