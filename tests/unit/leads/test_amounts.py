"""Company sizes and money, as people write them."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads import amounts


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("51-200", 51),
        ("51–200", 51),
        ("51 - 200", 51),
        ("1001 to 5000", 1001),
        ("5,001-10,000", 5001),
        ("1-5k", 1000),
        ("2-10 employees", 2),
        ("10.000 Mitarbeiter", 10000),
        ("about 300 people", 300),
        ("1,000+", 1000),
        ("10k+", 10000),
        ("1.5k", 1500),
        ("1M", 1000000),
        ("1.000", 1000),
        ("1 000", 1000),
        ("1\u202f000", 1000),
        ("1'000", 1000),
        ("1,00,000", 100000),
        ("> 500", 500),
        ("<50", 1),
        ("up to 10", 1),
        ("Self-employed", 1),
        ("0", 0),
        ("007", 7),
        (250, 250),
        (250.0, 250),
        ("250.0", 250),
        (Decimal(12), 12),
    ],
)
def test_a_company_size_is_read(raw: object, expected: int) -> None:
    assert amounts.employees(raw) == expected


@pytest.mark.parametrize(
    "raw",
    [None, "", " ", "n/a", "many", "-5", -5, "10 20", "1e5", "c. 1990s", "2024-01-01", "1.1M2",
     True, float("nan"), float("inf"), 10**400, "9" * 500, 10**12, [], {}, b"50", Decimal("sNaN"),
     "\0", "\ud83d", "1,2,3", "1.2.3"],
)  # fmt: skip
def test_what_is_no_company_size_is_none(raw: object) -> None:
    assert amounts.employees(raw) is None


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("$1,117.10K", "1117100"),
        ("1,117.10 K", "1117100"),
        ("1.2M", "1200000"),
        ("€ 3 400,50", "3400.50"),
        ("3\u202f400,50 €", "3400.50"),
        ("3 400.50", "3400.50"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("100.000,00 EUR", "100000"),
        ("1'234.50", "1234.50"),
        ("CHF 1'000'000.-", "1000000"),
        ("₹ 12,50,000", "1250000"),
        ("1.234.567,8", "1234567.8"),
        # one separator before three digits: thousands ...
        ("1,234", "1234"),
        ("1.234", "1234"),
        ("1,117K", "1117000"),
        # ... but for a lone zero, or a dot with a unit
        ("0.500", "0.5"),
        ("1.117K", "1117"),
        # otherwise decimals
        ("1,23", "1.23"),
        ("12.5", "12.5"),
        ("1,5 Mio €", "1500000"),
        ("USD 5 million", "5000000"),
        ("EUR 2 Mio.", "2000000"),
        ("1.5 Mrd", "1500000000"),
        ("2bn", "2000000000"),
        ("10 lakh", "1000000"),
        ("Rs. 5 Cr", "50000000"),
        ("$10M+", "10000000"),
        ("$1M-$5M", "1000000"),
        ("$1M – $5M", "1000000"),
        ("1-5M", "1000000"),
        ("-500", "-500"),
        ("-$500", "-500"),
        ("$-500", "-500"),
        ("−500", "-500"),
        ("$(1,200.00)", "-1200"),
        ("0", "0"),
        (1.234, "1.234"),
        (1e15, "1e15"),
        (0, "0"),
        (Decimal("12.50"), "12.50"),
    ],
)
def test_an_amount_is_read(raw: object, expected: str) -> None:
    assert amounts.money(raw) == Decimal(expected)


@pytest.mark.parametrize(
    "raw",
    [None, "", "free", "$", "NaN", "inf", "1e6", "1,2,3", "1.2.3,4", "1,234.567.890", "12 34",
     "1'2", "9" * 40, "5m10", False, float("nan"), float("-inf"), 1e300, [], "1,1234,567", "\0",
     Decimal("Infinity")],
)  # fmt: skip
def test_what_is_no_amount_is_none(raw: object) -> None:
    assert amounts.money(raw) is None


@pytest.mark.parametrize(
    ("number", "text"),
    [(50.125, "50.12"), (1.5, "1.50"), (50_000.0, "50000"), (123.456, "123.46"), (7, "7"),
     ("1.234", "1.234"), (-0.004, "-0"), (1e30, "1e+30"), (float("nan"), "nan")],
)  # fmt: skip
def test_a_number_of_json_is_spelt_so_that_it_is_read_as_itself(number: object, text: str) -> None:
    assert amounts.spelt(number) == text


@settings(max_examples=100, deadline=None)
@given(st.floats(0, 1e9))
def test_no_number_of_json_is_taken_for_a_thousandfold(number: float) -> None:
    found = amounts.money(amounts.spelt(number))
    assert found is not None
    assert abs(float(found) - number) < 0.01


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 99), st.sampled_from(["€ {}", "{} EUR", "${}", "{}"]))
def test_both_ways_of_writing_an_amount_are_read_alike(whole: int, cents: int, around: str) -> None:
    value = Decimal(whole) + Decimal(cents) / 100
    english = f"{value:,.2f}"
    german = english.translate(str.maketrans(",.", ".,"))
    french = english.translate(str.maketrans({",": "\u202f", ".": ","}))
    for written in (english, german, french):
        assert amounts.money(around.format(written)) == value


@settings(max_examples=150, deadline=None)
@given(st.text(max_size=80) | st.text(alphabet="0123456789.,'- kKmM$€()", max_size=20))
def test_any_text_is_read_or_is_none(raw: str) -> None:
    size, amount = amounts.employees(raw), amounts.money(raw)
    assert size is None or size >= 0
    assert amount is None or amount.is_finite()


@pytest.mark.parametrize(
    ("raw", "code"),
    [("eur", "EUR"), (" USD ", "USD"), ("€", "EUR"), ("-1", None), ("..", None), ("EURO", None),
     ("", None), ("ЕUR", None)],
)  # fmt: skip
def test_a_currency_is_a_code_or_a_sign(raw: str, code: str | None) -> None:
    assert amounts.currency(raw) == code
