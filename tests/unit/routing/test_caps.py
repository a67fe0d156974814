"""Caps of a day, a week, a month: never passed, and all of it given where there is demand."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core import work_calendar, worktime
from core.work_calendar import WorkCalendar
from routing import caps

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def hours(
    days: tuple[str, ...], *, zone: str = "Europe/Berlin", closed: tuple[str, ...] = ()
) -> WorkCalendar:
    week = {day: [["09:00", "17:00"]] for day in days}
    return work_calendar.from_document(
        {"zone": zone, "week": week, "closed": list(closed), "opened": {}}
    )


OFFICE = hours(DAYS[:5])


def month(calendar: WorkCalendar, cap: int, demand: list[int], first: dt.date) -> list[int]:
    """How many of each day's demand are given, looked at in the middle of the day."""
    given_so_far: list[int] = []
    for place, wanted in enumerate(demand):
        day = first + dt.timedelta(days=place)
        noon = dt.datetime.combine(day, dt.time(12), dt.UTC)
        taken = 0
        while taken < wanted:
            (limit,) = caps.limits(
                calendar, noon, caps={"MONTH": cap}, received={"MONTH": sum(given_so_far) + taken}
            )
            if limit.reached:
                break
            taken += 1
        given_so_far.append(taken)
    return given_so_far


def test_fourteen_a_month_are_fourteen_and_the_first_day_has_one() -> None:
    given_out = month(OFFICE, 14, [99] * 31, dt.date(2026, 3, 1))
    assert sum(given_out) == 14
    assert given_out[0] == 1  # a Sunday: whoever is on call then is not at a cap of none


@given(
    st.integers(0, 200),
    st.sets(st.sampled_from(DAYS)),
    st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31)),
    st.data(),
)
def test_a_month_never_passes_its_cap_and_full_demand_gives_all_of_it(
    cap: int, days: set[str], some: dt.date, data: st.DataObject
) -> None:
    first = some.replace(day=1)
    length = ((first + dt.timedelta(days=32)).replace(day=1) - first).days
    calendar = hours(tuple(day for day in DAYS if day in days))
    assert sum(month(calendar, cap, [cap] * length, first)) == cap
    demand = data.draw(st.lists(st.integers(0, 9), min_size=length, max_size=length))
    assert sum(month(calendar, cap, demand, first)) <= cap


@given(st.integers(0, 500), st.integers(1, 31))
def test_the_allowance_grows_evenly_up_to_the_cap(cap: int, days: int) -> None:
    steps = [caps.allowance(cap, day=day, days=days) for day in range(1, days + 1)]
    assert steps[-1] == cap
    rises = [after - before for before, after in zip([0, *steps], steps, strict=False)]
    assert max(rises) - min(rises) <= 1


def test_what_a_day_leaves_over_is_not_lost() -> None:
    quiet_then_busy = [0] * 20 + [99] * 11
    assert sum(month(OFFICE, 14, quiet_then_busy, dt.date(2026, 3, 1))) == 14


def test_holidays_are_no_working_days() -> None:
    closed = hours(DAYS[:5], closed=("2026-03-31", "2026-03-30"))
    assert caps.working_day(closed, dt.date(2026, 3, 27)) == (20, 20)


@pytest.mark.parametrize(
    ("zone", "at", "period", "began"),
    [
        ("Europe/Berlin", "2026-03-02T22:59:59+00:00", "DAY", "2026-03-01T23:00:00+00:00"),
        ("Europe/Berlin", "2026-03-02T23:00:00+00:00", "DAY", "2026-03-02T23:00:00+00:00"),
        ("Asia/Kolkata", "2026-03-01T18:29:59+00:00", "WEEK", "2026-02-22T18:30:00+00:00"),
        ("Asia/Kolkata", "2026-03-01T18:30:00+00:00", "WEEK", "2026-03-01T18:30:00+00:00"),
        ("America/New_York", "2026-04-01T03:59:59+00:00", "MONTH", "2026-03-01T05:00:00+00:00"),
        ("America/New_York", "2026-04-01T04:00:00+00:00", "MONTH", "2026-04-01T04:00:00+00:00"),
    ],
)
def test_periods_begin_in_the_zone_of_the_rep(zone: str, at: str, period: str, began: str) -> None:
    calendar = hours(DAYS[:5], zone=zone)
    instant = dt.datetime.fromisoformat(at)
    assert caps.begins(period, calendar, instant) == dt.datetime.fromisoformat(began)


def test_a_cap_tells_when_more_is_allowed() -> None:
    noon = dt.datetime(2026, 3, 3, 12, tzinfo=dt.UTC)
    day, week = caps.limits(
        worktime.ALWAYS, noon, caps={"DAY": 3, "WEEK": 9}, received={"DAY": 3, "WEEK": 4}
    )
    assert day.reached == "at the cap: 3 of 3 leads today"
    assert day.until == "2026-03-04T00:00:00+00:00"
    assert (week.reached, week.until) == (None, "2026-03-09T00:00:00+00:00")


@pytest.mark.parametrize(
    ("day", "before", "allowed"),
    [(23, 0, 1), (24, 0, 2), (31, 0, 5), (23, 9, 10), (31, 12, 14), (31, 30, 14)],
)
def test_who_joins_within_the_month_is_owed_nothing_for_the_days_before(
    day: int, before: int, allowed: int
) -> None:
    joined = caps.Joined(dt.datetime(2026, 3, 23, 6, tzinfo=dt.UTC), before)
    noon = dt.datetime(2026, 3, day, 12, tzinfo=dt.UTC)
    (limit,) = caps.limits(
        OFFICE, noon, caps={"MONTH": 14}, received={"MONTH": before}, joined=joined
    )
    assert limit.allowed == allowed


def test_who_joined_in_an_earlier_month_has_the_whole_of_this_one() -> None:
    joined = caps.Joined(dt.datetime(2026, 2, 23, 6, tzinfo=dt.UTC))
    noon = dt.datetime(2026, 3, 31, 12, tzinfo=dt.UTC)
    (limit,) = caps.limits(OFFICE, noon, caps={"MONTH": 14}, received={}, joined=joined)
    assert limit.allowed == 14
