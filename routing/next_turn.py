"""Who of a pool would get the next lead, by the very functions that will decide."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from governance import selectors as kits
from leads.ledger import Ledger
from routing import desk
from routing.strategies import Pick


@dataclass(frozen=True, slots=True)
class Next:
    """How the next pick would go for a lead of which nothing is known; nothing is booked."""

    pick: Pick
    random_percent: int
    """So many of a hundred leads are drawn at random, whoever is next."""

    @property
    def at_work(self) -> int:
        """How many are there, or soon enough for the look-ahead, whether or not they have room."""
        return sum(one.candidate.unavailable is None for one in self.pick.considered)

    @property
    def can_take(self) -> int:
        """How many of them can really be given a lead: who is at no cap."""
        return sum(one.excluded is None for one in self.pick.considered)


def of(keys: Collection[str], *, now: dt.datetime) -> dict[str, Next]:
    """By pool, who would be next; nothing while no kit is in force. Five queries at most.

    Nothing is locked, and what the pick books is thrown away: a lead that comes in meanwhile
    changes who is next.
    """
    version = kits.active_version()
    if version is None or not keys:
        return {}
    kit = kits.kit_of(version.pk)
    counter = desk.open_for(keys, now=now, locked=False)
    found = {}
    for key, pool in counter.pools.items():
        paper = Ledger(kit=kit, now=now, actor="preview", quiet=True)
        found[key] = Next(counter.foretell(key, ledger=paper), pool.random_percent)
    return found
