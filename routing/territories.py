"""Whose territory a place is: the most exact area that takes it in. Pure.

An area is a country, or a region of it, or a prefix of its postal codes, or both. A prefix without
a region holds in every region of its country. The longest prefix wins, then the region, then the
country: an exception lies within the general case.
"""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from routing.place_spelling import compact, land, told


@dataclass(frozen=True, slots=True)
class Place:
    """Where a company is; empty where that is not known."""

    country: str = ""
    region: str = ""
    postal_code: str = ""


@dataclass(frozen=True, slots=True)
class Area:
    """One area of a territory, and who holds that: a rep or a pool, or nobody."""

    territory: str
    country: str
    region: str = ""
    postal_prefix: str = ""
    user: int | None = None
    pool: str = ""

    def takes_in(self, place: Place) -> bool:
        """Whether a place lies in it; what is not known of a place lies in no part of a country."""
        if land(self.country) != land(place.country):
            return False
        if self.region and told(self.region) != told(place.region):
            return False
        return compact(place.postal_code).startswith(compact(self.postal_prefix))

    @property
    def exactness(self) -> tuple[int, bool]:
        """By which the more exact of two areas is known."""
        return len(compact(self.postal_prefix)), bool(self.region)


class Atlas:
    """Areas by country and prefix: as quick for thousands of them as for ten."""

    def __init__(self, areas: Iterable[Area]) -> None:
        """The areas of one day."""
        self._areas: defaultdict[tuple[str, str], list[Area]] = defaultdict(list)
        for area in areas:
            slot = land(area.country), compact(area.postal_prefix)
            self._areas[slot].append(area)

    def __iter__(self) -> Iterator[Area]:
        """All of them."""
        return itertools.chain.from_iterable(self._areas.values())

    def of(self, place: Place) -> Area | None:
        """The most exact area that takes the place in; None when none does."""
        country, code = land(place.country), compact(place.postal_code)
        if not country:
            return None
        for length in range(len(code), -1, -1):
            slot = self._areas.get((country, code[:length]), ())
            found = [area for area in slot if area.takes_in(place)]
            if found:
                return max(found, key=lambda area: (area.exactness, area.territory))
        return None


def of(areas: Iterable[Area], place: Place) -> Area | None:
    """The most exact of these areas that takes the place in; None when none does."""
    return Atlas(areas).of(place)


def where(company: Place, person_country: str) -> Place:
    """Where a buyer is: as their company, or in their country where the company's is not known."""
    return company if company.country else Place(person_country)


def overlaps(areas: Sequence[Area]) -> Iterator[tuple[Area, Area]]:
    """Areas of different territories that share places: the more exact of each pair first."""
    ordered = sorted(areas, key=lambda area: (area.exactness, area.territory), reverse=True)
    for number, one in enumerate(ordered):
        for other in ordered[number + 1 :]:
            if one.territory != other.territory and _share(one, other):
                yield one, other


def lies_within(one: Area, other: Area) -> bool:
    """Whether every place of an area is one of the other's, too; of areas that share places."""
    in_region = not other.region or told(one.region) == told(other.region)
    return in_region and compact(one.postal_prefix).startswith(compact(other.postal_prefix))


def _share(one: Area, other: Area) -> bool:
    if land(one.country) != land(other.country):
        return False
    if one.region and other.region and told(one.region) != told(other.region):
        return False
    first, second = compact(one.postal_prefix), compact(other.postal_prefix)
    return first.startswith(second) or second.startswith(first)
