"""The made-up world of the demo: nobody real, everybody readable by the product's own doors."""

from __future__ import annotations

import datetime as dt
import unicodedata
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import worktime
from leads import cleansing, identity, intake
from leads.countries import country_code
from lifecycle.demo import buyers, journeys, scenes
from lifecycle.demo.journeys import Visit

NOW = dt.datetime(2026, 11, 18, 13, 20, tzinfo=dt.UTC)
SINCE = NOW - dt.timedelta(days=90)
BERLIN_HOURS = worktime.from_document(
    {
        "zone": "Europe/Berlin",
        "week": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "closed": ["2026-10-26"],
        "opened": {},
    }
)


@pytest.fixture(scope="module")
def visits() -> list[Visit]:
    market = journeys.Market(buyers.World(Random(7)), Random(8), since=SINCE, until=NOW)
    return list(market.visits(1500))


def test_every_visit_is_a_touch_the_product_takes(visits: list[Visit]) -> None:
    faults = [fault for one in visits for fault in intake.read(one.body(one.at), now=one.at).errors]
    assert faults == []


def test_every_visit_lies_within_the_period(visits: list[Visit]) -> None:
    assert [one for one in visits if not SINCE <= one.at < NOW] == []


def test_no_address_could_reach_anybody_at_a_company(visits: list[Visit]) -> None:
    free = set(buyers.WORDS["free_mail"])
    outside = [one.buyer.email for one in visits if not one.buyer.email.endswith(".example")]
    assert {email.partition("@")[2] for email in outside} <= free
    assert [email for email in outside if ".demo" not in email] == []
    assert all(cleansing.is_free_mail(host) for host in free)


def test_every_company_is_named_by_its_own_domain(visits: list[Visit]) -> None:
    companies = {id(one.buyer.company): one.buyer.company for one in visits if one.buyer.company}
    domains = [company.domain for company in companies.values()]
    made = [name for name in domains if cleansing.registrable_domain(name) == name]
    assert made == domains


def test_buyers_write_from_several_alphabets(visits: list[Visit]) -> None:
    letters = {letter for one in visits for letter in one.buyer.first + one.buyer.last}
    alphabets = {unicodedata.name(letter).split(" ")[0] for letter in letters if letter.isalpha()}
    assert {"LATIN", "CYRILLIC", "GREEK", "ARABIC", "CJK"} <= alphabets
    assert {"é", "ö", "ł", "ş", "ø"} <= letters


def test_phones_are_read_and_belong_to_one_buyer_each(visits: list[Visit]) -> None:
    phones = {one.buyer.phone: id(one.buyer) for one in visits if one.buyer.phone}
    people = {id(one.buyer): one.buyer.phone for one in visits if one.buyer.phone}
    assert len(phones) == len(people)
    assert all(identity.normalise_phone(number).startswith("+") for number in phones)


def test_all_countries_are_known_to_the_product() -> None:
    assert [code for code in buyers.COUNTRIES if country_code(code) != code] == []


def test_the_same_seed_makes_the_same_world() -> None:
    def names(seed: int) -> list[str]:
        market = journeys.Market(buyers.World(Random(seed)), Random(seed), since=SINCE, until=NOW)
        return [f"{one.at} {one.buyer.email}" for one in market.visits(60)]

    assert names(3) == names(3)
    assert names(3) != names(4)


def test_slices_keep_all_visits_in_order_and_exact_ones_alone(visits: list[Visit]) -> None:
    some = [
        Visit(one.at, one.buyer, one.says, exact=number % 9 == 0)
        for number, one in enumerate(visits)
    ]
    hour = dt.timedelta(hours=1)
    found = list(journeys.slices(some, longest=lambda _: hour))
    assert [one for stretch in found for one in stretch] == sorted(some, key=lambda one: one.at)
    assert all(len(stretch) == 1 for stretch in found if any(one.exact for one in stretch))
    assert all(stretch[-1].at - stretch[0].at <= hour for stretch in found)


@given(
    minutes=st.integers(min_value=0, max_value=60 * 24 * 40),
    allowance=st.integers(min_value=1, max_value=60 * 40),
)
def test_a_clock_begun_at_its_start_is_due_when_wanted(minutes: int, allowance: int) -> None:
    due = NOW - dt.timedelta(minutes=minutes)
    span = dt.timedelta(minutes=allowance)
    start = scenes.start_of(BERLIN_HOURS, span, due)
    assert worktime.add(BERLIN_HOURS, start, span) <= due
    assert worktime.add(BERLIN_HOURS, start + dt.timedelta(seconds=3), span) > due
