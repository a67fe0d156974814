"""Territories of the demo: areas, who holds them, and a realignment that begins in some days."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from django.db import models

from lifecycle.demo.agenda import Deed
from lifecycle.realigning import planning
from lifecycle.realigning.charting import Asked
from people.models import User
from routing.models import Pool, Territory, TerritoryArea, TerritoryHolder
from routing.realignment import Holder

DAY = timedelta(days=1)
T = TypeVar("T", bound=models.Model)


@dataclass(frozen=True, slots=True)
class Land:
    """A territory as the demo makes it: held by a rep or a pool; areas as country and postal
    prefix.
    """

    key: str
    label: str
    areas: tuple[tuple[str, str], ...]
    user: str = ""
    pool: str = ""


LANDS = (
    Land(
        "germany-north", "Germany, north and east", (("DE", "0"), ("DE", "1"), ("DE", "2")), "anna"
    ),
    Land("germany-south", "Germany, south", (("DE", "7"), ("DE", "8"), ("DE", "9")), "ben"),
    Land("germany-west", "Germany, all the rest", (("DE", ""),), "clara"),
    Land("alps", "Austria and Switzerland", (("AT", ""), ("CH", "")), pool="dach"),
    Land("britain", "United Kingdom and Ireland", (("GB", ""), ("IE", "")), "ella"),
    Land("north-america", "North America", (("US", ""), ("CA", "")), pool="americas"),
)
HANDED_ON = ("germany-south", "clara")
IN_DAYS = 10


def make(people: Mapping[str, User], pools: Mapping[str, Pool], *, since: datetime) -> None:
    """The territories as they are held from the first day on."""
    for land in LANDS:
        territory = _keep(Territory(key=land.key, label=land.label), since)
        for country, prefix in land.areas:
            _keep(TerritoryArea(territory=territory, country=country, postal_prefix=prefix), since)
        holder = TerritoryHolder(territory=territory, starts_on=since.date())
        holder.user = people[land.user] if land.user else None
        holder.pool = pools[land.pool] if land.pool else None
        _keep(holder, since)


def planned(*, now: datetime) -> Iterator[tuple[datetime, Deed]]:
    """When a manager plans that a territory changes hands, and from which day on."""
    yield now - 3 * DAY, functools.partial(_realign, (now + IN_DAYS * DAY))


def _realign(day: datetime, at: datetime) -> None:
    key, login = HANDED_ON
    person = User.objects.get(username=login)
    planning.submit(
        planning.want(Asked({key: Holder(person.pk)}), day.date()),
        by=User.objects.get(username="katrin"),
        reason="Ben goes over to key accounts; Clara takes his region.",
        now=at,
    )


def _keep(row: T, at: datetime) -> T:
    row._history_date = at  # type: ignore[attr-defined]  # what simple-history reads
    row.save()
    return row
