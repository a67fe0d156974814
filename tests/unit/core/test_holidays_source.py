"""Public holidays as closed dates."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from core import holidays_source, worktime
from core.errors import InvalidInput


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "is_holiday"),
    [
        ("DE", None, date(2026, 10, 3), True),
        ("DE", None, date(2026, 8, 15), False),
        ("DE", "BE", date(2026, 3, 8), True),
        ("DE", "SL", date(2026, 8, 15), True),
        ("de", "sl", date(2026, 8, 15), True),
        ("US", None, date(2026, 11, 26), True),
        ("GB", "SCT", date(2026, 11, 30), True),
        ("GB", "ENG", date(2026, 11, 30), False),
        ("JP", None, date(2026, 11, 3), True),
        ("IN", None, date(2026, 1, 26), True),
    ],
)
def test_a_place_has_its_own_holidays(
    country: str, subdivision: str | None, day: date, is_holiday: bool
) -> None:
    found = holidays_source.holiday_dates(country, subdivision, [2026])
    assert (day in found) == is_holiday


def test_holidays_come_in_order_with_names_for_all_years() -> None:
    found = holidays_source.holiday_dates("DE", "BY", range(2026, 2029))
    assert list(found) == sorted(found)
    assert {day.year for day in found} == {2026, 2027, 2028}
    assert found[date(2027, 12, 25)] == "Christmas Day"


@pytest.mark.parametrize(
    ("country", "subdivision", "field"),
    [
        ("XX", None, "country"),
        ("", None, "country"),
        ("Germany", None, "country"),
        ("DEU", None, "country"),
        ("__init__", None, "country"),
        ("DE", "ZZ", "subdivision"),
        ("SG", "X", "subdivision"),
    ],
)
def test_an_unknown_place_is_refused(country: str, subdivision: str | None, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        holidays_source.holiday_dates(country, subdivision, [2026])
    assert [error.field for error in refusal.value.errors] == [field]


def test_holidays_close_a_calendar() -> None:
    closed = holidays_source.holiday_dates("US", None, [2026])
    office = worktime.WorkCalendar(
        "America/New_York", (((540, 1020),),) * 5 + ((), ()), frozenset(closed)
    )
    before_thanksgiving = datetime(2026, 11, 25, 21, tzinfo=UTC)  # 16:00 in New York
    end = worktime.add(office, before_thanksgiving, timedelta(hours=2))
    assert end == datetime(2026, 11, 27, 15, tzinfo=UTC)
