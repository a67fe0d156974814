"""Calendars as other people write them."""

from __future__ import annotations

from typing import Any

import pytest

from core.errors import InvalidInput
from sla import named_calendars

OFFICE = {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}
OURS = {"zone": "Europe/Berlin", "week": OFFICE, "closed": ["2026-12-25"],
        "opened": {"2026-12-24": [["09:00", "12:00"]]}}  # fmt: skip


@pytest.mark.parametrize(
    "theirs",
    [
        OURS,
        {**OURS, "closed": {"2026-12-25": "Christmas Day"}, "key": "office", "position": 3},
        {**OURS, "closed": [{"date": "2026-12-25", "name": "Christmas Day"}]},
        {"timezone": "Europe/Berlin", "hours": {"Mon-Fri": "9:00-17:00"},
         "holidays": ["2026-12-25"], "special": {"2026-12-24": ["09:00", "12:00"]}},
        {"tz": "Europe/Berlin", "business_hours": {
            "monday": ["09:00:00", "17:00:00"], "Tuesday, wed": [{"from": "9:00", "to": "17:00"}],
            "thu–fri": ["09:00-17:00"], "sat": None, "sun": []},
         "closed": [], "holidays": ["2026-12-25"], "opened": {"2026-12-24": "09:00 – 12:00"}},
    ],
)  # fmt: skip
def test_the_same_calendar_in_other_words_is_the_same(theirs: dict[str, Any]) -> None:
    assert named_calendars.of_document(theirs) == named_calendars.of_document(OURS)


def test_days_may_run_over_the_weekend() -> None:
    found = named_calendars.of_document({"zone": "UTC", "week": {"fri-mon": "22:00-06:00"}})
    assert [bool(spans) for spans in found.week] == [True, False, False, False, True, True, True]


@pytest.mark.parametrize(
    ("theirs", "told"),
    [
        ({"zone": "UTC", "opens_at": "09:00"}, "opens_at"),
        ({"zone": "UTC", "week": {"workdays": "09:00-17:00"}}, "week.workdays"),
        ({"zone": "UTC", "week": {"mon": "nine"}}, "week.mon.0"),
        ({"zone": "UTC", "week": {"mon": 9}}, "week.mon"),
        ({"zone": "UTC", "closed": "tomorrow"}, "closed.0"),
        ({"zone": "UTC", "opened": [1]}, "opened"),
        ({"zone": "UTC", "holidays": "XX"}, "country"),
        ({"week": {}}, "zone"),
        (["mon"], ""),
    ],
)
def test_what_says_nothing_known_is_refused_by_name(theirs: Any, told: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        named_calendars.of_document(theirs)
    assert told in [fault.field for fault in refusal.value.errors]
