"""The days offered for a next step are days on which somebody works, each offered once."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest

from core.work_calendar import WorkCalendar
from people.availability import Availability
from web.console import step_picks

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
HALF_PAST_EIGHT, FIVE = 8 * 60 + 30, 17 * 60
WEEK = tuple(((HALF_PAST_EIGHT, FIVE),) if day < 5 else () for day in range(7))
NOBODY = tuple(() for _ in range(7))
MONDAY = dt.datetime(2026, 3, 2, 11, tzinfo=BERLIN)
DAY = dt.timedelta(days=1)


def offered(
    now: dt.datetime, *, week: tuple[tuple[tuple[int, int], ...], ...] = WEEK, leave_days: int = 0
) -> list[tuple[str, str]]:
    leaves = ((now, now + leave_days * DAY),) if leave_days else ()
    works = Availability(True, WorkCalendar(zone="Europe/Berlin", week=week), leaves)
    picks = step_picks.of(works, now, BERLIN)
    return [(one.label, f"{one.at.astimezone(BERLIN):%a %d %H:%M}") for one in picks]


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (0, [("Tomorrow", "Tue 03 08:30"), ("In 3 days", "Thu 05 08:30"),
             ("Next week", "Mon 09 08:30")]),
        (4, [("Next working day", "Mon 09 08:30")]),
        (6, [("Tomorrow", "Mon 09 08:30"), ("In 3 days", "Wed 11 08:30")]),
    ],
    ids=["monday", "friday", "sunday"],
)  # fmt: skip
def test_days_are_working_days_and_none_is_offered_twice(
    after: int, found: list[tuple[str, str]]
) -> None:
    assert offered(MONDAY + after * DAY) == found


def test_whoever_is_on_leave_is_offered_days_after_it() -> None:
    assert offered(MONDAY, leave_days=10) == [("Next working day", "Thu 12 11:00")]


def test_who_has_no_hours_begins_weekdays_at_nine() -> None:
    found = offered(MONDAY + 4 * DAY, week=NOBODY)
    assert found == [("Next working day", "Mon 09 09:00")]


def test_who_works_around_the_clock_begins_in_the_morning() -> None:
    always = tuple(((0, 24 * 60),) for _ in range(7))
    assert offered(MONDAY, week=always)[0] == ("Tomorrow", "Tue 03 09:00")
