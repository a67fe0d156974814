"""Who is at work on which day, and when nobody of a group is."""

from __future__ import annotations

import datetime as dt

import pytest

from core.work_calendar import WorkCalendar
from people import roster
from people.availability import Availability
from people.roster import Day

MONDAY = dt.datetime(2026, 11, 23, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
NINE_TO_FIVE = ((9 * 60, 17 * 60),)


def at(day: int, hour: int = 0) -> dt.datetime:
    return MONDAY + day * DAY + dt.timedelta(hours=hour)


def person(*leaves: roster.Span, closed: dt.date | None = None, **more: object) -> Availability:
    """Somebody who works 9 to 17 from Monday to Friday, UTC."""
    days = frozenset([closed]) if closed else frozenset[dt.date]()
    hours = WorkCalendar(zone="UTC", week=(*[NINE_TO_FIVE] * 5, (), ()), closed=days)
    return Availability(active=True, hours=hours, leaves=leaves, **more)  # type: ignore[arg-type]


def attendance(one: Availability) -> roster.Attendance:
    return roster.attendance(one, MONDAY, at(7), now=MONDAY)


@pytest.mark.parametrize(
    ("one", "day", "expected"),
    [
        (person(), 0, Day.WORKS),
        (person(), 5, Day.OFF),
        (person((at(1), at(2))), 1, Day.LEAVE),
        (person((at(1), at(2))), 2, Day.WORKS),
        (person((at(1, 12), at(2))), 1, Day.PARTLY),
        (person((at(1, 18), at(2))), 1, Day.WORKS),
        (person((at(0), at(7))), 6, Day.LEAVE),
        (person((at(5, 12), at(6))), 5, Day.OFF),
        (person(closed=dt.date(2026, 11, 25)), 2, Day.HOLIDAY),
        (person((at(2), at(3)), closed=dt.date(2026, 11, 25)), 2, Day.HOLIDAY),
        (person(away_until=at(1, 23)), 1, Day.AWAY),
        (person(away_until=at(0, 12)), 0, Day.PARTLY),
        (person(works_leads=False), 0, Day.OFF),
    ],
)
def test_a_day_is_what_is_left_of_its_hours(one: Availability, day: int, expected: Day) -> None:
    found = roster.day(attendance(one), one.leaves, at(day), at(day + 1))
    assert found is expected


@pytest.mark.parametrize(
    ("group", "gaps"),
    [
        ([person(), person((at(1), at(2)))], ()),
        ([person((at(1), at(2)))], ((at(1, 9), at(1, 17)),)),
        ([person((at(1), at(1, 12))), person((at(1, 11), at(2)))], ((at(1, 11), at(1, 12)),)),
        ([person((at(1), at(2))), person(closed=dt.date(2026, 11, 24))], ((at(1, 9), at(1, 17)),)),
        ([person((at(1), at(2))), person(works_leads=False)], ((at(1, 9), at(1, 17)),)),
        ([], ()),
    ],
)
def test_a_group_has_a_gap_where_somebody_should_work_and_nobody_does(
    group: list[Availability], gaps: tuple[roster.Span, ...]
) -> None:
    told = [attendance(one) for one in group]
    assert roster.uncovered(told, at(1), at(2)) == gaps
    assert roster.uncovered(told, at(5), at(6)) == ()
