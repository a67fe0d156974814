"""What nobody could read is told by its place; what could be read is not; nothing is quoted."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from leads import not_understood

told = functools.partial(not_understood.of, currency="EUR")
KNOWN = ("demo_request", "pricing_page_view")
CASES: list[tuple[dict[str, Any], list[str]]] = [
    ({}, []),
    ({"signals": [{"kind": "demo_request"}]}, []),
    ({"signals": [{"kind": "demo_request"}, {"kind": "tarot_reading"}]}, ["signals.1.kind"]),
    ({"person": {"phone": "see my card"}}, ["person.phone"]),
    ({"person": {"country": "Narnia"}, "company": {"country": "Germany"}}, ["person.country"]),
    ({"company": {"country": "Mordor"}}, ["company.country"]),
    ({"company": {"employees": "many", "annual_revenue": "plenty"}},
     ["company.employees", "company.annual_revenue"]),
    ({"company": {"employees": "201-500", "annual_revenue": "€2,5M"}}, []),
    ({"company": {"annual_revenue": "-1"}}, ["company.annual_revenue"]),
    ({"company": {"annual_revenue": "1e+300"}}, ["company.annual_revenue"]),
    ({"company": {"currency": "-1"}}, ["company.currency"]),
    ({"company": {"currency": "€", "annual_revenue": "10-50"}}, []),
    ({"lead": {"potential_value": "plenty"}}, ["lead.potential_value"]),
    ({"lead": {"potential_value": "$50k"}}, ["lead.potential_value"]),
    ({"lead": {"potential_value": "50k", "currency": "USD"}}, ["lead.currency"]),
    ({"lead": {"potential_value": "€50k", "currency": "eur"}}, []),
    ({"lead": {"currency": "USD"}}, []),
    ({"company": {"domain": "gmail.com"}}, ["company.domain"]),
    ({"company": {"domain": "linkedin.com/in/kim"}}, ["company.domain"]),
    ({"company": {"domain": "localhost"}}, ["company.domain"]),
    ({"company": {"domain": "https://www.acme.co.uk/de"}}, []),
]  # fmt: skip


@pytest.mark.parametrize(("payload", "places"), CASES)
def test_what_nobody_could_read_is_told_by_its_place(
    payload: dict[str, Any], places: list[str]
) -> None:
    found = told(payload, signals=KNOWN, phone_is_read=False)
    assert [one.field for one in found] == places
    quoted = [
        value
        for name in ("person", "company", "lead")
        if name in payload
        for value in payload[name].values()
    ]
    assert not any(str(value) in one.message for one in found for value in quoted)


def test_an_unknown_signal_is_told_with_those_that_are_known() -> None:
    [one] = told({"signals": [{"kind": "tarot"}]}, signals=KNOWN, phone_is_read=True)
    assert one.message.endswith("known are demo_request, pricing_page_view.")


def test_a_phone_that_was_read_is_not_told() -> None:
    said = {"person": {"phone": "+49 30 123456"}}
    assert told(said, signals=(), phone_is_read=True) == []
