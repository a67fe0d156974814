"""Working time on vectors computed by hand; offsets are written out, so no zone code is trusted."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from core import stamps, worktime
from core.errors import InvalidInput
from sla import vectors

FILE = Path(__file__).with_name("worktime_vectors.json")
TOLD = json.loads(FILE.read_text())
CALENDARS = {
    name: worktime.from_document(document, name=name)
    for name, document in TOLD["calendars"].items()
}
VECTORS = TOLD["vectors"]


def hours_of(vector: dict[str, Any]) -> worktime.WorkCalendar:
    named = vector["calendar"]
    return CALENDARS[named] if isinstance(named, str) else worktime.from_document(named)


def named(vector: dict[str, Any]) -> str:
    told = vector.get("why") or vector["calendar"]
    return " ".join(str(one) for one in (told, *list(vector.values())[1:]) if one != told)[:120]


@pytest.mark.parametrize("vector", VECTORS, ids=named)
def test_the_arithmetic_gives_what_was_computed_by_hand(vector: dict[str, Any]) -> None:
    assert list(vectors.judge(vector, hours_of(vector))) == []


SUMS = [one for one in VECTORS if one.get("due") not in (None, "never")]


@pytest.mark.parametrize("vector", SUMS, ids=named)
def test_elapsed_gives_back_what_was_added(vector: dict[str, Any]) -> None:
    zone = ZoneInfo(hours_of(vector).zone)
    fold = vector.get("fold", 0)
    a = stamps.instant(vector["start"], zone=zone, fold=fold).at
    b = stamps.instant(vector["due"]).at
    text, unit = (vector["seconds"], "s") if "seconds" in vector else (vector["minutes"], "m")
    assert worktime.elapsed(hours_of(vector), a, b) == stamps.work(text, unit=unit)
    assert worktime.elapsed(hours_of(vector), b, a) == -stamps.work(text, unit=unit)


def test_a_calendar_without_hours_never_ends_work_and_says_which_it_is() -> None:
    never = worktime.from_document({"zone": "Europe/Berlin"}, name="empty shift")
    start = datetime(2026, 11, 2, tzinfo=UTC)
    with pytest.raises(worktime.NoWorkingTime, match="empty shift"):
        worktime.add(never, start, timedelta(minutes=1))
    assert worktime.next_open(never, start) is None
    assert worktime.elapsed(never, start, start + timedelta(days=400)) == timedelta()


def test_one_opened_day_far_ahead_is_found() -> None:
    closed = worktime.from_document({"zone": "Europe/Berlin", "opened": {"2035-11-02": []}})
    assert worktime.next_open(closed, datetime(2026, 11, 2, tzinfo=UTC)) is None
    opened = worktime.from_document(
        {"zone": "Europe/Berlin", "opened": {"2035-11-02": [["09:00", "10:00"]]}}
    )
    end = worktime.add(opened, datetime(2026, 11, 2, tzinfo=UTC), timedelta(minutes=30))
    assert end == datetime.fromisoformat("2035-11-02T09:30+01:00")


def test_an_instant_without_a_zone_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="zone"):
        worktime.is_open(worktime.ALWAYS, datetime(2026, 11, 2))  # noqa: DTZ001


@pytest.mark.parametrize("year", [1, 1899, 2201, 9999])
def test_years_beyond_the_known_ones_are_refused(year: int) -> None:
    with pytest.raises(InvalidInput, match="1900"):
        worktime.add(worktime.ALWAYS, datetime(year, 6, 1, tzinfo=UTC), timedelta(hours=1))


def test_work_that_ends_beyond_the_known_years_is_refused() -> None:
    with pytest.raises(worktime.NoWorkingTime):
        worktime.add(worktime.ALWAYS, datetime(2199, 12, 31, tzinfo=UTC), timedelta(days=2))


def test_negative_work_is_refused() -> None:
    with pytest.raises(InvalidInput, match="negative"):
        worktime.add(worktime.ALWAYS, datetime(2026, 1, 1, tzinfo=UTC), timedelta(seconds=-1))
