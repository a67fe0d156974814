"""Where a visitor came from, by address and browser. No database."""

from __future__ import annotations

import pytest

from web.capture import sources


@pytest.mark.parametrize(
    ("query", "referrer", "category"),
    [
        ({}, "", "DIRECT"),
        ({}, "https://www.google.com/", "ORGANIC"),
        ({}, "https://duckduckgo.com/?q=x", "ORGANIC"),
        ({}, "https://notgoogle.example/", "REFERRAL"),
        ({}, "https://leads.example.com/f/demo/", "DIRECT"),
        ({}, "http://[broken", "DIRECT"),
        ({}, "javascript:alert(1)", "DIRECT"),
        ({}, "data:text/html,x", "DIRECT"),
        ({"utm_medium": "CPC"}, "https://www.google.com/", "PAID"),
        ({"utm_medium": "paid-social"}, "", "PAID"),
        ({"utm_medium": " webinar "}, "", "EVENT"),
        ({"utm_medium": "carrier pigeon"}, "https://www.google.com/", "UNKNOWN"),
        ({"utm_source": "newsletter"}, "", "DIRECT"),
    ],
)
def test_the_category_follows_medium_first_and_referrer_second(
    query: dict[str, str], referrer: str, category: str
) -> None:
    found = sources.read(query, referrer=referrer, host="leads.example.com")
    assert found["category"] == category


def test_long_and_empty_parameters_fit_what_is_stored() -> None:
    query = {"utm_campaign": "x" * 5000, "utm_term": "  ", "utm_medium": "m" * 500}
    found = sources.read(query, referrer="https://a.example/" + "y" * 5000, host="h")
    assert set(found) == {"category", "medium", "campaign", "referrer"}
    assert all(len(value) <= sources.LIMITS[name] for name, value in found.items())


def test_what_people_searched_for_is_not_kept() -> None:
    found = sources.read({}, referrer="https://bing.com/search?q=illness&u=1#me", host="h")
    assert found["referrer"] == "https://bing.com/search"
