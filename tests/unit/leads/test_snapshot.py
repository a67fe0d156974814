"""Windows over behaviour: what counts within so many days, and how long ago the last one was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leads.snapshot import Snapshot

NOW = datetime(2026, 3, 30, 9, tzinfo=UTC)
SECOND = timedelta(seconds=1)
DAYS_30 = timedelta(days=30)


def seen(*ages: timedelta) -> Snapshot:
    return Snapshot(now=NOW, signals=tuple(("pricing_page_view", NOW - age) for age in ages))


@pytest.mark.parametrize(
    ("ages", "count"),
    [
        ([], 0),
        ([timedelta(0)], 1),
        ([DAYS_30 - SECOND], 1),
        ([DAYS_30], 0),
        ([DAYS_30 + SECOND], 0),
        ([-SECOND], 1),
        ([timedelta(days=1), timedelta(days=2), timedelta(days=31)], 2),
    ],
)
def test_a_window_holds_its_last_instant_and_not_its_first(
    ages: list[timedelta], count: int
) -> None:
    assert seen(*ages).count("pricing_page_view", days=30) == count
    assert seen(*ages).count("demo_request", days=30) == 0


@pytest.mark.parametrize(
    ("ages", "days"),
    [
        ([], None),
        ([timedelta(0)], 0),
        ([timedelta(days=1) - SECOND], 0),
        ([timedelta(days=1)], 1),
        ([timedelta(days=9), timedelta(days=3)], 3),
        ([-DAYS_30], 0),
    ],
)
def test_days_since_are_whole_days_of_the_latest(ages: list[timedelta], days: int | None) -> None:
    assert seen(*ages).days_since("pricing_page_view") == days
