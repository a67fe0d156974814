"""Time at work against counting it minute by minute."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import worktime
from core.work_calendar import WorkCalendar
from people import attendance, availability
from people.availability import Availability

OFFICE = WorkCalendar("Europe/Berlin", (((540, 720), (780, 1020)),) * 5 + ((), ()))
MONDAY = dt.datetime(2026, 3, 2, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def somebody(*leaves: tuple[float, float], away: float | None = None) -> Availability:
    """On shift as the office is; leave from hour to hour after Monday, midnight UTC."""
    spans = tuple((MONDAY + a * HOUR, MONDAY + b * HOUR) for a, b in leaves)
    return Availability(True, OFFICE, spans, MONDAY + away * HOUR if away else None)


@pytest.mark.parametrize(
    ("person", "since", "until", "worked"),
    [
        (somebody(), 0, 24, 7),  # nine to five in Berlin less the hour at noon
        (somebody(), 20, 26, 0),
        (somebody((8, 10)), 0, 24, 5),
        (somebody((8, 10), (9, 11)), 0, 24, 4),  # two leaves that overlap are one
        (somebody((-48, 200)), 0, 24, 0),
        (somebody(away=12), 0, 24, 7),
        (somebody(), 24, 0, 0),
    ],
)
def test_leave_is_taken_off_the_hours_once(
    person: Availability, since: float, until: float, worked: float
) -> None:
    found = attendance.at_work(person, MONDAY + since * HOUR, MONDAY + until * HOUR)
    assert found == worked * HOUR


hours = st.integers(0, 14 * 24 * 4).map(lambda quarter: quarter / 4)


@given(st.lists(st.tuples(hours, hours).map(sorted).map(tuple), max_size=4), hours, hours)
def test_it_is_the_time_counted_by_quarters(
    leaves: list[tuple[float, float]], since: float, until: float
) -> None:
    person = somebody(*(one for one in leaves if one[0] < one[1]))
    counted = sum(
        availability.is_available(person, MONDAY + quarter * HOUR / 4)
        for quarter in range(int(since * 4), int(until * 4))
    )
    found = attendance.at_work(person, MONDAY + since * HOUR, MONDAY + until * HOUR)
    assert found == counted * HOUR / 4
    assert found <= worktime.elapsed(OFFICE, MONDAY, MONDAY + 15 * 24 * HOUR)


@given(st.lists(st.integers(0, 72), min_size=2, max_size=2).map(sorted), st.integers(0, 72))
def test_time_at_work_is_cut_where_the_hours_change(span: list[int], cut: int) -> None:
    nobody = Availability(True, WorkCalendar("UTC", ((),) * 7))
    since, until = (MONDAY + hour * HOUR for hour in span)
    changes = MONDAY + cut * HOUR
    regimes = [attendance.Regime(MONDAY, somebody()), attendance.Regime(changes, nobody)]
    found = attendance.over(regimes, since, until)
    assert found == attendance.at_work(somebody(), since, min(until, changes))
