"""The areas of territories as they were in a window. Reads only."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from core import reading
from routing import selectors
from routing.models import TerritoryArea, TerritoryHolder
from routing.territories import Area, Atlas

Charted: TypeAlias = Sequence[tuple[dt.date, Atlas]]
"""By the day (UTC) from which on they are so, in order."""

NO_AREAS = Atlas(())


def read(lands: Iterable[str], *, since: dt.datetime, until: dt.datetime) -> Charted:
    """The areas of these countries. Two queries."""
    first, last = (at.astimezone(dt.UTC).date() for at in (since, until))
    within = {"starts_on__gt": first, "starts_on__lte": last}
    held = TerritoryHolder.objects.filter(**within).values_list("starts_on", flat=True)
    moved = TerritoryArea.objects.filter(**within).values_list("starts_on", flat=True)
    days = sorted({first, *held.union(moved)})
    of = sorted(set(lands))
    questions = [selectors.areas_on(day, of) for day in days]
    reading.ask(*questions)
    return [
        (day, Atlas(Area(*row) for row in one.found))
        for day, one in zip(days, questions, strict=True)
    ]


def at(charted: Charted, instant: dt.datetime) -> Atlas:
    """Those in force at an instant of the window."""
    days = [day for day, _ in charted]
    place = bisect_right(days, instant.astimezone(dt.UTC).date())
    return charted[place - 1][1] if place else NO_AREAS
