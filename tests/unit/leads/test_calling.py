"""Where a buyer is, and whether it is a good hour to call there."""

from __future__ import annotations

import datetime as dt

import pytest

from leads import calling, local_time
from leads.calling import State

HOURS = (dt.time(8), dt.time(20))
NEW_YORK, LOS_ANGELES = "America/New_York", "America/Los_Angeles"


@pytest.mark.parametrize(
    ("country", "region", "phone", "zones"),
    [
        ("DE", "", "", ("Europe/Berlin", "Europe/Busingen")),
        ("IN", "Kerala", "", ("Asia/Kolkata",)),
        ("US", "California", "", (LOS_ANGELES,)),
        ("US", "ny", "", (NEW_YORK,)),
        ("AU", "NSW", "", ("Australia/Sydney",)),
        ("CA", "British Columbia", "", ("America/Vancouver",)),
        ("", "", "+442079460000", ("Europe/London",)),
        ("", "", "+80012345678", ()),
        ("", "", "", ()),
        ("XX", "", "", ()),
    ],
)
def test_country_state_or_number_tell_the_zone(
    country: str, region: str, phone: str, zones: tuple[str, ...]
) -> None:
    assert local_time.zones(country, region, phone) == zones


def test_a_country_of_many_zones_stays_open_where_no_state_is_said() -> None:
    assert {NEW_YORK, LOS_ANGELES} <= set(local_time.zones("US", "Atlantis"))


@pytest.mark.parametrize(
    ("zones", "now", "state", "edge"),
    [
        # Monday 23 November 2026, noon UTC: 13:00 in Berlin, 07:00 in New York.
        (("Europe/Berlin",), "2026-11-23T12:00Z", State.NOW, "2026-11-23T19:00Z"),
        ((NEW_YORK,), "2026-11-23T12:00Z", State.LATER, "2026-11-23T13:00Z"),
        ((NEW_YORK, LOS_ANGELES), "2026-11-23T14:00Z", State.UNSURE, "2026-11-23T16:00Z"),
        ((NEW_YORK, LOS_ANGELES), "2026-11-23T17:00Z", State.NOW, "2026-11-24T01:00Z"),
        (("Europe/Berlin",), "2026-11-23T19:00Z", State.LATER, "2026-11-24T07:00Z"),
        (("Europe/Berlin",), "2026-11-27T19:30Z", State.LATER, "2026-11-30T07:00Z"),  # Friday
        (("Asia/Kolkata",), "2026-11-23T02:29Z", State.LATER, "2026-11-23T02:30Z"),
        (("Europe/Berlin",), "2026-12-25T12:00Z", State.LATER, "2026-12-28T07:00Z"),
        # The clocks go forward on 29 March: eight o'clock comes an hour earlier for others.
        (("Europe/Berlin",), "2026-03-27T20:00Z", State.LATER, "2026-03-30T06:00Z"),
        ((), "2026-11-23T12:00Z", State.UNKNOWN, None),
    ],
)
def test_it_must_be_a_good_hour_wherever_they_may_be(
    zones: tuple[str, ...], now: str, state: State, edge: str | None
) -> None:
    found = calling.decide(
        zones,
        now=dt.datetime.fromisoformat(now),
        hours=HOURS,
        rests=lambda day: day.weekday() >= 5 or (day.month, day.day) == (12, 25),
    )
    assert found.state is state
    assert (found.until or found.opens) == (edge and dt.datetime.fromisoformat(edge))
