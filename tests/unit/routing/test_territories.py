"""The most exact area takes a place in; places shared by two territories are told."""

from __future__ import annotations

import pytest

from routing import territories
from routing.territories import Area, Place

AREAS = [
    Area("germany", "DE"),
    Area("bavaria", "DE", "Bayern"),
    Area("munich", "DE", "", "80"),
    Area("schwabing", "DE", "Bayern", "80"),
    Area("center", "DE", "", "803"),
    Area("london", "GB", "", "EC1"),
    Area("austria", "AT"),
    Area("paris", "FR", "Île-de-France"),
    Area("france", "FR"),
]


@pytest.mark.parametrize(
    ("place", "territory"),
    [
        (Place("DE"), "germany"),
        (Place("de"), "germany"),
        (Place("DE", "Hessen", "60311"), "germany"),
        (Place("DE", "Bayern"), "bavaria"),
        (Place("DE", " bayern ", "90402"), "bavaria"),
        (Place("DE", "", "79999"), "germany"),
        (Place("DE", "", "80000"), "munich"),
        (Place("DE", "Hessen", "80000"), "munich"),
        (Place("DE", "Bayern", "80999"), "schwabing"),
        (Place("DE", "Bayern", "80331"), "center"),
        (Place("DE", "", "80 331"), "center"),
        (Place("DE", "", "80"), "munich"),
        (Place("DE", "", "8"), "germany"),
        (Place("DE", "", "81000"), "germany"),
        # Codes of another country that begin alike lie elsewhere.
        (Place("AT", "", "8010"), "austria"),
        (Place("GB", "", "ec1a 1bb"), "london"),
        (Place("GB", "", "EC2A"), None),
        (Place("GB"), None),
        (Place("FR", "Île-de-France"), "paris"),
        (Place("FR", "Ile-de-France"), "paris"),
        (Place("FR", "ile de france"), "paris"),
        (Place("FR", "I\u0302LE–DE–FRANCE"), "paris"),
        (Place("FR", "France"), "france"),
        (Place("FR", "-"), "france"),
        (Place("IT", "Bayern", "80331"), None),
        (Place(), None),
        (Place("", "Bayern", "80331"), None),
    ],
)
def test_the_most_exact_area_takes_a_place_in(place: Place, territory: str | None) -> None:
    for areas in (AREAS, AREAS[::-1]):
        found = territories.of(areas, place)
        assert (found.territory if found else None) == territory


@pytest.mark.parametrize(
    ("one", "other", "within"),
    [
        (Area("a", "DE", "", "10"), Area("b", "DE"), True),
        (Area("a", "DE", "Berlin", "10"), Area("b", "DE", "", "10"), True),
        (Area("a", "DE", "berlin", "101"), Area("b", "DE", "Berlin", "10"), True),
        # A prefix without a region holds in every region: they share places, no more.
        (Area("a", "DE", "", "10"), Area("b", "DE", "Berlin"), False),
        (Area("a", "DE", "", "101"), Area("b", "DE", "Berlin", "10"), False),
    ],
)
def test_what_lies_within_another_area(one: Area, other: Area, *, within: bool) -> None:
    assert territories.lies_within(one, other) is within
    assert list(territories.overlaps([other, one])) == [(one, other)]


@pytest.mark.parametrize(
    ("one", "other", "share"),
    [
        (Area("a", "DE"), Area("b", "DE", "Bayern"), True),
        (Area("a", "DE", "Hessen"), Area("b", "DE", "Bayern"), False),
        (Area("a", "DE", "", "80"), Area("b", "DE", "", "803"), True),
        (Area("a", "DE", "", "80"), Area("b", "DE", "", "81"), False),
        (Area("a", "DE", "Hessen", "6"), Area("b", "DE", "", "60"), True),
        (Area("a", "DE", "Baden-Württemberg"), Area("b", "DE", "baden württemberg"), True),
        (Area("a", "DE", "東京"), Area("b", "DE", "京都"), False),
        (Area("a", "DE"), Area("b", "AT"), False),
        (Area("a", "DE"), Area("a", "DE", "Bayern"), False),
    ],
)
def test_areas_of_two_territories_that_share_places_are_told(
    one: Area, other: Area, share: bool
) -> None:
    found = list(territories.overlaps([one, other]))
    assert bool(found) is share
    assert all(first.exactness >= second.exactness for first, second in found)
