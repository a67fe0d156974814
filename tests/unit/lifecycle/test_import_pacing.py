"""When the rows of a held list are released."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core import work_calendar
from lifecycle.importing import pacing
from people.availability import Availability

BERLIN = "Europe/Berlin"
WEEK = ("mon", "tue", "wed", "thu", "fri")
MONDAY = dt.date(2026, 5, 4)


def at(text: str, zone: str = BERLIN) -> dt.datetime:
    """`Mon 09:00` of the first week, `Mon2` of the second."""
    day, clock = text.split()
    week = 7 if day.endswith("2") else 0
    days = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun").index(day[:3]) + week
    time = dt.time.fromisoformat(clock)
    return dt.datetime.combine(MONDAY + dt.timedelta(days=days), time, ZoneInfo(zone))


def rep(
    *leaves: tuple[str, str], zone: str = BERLIN, hours: tuple[str, str] = ("09:00", "17:00"),
    days: tuple[str, ...] = WEEK, closed: tuple[str, ...] = (), **columns: Any,
) -> Availability:  # fmt: skip
    document = {
        "zone": zone,
        "week": {day: [list(hours)] for day in days},
        "closed": list(closed),
        "opened": {},
    }
    away = tuple((at(a), at(b)) for a, b in leaves)
    return Availability(**{
        "active": True, "hours": work_calendar.from_document(document), "leaves": away, **columns
    })  # fmt: skip


def told(shares: list[pacing.Share]) -> list[tuple[str, int, int]]:
    names = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
    found = []
    for one in shares:
        local = one.at.astimezone(ZoneInfo(BERLIN))
        days = (local.date() - MONDAY).days
        week = "" if days < 7 else "2"
        found.append((f"{names[days % 7]}{week} {local:%H:%M}", one.rep, one.count))
    return found


@pytest.mark.parametrize(
    ("count", "reps", "now", "expected"),
    [
        pytest.param(
            50, {1: rep(), 2: rep()}, "Sun 12:00",
            [("Mon2 09:00", 1, 20), ("Mon2 09:00", 2, 20), ("Tue2 09:00", 1, 10)],
            id="each rep a share a day, the last one what is left",
        ),
        pytest.param(
            50, {1: rep(), 2: rep(("Mon 00:00", "Wed 00:00"))}, "Mon 07:00",
            [("Mon 09:00", 1, 20), ("Tue 09:00", 1, 20), ("Wed 09:00", 1, 10)],
            id="who is on leave has no share",
        ),
        pytest.param(
            40, {1: rep(("Mon 00:00", "Mon 13:00"))}, "Mon 07:00",
            [("Mon 13:00", 1, 20), ("Tue 09:00", 1, 20)],
            id="who is back at noon has it then",
        ),
        pytest.param(
            40, {1: rep()}, "Fri 16:30",
            [("Fri 16:30", 1, 20), ("Mon2 09:00", 1, 20)],
            id="who is at work has the first share now",
        ),
        pytest.param(
            20, {1: rep()}, "Fri 17:00", [("Mon2 09:00", 1, 20)],
            id="after the shift it is the next day's",
        ),
        pytest.param(
            40, {1: rep(zone="America/New_York"), 2: rep()}, "Mon 07:00",
            [("Mon 09:00", 2, 20), ("Mon 15:00", 1, 20)],
            id="each in the zone of the rep",
        ),
        pytest.param(
            40, {1: rep(closed=("2026-05-05",))}, "Mon 07:00",
            [("Mon 09:00", 1, 20), ("Wed 09:00", 1, 20)],
            id="nothing on a holiday",
        ),
        pytest.param(
            20, {1: rep(away_until=at("Mon 11:00"))}, "Mon 09:00", [("Mon 11:00", 1, 20)],
            id="who is away for the moment has it afterwards",
        ),
        pytest.param(20, {1: rep(active=False)}, "Mon 09:00", [], id="nobody active"),
        pytest.param(20, {1: rep(days=())}, "Mon 09:00", [], id="nobody has shifts"),
        pytest.param(20, {}, "Mon 09:00", [], id="an empty pool"),
        pytest.param(0, {1: rep()}, "Mon 09:00", [], id="nothing to release"),
    ],
)  # fmt: skip
def test_shares_follow_who_is_at_work(
    count: int, reps: dict[int, Availability], now: str, expected: list[tuple[str, int, int]]
) -> None:
    shares = pacing.plan(count, per_rep=20, reps=reps, given={}, now=at(now))
    assert told(shares) == expected


def test_a_day_s_share_is_given_once_and_a_missed_day_is_not_made_up_for() -> None:
    given = {1: MONDAY}
    later = pacing.plan(30, per_rep=20, reps={1: rep(), 2: rep()}, given=given, now=at("Mon 11:00"))
    assert told(later) == [("Mon 11:00", 2, 20), ("Tue 09:00", 1, 10)]
    missed = pacing.plan(60, per_rep=20, reps={1: rep()}, given=given, now=at("Thu 10:00"))
    assert told(missed) == [("Thu 10:00", 1, 20), ("Fri 09:00", 1, 20), ("Mon2 09:00", 1, 20)]


def test_rows_that_no_share_releases_are_put_beyond_all() -> None:
    beyond = at("Sun2 00:00")
    shares = pacing.plan(3, per_rep=2, reps={1: rep()}, given={}, now=at("Mon 09:00"))
    when = pacing.instants(shares, 5, beyond=beyond)
    assert when == [at("Mon 09:00"), at("Mon 09:00"), at("Tue 09:00"), beyond, beyond]


@settings(max_examples=30, deadline=None)
@given(
    count=st.integers(0, 200), per_rep=st.integers(1, 30), hour=st.integers(0, 200),
    zones=st.lists(st.sampled_from([BERLIN, "Asia/Tokyo", "America/New_York", "UTC"]), max_size=4),
)  # fmt: skip
def test_nobody_has_more_than_a_share_a_day_and_all_rows_get_a_day(
    count: int, per_rep: int, hour: int, zones: list[str]
) -> None:
    reps = {pk: rep(zone=zone) for pk, zone in enumerate(zones)}
    now = at("Mon 00:00") + dt.timedelta(hours=hour)
    shares = pacing.plan(count, per_rep=per_rep, reps=reps, given={}, now=now)
    assert sum(one.count for one in shares) == (count if reps else 0)
    assert len({(one.rep, one.day) for one in shares}) == len(shares)
    assert all(0 < one.count <= per_rep and one.at >= now for one in shares)
    assert [one.at for one in shares] == sorted(one.at for one in shares)
