"""A partner's name as somebody wrote it: how it is looked up, which mention counts, who fits."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import partner_naming
from leads.partner_naming import Keys, Mention, Naming, Partner, Status

NOW = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
NORD, SUED = Partner(1, "Nord", 7), Partner(2, "Sued", None)


@pytest.mark.parametrize(
    ("said", "keys"),
    [
        ("Nord Partner GmbH", Keys("nordpartner")),
        ("  NORD   partner ", Keys("nordpartner")),
        ("nord.example", Keys("nordexample", "nord.example")),
        ("https://www.nord.example/about", Keys("httpswwwnordexampleabout", "nord.example")),
        ("Nord Inc.", Keys("nord")),
        ("gmail.com", Keys("gmailcom")),
        ("???", Keys("???")),
        ("", Keys()),
        ("   ", Keys()),
        (None, Keys()),
        (["Nord"], Keys()),
    ],
)
def test_a_name_is_compared_without_legal_form_and_by_its_domain_if_it_is_one(
    said: object, keys: Keys
) -> None:
    assert partner_naming.keys_of(said) == keys


@given(st.text(max_size=400))
def test_whatever_names_somebody_has_a_key_that_fits_its_column(said: str) -> None:
    keys = partner_naming.keys_of(said)
    assert bool(keys.name) == bool(said.split())
    assert len(keys.name) <= 200
    assert len(keys.domain) <= 253


@pytest.mark.parametrize("payload", [{}, {"source": None}, {"source": []}, {"source": {}}])
def test_a_touch_without_a_source_names_nobody(payload: dict[str, object]) -> None:
    assert partner_naming.said_in(payload) == partner_naming.NOBODY


def test_the_last_mention_counts_for_as_long_as_a_registration_runs() -> None:
    told = [
        Mention(NOW - age * DAY, touch, Keys(f"p{touch}"))
        for touch, age in ((1, 5), (2, 3), (3, 3))
    ]
    for days, wanted in ((2, None), (3, None), (4, 3), (90, 3)):
        last = partner_naming.latest(told, now=NOW, memory=days * DAY)
        assert (last.touch if last else None) == wanted


def test_nobody_guesses_between_two() -> None:
    assert partner_naming.decide([]) == Naming(Status.UNKNOWN)
    assert partner_naming.decide([NORD]) == Naming(Status.KNOWN, NORD)
    assert partner_naming.decide([NORD, SUED]) == Naming(Status.SEVERAL)
