"""What a calendar comes to, day by day, and when work would end."""

from __future__ import annotations

import datetime as dt

import pytest

from core import worktime
from governance import calendar_preview

NOW = dt.datetime(2026, 10, 23, 12, 0, tzinfo=dt.UTC)  # a Friday, 14:00 in Berlin
HOURS = worktime.from_document(
    {
        "zone": "Europe/Berlin",
        "week": {"fri": [["09:00", "12:30"], ["13:00", "17:00"]], "sat": [["22:00", "06:00"]]},
        "closed": ["2026-10-30"],
        "opened": {"2026-11-01": [["10:00", "12:00"]]},
    }
)
NAMES = {dt.date(2026, 10, 30): "Bridge day"}


def test_each_day_says_what_is_open_in_it_and_what_is_special() -> None:
    days = list(calendar_preview.days(HOURS, NAMES, now=NOW, count=11))
    told = {
        one.date.day: (one.length, one.hours, one.name, one.change)
        for one in days
        if one.hours or one.name or one.change
    }
    assert told == {
        23: ("7 h 30 min", ("09:00–12:30", "13:00–17:00"), "", ""),
        24: ("2 h", ("22:00–24:00",), "", ""),
        25: ("7 h", ("00:00–06:00",), "", "clocks go back 1 h"),
        30: ("closed", (), "Bridge day", ""),
        31: ("2 h", ("22:00–24:00",), "", ""),
        1: ("8 h", ("00:00–06:00", "10:00–12:00"), "", ""),
    }
    assert [one.date.day for one in days if one.is_closed] == [30]
    assert [one.date.day for one in days if one.is_special] == [1]


def test_a_calendar_that_never_closes_has_whole_days() -> None:
    (day,) = calendar_preview.days(worktime.ALWAYS, {}, now=NOW, count=1)
    assert (day.length, day.hours) == ("24 h", ("00:00–24:00",))


@pytest.mark.parametrize(
    ("start", "work", "end", "counts_from"),
    [
        ("", "4h", "Sat 24 Oct 2026, 23:00 CEST", None),
        ("2026-10-24T12:00", "60", "Sat 24 Oct 2026, 23:00 CEST", "Sat 24 Oct 2026, 22:00 CEST"),
        ("2026-10-23T16:59:59", "1s", "Fri 23 Oct 2026, 17:00 CEST", None),
        ("2026-10-23T16:59:58", "1s", "Fri 23 Oct 2026, 16:59:59 CEST", None),
        ("2026-10-24T23:30+02:00", "3h", "Sun 25 Oct 2026, 02:30 CEST", None),
        ("2026-10-24T23:30+02:00", "4h", "Sun 25 Oct 2026, 02:30 CET", None),
    ],
)
def test_work_ends_when_the_clock_would(
    start: str, work: str, end: str, counts_from: str | None
) -> None:
    found = calendar_preview.ending(HOURS, start, work, now=NOW).words
    assert (found["end"], found.get("counts_from")) == (end, counts_from)


@pytest.mark.parametrize(
    ("start", "work", "at_once"),
    [("2026-10-24T12:00", "0h", True), ("2026-10-24T12:00", "1m", False), ("", "0", True)],
)
def test_no_work_ends_at_once(start: str, work: str, at_once: bool) -> None:
    assert calendar_preview.ending(HOURS, start, work, now=NOW).is_at_once == at_once


@pytest.mark.parametrize(
    ("start", "work", "told"),
    [("soon", "4h", "“soon” is no time"), ("", "long", "is no span"), ("", "9000h", "less than")],
)
def test_what_cannot_be_answered_says_why(start: str, work: str, told: str) -> None:
    assert told in calendar_preview.ending(HOURS, start, work, now=NOW).fault
