"""Calendars as documents: read, written, refused."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from core import worktime
from core.errors import InvalidInput

DOCUMENT = {
    "zone": "Europe/Berlin",
    "week": {
        "mon": [["09:00", "12:30"], ["13:00", "17:00"]],
        "fri": [["22:00", "06:00"]],
        "sun": [["00:00", "24:00"]],
    },
    "closed": ["2026-12-25", "2027-01-01"],
    "opened": {"2026-12-24": [["09:00", "12:00"]], "2026-12-31": []},
}


def test_a_document_comes_back_as_it_was_written() -> None:
    assert worktime.to_document(worktime.from_document(DOCUMENT)) == DOCUMENT


def test_order_and_midnight_spelling_do_not_make_another_calendar() -> None:
    one = worktime.from_document(
        {"zone": "UTC", "week": {"mon": [["13:00", "24:00"], ["09:00", "12:00"]]}}
    )
    other = worktime.from_document(
        {"zone": "UTC", "week": {"tue": [], "mon": [["09:00", "12:00"], ["13:00", "00:00"]]}},
        name="other name",
    )
    assert one == other
    assert hash(one) == hash(other)


def test_dates_that_yaml_has_read_already_are_taken() -> None:
    hours = worktime.from_document({"zone": "UTC", "closed": [date(2026, 12, 25)]})
    assert hours.closed == {date(2026, 12, 25)}


def test_an_opened_date_outranks_a_closing_and_the_week() -> None:
    day = {"zone": "UTC", "week": {"fri": [["09:00", "17:00"]]}, "closed": ["2026-12-25"]}
    both = worktime.from_document({**day, "opened": {"2026-12-25": [["10:00", "11:00"]]}})
    christmas = datetime(2026, 12, 25, tzinfo=UTC)
    worked = worktime.elapsed(both, christmas, christmas + timedelta(days=1))
    assert worked == timedelta(hours=1)


@pytest.mark.parametrize(
    ("change", "path", "says"),
    [
        ({"zone": "Europe/Atlantis"}, "zone", "Europe/Atlantis"),
        ({"zone": None}, "zone", "time zone"),
        ({"zone": "../../etc/passwd"}, "zone", "time zone"),
        ({"zone": "Europe"}, "zone", "time zone"),
        ({"zone": "UTC\0"}, "zone", "time zone"),
        ({"zone": "localtime"}, "zone", "time zone"),
        ({"zone": "x" * 5000}, "zone", "time zone"),
        ({"week": []}, "week", "object"),
        ({"week": {"monday": []}}, "week.monday", "mon, tue"),
        ({"week": {"mon": "09:00-17:00"}}, "week.mon", "list"),
        ({"week": {"mon": ["09:00", "17:00"]}}, "week.mon.0", "pair"),
        ({"week": {"mon": [["09:00"]]}}, "week.mon.0", "pair"),
        ({"week": {"mon": [["9:00", "17:00"]]}}, "week.mon.0", "9:00"),
        ({"week": {"mon": [["09:00", "25:00"]]}}, "week.mon.0", "25:00"),
        ({"week": {"mon": [["09:60", "17:00"]]}}, "week.mon.0", "09:60"),
        ({"week": {"mon": [["09:00", "24:01"]]}}, "week.mon.0", "24:01"),
        ({"week": {"mon": [["\u0660\u0669:00", "17:00"]]}}, "week.mon.0", "no time"),
        ({"week": {"mon": [[540, 1020]]}}, "week.mon.0", "quotes"),
        ({"week": {"mon": [["24:00", "06:00"]]}}, "week.mon.0", "only an end"),
        ({"week": {"mon": [["09:00", "09:00"]]}}, "week.mon.0", "empty"),
        ({"week": {"mon": [["00:00", "00:00"]]}}, "week.mon.0", "empty"),
        ({"week": {"mon": [["09:00", "12:00"], ["11:59", "17:00"]]}}, "week.mon", "11:59"),
        ({"week": {"mon": [["22:00", "06:00"]], "tue": [["05:00", "09:00"]]}}, "week.tue", "05:00"),
        ({"week": {"sun": [["22:00", "06:00"]], "mon": [["05:00", "09:00"]]}}, "week.mon", "05:00"),
        ({"closed": "2026-12-25"}, "closed", "list"),
        ({"closed": ["25.12.2026"]}, "closed.0", "YYYY-MM-DD"),
        ({"closed": ["2026-12-25", "2026-02-29"]}, "closed.1", "2026-02-29"),
        ({"closed": [datetime(2026, 12, 25, tzinfo=UTC)]}, "closed.0", "YYYY-MM-DD"),
        ({"opened": ["2026-12-24"]}, "opened", "object"),
        ({"opened": {"24 Dec": []}}, "opened.24 Dec", "24 Dec"),
        (
            {"opened": {"2026-12-24": [["09:00", "12:00"], ["10:00", "13:00"]]}},
            "opened.2026-12-24",
            "10:00",
        ),
        ({"holidays": "DE"}, "holidays", "closed"),
    ],
)
def test_a_faulty_document_is_refused_naming_the_place(
    change: dict[str, Any], path: str, says: str
) -> None:
    with pytest.raises(InvalidInput) as refusal:
        worktime.from_document({"zone": "UTC", "week": {}, **change})
    error, *_ = refusal.value.errors
    assert error.field == path
    assert re.search(re.escape(says), error.message)


@pytest.mark.parametrize("document", [None, [], "Europe/Berlin", 7])
def test_what_is_no_object_is_refused(document: Any) -> None:
    with pytest.raises(InvalidInput, match="object"):
        worktime.from_document(document)


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidInput, match="late shift") as refusal:
        worktime.from_document(
            {"zone": "Mars", "week": {"mon": [["9", "17"]]}, "closed": ["x"]}, name="late shift"
        )
    assert {error.field for error in refusal.value.errors} == {"zone", "week.mon.0", "closed.0"}


def test_spans_that_touch_are_no_overlap() -> None:
    night_and_day = {"mon": [["22:00", "06:00"]], "tue": [["06:00", "14:00"], ["14:00", "22:00"]]}
    hours = worktime.from_document({"zone": "UTC", "week": night_and_day})
    monday = datetime(2026, 11, 2, 23, tzinfo=UTC)
    assert worktime.closes_at(hours, monday) == datetime(2026, 11, 3, 22, tzinfo=UTC)


def test_a_calendar_cannot_be_built_from_less_than_a_week() -> None:
    with pytest.raises(InvalidInput, match="seven days"):
        worktime.WorkCalendar("UTC", ((),) * 5)
