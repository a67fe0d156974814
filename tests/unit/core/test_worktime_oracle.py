"""Working time against a plain count of minutes, and against its own laws.

A small share; `python -m bench worktime` asks a hundred thousand cases.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from bench._minutes import Counted
from core import worktime

MINUTE = timedelta(minutes=1)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

# Zones with the days on which their clocks do something odd.
ODD_DAYS = {
    "America/New_York": ["2026-03-08", "2026-11-01"],
    "America/Los_Angeles": ["2027-03-14", "2026-11-01"],
    "Europe/Berlin": ["2026-03-29", "2026-10-25"],
    "Europe/London": ["2026-03-29", "2026-10-25"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
    "Asia/Kathmandu": ["2026-12-31"],
    "Asia/Kolkata": ["2028-02-29"],
    "Pacific/Apia": ["2011-12-30", "2012-04-01"],
    "America/Santiago": ["2026-04-05", "2026-09-06"],
    "America/Sao_Paulo": ["2018-02-18", "2018-11-04"],
    "Antarctica/Troll": ["2026-03-29", "2026-10-25"],
    "Pacific/Chatham": ["2026-04-05", "2026-09-27"],
    "Africa/Casablanca": ["2026-02-15", "2026-03-22"],
}


def clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


@st.composite
def weeks(draw: st.DrawFn) -> dict[str, list[list[str]]]:
    """Non-overlapping spans of any length below a day, cut out of the line of a whole week."""
    points = draw(st.lists(st.integers(0, 7 * 288 - 1), min_size=2, max_size=28, unique=True))
    points.sort()
    shift = draw(st.integers(0, 2015))  # turns the week, so that a span may run into Monday
    week: dict[str, list[list[str]]] = {day: [] for day in DAYS}
    for opens, closes in zip(points[::2], points[1::2], strict=False):
        length = min(closes - opens, 287) * 5
        start = (opens + shift) * 5 % (7 * 1440)
        week[DAYS[start // 1440]].append([clock(start % 1440), clock((start + length) % 1440)])
    return week


@st.composite
def settings_around_odd_days(draw: st.DrawFn) -> tuple[dict[str, Any], datetime]:
    zone = draw(st.sampled_from(sorted(ODD_DAYS)))
    odd = date.fromisoformat(draw(st.sampled_from(ODD_DAYS[zone])))
    near = st.integers(-2, 2).map(lambda days: (odd + timedelta(days=days)).isoformat())
    special = st.sampled_from(
        [[], [["00:00", "24:00"]], [["01:20", "02:40"]], [["22:10", "03:05"]], [["02:30", "02:35"]]]
    )
    document = {
        "zone": zone,
        "week": draw(weeks()),
        "closed": draw(st.lists(near, max_size=2)),
        "opened": draw(st.dictionaries(near, special, max_size=2)),
    }
    start = datetime(odd.year, odd.month, odd.day, tzinfo=UTC)
    return document, start + draw(st.integers(-30 * 60, 20 * 60)) * MINUTE


@settings(max_examples=60, deadline=None)
@given(settings_around_odd_days(), st.integers(0, 40 * 60), st.integers(1, 20 * 60))
def test_working_time_equals_the_count_of_open_minutes(
    case: tuple[dict[str, Any], datetime], minutes: int, work: int
) -> None:
    document, start = case
    hours = worktime.from_document(document)
    counted = Counted(document, start, 48 * 60).open

    end = start + minutes * MINUTE
    assert worktime.elapsed(hours, start, end) == sum(counted[:minutes]) * MINUTE
    assert worktime.is_open(hours, end) == bool(counted[minutes])
    passed = [number + 1 for number, is_open in enumerate(counted) if is_open]
    if len(passed) >= work:
        expected = start + passed[work - 1] * MINUTE
        assert worktime.add(hours, start, work * MINUTE) == expected
    opens = next((n for n in range(minutes, len(counted)) if counted[n]), None)
    if opens is not None:
        assert worktime.next_open(hours, end) == start + opens * MINUTE
    closes = next((n for n in range(minutes, len(counted)) if not counted[n]), None)
    if counted[minutes] and closes is not None:
        assert worktime.closes_at(hours, end) == start + closes * MINUTE


A_WEEK = (datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 8, tzinfo=UTC))
CALENDARS = (
    st.tuples(st.sampled_from(sorted(ODD_DAYS)), weeks())
    .map(
        lambda drawn: worktime.from_document(
            {"zone": drawn[0], "week": drawn[1], "closed": ["2026-12-25", "2027-01-01"]}
        )
    )
    .filter(lambda hours: worktime.elapsed(hours, *A_WEEK) >= timedelta(hours=5))
)
INSTANTS = st.timedeltas(timedelta(), timedelta(days=1460)).map(
    lambda passed: datetime(2025, 1, 1, tzinfo=UTC) + passed
)
WORK = st.timedeltas(timedelta(), timedelta(hours=300))


@settings(max_examples=60, deadline=None)
@given(CALENDARS, INSTANTS, WORK, WORK)
def test_adding_is_the_inverse_of_elapsed_and_additive(
    hours: worktime.WorkCalendar, start: datetime, first: timedelta, second: timedelta
) -> None:
    end = worktime.add(hours, start, first)
    assert worktime.elapsed(hours, start, end) == first
    assert worktime.add(hours, end, second) == worktime.add(hours, start, first + second)


@settings(max_examples=60, deadline=None)
@given(CALENDARS, INSTANTS, st.integers(1, 10**12), WORK)
def test_a_later_start_or_more_work_never_ends_earlier(
    hours: worktime.WorkCalendar, start: datetime, later: int, work: timedelta
) -> None:
    end = worktime.add(hours, start, work)
    assert worktime.add(hours, start + timedelta(microseconds=later), work) >= end
    assert worktime.add(hours, start, work + timedelta(microseconds=later)) > end


@settings(max_examples=60, deadline=None)
@given(CALENDARS, INSTANTS, INSTANTS, INSTANTS)
def test_elapsed_adds_up_over_a_point_between(
    hours: worktime.WorkCalendar, a: datetime, b: datetime, c: datetime
) -> None:
    parts = worktime.elapsed(hours, a, b) + worktime.elapsed(hours, b, c)
    assert parts == worktime.elapsed(hours, a, c)


@settings(max_examples=60, deadline=None)
@given(CALENDARS, INSTANTS, INSTANTS)
def test_an_instant_within_open_time_is_found_again(
    hours: worktime.WorkCalendar, a: datetime, b: datetime
) -> None:
    start, at = min(a, b), max(a, b)
    opened = worktime.next_open(hours, at)
    assert opened is not None
    within = opened + timedelta(microseconds=1)  # the very first instant may end earlier work
    worked = worktime.elapsed(hours, start, within)
    assert worktime.add(hours, start, worked) == within


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(sorted(ODD_DAYS)), INSTANTS, WORK)
def test_round_the_clock_is_the_wall_clock_in_every_zone(
    zone: str, start: datetime, work: timedelta
) -> None:
    hours = worktime.WorkCalendar(zone, (((0, 1440),),) * 7)
    assert worktime.add(hours, start, work) == start + work
    assert worktime.elapsed(hours, start, start + work) == work
