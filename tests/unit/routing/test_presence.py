"""Whether anybody has started on the date for which leads are kept: by the shifts of that date."""

from __future__ import annotations

import datetime as dt

import pytest

from core import work_calendar
from core.work_calendar import DAY_NAMES
from people.availability import Availability
from routing import presence
from routing.presence import Member

MONDAY = dt.datetime(2026, 3, 9, tzinfo=dt.UTC)
HOUR = dt.timedelta(hours=1)


def member(
    user: int, begins: str, ends: str, *, zone: str = "UTC", leave: tuple[int, int] | None = None,
    away: int | None = None,
) -> Member:  # fmt: skip
    """Works every day; leave and being away in hours of Monday, UTC."""
    week = {day: [[begins, ends]] for day in DAY_NAMES}
    hours = work_calendar.from_document({"zone": zone, "week": week})
    leaves = ((MONDAY + leave[0] * HOUR, MONDAY + leave[1] * HOUR),) if leave else ()
    until = None if away is None else MONDAY + away * HOUR
    return Member(user, Availability(True, hours, leaves, until))


@pytest.mark.parametrize(
    ("members", "hour", "look_ahead", "begun"),
    [
        ([member(1, "08:00", "16:00"), member(2, "10:00", "18:00")], 7, 0, False),
        ([member(1, "08:00", "16:00"), member(2, "10:00", "18:00")], 8, 0, True),
        ([member(1, "08:00", "16:00"), member(2, "10:00", "18:00")], 7, 2, True),
        ([member(1, "08:00", "16:00", leave=(0, 24)), member(2, "10:00", "18:00")], 9, 0, False),
        # Away by nine they may have come at eight and gone again.
        ([member(1, "08:00", "16:00", away=12), member(2, "10:00", "18:00")], 9, 0, True),
        # The night from Sunday is Sunday's; the one that begins on Monday is Monday's.
        ([member(1, "22:00", "06:00"), member(2, "10:00", "18:00")], 7, 0, False),
        ([member(1, "22:00", "06:00")], 23, 0, True),
        # By six in London it is Monday afternoon in Tokyo, and their shift is over.
        ([member(1, "09:00", "14:00", zone="Asia/Tokyo"), member(2, "10:00", "18:00")], 6, 0, True),
        ([member(1, "08:00", "16:00", zone="America/New_York")], 11, 0, False),
        ([member(1, "08:00", "16:00", zone="America/New_York")], 12, 0, True),
        ([], 12, 0, False),
    ],
)  # fmt: skip
def test_a_date_has_begun_with_the_first_shift_of_it(
    members: list[Member], hour: int, look_ahead: int, begun: bool
) -> None:
    found = presence.has_begun(
        members, MONDAY.date(), at=MONDAY + hour * HOUR, look_ahead=look_ahead * HOUR
    )
    assert found == begun
