"""When a mailing is due, and of which whole days it tells."""

from __future__ import annotations

import datetime as dt
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import Settings

from web.by_mail import rhythm
from web.models import ReportMailing

BEGIN = dt.datetime(2024, 1, 1, tzinfo=dt.UTC)
MINUTES = 4 * 365 * 24 * 60
BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")


@pytest.fixture(autouse=True)
def berlin(settings: Settings) -> None:
    settings.REPORT_ZONE = "Europe/Berlin"


def mailing(kind: str, day: int = 0, hour: int = 7) -> ReportMailing:
    return ReportMailing(rhythm=kind, day=day, hour=hour)


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("of", "now", "due", "first", "last"),
    [
        (mailing("DAILY"), "2026-03-10T06:59", "2026-03-10T07:00", "2026-03-09", "2026-03-09"),
        (mailing("DAILY"), "2026-03-10T07:00", "2026-03-11T07:00", "2026-03-10", "2026-03-10"),
        (mailing("WEEKLY"), "2026-03-10T12:00", "2026-03-16T07:00", "2026-03-09", "2026-03-15"),
        (mailing("WEEKLY", 4), "2026-03-10T12:00", "2026-03-13T07:00", "2026-03-02", "2026-03-08"),
        (
            mailing("MONTHLY", 1), "2026-03-10T12:00", "2026-04-01T07:00",
            "2026-03-01", "2026-03-31",
        ),
        (
            mailing("MONTHLY", 28), "2026-02-28T08:00", "2026-03-28T07:00",
            "2026-02-01", "2026-02-28",
        ),
        # An hour the clock leaves out; one it has twice.
        (
            mailing("DAILY", hour=2), "2026-03-28T12:00", "2026-03-29T03:00",
            "2026-03-28", "2026-03-28",
        ),
        (
            mailing("DAILY", hour=2), "2026-10-24T12:00", "2026-10-25T02:00",
            "2026-10-24", "2026-10-24",
        ),
    ],
)  # fmt: skip
def test_due_times_and_days(of: ReportMailing, now: str, due: str, first: str, last: str) -> None:
    found = rhythm.following(of, at(now))
    assert found == at(due).astimezone(dt.UTC)
    days = rhythm.days_of(of, found)
    assert (days.first.isoformat(), days.last.isoformat()) == (first, last)


@given(
    kind=st.sampled_from(["DAILY", "WEEKLY", "MONTHLY"]),
    day=st.integers(0, 28),
    hour=st.integers(0, 23),
    now=st.integers(0, MINUTES).map(lambda past: BEGIN + dt.timedelta(minutes=past)),
)
def test_what_is_due_follows_without_gap_and_tells_of_days_that_are_over(
    kind: str, day: int, hour: int, now: dt.datetime
) -> None:
    of = mailing(kind, day, hour)
    last, following = rhythm.latest(of, now), rhythm.following(of, now)
    assert last <= now < following
    assert rhythm.following(of, last) == following
    assert rhythm.latest(of, following) == following
    told, then = rhythm.days_of(of, last), rhythm.days_of(of, following)
    assert told.last + dt.timedelta(days=1) == then.first, "no day twice, none left out"
    assert then.period.end <= following
