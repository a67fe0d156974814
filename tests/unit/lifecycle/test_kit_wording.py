"""News about the kit are one clean line and sentences that name people, numbers and instants."""

from __future__ import annotations

import unicodedata
import zoneinfo
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle import kit_wording, wording
from lifecycle.models import KitNews

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
OLIVIA, SALLY, DORA = 1, 2, 3
NAMES = {OLIVIA: "Olivia", SALLY: "Sally", DORA: "Dora"}
AT = "2026-07-01T10:30:00+00:00"
IN_BERLIN = "Wed 1 Jul 2026, 12:30 (Europe/Berlin)"


def about(kind: str, *, title: str = "Faster", **words: Any) -> kit_wording.About:
    known = {"by": OLIVIA, "part": "TOLD", "base": 2, "changes": 3, "lines": ["A", "B"], **words}
    return kit_wording.About(KitNews(kind), known, 3, title, NAMES, BERLIN)


@pytest.mark.parametrize(
    ("given_about", "line"),
    [
        (about("REVIEW", part="ASKED"), "Kit v3 awaits your signature · Faster"),
        (about("REVIEW", part="ASKED", title=""), "Kit v3 awaits your signature"),
        (about("SIGNED", party="SALES"), "Kit v3 was signed for Sales · Faster"),
        (about("ROLLED_BACK", restores=1), "Kit v3 is in force, back to v1 · Faster"),
        (about("HALF_TIME"), "Emergency kit v3 is still not countersigned · Faster"),
        (
            about("HALF_TIME", part="ASKED"),
            "Emergency kit v3 is still not countersigned: it awaits your signature · Faster",
        ),
        (about("REVERTED", base=2, restores=1), "Emergency kit v2 has reverted · Faster"),
    ],
)
def test_the_headline_says_what_it_is_about(given_about: kit_wording.About, line: str) -> None:
    assert kit_wording.headline(given_about) == line


@pytest.mark.parametrize(
    ("given_about", "parts"),
    [
        (about("REVIEW"), ["Olivia asks for your signature.", "3 parts differ from v2."]),
        (about("REVIEW", changes=1), ["1 part differs from v2."]),
        (about("REVIEW", first=True, base=None, changes=0), ["It is the first kit."]),
        (
            about("REVIEW", restores=1, when_signed=True, reason="Too fast"),
            ["go back to v1", "with the last signature", "Why: Too fast."],
        ),
        (about("REVIEW", emergency=True, reason="It burns."), ["emergency change", "It burns."]),
        (
            about("SIGNED", by=DORA, deputy_of=SALLY, party="SALES", missing=["MARKETING"]),
            ["Dora, deputy of Sally, signed for Sales.", "Still missing: Marketing."],
        ),
        (about("ALL_SIGNED", party="MARKETING"), ["Marketing, the last", "published or scheduled"]),
        (about("SCHEDULED", at=AT), [f"Olivia scheduled it: it comes into force {IN_BERLIN}."]),
        (about("PUBLISHED"), ["Olivia published it."]),
        (about("PUBLISHED", by_itself=True), ["came into force as arranged"]),
        (about("EMERGENCY", expires_at=AT, reason="It burns!"), [IN_BERLIN, "Why: It burns!"]),
        (about("EMERGENCY", expires_at=AT, part="ASKED"), ["Your signature is awaited."]),
        (about("HALF_TIME", expires_at=AT), ["Half of its time", IN_BERLIN]),
        (about("REVERTED", restores=1), ["Nobody countersigned v2", "text of v1 back"]),
        (about("SET_BACK", why="It was overtaken."), ["in review again", "It was overtaken."]),
        (about("REOPENED", why="rebased"), ["back to draft", "no longer count", "Why: rebased."]),
        (about("WITHDRAWN", by=99), ["somebody gave it up"]),
    ],
)
def test_the_sentence_names_who_what_and_when(
    given_about: kit_wording.About, parts: list[str]
) -> None:
    text = kit_wording.sentence(given_about)
    for part in parts:
        assert part in text


def test_the_lines_say_what_changes_and_how_much_is_left_out() -> None:
    assert kit_wording.lines(about("REVIEW", changes=12)) == ("A", "B", "and 10 more")
    assert kit_wording.lines(about("REVIEW", changes=2)) == ("A", "B")
    assert kit_wording.lines(about("REVIEW", changes=0, lines=[])) == ()


@given(kind=st.sampled_from(KitNews), text=st.text(max_size=300))
def test_nothing_people_wrote_can_break_out_of_its_line(kind: KitNews, text: str) -> None:
    told = kit_wording.About(
        kind,
        {"by": OLIVIA, "party": text, "missing": [text], "why": text, "reason": text, "base": 1,
         "changes": 2, "lines": [text], "part": "ASKED"},
        3, text, {OLIVIA: text}, BERLIN,
    )  # fmt: skip
    for said in (kit_wording.headline(told), kit_wording.sentence(told), *kit_wording.lines(told)):
        assert len(said.splitlines()) <= 1
        assert not any(unicodedata.category(letter) in {"Cc", "Cf"} for letter in said)
    assert len(kit_wording.headline(told)) <= wording.LONGEST_SUBJECT
