"""Absences read from calendars as Outlook, Google and others write them."""

from __future__ import annotations

import datetime as dt
import time
import zoneinfo
from typing import Any

import pytest

from people import calendar_file, calendar_words

BERLIN = zoneinfo.ZoneInfo("Europe/Berlin")
SINCE = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
UNTIL = SINCE + dt.timedelta(days=400)


def calendar(*events: str, head: str = "") -> bytes:
    body = "".join(f"BEGIN:VEVENT\n{event.strip()}\nEND:VEVENT\n" for event in events)
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//\n{head}{body}END:VCALENDAR\n"
    return text.replace("\n", "\r\n").encode()


def spans(data: bytes, **options: Any) -> list[str]:
    options = {"zone": BERLIN, "all_day": False} | options
    found = calendar_file.read(data, since=SINCE, until=UNTIL, **options)
    return [f"{one.starts_at:%m-%d %H:%M}/{one.ends_at:%m-%d %H:%M}" for one in found.absences]


ALL_DAY = "UID:{uid}\nDTSTART;VALUE=DATE:20260706\nDTEND;VALUE=DATE:20260711\nSUMMARY:{title}\n"


def day(title: str, uid: str = "1", more: str = "") -> str:
    return ALL_DAY.format(uid=uid, title=title) + more


@pytest.mark.parametrize(
    ("event", "counts", "counts_all_day"),
    [
        (day("Urlaub"), True, True),
        (day("Out of office"), True, True),
        (day("Congés d'été"), True, True),
        (day("休暇"), True, True),
        (day("Trade fair"), False, True),
        (day("Holiday party planning"), False, True),
        (day("Trip", more="CATEGORIES:Travel,Vacation"), True, True),
        (day("Trip", more="X-MICROSOFT-CDO-BUSYSTATUS:OOF"), True, True),
        (day("Urlaub Anna", more="TRANSP:TRANSPARENT"), False, False),
        (day("Urlaub", more="X-MICROSOFT-CDO-BUSYSTATUS:FREE"), False, False),
        (day("Urlaub", more="STATUS:CANCELLED"), False, False),
        ("UID:1\nDTSTART:20260706T080000Z\nDTEND:20260706T090000Z\nSUMMARY:sick", False, False),
        ("UID:1\nDTSTART:20260706T080000Z\nDTEND:20260706T120000Z\nSUMMARY:sick", True, True),
        ("UID:1\nDTSTART:20260706T080000Z\nDURATION:PT5H\nSUMMARY:sick", True, True),
        ("UID:1\nDTSTART:20260706T080000Z\nDTEND:20260706T160000Z\nSUMMARY:Workshop", False, False),
    ],
)
def test_what_counts_as_an_absence(event: str, counts: bool, counts_all_day: bool) -> None:
    assert bool(spans(calendar(event))) == counts
    assert bool(spans(calendar(event), all_day=True)) == counts_all_day


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (day("Urlaub"), ["07-05 22:00/07-10 22:00"]),
        ("UID:1\nDTSTART;VALUE=DATE:20260706\nSUMMARY:Urlaub", ["07-05 22:00/07-06 22:00"]),
        (
            "UID:1\nDTSTART:20260706T090000\nDTEND:20260706T170000\nSUMMARY:Urlaub",
            ["07-06 07:00/07-06 15:00"],
        ),
        (
            "UID:1\nDTSTART;TZID=America/New_York:20260706T090000\n"
            "DTEND;TZID=America/New_York:20260706T170000\nSUMMARY:PTO",
            ["07-06 13:00/07-06 21:00"],
        ),
        (
            "UID:1\nDTSTART;VALUE=DATE:20260327\nRRULE:FREQ=WEEKLY;COUNT=3\nSUMMARY:Day off\n"
            "EXDATE;VALUE=DATE:20260403",
            ["03-26 23:00/03-27 23:00", "04-09 22:00/04-10 22:00"],
        ),
        ("UID:1\nDTSTART;VALUE=DATE:20200101\nSUMMARY:Urlaub", []),
    ],
)
def test_days_zones_and_recurrences_become_instants(event: str, expected: list[str]) -> None:
    assert spans(calendar(event)) == expected


def test_an_event_that_is_moved_or_renamed_stays_the_same() -> None:
    before, after = (
        calendar_file.read(calendar(one), zone=BERLIN, since=SINCE, until=UNTIL, all_day=False)
        for one in (
            day("Urlaub"),
            "UID:1\nDTSTART;VALUE=DATE:20260713\nDTEND;VALUE=DATE:20260718\nSUMMARY:Ferien",
        )
    )
    assert before.absences[0].uid == after.absences[0].uid
    assert before.absences[0].title == "Urlaub"


def test_one_moved_occurrence_of_a_series_is_told_apart() -> None:
    data = calendar(
        "UID:1\nDTSTART;VALUE=DATE:20260706\nRRULE:FREQ=WEEKLY;COUNT=2\nSUMMARY:Day off",
        "UID:1\nRECURRENCE-ID;VALUE=DATE:20260713\nDTSTART;VALUE=DATE:20260715\nSUMMARY:Day off",
    )
    assert spans(data) == ["07-05 22:00/07-06 22:00", "07-14 22:00/07-15 22:00"]
    found = calendar_file.read(data, zone=BERLIN, since=SINCE, until=UNTIL, all_day=False)
    assert len({one.uid for one in found.absences}) == 2


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "no calendar"),
        (b"<!DOCTYPE html><html>Log in", "web page"),
        (b"\x00\xff\xfe" * 100, "no calendar"),
        (b"BEGIN:VCALENDAR\r\n" + b"x" * calendar_file.MOST_BYTES, "larger than 2 MB"),
        (b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nUID:1\r\n", "breaks off"),
        (b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "cannot be read"),
    ],
)
def test_what_is_no_calendar_is_refused_with_what_it_is(data: bytes, said: str) -> None:
    with pytest.raises(calendar_file.Unreadable, match=said):
        spans(data)


def test_a_broken_event_hides_no_other() -> None:
    data = calendar(
        "UID:1\nDTSTART:tomorrow\nSUMMARY:Urlaub",
        "UID:2\nSUMMARY:Urlaub",
        "UID:3\nDTSTART;VALUE=DATE:20260706\nDTEND;VALUE=DATE:20260701\nSUMMARY:Urlaub",
        "UID:4\nDTSTART;VALUE=DATE:20260706\nRRULE:FREQ=NEVER\nSUMMARY:Urlaub",
        day("Urlaub", uid="5"),
    )
    assert "07-05 22:00/07-10 22:00" in spans(data)


@pytest.mark.parametrize(
    ("event", "said", "enters"),
    [
        (
            "DTSTART;VALUE=DATE:20261215\nDTEND;VALUE=DATE:20261210\nSUMMARY:Urlaub",
            "“Urlaub” ends before it begins; it is not entered.",
            False,
        ),
        (
            "DTSTART:20260706T170000Z\nDTEND:20260706T090000Z\nSUMMARY:sick",
            "“sick” ends before it begins; it is not entered.",
            False,
        ),
        (
            "DTSTART;TZID=Asia/Tokyo:20260706T010000\nDTEND:20260705T220000Z\nSUMMARY:sick",
            "",
            True,
        ),
        (
            "DTSTART;TZID=Nowhere/Zone:20260706T090000\n"
            "DTEND;TZID=Nowhere/Zone:20260706T170000\nSUMMARY:sick",
            "“sick” is in an unknown time zone, Nowhere/Zone; taken as your own.",
            True,
        ),
        (
            "DTSTART;TZID=W. Europe Standard Time:20260706T090000\n"
            "DTEND;TZID=W. Europe Standard Time:20260706T170000\nSUMMARY:sick",
            "",
            True,
        ),
        (
            "DTSTART:20260706T000000Z\nDTEND:20260706T050000Z\nRRULE:FREQ=SECONDLY\nSUMMARY:sick",
            "“sick” recurs more often than once a day; it is not entered.",
            False,
        ),
        ("DTSTART:tomorrow\nSUMMARY:Urlaub", "“Urlaub” cannot be read; it is not entered.", False),
        ("SUMMARY:OOO", "“OOO” cannot be read; it is not entered.", False),
        (
            "DTSTART;VALUE=DATE:20260706\nDTEND;VALUE=DATE:99991231\nSUMMARY:Leave",
            "“Leave” lasts more than two years; it is not entered.",
            False,
        ),
        ("DTSTART;VALUE=DATE:00010101\nSUMMARY:Leave", "1 absence is over already.", False),
        (
            "DTSTART;VALUE=DATE:99991231\nSUMMARY:Leave",
            "1 absence is further ahead than calendars are read.",
            False,
        ),
        ("DTSTART;VALUE=DATE:99991231\nSUMMARY:Trade fair", "", False),
        ("DTSTART:20260706T170000Z\nDTEND:20260706T090000Z\nSUMMARY:Trade fair", "", False),
    ],
)
@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York"])
def test_what_was_meant_as_an_absence_and_is_none_is_told(
    event: str, said: str, enters: bool, zone: str
) -> None:
    found = calendar_file.read(
        calendar(f"UID:1\n{event}"), zone=zoneinfo.ZoneInfo(zone), since=SINCE, until=UNTIL,
        all_day=False,
    )  # fmt: skip
    assert found.remarks == ((said,) if said else ())
    assert bool(found.absences) == enters


def test_of_many_faults_the_first_are_named() -> None:
    broken = "DTSTART;VALUE=DATE:20261215\nDTEND;VALUE=DATE:20261210\nSUMMARY:Urlaub"
    data = calendar(*(f"UID:{number}\n{broken}" for number in range(8)))
    found = calendar_file.read(data, zone=BERLIN, since=SINCE, until=UNTIL, all_day=False)
    assert len(found.remarks) == 6
    assert found.remarks[-1] == "3 more events have such faults."


def test_a_series_that_recurs_each_second_takes_no_time() -> None:
    began = time.monotonic()
    data = calendar(
        "UID:1\nDTSTART:19700101T000000Z\nDTEND:19700101T050000Z\nRRULE:FREQ=SECONDLY\nSUMMARY:sick",
        day("Urlaub", uid="2"),
    )
    assert spans(data) == ["07-05 22:00/07-10 22:00"]
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("text", ["LEAVE", "Annual-leave", "Sick!", "PTO (Anna)", "in vacances"])
def test_words_are_found_whatever_stands_around_them(text: str) -> None:
    assert calendar_words.tell_absence(text)


@pytest.mark.parametrize("text", ["", "Leaves fall", "Sicklist", "Semesterplanung", "Roadshow"])
def test_parts_of_words_say_nothing(text: str) -> None:
    assert not calendar_words.tell_absence(text)
