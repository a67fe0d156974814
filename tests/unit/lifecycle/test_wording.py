"""A notice is one clean line and a sentence in the reader's zone."""

from __future__ import annotations

import dataclasses
import unicodedata
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle import wording
from lifecycle.models import Notice

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
WORDS = {"label": "Accepted within a day", "due_at": "2026-07-01T10:30:00+00:00", "part": "HOLDER"}


def about(kind: str, company: str = "Acme", holder: str = "", **words: object) -> wording.About:
    return wording.About(Notice.Kind(kind), {**WORDS, **words}, 7, company, holder, BERLIN)


@pytest.mark.parametrize(
    ("given_about", "line"),
    [
        (about("ASSIGNED"), "New lead: Acme"),
        (about("ASSIGNED", company=""), "New lead: lead 7"),
        (about("WARNED"), "Due soon: Accepted within a day · Acme"),
        (about("BREACHED"), "Overdue: Accepted within a day · Acme"),
        (about("BREACHED", part="MANAGER"), "Overdue in your team: Accepted within a day · Acme"),
        (about("ESCALATED", part="MANAGER"), "Still overdue: Accepted within a day · Acme"),
    ],
)
def test_the_headline_says_what_it_is_about(given_about: wording.About, line: str) -> None:
    assert wording.headline(given_about) == line


@pytest.mark.parametrize(
    ("given_about", "parts"),
    [
        (about("ASSIGNED"), ["Acme is yours now", "Wed 1 Jul 2026, 12:30 (Europe/Berlin)"]),
        (about("ASSIGNED", due_at=None), ["Acme is yours now."]),
        (about("WARNED"), ["is due Wed 1 Jul"]),
        (about("BREACHED", part="MANAGER", holder="Ana"), ["was due", "The lead is with Ana."]),
        (about("BREACHED", part="MANAGER"), ["waits in a queue"]),
        (
            about("ESCALATED", part="MANAGER", level="All managers", holder="Ana"),
            ["was due", "still open", "the level “All managers”", "The lead is with Ana."],
        ),
    ],
)
def test_the_sentence_says_until_when(given_about: wording.About, parts: list[str]) -> None:
    text = wording.sentence(given_about)
    for part in parts:
        assert part in text


@pytest.mark.parametrize(
    ("kind", "part"),
    [
        ("ASSIGNED", "Acme is with Ana now."),
        ("WARNED", "The lead is with Ana."),
        ("BREACHED", "The lead is with Ana."),
        ("ESCALATED", "The lead is with Ana."),
    ],
)
def test_a_channel_is_told_whose_the_lead_is(kind: str, part: str) -> None:
    to_many = dataclasses.replace(about(kind, holder="Ana"), to_many=True)
    assert part in wording.sentence(to_many)


def test_who_has_the_lead_is_not_told_that_they_have_it() -> None:
    assert "The lead is with" not in wording.sentence(about("BREACHED", holder="Ana"))


@given(kind=st.sampled_from(Notice.Kind), name=st.text(max_size=300), label=st.text())
def test_no_name_can_break_out_of_its_line(kind: str, name: str, label: str) -> None:
    told = about(kind, company=name, holder=name, label=label, level=label, part="MANAGER")
    for text in (wording.headline(told), wording.sentence(told)):
        assert len(text.splitlines()) == 1
        assert not any(unicodedata.category(letter) in {"Cc", "Cf"} for letter in text)
    assert len(wording.headline(told)) <= wording.LONGEST_SUBJECT


@pytest.mark.parametrize(
    ("given_about", "text"),
    [
        (
            about("ESCALATED", holder="Ana", moved=True, level="The next rep"),
            "“Accepted within a day” for Acme was due Wed 1 Jul 2026, 12:30 (Europe/Berlin) and "
            "still open. By the level “The next rep” it is with Ana now.",
        ),
        (
            about("ESCALATED", company="", moved=True, level="For people", part="MANAGER"),
            "“Accepted within a day” for lead 7 was due Wed 1 Jul 2026, 12:30 (Europe/Berlin) and "
            "still open. By the level “For people” it waits in a queue now, for somebody to claim "
            "it.",
        ),
        (
            about("ESCALATED", holder="Ana\nB", moved=True, level="Two\r\nlines", part="MANAGER"),
            "“Accepted within a day” for Acme was due Wed 1 Jul 2026, 12:30 (Europe/Berlin) and "
            "still open. By the level “Two lines” it is with Ana B now.",
        ),
        (
            about("ASSIGNED", level="The next rep", label="Accept or reject", due_at=None),
            "Acme is yours now. It was escalated (“The next rep”), since “Accept or reject” was "
            "overdue.",
        ),
        (
            about("ASSIGNED", level="The next rep"),
            "Acme is yours now. It was escalated (“The next rep”), since “Accepted within a day” "
            "was overdue. The first step is due Wed 1 Jul 2026, 12:30 (Europe/Berlin).",
        ),
        (
            about("ESCALATED", holder="Ana", level="All managers"),
            "“Accepted within a day” for Acme was due Wed 1 Jul 2026, 12:30 (Europe/Berlin) and is "
            "still open. This is the level “All managers”.",
        ),
    ],
)
def test_a_level_that_acts_says_where_the_lead_is_now(
    given_about: wording.About, text: str
) -> None:
    assert wording.sentence(given_about) == text
