"""What a lead may be worth, as people write it: an amount in the one currency, or why not."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads import potential

WORTH, CURRENCY = potential.FIELD, potential.CURRENCY


@pytest.mark.parametrize(
    ("text", "code", "base", "expected"),
    [
        ("50000", "", "EUR", "50000"),
        ("50k", "EUR", "EUR", "50000"),
        ("50.000,00 €", "", "EUR", "50000"),
        ("€ 3 400,50", "", "EUR", "3400.50"),
        ("50k€", "€", "EUR", "50000"),
        ("５０ｋ €", "ＥＵＲ", "EUR", "50000"),
        ("EUR 2 Mio.", "Euro", "EUR", "2000000"),
        ("10k-20k", "", "EUR", "10000"),
        ("about 50,000 per year", "", "EUR", "50000"),
        ("$50k", "", "USD", "50000"),
        ("US$ 50k", "us dollar", "USD", "50000"),
        ("$50k", "$", "CAD", "50000"),
        ("5 kr", "", "SEK", "5"),
        ("CHF 1'000'000.-", "", "CHF", "1000000"),
        ("0", "", "EUR", "0"),
        ("-0", "", "EUR", "0"),
        ("999999999999.99", "", "EUR", "999999999999.99"),
    ],
)
def test_an_amount_in_the_one_currency_is_read(
    text: str, code: str, base: str, expected: str
) -> None:
    found = potential.read({"potential_value": text, "currency": code}, base=base)
    assert found == (Decimal(expected), None)


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ("many", "", WORTH), ("NaN", "", WORTH), ("1e30", "", WORTH), ("-5", "", WORTH),
        ("-0.001", "", WORTH), ("(500)", "", WORTH), ("1000000000000", "", WORTH),
        ("999999999999.995", "", WORTH), ("1.2.3", "", WORTH), ("9" * 40, "", WORTH),
        ("$50k", "", WORTH), ("A$ 50k", "", WORTH), ("USD 5 million", "", WORTH),
        ("5 million dollars", "", WORTH), ("50 kr", "", WORTH), ("50 TUSD", "", WORTH),
        ("50 ₿", "", WORTH), ("CHF 50", "EUR", WORTH),
        ("50", "USD", CURRENCY), ("50", "US Dollar", CURRENCY), ("50", "money", CURRENCY),
        ("50", "-1", CURRENCY), ("$50", "USD", CURRENCY),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_told_with_what_to_send(text: str, code: str, field: str) -> None:
    value, fault = potential.read({"potential_value": text, "currency": code}, base="EUR")
    assert value is None
    assert fault is not None
    assert (fault.field, fault.code) == (field, "unreadable")
    assert "EUR" in fault.message
    assert text not in fault.message


def test_a_code_with_its_unit_is_not_taken_for_so_few() -> None:
    """50 TEUR are fifty thousand; nobody guesses."""
    value, fault = potential.read({"potential_value": "50 TEUR"}, base="EUR")
    assert value is None
    assert fault is not None


@pytest.mark.parametrize("said", [{}, {"potential_value": ""}, {"currency": "USD"}])
def test_where_nothing_is_said_nothing_is_wrong(said: dict[str, str]) -> None:
    assert potential.read(said, base="EUR") == (None, None)


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=40) | st.text(alphabet="0123456789.,'- kKmM$€()EURUSD", max_size=20))
def test_any_text_is_an_amount_or_told_what_is_wrong(text: str) -> None:
    value, fault = potential.read({"potential_value": text}, base="EUR")
    assert (value is None) is (fault is not None or not text)
    assert value is None or 0 <= value < potential.MOST
