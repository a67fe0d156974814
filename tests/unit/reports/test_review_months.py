"""Which months are to be reviewed when."""

from __future__ import annotations

import datetime as dt

import pytest

from core import errors
from reports.reviews import months

BEGUN = dt.datetime(2026, 3, 31, 23, 59, tzinfo=dt.UTC)
APRIL = dt.datetime(2026, 4, 1, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("last", "begun", "now", "expected"),
    [
        (None, None, APRIL, []),
        (None, BEGUN, APRIL, ["2026-03"]),
        (None, APRIL, APRIL, []),
        (None, BEGUN - dt.timedelta(days=700), APRIL, ["2026-03"]),
        ("2026-03", BEGUN, APRIL, []),
        ("2026-02", BEGUN, APRIL, ["2026-03"]),
        ("2025-11", BEGUN, APRIL, ["2025-12", "2026-01", "2026-02", "2026-03"]),
    ],
)
def test_the_months_that_are_due(
    last: str | None, begun: dt.datetime | None, now: dt.datetime, expected: list[str]
) -> None:
    found = months.due(months.read(last) if last else None, begun=begun, now=now)
    assert [f"{one:%Y-%m}" for one in found] == expected


def test_a_month_is_its_whole_days() -> None:
    found = months.period(dt.date(2024, 2, 1))
    assert (found.start, found.end) == (
        dt.datetime(2024, 2, 1, tzinfo=dt.UTC),
        dt.datetime(2024, 3, 1, tzinfo=dt.UTC),
    )
    assert months.after(dt.date(2026, 12, 1)) == dt.date(2027, 1, 1)
    assert months.before(dt.date(2026, 1, 31)) == dt.date(2025, 12, 1)


@pytest.mark.parametrize(
    "number", ["", "2026", "2026-13", "2026-1", "26-01", "2026-01-01", "0000-01"]
)
def test_what_is_no_number_of_a_review(number: str) -> None:
    with pytest.raises(errors.NotFound, match="There is no review"):
        months.read(number)


def test_numbers_are_read_and_named() -> None:
    assert months.read("2026-10") == dt.date(2026, 10, 1)
    assert months.name(months.read("2026-10")) == "October 2026"
