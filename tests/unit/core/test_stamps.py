"""Times and spans as files write them."""

from __future__ import annotations

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from core import stamps
from core.errors import InvalidInput

NEW_YORK = ZoneInfo("America/New_York")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-02T09:00:00Z", "2026-11-02T09:00:00+00:00"),
        ("2026-11-02 09:00+01:00", "2026-11-02T08:00:00+00:00"),
        ("2026-11-02 09:00:00.250 -0330", "2026-11-02T12:30:00.250000+00:00"),
        ("2026/1/2 09:00:00 UTC", "2026-01-02T09:00:00+00:00"),
        ("2026-11-02T09:00", "2026-11-02T14:00:00+00:00"),
        ("2026-11-02", "2026-11-02T05:00:00+00:00"),
        (" 2011/10/01 14:45:40.000 ", "2011-10-01T18:45:40+00:00"),
    ],
)
def test_a_time_is_read_where_it_says_its_zone_and_where_it_does_not(
    text: str, expected: str
) -> None:
    assert stamps.instant(text, zone=NEW_YORK).at.isoformat() == expected


@pytest.mark.parametrize("text", [None, "", "soon", "02.11.2026 09:00", "2026-02-30", "25:00"])
def test_what_is_no_time_is_refused(text: object) -> None:
    with pytest.raises(InvalidInput, match="no time"):
        stamps.instant(text, zone=NEW_YORK)


def test_a_time_without_a_zone_is_refused_where_none_is_named() -> None:
    with pytest.raises(InvalidInput, match="no zone"):
        stamps.instant("2026-11-02T09:00")


def test_a_pattern_reads_times_of_any_form() -> None:
    found = stamps.instant("26-02-2018 19:58", zone=NEW_YORK, pattern="%d-%m-%Y %H:%M")
    assert found.at.isoformat() == "2018-02-27T00:58:00+00:00"


@pytest.mark.parametrize(
    ("text", "expected", "told"),
    [
        ("2026-11-01T01:30", "2026-11-01T05:30:00+00:00", stamps.TWICE),
        ("2026-03-08T02:30", "2026-03-08T07:30:00+00:00", stamps.NEVER),
        ("2026-03-08T03:00", "2026-03-08T07:00:00+00:00", ""),
        ("2026-11-01T02:00", "2026-11-01T07:00:00+00:00", ""),
        ("2026-11-01T01:30-05:00", "2026-11-01T06:30:00+00:00", ""),
    ],
)
def test_a_wall_clock_that_leaves_the_instant_open_is_told(
    text: str, expected: str, told: str
) -> None:
    found = stamps.instant(text, zone=NEW_YORK)
    assert (found.at.isoformat(), found.told) == (expected, told)


@pytest.mark.parametrize(
    ("text", "unit", "seconds"),
    [
        ("60", "m", 3600),
        (90, "s", 90),
        (1.5, "h", 5400),
        ("0.1", "s", 0.1),
        ("4h", "m", 14400),
        ("1h 30m", "m", 5400),
        ("PT90M", "m", 5400),
        ("90min", "m", 5400),
        ("1h0.5s", "m", 3600.5),
        ("100s", "m", 100),
    ],
)
def test_a_span_of_work_is_read_exactly(text: object, unit: str, seconds: float) -> None:
    assert stamps.work(text, unit=unit) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "-5", "soon", "4 days", "1:30", "nan", "inf", "1e99", "h"])
def test_what_is_no_span_of_work_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="no span"):
        stamps.work(text)


@pytest.mark.parametrize(
    ("span", "text"),
    [
        (timedelta(hours=1), "3600"),
        (timedelta(), "0"),
        (timedelta(microseconds=1), "0.000001"),
        (timedelta(seconds=-90.5), "-90.5"),
    ],
)
def test_seconds_are_written_without_loss(span: timedelta, text: str) -> None:
    assert stamps.seconds(span) == text
