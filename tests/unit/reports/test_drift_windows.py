"""The days that are compared: whole ones, as many before as after, of one version each."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports.drift import windows
from reports.drift.windows import Window

BERLIN = ZoneInfo("Europe/Berlin")
DAY = dt.timedelta(days=1)
PUBLISHED = dt.datetime(2026, 3, 18, 14, 0, tzinfo=BERLIN)


def window(
    *,
    published: dt.datetime = PUBLISHED,
    before: dt.timedelta = 90 * DAY,
    later: dt.timedelta = 10 * DAY,
) -> Window:
    return windows.of_publication(
        published, replaced_since=published - before, until=published + later, zone=BERLIN
    )


def span(days: windows.Days) -> tuple[str, str, int]:
    return (days[0].isoformat(), days[-1].isoformat(), len(days)) if days else ("", "", 0)


@pytest.mark.parametrize(
    ("before", "later", "expected_before", "expected_after"),
    [
        # whole days only, neither today nor the day of the publication
        (90, 10, ("2026-03-09", "2026-03-17", 9), ("2026-03-19", "2026-03-27", 9)),
        (90, 2, ("2026-03-17", "2026-03-17", 1), ("2026-03-19", "2026-03-19", 1)),
        (90, 1, ("", "", 0), ("", "", 0)),
        (90, 0, ("", "", 0), ("", "", 0)),
        # the version before was in force for four whole days
        (5, 30, ("2026-03-14", "2026-03-17", 4), ("2026-03-19", "2026-04-16", 29)),
        (1, 30, ("", "", 0), ("2026-03-19", "2026-04-16", 29)),
        # eight weeks at most
        (90, 80, ("2026-01-21", "2026-03-17", 56), ("2026-03-19", "2026-05-13", 56)),
    ],
)
def test_the_days_before_and_after(
    before: int, later: int, expected_before: object, expected_after: object
) -> None:
    found = window(before=before * DAY, later=later * DAY)
    assert (span(found.before), span(found.after)) == (expected_before, expected_after)
    assert found.first == dt.date(2026, 3, 19)


def test_the_day_is_that_of_the_zone() -> None:
    late = dt.datetime(2026, 3, 18, 23, 30, tzinfo=dt.UTC)  # the 19th in Berlin
    assert window(published=late).first == dt.date(2026, 3, 20)


def test_summer_time_adds_and_loses_no_day() -> None:
    around = dt.datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN)
    found = window(published=around, later=dt.timedelta(days=3))
    assert span(found.after) == ("2026-03-29", "2026-03-30", 2)
    assert span(found.before) == ("2026-03-26", "2026-03-27", 2)


@given(
    st.timedeltas(dt.timedelta(0), dt.timedelta(days=400)).map(lambda past: PUBLISHED - past),
    st.timedeltas(dt.timedelta(0), dt.timedelta(days=100)),
    st.timedeltas(dt.timedelta(0), dt.timedelta(days=100)),
)
def test_no_day_is_shared_by_two_versions(
    published: dt.datetime, before: dt.timedelta, later: dt.timedelta
) -> None:
    found = window(published=published, before=before, later=later)
    replaced, until = published - before, published + later
    own = published.date()
    assert len(found.before) <= len(found.after) <= windows.LONGEST
    assert all(replaced.astimezone(BERLIN).date() < day < own for day in found.before)
    assert all(own < day < until.astimezone(BERLIN).date() for day in found.after)
