"""PostgreSQL finds the very territory that routing finds, wherever buyers and areas are."""

from __future__ import annotations

import datetime as dt
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Coalesce
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leads.models import Account, Lead, Person
from routing import place_spelling, selectors, territories, territory_sql
from routing.models import Territory, TerritoryArea
from routing.territories import Place
from tests.factories import NOW
from tests.standing_leads import standing_anywhere

pytestmark = pytest.mark.django_db

AREAS = TerritoryArea._meta.db_table
KEYS = ("a", "b", "Z", "é")
"""Of areas as exact as each other the last key goes first, by its letters, not by a locale."""
LANDS = ("DE", "FR", "GB", "IT")
REGIONS = (
    "", "Bayern", " BAYERN", "bayern-", "Île-de-France", "I\u0302LE DE FRANCE", "ile–de–france",
    "Württemberg", "Wuerttemberg", "wurttemberg", "Weiß", "WEISS", "D'Azur", "d’azur", "-", "–",
    "東京", "Ⅷ", "½", "100%", "\u2003", "áe", "a", "İ", "i", "İstanbul", "ISTANBUL", "ǅ", "ﬁ",
)  # fmt: skip
CODES = ("", "8", "80", "80 331", "80331", "8-0", "-", "sw1a 1aa", "SW1A", "SW 1", "８", "ß", "0",
         "٧٥", "a\u0301", "\n80")  # fmt: skip
DAYS = (-400, -1, 0, 1)

PREFIXES = st.sampled_from(CODES) | st.text(max_size=4)
WHERE = st.tuples(
    st.sampled_from(LANDS), st.sampled_from(REGIONS) | st.text(max_size=6), PREFIXES,
    st.sampled_from(DAYS),
)  # fmt: skip
CHARTS = st.dictionaries(WHERE, st.sampled_from(KEYS), max_size=25)
INSTANTS = st.builds(
    lambda hours, zone: (NOW + dt.timedelta(hours=hours)).astimezone(dt.timezone(zone)),
    st.integers(-40, 40),
    st.sampled_from([dt.timedelta(hours=one) for one in (-11, 0, 14)]),
)


def written(text: str) -> str:
    """As a column can hold it."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode()


@pytest.fixture
def leads() -> list[Lead]:
    """Buyers at odd places, at companies without a country, and without a company."""
    chance = random.Random(7)
    countries = ("", "", *LANDS, "de", "ﬁ", "AT")
    people = Person.objects.bulk_create(
        Person(country=chance.choice(countries), created_at=NOW) for _ in range(200)
    )
    firms = Account.objects.bulk_create(
        Account(
            domain=f"{number}.example",
            country=chance.choice(countries),
            region=chance.choice(REGIONS),
            postal_code=chance.choice(CODES),
            created_at=NOW,
        )
        for number in range(180)
    )
    return standing_anywhere(
        Lead(
            person=person,
            account=firm,
            channel="FORM",
            entered_stage_at=NOW,
            last_touch_at=NOW,
            created_at=NOW,
        )
        for person, firm in zip(people, [*firms, *[None] * 20], strict=True)
    )


def charted(chart: dict[Any, str]) -> None:
    """These areas, and no others."""
    TerritoryArea.objects.all().delete()
    rows = {
        (land, written(region), written(prefix), day): key
        for (land, region, prefix, day), key in chart.items()
    }
    ids = dict(Territory.objects.values_list("key", "pk"))
    TerritoryArea.objects.bulk_create(
        TerritoryArea(
            territory_id=ids[key],
            country=land,
            region=region,
            postal_prefix=prefix,
            starts_on=NOW.date() + dt.timedelta(days=day),
        )
        for (land, region, prefix, day), key in rows.items()
    )


def by_routing(leads: list[Lead], now: dt.datetime) -> dict[int, str]:
    areas = territories.Atlas(selectors.areas(now.astimezone(dt.UTC).date()))
    found = {}
    for lead in leads:
        firm = lead.account or Account()
        place = territories.where(
            Place(firm.country, firm.region, firm.postal_code), lead.person.country
        )
        area = areas.of(place)
        found[lead.pk] = area.territory if area is not None else ""
    return found


def by_the_database(now: dt.datetime) -> dict[int, str]:
    told = Coalesce(territory_sql.TerritoryOf(now), Value(""))
    return dict(Lead.objects.annotate(told=told).values_list("pk", "told"))


def test_every_lead_is_in_the_territory_that_routing_finds(leads: list[Lead]) -> None:
    Territory.objects.bulk_create(Territory(key=key, label=key) for key in KEYS)
    met = set()

    @given(chart=CHARTS, now=INSTANTS)
    @settings(
        max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    def check(chart: dict[Any, str], now: dt.datetime) -> None:
        charted(chart)
        expected = by_routing(leads, now)
        assert by_the_database(now) == expected
        met.update(expected.values())

    check()
    assert met == {"", *KEYS}


def test_a_region_is_compared_letter_by_letter_as_in_python() -> None:
    """All of the scripts that the table knows, and what lies around them."""
    codes = [*range(1, 0x3100), *range(0xA640, 0xA7FF), *range(0xF900, 0x10100)]
    texts = [f"U{chr(code)}e {chr(code)}{chr(code)}" for code in codes] + list(REGIONS)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT x.text, {territory_sql.told('x.text')} FROM unnest(%s::text[]) AS x (text)",
            [*territory_sql.LETTERS, texts],
        )
        wrong = [text for text, found in cursor.fetchall() if found != place_spelling.told(text)]
    assert wrong == []


def test_areas_are_spelt_once_however_many_leads_are_looked_at(leads: list[Lead]) -> None:
    Territory.objects.bulk_create(Territory(key=key, label=key) for key in KEYS)
    charted({("DE", region, "", -400): "a" for region in REGIONS})
    told = Lead.objects.annotate(told=territory_sql.TerritoryOf(NOW)).values_list("told")
    (plan,) = json.loads(told.explain(analyze=True, format="json"))
    (areas,) = [one for one in nodes(plan["Plan"]) if one.get("Relation Name") == AREAS]
    assert areas["Actual Loops"] == 1


def nodes(node: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield node
    for child in node.get("Plans", ()):
        yield from nodes(child)
