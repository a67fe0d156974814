"""Working time on vectors computed by hand; offsets are written out, so no zone code is trusted."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core import worktime
from core.errors import InvalidInput

WORKDAYS = ("mon", "tue", "wed", "thu", "fri")
WEEK = (*WORKDAYS, "sat", "sun")


def calendar(
    zone: str, *spans: str, days: tuple[str, ...] = WEEK, **exceptions: object
) -> worktime.WorkCalendar:
    pairs = [span.split("-") for span in spans]
    week = dict.fromkeys(days, pairs)
    return worktime.from_document({"zone": zone, "week": week, **exceptions}, name=f"hours {zone}")


def only(zone: str, day: str, *spans: str) -> worktime.WorkCalendar:
    return calendar(zone, opened={day: [span.split("-") for span in spans]})


CALENDARS = {
    "office": calendar(
        "Europe/Berlin",
        "09:00-17:00",
        days=WORKDAYS,
        closed=["2026-12-25", "2027-01-01"],
        opened={"2026-12-24": [["09:00", "12:00"]]},
    ),
    "lunch": calendar("Europe/Berlin", "09:00-12:30", "13:00-17:30", days=WORKDAYS),
    "weekdays": calendar("Europe/Berlin", "00:00-24:00", days=WORKDAYS),
    "saturday opened": calendar(
        "Europe/Berlin",
        "09:00-17:00",
        days=WORKDAYS,
        closed=["2026-11-07", "2026-11-09"],
        opened={"2026-11-07": [["10:00", "12:00"]]},
    ),
    "night": calendar("America/New_York", "22:00-06:00", days=WORKDAYS, closed=["2026-12-25"]),
    "nightly": calendar("America/New_York", "22:00-06:00", closed=["2026-12-25"]),
    "late": calendar("America/New_York", "20:00-02:30"),
    "two midnights": calendar("America/New_York", "22:00-24:00", "00:00-06:00", days=WORKDAYS),
    "fold": only("America/New_York", "2026-11-01", "01:30-05:00"),
    "kolkata": calendar("Asia/Kolkata", "09:00-18:00", days=WORKDAYS),
    "kathmandu": calendar("Asia/Kathmandu", "09:00-18:00", days=WORKDAYS),
    "chatham": calendar("Pacific/Chatham", "09:00-17:00", days=WORKDAYS),
    "santiago": calendar("America/Santiago", "00:00-24:00"),
    "santiago mornings": calendar("America/Santiago", "00:00-08:00"),
    "apia": calendar("Pacific/Apia", "09:00-17:00"),
    "apia nights": calendar("Pacific/Apia", "22:00-06:00"),
    "lord howe": calendar("Australia/Lord_Howe", "00:00-08:00"),
    "los angeles": calendar("America/Los_Angeles", "09:00-17:00", days=WORKDAYS),
    "always": worktime.ALWAYS,
}

# 2026-11-02 is a Monday.
ADDITIONS = [
    # one span a day
    ("office", "2026-11-02T09:00+01:00", 240, "2026-11-02T13:00+01:00"),
    ("office", "2026-11-02T08:00+01:00", 60, "2026-11-02T10:00+01:00"),
    ("office", "2026-11-02T00:00+01:00", 1, "2026-11-02T09:01+01:00"),
    ("office", "2026-11-02T15:00+01:00", 240, "2026-11-03T11:00+01:00"),
    ("office", "2026-11-02T17:00+01:00", 60, "2026-11-03T10:00+01:00"),
    ("office", "2026-11-02T09:00+01:00", 480, "2026-11-02T17:00+01:00"),
    ("office", "2026-11-02T09:00+01:00", 481, "2026-11-03T09:01+01:00"),
    ("office", "2026-11-02T13:00+01:00", 240, "2026-11-02T17:00+01:00"),
    ("office", "2026-11-02T13:00+01:00", 241, "2026-11-03T09:01+01:00"),
    # weekends
    ("office", "2026-11-06T16:00+01:00", 120, "2026-11-09T10:00+01:00"),
    ("office", "2026-11-06T16:00+01:00", 60, "2026-11-06T17:00+01:00"),
    ("office", "2026-11-07T12:00+01:00", 240, "2026-11-09T13:00+01:00"),
    ("office", "2026-11-08T23:59:59.999+01:00", 60, "2026-11-09T10:00+01:00"),
    ("saturday opened", "2026-11-06T16:00+01:00", 120, "2026-11-07T11:00+01:00"),
    ("saturday opened", "2026-11-06T16:00+01:00", 180, "2026-11-07T12:00+01:00"),
    ("saturday opened", "2026-11-06T16:00+01:00", 181, "2026-11-10T09:01+01:00"),
    # parts of a second, and nothing at all
    ("office", "2026-11-02T16:59:59.999+01:00", 1 / 60, "2026-11-03T09:00:00.999+01:00"),
    ("office", "2026-11-02T16:59:59.999+01:00", 0.001 / 60, "2026-11-02T17:00+01:00"),
    ("office", "2026-11-07T12:00+01:00", 0, "2026-11-07T12:00+01:00"),
    ("office", "2026-11-02T17:00+01:00", 0, "2026-11-02T17:00+01:00"),
    # over a change of clocks on a weekend
    ("office", "2026-10-23T13:00+02:00", 1440, "2026-10-28T13:00+01:00"),
    ("office", "2026-03-27T16:00+01:00", 120, "2026-03-30T10:00+02:00"),
    # holidays, a short day, the end of a year, a leap day
    ("office", "2026-12-23T16:00+01:00", 300, "2026-12-28T10:00+01:00"),
    ("office", "2026-12-24T11:00+01:00", 60, "2026-12-24T12:00+01:00"),
    ("office", "2026-12-24T12:00+01:00", 60, "2026-12-28T10:00+01:00"),
    ("office", "2026-12-25T10:00+01:00", 60, "2026-12-28T10:00+01:00"),
    ("office", "2026-12-31T16:00+01:00", 120, "2027-01-04T10:00+01:00"),
    ("office", "2028-02-28T16:00+01:00", 600, "2028-03-01T10:00+01:00"),
    # long ones, which skip whole weeks
    ("office", "2026-11-02T09:00+01:00", 40 * 60, "2026-11-06T17:00+01:00"),
    ("office", "2026-11-02T09:00+01:00", 40 * 60 + 1, "2026-11-09T09:01+01:00"),
    ("office", "2026-11-02T09:00+01:00", 80 * 60, "2026-11-13T17:00+01:00"),
    ("office", "2026-09-07T09:00+02:00", 400 * 60, "2026-11-13T17:00+01:00"),
    ("office", "2026-09-07T09:00+02:00", 400 * 60 + 1, "2026-11-16T09:01+01:00"),
    # the start is given in another zone
    ("office", "2026-11-02T03:00-05:00", 60, "2026-11-02T10:00+01:00"),
    ("office", "2026-11-02T08:00+00:00", 480, "2026-11-02T16:00+00:00"),
    ("los angeles", "2026-11-02T22:00+01:00", 240, "2026-11-02T17:00-08:00"),
    # a lunch break
    ("lunch", "2026-11-02T12:00+01:00", 60, "2026-11-02T13:30+01:00"),
    ("lunch", "2026-11-02T12:30+01:00", 60, "2026-11-02T14:00+01:00"),
    ("lunch", "2026-11-02T12:45+01:00", 60, "2026-11-02T14:00+01:00"),
    ("lunch", "2026-11-02T09:00+01:00", 210, "2026-11-02T12:30+01:00"),
    ("lunch", "2026-11-02T09:00+01:00", 211, "2026-11-02T13:01+01:00"),
    ("lunch", "2026-11-02T17:00+01:00", 60, "2026-11-03T09:30+01:00"),
    ("lunch", "2026-11-02T09:00+01:00", 480, "2026-11-02T17:30+01:00"),
    # weekdays round the clock
    ("weekdays", "2026-11-06T12:00+01:00", 24 * 60, "2026-11-09T12:00+01:00"),
    ("weekdays", "2026-11-06T12:00+01:00", 12 * 60, "2026-11-07T00:00+01:00"),
    ("weekdays", "2026-10-23T12:00+02:00", 24 * 60, "2026-10-26T12:00+01:00"),
    # night shifts belong to the day they start on
    ("night", "2026-11-02T22:00-05:00", 480, "2026-11-03T06:00-05:00"),
    ("night", "2026-11-03T01:00-05:00", 120, "2026-11-03T03:00-05:00"),
    ("night", "2026-11-03T05:00-05:00", 120, "2026-11-03T23:00-05:00"),
    ("night", "2026-11-07T05:00-05:00", 120, "2026-11-09T23:00-05:00"),
    ("night", "2026-11-09T01:00-05:00", 60, "2026-11-09T23:00-05:00"),
    ("two midnights", "2026-11-02T23:00-05:00", 120, "2026-11-03T01:00-05:00"),
    ("two midnights", "2026-11-06T23:00-05:00", 120, "2026-11-09T01:00-05:00"),
    ("nightly", "2026-12-24T22:00-05:00", 480, "2026-12-25T06:00-05:00"),
    ("nightly", "2026-12-25T05:00-05:00", 120, "2026-12-26T23:00-05:00"),
    # night shifts over a change of clocks: nine hours in autumn, seven in spring
    ("nightly", "2026-10-31T22:00-04:00", 480, "2026-11-01T05:00-05:00"),
    ("nightly", "2026-10-31T22:00-04:00", 540, "2026-11-01T06:00-05:00"),
    ("nightly", "2026-10-31T22:00-04:00", 570, "2026-11-01T22:30-05:00"),
    ("nightly", "2026-03-07T22:00-05:00", 420, "2026-03-08T06:00-04:00"),
    ("nightly", "2026-03-07T22:00-05:00", 480, "2026-03-08T23:00-04:00"),
    # a shift that ends within the hour that is never shown
    ("late", "2026-03-07T20:00-05:00", 360, "2026-03-08T03:00-04:00"),
    ("late", "2026-03-07T20:00-05:00", 390, "2026-03-08T20:30-04:00"),
    # a span that starts within the hour that is shown twice
    ("fold", "2026-11-01T01:30-04:00", 30, "2026-11-01T02:00-04:00"),
    ("fold", "2026-11-01T01:30-04:00", 45, "2026-11-01T01:45-05:00"),
    ("fold", "2026-11-01T01:15-05:00", 15, "2026-11-01T01:45-05:00"),
    # zones off the full hour
    ("kolkata", "2026-11-02T17:30+05:30", 60, "2026-11-03T09:30+05:30"),
    ("kathmandu", "2026-11-02T17:30+05:45", 60, "2026-11-03T09:30+05:45"),
    ("chatham", "2026-11-02T16:30+13:45", 60, "2026-11-03T09:30+13:45"),
    ("lord howe", "2026-04-05T00:00+11:00", 480, "2026-04-05T07:30+10:30"),
    ("lord howe", "2026-10-04T00:00+10:30", 480, "2026-10-05T00:30+11:00"),
    # a midnight that is never shown
    ("santiago", "2026-09-05T23:00-04:00", 60, "2026-09-06T01:00-03:00"),
    ("santiago mornings", "2026-09-05T12:00-04:00", 60, "2026-09-06T02:00-03:00"),
    ("santiago mornings", "2026-09-05T12:00-04:00", 480, "2026-09-07T01:00-03:00"),
    # a day that is never shown
    ("apia", "2011-12-29T16:00-10:00", 120, "2011-12-31T10:00+14:00"),
    ("apia nights", "2011-12-29T22:00-10:00", 120, "2011-12-31T00:00+14:00"),
    ("apia nights", "2011-12-29T22:00-10:00", 180, "2011-12-31T23:00+14:00"),
    # round the clock is the wall clock
    ("always", "2026-11-02T12:34:56.789+01:00", 48 * 60, "2026-11-04T12:34:56.789+01:00"),
    ("always", "2026-12-31T23:59:59.999+00:00", 24 * 60, "2027-01-01T23:59:59.999+00:00"),
    ("always", "2028-02-28T12:00+00:00", 48 * 60, "2028-03-01T12:00+00:00"),
]


@pytest.mark.parametrize(("name", "start", "minutes", "expected"), ADDITIONS)
def test_work_ends_when_that_much_open_time_has_passed(
    name: str, start: str, minutes: float, expected: str
) -> None:
    end = worktime.add(CALENDARS[name], datetime.fromisoformat(start), timedelta(minutes=minutes))
    assert end == datetime.fromisoformat(expected)
    assert end.tzinfo is UTC


@pytest.mark.parametrize(("name", "start", "minutes", "expected"), ADDITIONS)
def test_elapsed_gives_back_what_was_added(
    name: str, start: str, minutes: float, expected: str
) -> None:
    a, b = datetime.fromisoformat(start), datetime.fromisoformat(expected)
    assert worktime.elapsed(CALENDARS[name], a, b) == timedelta(minutes=minutes)
    assert worktime.elapsed(CALENDARS[name], b, a) == -timedelta(minutes=minutes)


@pytest.mark.parametrize(
    ("zone", "day", "span", "hours"),
    [
        ("America/New_York", "2026-11-01", "00:00-08:00", 9),
        ("America/New_York", "2026-03-08", "00:00-08:00", 7),
        ("Europe/London", "2026-10-25", "00:00-08:00", 9),
        ("Europe/London", "2026-03-29", "00:00-08:00", 7),
        ("Europe/Dublin", "2026-10-25", "00:00-08:00", 9),
        ("Australia/Lord_Howe", "2026-04-05", "00:00-08:00", 8.5),
        ("Australia/Lord_Howe", "2026-10-04", "00:00-08:00", 7.5),
        ("Asia/Kolkata", "2026-03-29", "09:00-18:00", 9),
        ("Asia/Kathmandu", "2026-10-25", "09:00-18:00", 9),
        ("Pacific/Apia", "2011-12-29", "00:00-24:00", 24),
        ("Pacific/Apia", "2011-12-30", "00:00-24:00", 0),
        ("Pacific/Apia", "2011-12-30", "22:00-06:00", 0),
        ("Pacific/Apia", "2011-12-31", "00:00-24:00", 24),
        ("America/Santiago", "2026-09-06", "00:00-08:00", 7),
        ("America/Santiago", "2026-09-06", "00:00-01:00", 0),
        ("Antarctica/Troll", "2026-03-29", "00:00-08:00", 6),
        ("Antarctica/Troll", "2026-10-25", "00:00-08:00", 10),
        ("Pacific/Chatham", "2026-04-05", "00:00-08:00", 9),
        ("Africa/Casablanca", "2026-02-15", "00:00-08:00", 9),
        ("America/Sao_Paulo", "2026-11-01", "00:00-08:00", 8),
        ("America/Sao_Paulo", "2018-11-04", "00:00-08:00", 7),
        ("America/Sao_Paulo", "2018-02-17", "16:00-24:00", 9),
        ("America/Sao_Paulo", "2018-02-18", "00:00-08:00", 8),
        ("Asia/Tehran", "2026-03-22", "00:00-08:00", 8),
        # the ends of the span lie in the hour that is never shown, 02:00 to 03:00
        ("America/New_York", "2026-03-08", "00:00-02:30", 2),
        ("America/New_York", "2026-03-08", "02:30-05:00", 2),
        ("America/New_York", "2026-03-08", "02:00-03:00", 0),
        ("America/New_York", "2026-03-08", "02:15-02:45", 0),
        ("America/New_York", "2026-03-08", "01:30-03:30", 1),
        # the ends of the span lie in the hour that is shown twice, 01:00 to 02:00
        ("America/New_York", "2026-11-01", "00:00-01:30", 2),
        ("America/New_York", "2026-11-01", "01:30-05:00", 4),
        ("America/New_York", "2026-11-01", "01:00-02:00", 2),
        ("America/New_York", "2026-11-01", "01:15-01:45", 1),
        ("America/New_York", "2026-11-01", "00:00-01:00", 1),
        ("America/New_York", "2026-11-01", "02:00-03:00", 1),
    ],
)
def test_a_span_holds_the_hours_the_wall_clock_shows(
    zone: str, day: str, span: str, hours: float
) -> None:
    hours_of_day = worktime.from_document(
        {"zone": zone, "opened": {day: [span.split("-")]}}, name=day
    )
    midday = datetime.fromisoformat(f"{day}T12:00+00:00")
    around = (midday - timedelta(days=3), midday + timedelta(days=3))
    assert worktime.elapsed(hours_of_day, *around) == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("name", "at", "opens", "closes"),
    [
        ("office", "2026-11-02T09:00+01:00", "2026-11-02T09:00+01:00", "2026-11-02T17:00+01:00"),
        (
            "office",
            "2026-11-02T16:59:59+01:00",
            "2026-11-02T16:59:59+01:00",
            "2026-11-02T17:00+01:00",
        ),
        ("office", "2026-11-02T17:00+01:00", "2026-11-03T09:00+01:00", None),
        ("office", "2026-11-02T08:59:59.999+01:00", "2026-11-02T09:00+01:00", None),
        ("office", "2026-12-24T12:00+01:00", "2026-12-28T09:00+01:00", None),
        ("lunch", "2026-11-02T12:30+01:00", "2026-11-02T13:00+01:00", None),
        ("weekdays", "2026-11-04T12:00+01:00", "2026-11-04T12:00+01:00", "2026-11-07T00:00+01:00"),
        ("weekdays", "2026-11-07T00:00+01:00", "2026-11-09T00:00+01:00", None),
        ("nightly", "2026-10-31T23:00-04:00", "2026-10-31T23:00-04:00", "2026-11-01T06:00-05:00"),
        ("fold", "2026-11-01T01:30-04:00", "2026-11-01T01:30-04:00", "2026-11-01T02:00-04:00"),
        ("fold", "2026-11-01T01:15-05:00", "2026-11-01T01:30-05:00", None),
        ("apia", "2011-12-29T17:00-10:00", "2011-12-31T09:00+14:00", None),
        (
            "two midnights",
            "2026-11-02T23:00-05:00",
            "2026-11-02T23:00-05:00",
            "2026-11-03T06:00-05:00",
        ),
        ("always", "2026-11-02T23:00-05:00", "2026-11-02T23:00-05:00", None),
    ],
)
def test_a_calendar_tells_when_it_opens_and_closes(
    name: str, at: str, opens: str, closes: str | None
) -> None:
    instant, hours = datetime.fromisoformat(at), CALENDARS[name]
    assert worktime.next_open(hours, instant) == datetime.fromisoformat(opens)
    assert worktime.is_open(hours, instant) == (at == opens)
    end = closes and datetime.fromisoformat(closes)
    assert worktime.closes_at(hours, instant) == end


def test_a_calendar_without_hours_never_ends_work_and_says_which_it_is() -> None:
    never = worktime.from_document({"zone": "Europe/Berlin"}, name="empty shift")
    start = datetime(2026, 11, 2, tzinfo=UTC)
    with pytest.raises(worktime.NoWorkingTime, match="empty shift"):
        worktime.add(never, start, timedelta(minutes=1))
    assert worktime.next_open(never, start) is None
    assert worktime.elapsed(never, start, start + timedelta(days=400)) == timedelta()


def test_one_opened_day_far_ahead_is_found() -> None:
    inauguration = only("Europe/Berlin", "2035-11-02")
    assert worktime.next_open(inauguration, datetime(2026, 11, 2, tzinfo=UTC)) is None
    opened = worktime.from_document(
        {"zone": "Europe/Berlin", "opened": {"2035-11-02": [["09:00", "10:00"]]}}
    )
    end = worktime.add(opened, datetime(2026, 11, 2, tzinfo=UTC), timedelta(minutes=30))
    assert end == datetime.fromisoformat("2035-11-02T09:30+01:00")


def test_an_instant_without_a_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="zone"):
        worktime.is_open(worktime.ALWAYS, datetime(2026, 11, 2))  # noqa: DTZ001


@pytest.mark.parametrize("year", [1, 1899, 2201, 9999])
def test_years_beyond_the_known_ones_are_refused(year: int) -> None:
    with pytest.raises(InvalidInput, match="1900"):
        worktime.add(worktime.ALWAYS, datetime(year, 6, 1, tzinfo=UTC), timedelta(hours=1))


def test_work_that_ends_beyond_the_known_years_is_refused() -> None:
    with pytest.raises(worktime.NoWorkingTime):
        worktime.add(worktime.ALWAYS, datetime(2199, 12, 31, tzinfo=UTC), timedelta(days=2))


def test_negative_work_is_refused() -> None:
    with pytest.raises(InvalidInput, match="negative"):
        worktime.add(worktime.ALWAYS, datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=-1))
