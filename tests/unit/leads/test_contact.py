"""When a buyer may be written to or called, and when not."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import contact
from leads.contact import Because, Purpose, Said, Standing, State, Stop, Way, Word

AT = dt.datetime(2026, 5, 3, 9, 0, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def standing(
    *,
    said: State | None = None,
    listed: bool = False,
    since: dt.timedelta = dt.timedelta(days=1),
    whole: bool = False,
    shut: bool = False,
    asked: bool = False,
    by: Way | None = Way.EMAIL,
) -> Standing:
    return Standing(
        words={Way.EMAIL: Word(said, "CONSENT", "form", AT)} if said else {},
        suppressed={Way.EMAIL: Stop("Robinson", AT + since, whole)} if listed else {},
        do_not_contact=shut,
        asked_at=AT if asked else None,
        asked_by={by: AT} if asked and by else {},
    )


@pytest.mark.parametrize(
    ("how", "purpose", "allowed", "because"),
    [
        ({}, Purpose.NEWS, False, Because.UNSAID),
        ({}, Purpose.REACH_OUT, True, Because.UNSAID),
        ({"said": State.GRANTED}, Purpose.NEWS, True, Because.GRANTED),
        ({"said": State.REFUSED}, Purpose.NEWS, False, Because.REFUSED),
        ({"said": State.REFUSED}, Purpose.REACH_OUT, False, Because.REFUSED),
        ({"said": State.WITHDRAWN}, Purpose.REACH_OUT, False, Because.WITHDRAWN),
        ({"said": State.WITHDRAWN, "asked": True}, Purpose.ANSWER, True, Because.ASKED),
        ({"said": State.WITHDRAWN, "asked": True}, Purpose.NEWS, False, Because.WITHDRAWN),
        (
            {"said": State.WITHDRAWN, "asked": True, "by": Way.PHONE},
            Purpose.ANSWER,
            False,
            Because.WITHDRAWN,
        ),
        ({"asked": True, "by": None}, Purpose.ANSWER, True, Because.ASKED),
        ({"said": State.GRANTED, "asked": True, "by": None}, Purpose.ANSWER, True, Because.ASKED),
        (
            {"listed": True, "asked": True, "since": -DAY, "by": Way.PHONE},
            Purpose.ANSWER,
            False,
            Because.SUPPRESSED,
        ),
        (
            {"listed": True, "asked": True, "since": -DAY},
            Purpose.REACH_OUT,
            False,
            Because.SUPPRESSED,
        ),
        (
            {"listed": True, "asked": True, "since": -DAY, "shut": True},
            Purpose.ANSWER,
            False,
            Because.DO_NOT_CONTACT,
        ),
        ({"said": State.WITHDRAWN}, Purpose.ANSWER, False, Because.WITHDRAWN),
        ({"listed": True, "asked": True}, Purpose.ANSWER, False, Because.SUPPRESSED),
        ({"listed": True, "asked": True, "since": -DAY}, Purpose.ANSWER, True, Because.ASKED),
        ({"listed": True, "asked": True, "since": -DAY}, Purpose.NEWS, False, Because.SUPPRESSED),
        (
            {"listed": True, "asked": True, "since": -DAY, "whole": True},
            Purpose.ANSWER,
            False,
            Because.SUPPRESSED,
        ),
        ({"listed": True, "said": State.GRANTED}, Purpose.NEWS, False, Because.SUPPRESSED),
        ({"shut": True, "asked": True}, Purpose.ANSWER, False, Because.DO_NOT_CONTACT),
    ],
)
def test_the_first_reason_that_holds_decides(
    how: dict[str, Any], purpose: Purpose, *, allowed: bool, because: Because
) -> None:
    verdict = contact.decide(Way.EMAIL, purpose, standing(**how))
    assert (verdict.allowed, verdict.because) == (allowed, because)


def test_a_word_on_one_way_says_nothing_of_another() -> None:
    verdict = contact.decide(Way.PHONE, Purpose.REACH_OUT, standing(said=State.REFUSED))
    assert verdict.allowed


@pytest.mark.parametrize(
    ("channel", "person", "ways"),
    [
        ("INBOUND_EMAIL", {}, {Way.EMAIL}),
        ("PHONE", {}, {Way.PHONE}),
        ("SOCIAL", {"email": "a@b.co"}, {Way.SOCIAL, Way.EMAIL}),
        ("FORM", {"email": "a@b.co"}, {Way.EMAIL}),
        ("FORM", {"email": "a@b.co", "phone": "+4930123456"}, {Way.EMAIL, Way.PHONE}),
        ("FORM", {"email": "", "phone": None}, set()),
    ],
)
def test_a_request_opens_the_way_it_came_by_and_those_it_names(
    channel: str, person: dict[str, Any], ways: set[Way]
) -> None:
    assert contact.ways_of(channel, person) == ways


@pytest.mark.parametrize(
    ("payload", "said"),
    [
        ({"channel": "FORM", "consent": True}, [Said(Way.EMAIL, State.GRANTED)]),
        ({"channel": "FORM", "consent": False}, []),
        ({"channel": "IMPORT", "consent": False}, [Said(Way.EMAIL, State.REFUSED)]),
        ({"consent": "News, please"}, [Said(Way.EMAIL, State.GRANTED, words="News, please")]),
        ({"consent": "  "}, []),
        (
            {"channel": "PHONE", "consent": {"email": True, "phone": False, "basis": "CONTRACT"}},
            [
                Said(Way.EMAIL, State.GRANTED, "CONTRACT"),
                Said(Way.PHONE, State.REFUSED, "CONTRACT"),
            ],
        ),
        ({"signals": [{"kind": "unsubscribe"}]}, [Said(Way.EMAIL, State.WITHDRAWN)]),
        (
            {"consent": True, "signals": [{"kind": "unsubscribe"}]},
            [Said(Way.EMAIL, State.GRANTED), Said(Way.EMAIL, State.WITHDRAWN)],
        ),
        ({}, []),
    ],
)
def test_what_a_touchpoint_says(payload: dict[str, Any], said: list[Said]) -> None:
    assert list(contact.said_in(payload)) == said


@pytest.mark.parametrize(
    ("kind", "value"),
    [("EMAIL", "mara.lindqvist@nordwind.de"), ("PHONE", "+4930123456"), ("EMAIL", "a@b.co")],
)
def test_a_hint_does_not_tell_the_value(kind: str, value: str) -> None:
    told = contact.hint(kind, value)
    assert told
    assert value not in told
    assert "nordwind" not in told


@given(st.text(min_size=1), st.text(min_size=1))
def test_a_fingerprint_tells_kinds_and_values_apart(one: str, other: str) -> None:
    assert (contact.value_hash("EMAIL", one) == contact.value_hash("EMAIL", other)) == (
        one.encode("utf-8", "surrogatepass") == other.encode("utf-8", "surrogatepass")
    )
    assert contact.value_hash("EMAIL", one) != contact.value_hash("PHONE", one)
