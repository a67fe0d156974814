"""Regions and postal prefixes that can be meant, and those that would be the whole country."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routing import area_spelling, territories


@pytest.mark.parametrize(
    ("prefix", "country"),
    [("", "FR"), ("75", "FR"), ("SW1A", "GB"), ("sw1a 1", "GB"), ("02-6", "PL"), ("LV-10", "LV"),
     ("111 2", "SE"), ("12345-6", "US")],
)  # fmt: skip
def test_how_codes_begin_is_a_prefix(prefix: str, country: str) -> None:
    assert area_spelling.prefix_fault(prefix, country) == ""


@pytest.mark.parametrize(
    ("prefix", "country"),
    [("*", "FR"), ("-", "FR"), (" ", "FR"), ("😀", "FR"), ("n/a", "FR"), ("7*", "FR"),
     ("75,77", "FR"), ("75-78", "FR"), ("75 - 78", "de"), ("٧٥", "FR"), ("- -", "PL")],
)  # fmt: skip
def test_what_is_none_is_refused_and_told_what_one_looks_like(prefix: str, country: str) -> None:
    assert area_spelling.LIKE in area_spelling.prefix_fault(prefix, country)


@given(st.text(min_size=1, max_size=16), st.sampled_from(["FR", "PL", "GB"]))
def test_whatever_is_taken_says_something(prefix: str, country: str) -> None:
    assert area_spelling.prefix_fault(prefix, country) or territories.compact(prefix)


@pytest.mark.parametrize("region", ["*", "-", "😀", " ", "12"])
def test_a_region_has_letters(region: str) -> None:
    assert "is no region" in area_spelling.region_fault(region)


@pytest.mark.parametrize("region", ["", "Île-de-France", "東京都", "Trentino-Alto Adige/Südtirol"])
def test_regions_are_taken_as_written(region: str) -> None:
    assert area_spelling.region_fault(region) == ""
