from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest

from core.errors import InvalidInput
from reports import periods

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
NOW = dt.datetime(2026, 3, 30, 22, 30, tzinfo=dt.UTC)  # 00:30 on the 31st in Berlin


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[arg-type,misc]


@pytest.mark.parametrize(
    ("first", "last", "start", "end"),
    [
        ("2026-01-01", "2026-01-31", utc(2025, 12, 31, 23), utc(2026, 1, 31, 23)),
        ("2026-03-29", "2026-03-29", utc(2026, 3, 28, 23), utc(2026, 3, 29, 22)),  # 23 hours
        (
            "2026-03-29T10:00:00+00:00",
            "2026-03-29T11:00Z",
            utc(2026, 3, 29, 10),
            utc(2026, 3, 29, 11),
        ),
        ("2026-03-29T10:00:00", "2026-03-30", utc(2026, 3, 29, 8), utc(2026, 3, 30, 22)),
        ("", "", utc(2026, 3, 1, 23), utc(2026, 3, 31, 22)),
        ("", "2026-01-30", utc(2025, 12, 31, 23), utc(2026, 1, 30, 23)),
        ("2026-03-31", "", utc(2026, 3, 30, 22), utc(2026, 3, 31, 22)),
    ],
)
def test_texts_mean_a_period_in_the_readers_zone(
    first: str, last: str, start: dt.datetime, end: dt.datetime
) -> None:
    found = periods.read(first, last, now=NOW, zone=BERLIN)
    assert (found.start, found.end) == (start, end)


@pytest.mark.parametrize(
    ("first", "last", "faulty"),
    [
        ("yesterday", "", ["from"]),
        ("2026-02-30", "2026-13-01", ["from", "to"]),
        ("2026-02-02", "2026-02-01", ["from"]),
        ("0001-01-01", "9999-12-31", ["from", "to"]),
        ("0001-01-01T00:00:00+14:00", "", ["from"]),
        ("2000-01-01", "2026-01-01", ["from"]),
    ],
)
def test_what_cannot_be_a_period_is_refused_by_name(
    first: str, last: str, faulty: list[str]
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        periods.read(first, last, now=NOW, zone=BERLIN)
    assert [one.field for one in refusal.value.errors] == faulty
