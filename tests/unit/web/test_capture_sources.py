"""What a visit shows of where it came from, by address and browser. No database."""

from __future__ import annotations

import pytest

from web.capture import sources

PAGE = "https://leads.example.com/f/demo/"
OWN = ("https://www.ours.example",)


def read(query: dict[str, str], referrer: str = "") -> dict[str, str]:
    return sources.read(query, referrer=referrer, page=PAGE, own=OWN)


@pytest.mark.parametrize(
    ("query", "referrer", "said"),
    [
        ({}, "", {"landing": PAGE}),
        ({}, "https://www.google.com/search?q=secret#x",
         {"referrer": "https://www.google.com/search", "landing": PAGE}),
        ({}, "https://leads.example.com/f/contact/", {"landing": PAGE}),
        ({}, "http://[broken", {"landing": PAGE}),
        ({}, "javascript:alert(1)", {"landing": PAGE}),
        ({}, "data:text/html,x", {"landing": PAGE}),
        ({}, "https://user:secret@site.example:8443/a?b",
         {"referrer": "https://site.example:8443/a", "landing": PAGE}),
        ({}, "https://site.example:99999999/", {"landing": PAGE}),
        ({}, "https://www.ours.example/pricing?x=1", {"landing": "https://www.ours.example/pricing"}),
        ({"utm_source": "google", "utm_medium": "CPC", "utm_campaign": "q4"}, "",
         {"source": "google", "medium": "CPC", "campaign": "q4", "landing": PAGE}),
        ({"gclid": "EAIa", "utm_medium": " "}, "", {"click_id": "gclid=EAIa", "landing": PAGE}),
        ({"msclkid": "7", "fbclid": "8"}, "", {"click_id": "msclkid=7", "landing": PAGE}),
        ({"landing": "https://www.ours.example/a?email=x", "referrer": "https://t.co/1?y"},
         "https://www.ours.example/",
         {"landing": "https://www.ours.example/a", "referrer": "https://t.co/1"}),
        ({"landing": "https://www.ours.example/a", "referrer": "https://www.ours.example/b"}, "",
         {"landing": "https://www.ours.example/a"}),
        ({"landing": "javascript:alert(1)", "referrer": "https://evil.example/"}, "",
         {"landing": PAGE}),
    ],
    ids=str,
)  # fmt: skip
def test_a_visit_says_what_was_seen_of_it(
    query: dict[str, str], referrer: str, said: dict[str, str]
) -> None:
    assert read(query, referrer) == said


def test_long_and_empty_parameters_fit_what_is_stored() -> None:
    query = {"utm_campaign": "x" * 5000, "utm_term": "  ", "gclid": "m" * 500}
    found = read(query, "https://a.example/" + "y" * 5000)
    assert set(found) == {"campaign", "click_id", "landing", "referrer"}
    assert all(len(value) <= sources.LIMITS[name] for name, value in found.items())
