"""Whose territory places are, as far as the leads at hand need it. Reads only."""

from __future__ import annotations

import datetime as dt

from core import reading
from routing import place_spelling, selectors
from routing.territories import Area, Atlas, Place


class Lands:
    """The areas in force, day by day; nothing is read before somebody asks.

    The first question of a day reads the areas of its country, one about another country all of
    them: two queries at most for a day, however many leads there are.
    """

    def __init__(self) -> None:
        self._known: dict[dt.date, tuple[str, Atlas]] = {}

    def territory(self, place: Place, now: dt.datetime) -> str:
        """The key of the territory that takes a place in on the day (UTC); empty when none does."""
        if not place.country:
            return ""
        country = place_spelling.land(place.country)
        area = self._atlas(country, now.astimezone(dt.UTC).date()).of(place)
        return area.territory if area is not None else ""

    def _atlas(self, country: str, day: dt.date) -> Atlas:
        known = self._known.get(day)
        if known is None or known[0] not in ("", country):
            of = country if known is None else ""
            known = self._known[day] = of, _read(day, of)
        return known[1]


def _read(day: dt.date, country: str) -> Atlas:
    asked = selectors.areas_on(day, [country] if country else None)
    reading.ask(asked)
    return Atlas(Area(*row) for row in asked.found)
