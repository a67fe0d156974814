"""Times, spans and names as pages say them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from web.console import words

BERLIN, KOLKATA = ZoneInfo("Europe/Berlin"), ZoneInfo("Asia/Kolkata")
NOW = dt.datetime(2026, 11, 20, 13, 0, tzinfo=dt.UTC)


def later(**parts: int) -> dt.datetime:
    return NOW + dt.timedelta(**parts)


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (40, "40 s"),
        (60, "1 min 00 s"),
        (61, "1 min 01 s"),
        (16 * 3600, "16 h 00 min 00 s"),
        (2 * 3600 + 5 * 60 + 7, "2 h 05 min 07 s"),
        (2 * 3600 + 7, "2 h 00 min 07 s"),
        (47 * 3600 + 59 * 60 + 59, "47 h 59 min 59 s"),
        (52 * 3600, "2 d 04 h 00 min 00 s"),
        (72 * 3600 + 1, "3 d 00 h 00 min 01 s"),
    ],
)
def test_what_is_added_up_is_said_to_the_second(seconds: int, said: str) -> None:
    assert words.to_the_second(seconds) == said


@pytest.mark.parametrize(
    ("length", "said"),
    [
        (dt.timedelta(), "0 min"),
        (dt.timedelta(seconds=40), "40 s"),
        (dt.timedelta(minutes=11, seconds=59), "11 min"),
        (dt.timedelta(hours=3), "3 h"),
        (dt.timedelta(hours=3, minutes=20), "3 h 20 min"),
        (dt.timedelta(hours=47, minutes=59), "47 h 59 min"),
        (dt.timedelta(hours=52), "2 d 4 h"),
        (dt.timedelta(days=30), "30 d"),
        (None, "–"),
    ],
)
def test_spans_have_at_most_two_units(length: dt.timedelta | None, said: str) -> None:
    assert words.span(length) == said


@pytest.mark.parametrize(
    ("due", "said"),
    [
        (later(minutes=43), "43 min"),
        (later(minutes=-12), "−12 min"),
        (later(hours=2, minutes=10), "2 h 10 min"),
        (later(hours=25, minutes=59), "25 h"),
        (later(hours=-30), "−30 h"),
        (later(days=3), "3 d"),
        (NOW, "0 min"),
    ],
)
def test_a_countdown_is_short_and_signed(due: dt.datetime, said: str) -> None:
    assert words.countdown(due, now=NOW) == said


@pytest.mark.parametrize(
    ("at", "zone", "said"),
    [
        (later(hours=1, minutes=30), BERLIN, "by 15:30 today"),
        (later(hours=12), BERLIN, "by 02:00 tomorrow"),
        (later(hours=12), dt.UTC, "by 01:00 tomorrow"),
        (later(hours=-20), BERLIN, "by 18:00 yesterday"),
        (later(days=3), BERLIN, "by 14:00 on Mon 23 Nov"),
        (later(days=60), BERLIN, "by 14:00 on Tue 19 Jan 2027"),
        (later(hours=10, minutes=45), KOLKATA, "by 05:15 tomorrow"),
    ],
)
def test_deadlines_are_said_in_the_readers_day(at: dt.datetime, zone: dt.tzinfo, said: str) -> None:
    assert words.by(at, now=NOW, zone=zone) == said


@pytest.mark.parametrize(
    ("at", "said"),
    [
        (later(seconds=-20), "just now"),
        (later(minutes=-5), "5 min ago"),
        (later(minutes=5), "in 5 min"),
        (later(hours=-5, minutes=-6), "5 h ago"),
        (later(days=-2, hours=-9), "2 d ago"),
    ],
)
def test_how_long_ago(at: dt.datetime, said: str) -> None:
    assert words.ago(at, now=NOW) == said


@given(st.timedeltas(dt.timedelta(seconds=1), dt.timedelta(days=400)))
def test_a_span_never_says_more_than_it_is_nor_much_less(length: dt.timedelta) -> None:
    units = {"s": 1, "min": 60, "h": 3600, "d": 86400}
    tokens = words.span(length).split()
    said = sum(int(n) * units[unit] for n, unit in zip(tokens[::2], tokens[1::2], strict=True))
    smallest = units[tokens[-1]] if len(tokens) == 4 else units[tokens[1]]
    missing = length.total_seconds() - said
    assert 0 <= missing < max(smallest, 3600 if tokens[-1] == "d" else 60)


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Anna Keller", "AK"),
        ("anna", "AN"),
        ("陳 怡君", "陳怡"),
        ("", "?"),
        ("Ana de la Cruz", "AC"),
    ],
)
def test_initials_take_first_and_last(name: str, letters: str) -> None:
    assert words.initials(name) == letters


@pytest.mark.parametrize(
    ("told", "category", "said"),
    [
        ("cpc", "PAID", "cpc"),
        ("none", "DIRECT", ""),
        ("(none)", "UNKNOWN", ""),
        ("organic", "ORGANIC", ""),
        ("Content syndication", "CONTENT_SYNDICATION", ""),
        ("organic", "PAID", "organic"),
        ("", "PAID", ""),
    ],
)
def test_a_medium_that_says_nothing_new_is_not_said(told: str, category: str, said: str) -> None:
    assert words.medium(told, category) == said
