"""Which days a metric's page speaks of, and which it is held against."""

from __future__ import annotations

import datetime as dt

import pytest

from core.errors import InvalidInput
from web.console import metric_period
from web.console.metric_period import Span

NOW = dt.datetime(2026, 5, 14, 12, tzinfo=dt.UTC)


def day(text: str) -> dt.date:
    return dt.date.fromisoformat(text)


@pytest.mark.parametrize(
    ("chosen", "first", "last"),
    [
        ("7", "2026-05-08", "2026-05-14"),
        ("30", "2026-04-15", "2026-05-14"),
        ("month", "2026-05-01", "2026-05-14"),
        ("last-month", "2026-04-01", "2026-04-30"),
        ("quarter", "2026-04-01", "2026-05-14"),
        ("last-quarter", "2026-01-01", "2026-03-31"),
        ("year", "2026-01-01", "2026-05-14"),
    ],
)
def test_periods_by_name(chosen: str, first: str, last: str) -> None:
    assert metric_period.read({"period": chosen}, now=NOW) == Span(day(first), day(last), chosen)


@pytest.mark.parametrize(
    ("first", "last", "compare", "then"),
    [
        ("2026-05-08", "2026-05-14", "before", ("2026-05-01", "2026-05-07")),
        ("2026-03-01", "2026-03-31", "before", ("2026-02-01", "2026-02-28")),
        ("2026-01-01", "2026-03-31", "before", ("2025-10-01", "2025-12-31")),
        ("2026-01-01", "2026-12-31", "before", ("2025-01-01", "2025-12-31")),
        ("2028-02-29", "2028-02-29", "year", ("2027-02-28", "2027-02-28")),
    ],
)
def test_what_it_is_held_against(
    first: str, last: str, compare: str, then: tuple[str, str]
) -> None:
    beside = metric_period.beside(Span(day(first), day(last)), compare)
    assert beside == Span(day(then[0]), day(then[1]))


def test_nothing_may_stand_beside() -> None:
    assert metric_period.beside(Span(day("2026-05-01"), day("2026-05-14")), "none") is None


def test_courses_begin_with_a_whole_week_or_month() -> None:
    by, days = metric_period.trend(Span(day("2026-05-08"), day("2026-05-14")))
    assert (by, days.first.weekday(), days.last) == ("week", 0, day("2026-05-14"))
    assert days.days >= 12 * 7
    by, days = metric_period.trend(Span(day("2025-06-10"), day("2026-05-14")))
    assert (by, days.first) == ("month", day("2025-06-01"))


def test_own_dates_are_read_as_they_are_written() -> None:
    span = metric_period.read({"from": "2026-01-31", "to": "2026-02-02"}, now=NOW)
    assert (span.query, span.words()) == (
        {"from": "2026-01-31", "to": "2026-02-02"}, "31 Jan to 2 Feb 2026",
    )  # fmt: skip
    with pytest.raises(InvalidInput):
        metric_period.read({"from": "2026-02-31"}, now=NOW)
