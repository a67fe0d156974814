"""Postal codes in one form by country; what is no code of its country stays as written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import postal_codes


@pytest.mark.parametrize(
    ("text", "country", "kept"),
    [
        ("80331", "DE", "80331"),
        (" 80 331 ", "DE", "80 331"),
        ("D-80331", "DE", "80331"),
        ("DE-80331", "DE", "80331"),
        ("D - 80331", "DE", "80331"),
        ("D-80331", "AT", "D-80331"),
        ("D-10115", "", "10115"),
        ("DE-10115", "", "10115"),
        ("A-1010", "", "1010"),
        ("CH-8001", "", "8001"),
        ("CH-8001", "CH", "8001"),
        ("F-75001", "", "75001"),
        ("F-75001", "FR", "75001"),
        ("f – 75001", "FR", "75001"),
        ("S-11122", "", "111 22"),
        ("D-1010", "", "D-1010"),
        ("D-10115", "CH", "D-10115"),
        ("X-10115", "", "X-10115"),
        ("1067", "DE", "01067"),
        ("1067.0", "DE", "01067"),
        ("1010", "AT", "1010"),
        ("A-1010", "AT", "1010"),
        ("sw1a1aa", "GB", "SW1A 1AA"),
        ("SW1A  1aa", "GB", "SW1A 1AA"),
        ("m11ae", "GB", "M1 1AE"),
        ("sw1a", "GB", "SW1A"),
        ("1012ab", "NL", "1012 AB"),
        ("k1a0b1", "CA", "K1A 0B1"),
        ("11122", "SE", "111 22"),
        ("00950", "PL", "00-950"),
        ("1000205", "PT", "1000-205"),
        ("941031234", "US", "94103-1234"),
        ("94103", "US", "94103"),
        ("2116", "US", "02116"),
        ("unknown", "GB", "UNKNOWN"),
        ("", "DE", ""),
        ("12345678901234567890", "", "1234567890123456"),
    ],
)
def test_a_code_is_kept_in_the_form_of_its_country(text: str, country: str, kept: str) -> None:
    assert postal_codes.clean(text, country) == kept


@given(st.text(max_size=40), st.sampled_from(["", "DE", "GB", "NL", "US", "PL", "XX"]))
def test_cleaning_twice_changes_nothing_and_fits_the_column(text: str, country: str) -> None:
    once = postal_codes.clean(text, country)
    assert len(once) <= postal_codes.LONGEST_CODE
    assert postal_codes.clean(once, country) == once


def test_a_region_keeps_its_letters_and_single_spaces() -> None:
    assert postal_codes.region("  Nordrhein -\tWestfalen ") == "Nordrhein - Westfalen"


def test_accents_of_a_region_are_kept_on_their_letters() -> None:
    assert postal_codes.region("I\u0302le-de-France") == "Île-de-France"
