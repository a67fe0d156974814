"""Which promised hours nobody works: told exactly, in words, and never where somebody does."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import work_calendar, worktime
from core.work_calendar import DAY_NAMES, WorkCalendar
from people import availability
from people.availability import Availability
from routing import staffing
from routing.staffing import Promise

AT = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)
WEEKDAYS = DAY_NAMES[:5]
NONE = dt.timedelta()
QUARTER = dt.timedelta(minutes=15)


def calendar(zone: str, *spans: tuple[str, str], days: tuple[str, ...] = WEEKDAYS) -> WorkCalendar:
    week = {day: [list(span) for span in spans] for day in days}
    return work_calendar.from_document({"zone": zone, "week": week})


def member(zone: str, *spans: tuple[str, str], days: tuple[str, ...] = WEEKDAYS) -> Availability:
    return Availability(active=True, hours=calendar(zone, *spans, days=days))


def gaps(
    hours: WorkCalendar, *members: Availability, allowance: dt.timedelta = QUARTER,
    look_ahead: dt.timedelta = NONE,
) -> list[str]:  # fmt: skip
    promise = Promise("Hours", hours, allowance)
    return staffing.unstaffed(promise, members, look_ahead=look_ahead, at=AT)


OFFICE = calendar("Europe/Berlin", ("09:00", "18:00"))
ALWAYS = calendar("UTC", ("00:00", "24:00"), days=DAY_NAMES)


@pytest.mark.parametrize(
    ("hours", "members", "told"),
    [
        (OFFICE, [member("Europe/Berlin", ("09:00", "17:00"))], ["Mon–Fri 17:00–18:00"]),
        (OFFICE, [member("Europe/Berlin", ("10:00", "18:00"))], ["Mon–Fri 09:00–10:00"]),
        (OFFICE, [member("Europe/Berlin", ("08:00", "20:00"))], []),
        (OFFICE, [member("Europe/London", ("08:00", "17:00"))], []),
        (OFFICE, [member("Europe/Berlin", ("09:00", "13:00")),
                  member("Europe/Berlin", ("12:30", "18:00"))], []),
        (OFFICE, [member("Europe/Berlin", ("09:00", "12:00"), ("12:45", "18:00"))], []),
        (OFFICE, [member("Europe/Berlin", ("09:00", "12:00"), ("13:00", "18:00"))],
         ["Mon–Fri 12:00–13:00"]),
        (OFFICE, [member("Europe/Berlin", ("09:00", "18:00"), days=("mon", "tue", "fri"))],
         ["Wed–Thu 09:00–18:00"]),
        (OFFICE, [member("Europe/Berlin", ("09:00", "18:00"), days=("tue", "thu"))],
         ["Mon, Wed, Fri 09:00–18:00"]),
        (OFFICE, [member("Europe/Berlin", ("09:00", "17:50"))], []),
        (calendar("Europe/Berlin", ("20:00", "24:00")),
         [member("Europe/Berlin", ("20:00", "22:00"))], ["Mon–Fri 22:00–24:00"]),
    ],
)  # fmt: skip
def test_hours_that_nobody_works_are_told(
    hours: WorkCalendar, members: list[Availability], told: list[str]
) -> None:
    assert gaps(hours, *members) == [f"{words} Europe/Berlin" for words in told]


def test_a_clock_that_outlasts_the_gap_breaks_no_promise() -> None:
    day = member("UTC", ("09:00", "17:00"), days=DAY_NAMES)
    assert gaps(ALWAYS, day, allowance=dt.timedelta(hours=16, minutes=1)) == []
    assert gaps(ALWAYS, day, allowance=dt.timedelta(hours=16)) == [
        "Mon–Sun 17:00–09:00 the next day UTC"
    ]


def test_a_weekend_that_is_promised_and_not_worked_is_one_gap() -> None:
    assert gaps(ALWAYS, member("UTC", ("00:00", "24:00")), allowance=dt.timedelta(hours=24)) == [
        "Sat 00:00–Sun 24:00 UTC"
    ]


def test_who_may_be_picked_ahead_of_a_shift_counts() -> None:
    late = member("Europe/Berlin", ("10:00", "18:00"))
    assert gaps(OFFICE, late, look_ahead=dt.timedelta(minutes=60)) == []
    assert gaps(OFFICE, late, look_ahead=dt.timedelta(minutes=30)) == [
        "Mon–Fri 09:00–09:30 Europe/Berlin"
    ]


def test_zones_that_change_apart_are_looked_at_in_summer_and_winter() -> None:
    arizona = member("America/Phoenix", ("01:00", "10:00"))
    assert gaps(OFFICE, arizona) == ["Mon–Fri 09:00–10:00 Europe/Berlin in July"]
    india = member("Asia/Kolkata", ("13:30", "21:30"))  # 09:00 to 17:00 in winter, 10:00 in summer
    assert gaps(OFFICE, india) == [
        "Mon–Fri 17:00–18:00 Europe/Berlin in January",
        "Mon–Fri 09:00–10:00 Europe/Berlin in July",
    ]


def test_nobody_inactive_counts_and_absences_do_not() -> None:
    hours = calendar("Europe/Berlin", ("09:00", "18:00"))
    away = Availability(active=True, hours=hours, away_until=AT + dt.timedelta(days=900))
    assert gaps(OFFICE, away) == []
    gone = Availability(active=False, hours=hours)
    assert gaps(OFFICE, gone) == ["Mon–Fri 09:00–18:00 Europe/Berlin"]


spans = st.tuples(st.integers(0, 22), st.integers(1, 8)).map(
    lambda one: (f"{one[0]:02}:00", f"{min(one[0] + one[1], 23):02}:30")
)


@given(
    rep=st.builds(
        member,
        st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
        spans,
        days=st.lists(st.sampled_from(DAY_NAMES), unique=True).map(tuple),
    ),
    ahead=st.sampled_from([0, 30, 600]).map(lambda minutes: dt.timedelta(minutes=minutes)),
    at=st.integers(0, 7 * 96).map(lambda quarter: AT + quarter * QUARTER),
)
def test_shifts_are_the_times_at_which_somebody_may_be_given_a_lead(
    rep: Availability, ahead: dt.timedelta, at: dt.datetime
) -> None:
    week = dt.timedelta(days=7)
    times = staffing.shifts(rep, at - week, at + week, look_ahead=ahead)
    given_one = any(opens <= at < closes for opens, closes in times)
    assert given_one is availability.available_within(rep, at, ahead)
    assert worktime.is_open(rep.hours, at) <= given_one
