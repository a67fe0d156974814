from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import bands, industries


@pytest.mark.parametrize("name", industries.NAMES)
def test_the_own_list_reads_as_itself_however_it_is_written(name: str) -> None:
    for written in (name, name.upper(), name.lower(), name.replace(" ", "_")):
        assert industries.read(written) == name


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("COMPUTER_SOFTWARE", "Software"), ("SaaS", "Software"), ("technolgy", "Technology"),
        ("Internet Software & Services", "Software"), ("IT Services", "IT Services"),
        ("Information Technology & Services", "IT Services"), ("Pharma", "Pharmaceuticals"),
        ("Banking, Investment And Insurance", "Financial Services"),
        ("Banking", "Financial Services"),
        ("Government/Military", "Public Sector"), ("Travel and Tourism", "Hospitality"),
        ("E-COMMERCE", "Retail"), ("Maschinenbau", "Manufacturing"), ("Einzelhandel", "Retail"),
        ("Logistics & Supply Chain", "Logistics"), ("Öffentlicher Dienst", "Public Sector"),
        ("Santé", "Healthcare"), ("Construcción", "Construction"), ("Retail industry", "Retail"),
        ("Großhandel", "Wholesale"), ("Food & Beverage", "Food and Beverages"),
        ("Oil & Energy", "Energy"), ("Hospital & Health Care", "Healthcare"),
        ("62.01", "Software"), ("J62", "IT Services"), ("NACE 47.11", "Retail"),
        ("WZ 28", "Manufacturing"), ("C29.1 - Motor vehicles", "Automotive"),
        ("58.29", "Software"), ("58.11", "Media"), ("K64", "Financial Services"),
        ("NACE Section F", "Construction"), ("SIC 7372", "Software"),
        ("SIC: 2834", "Pharmaceuticals"),
        ("SIC 6311", "Insurance"),
    ],
)  # fmt: skip
def test_a_known_industry_gets_the_products_own_name(written: str, meant: str) -> None:
    assert industries.read(written) == meant


@pytest.mark.parametrize(
    "written",
    ["Alchemy", "other", "Select", "", "62", "2024", "1.5", "62.0199", "3D printing", "0101",
     "99.9", "b2b", "8lPv4wLTKrJkp24M5lvnaQ==", "SIC 9999"],
)  # fmt: skip
def test_a_word_that_nobody_knows_stays_as_written(written: str) -> None:
    assert industries.read(written) == written


def test_words_that_rules_look_for_are_never_put_in_other_words() -> None:
    looked_for = {
        "any": [
            {"fact": "company.industry", "op": "in", "value": ["SaaS", "Software"]},
            {"not": {"fact": "company.industry", "op": "contains", "value": "Bank"}},
            {"fact": "company.name", "op": "eq", "value": "Tourism"},
        ]
    }
    kept = industries.looked_for({"parts": {"criterion": [{"condition": looked_for}]}})
    assert industries.read("saas", kept=kept) == "saas"
    assert industries.read("Investment banking", kept=kept) == "Investment banking"
    assert industries.read("Computer Software", kept=kept) == "Software"
    assert industries.read("Tourism", kept=kept) == "Hospitality"


@given(st.text(max_size=80))
def test_what_was_read_reads_as_itself(text: str) -> None:
    once = industries.read(text)
    assert industries.read(once) == once


def test_no_spelling_means_two_industries() -> None:
    seen: dict[str, str] = {}
    for name, words in industries._SPELLINGS.items():
        for word in (one.strip() for one in words.split(",")):
            assert seen.setdefault(word, name) == name, word


@given(st.integers(min_value=1, max_value=10**8))
def test_every_size_is_in_one_band(size: int) -> None:
    fitting = [key for key, low, high in bands.BANDS if low <= size <= (high or size)]
    assert [bands.band(size)] == fitting


@pytest.mark.parametrize("size", [None, 0, -3])
def test_no_size_is_in_no_band(size: int | None) -> None:
    assert bands.band(size) == ""


def test_bands_are_written_with_thousands() -> None:
    assert dict(bands.CHOICES)["1001-5000"] == "1,001–5,000"
    assert dict(bands.CHOICES)["5001-10000"] == "5,001–10,000"
    assert dict(bands.CHOICES)["10001+"] == "10,001+"
    assert dict(bands.CHOICES)["51-200"] == "51–200"


@pytest.mark.parametrize(
    ("size", "words"),
    [(None, ""), (0, "0"), (420, "420"), (501, "501–1,000"), (1_200, "1,200"), (10_001, "10,001+")],
)
def test_the_lowest_of_a_band_stands_for_the_whole_of_it(size: int | None, words: str) -> None:
    assert bands.shown(size) == words


@pytest.mark.parametrize(
    ("text", "low"),
    [("201-500", 201), ("201 – 500", 201), ("10,001+", 10_001), ("1,001–5,000", 1_001),
     ("200-500", None), ("420", None), ("", None)],
)  # fmt: skip
def test_a_band_is_read_however_it_is_written(text: str, low: int | None) -> None:
    assert bands.lowest(text) == low
