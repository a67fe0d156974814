from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import spreading
from reports.periods import Period

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
ZONES = st.sampled_from(
    [dt.UTC, BERLIN, zoneinfo.ZoneInfo("America/New_York"), zoneinfo.ZoneInfo("Asia/Kathmandu")]
)
DAYS = st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31))
AMOUNTS = st.decimals(0, 10**9, places=2, allow_nan=False)


def day(month: int, number: int) -> dt.date:
    return dt.date(2026, month, number)


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("amount", "first", "last", "month", "share"),
    [
        ("3100", day(10, 1), day(10, 31), (day(10, 1), day(10, 31)), "3100.00"),
        ("3100", day(10, 1), day(10, 31), (day(10, 1), day(10, 10)), "1000.00"),
        ("9200", day(10, 1), day(12, 31), (day(11, 1), day(11, 30)), "3000.00"),
        ("100", day(10, 30), day(11, 1), (day(10, 30), day(10, 30)), "33.33"),
        ("100", day(10, 30), day(11, 1), (day(10, 31), day(10, 31)), "33.34"),
        ("100", day(10, 30), day(11, 1), (day(11, 1), day(11, 30)), "33.33"),
        ("100", day(10, 30), day(11, 1), (day(9, 1), day(9, 30)), "0.00"),
    ],
)
def test_an_amount_counts_evenly_per_day(
    amount: str, first: dt.date, last: dt.date, month: tuple[dt.date, dt.date], share: str
) -> None:
    period = Period.of_days(*month, dt.UTC)
    assert spreading.share(Decimal(amount), first, last, period) == Decimal(share)


def test_days_are_those_of_the_zone() -> None:
    october = Period.of_days(day(10, 1), day(10, 31), BERLIN)
    assert october.start == utc(2026, 9, 30, 22)
    for zone, share in ((BERLIN, "31.00"), (dt.UTC, "31.00")):
        found = spreading.share(Decimal(31), day(10, 1), day(10, 31), october, zone)
        assert found == Decimal(share)
    november = Period.of_days(day(11, 1), day(11, 30), dt.UTC)
    at_berlin = spreading.share(Decimal(30), day(11, 1), day(11, 30), november, BERLIN)
    assert at_berlin == Decimal("29.00"), "1 November in Berlin had begun an hour before"


@given(
    amount=AMOUNTS,
    first=DAYS,
    length=st.integers(0, 365),
    cuts=st.lists(st.integers(0, 6 * 365 * 24 * 60), max_size=6),
    zone=ZONES,
)
def test_no_cent_is_lost_or_won_however_a_span_is_cut(
    amount: Decimal, first: dt.date, length: int, cuts: list[int], zone: dt.tzinfo
) -> None:
    last = first + dt.timedelta(days=length)
    edges = sorted(
        [
            utc(2022, 1, 1),
            *(utc(2023, 1, 1) + dt.timedelta(minutes=cut) for cut in cuts),
            utc(2030, 1, 1),
        ]
    )
    shares = [
        spreading.share(amount, first, last, Period(start, end), zone)
        for start, end in itertools.pairwise(edges)
    ]
    assert sum(shares) == amount
    assert all(share >= 0 and share == share.quantize(spreading.CENT) for share in shares)


@given(amount=AMOUNTS, first=DAYS, length=st.integers(0, 365), zone=ZONES)
def test_months_of_a_span_add_up_to_it(
    amount: Decimal, first: dt.date, length: int, zone: dt.tzinfo
) -> None:
    last = first + dt.timedelta(days=length)
    found = [
        spreading.share(amount, first, last, spreading.month_of(month, zone), zone)
        for month in spreading.months(first, last)
    ]
    assert sum(found) == amount


@given(amount=AMOUNTS, first=DAYS, length=st.integers(0, 365), at=st.integers(0, 365))
def test_a_day_has_its_part_to_the_cent(
    amount: Decimal, first: dt.date, length: int, at: int
) -> None:
    last = first + dt.timedelta(days=length)
    one = first + dt.timedelta(days=min(at, length))
    share = spreading.share(amount, first, last, Period.of_days(one, one, dt.UTC))
    assert abs(share - amount / (length + 1)) <= spreading.CENT


@pytest.mark.parametrize(
    ("recorded_at", "late"),
    [
        (utc(2026, 10, 15), False),
        (utc(2026, 11, 5, 23), False),
        (utc(2026, 11, 5, 23, 30), False),
        (utc(2026, 11, 6), True),
    ],
)
def test_an_entry_is_late_after_the_days_of_grace(recorded_at: dt.datetime, *, late: bool) -> None:
    assert spreading.is_late(day(10, 31), recorded_at) is late


def test_grace_ends_at_midnight_of_the_zone() -> None:
    assert spreading.is_late(day(10, 31), utc(2026, 11, 5, 23, 30), BERLIN)
