"""`manage.py working_time` on files: nothing is lost, and exactly N minutes count as within."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from core.errors import NotFound
from core.work_calendar import WorkCalendar
from sla import named_calendars

OFFICE = json.dumps(
    {
        "zone": "Europe/Berlin",
        "week": {day: [["09:00", "17:00"]] for day in ("mon", "tue", "wed", "thu", "fri")},
        "closed": {"2026-12-25": "Christmas Day"},
    }
)
PAIRS = """case,team,start,end
1,A,2026-11-02T16:30,2026-11-03T09:30
2,A,2026-11-02T16:30,2026-11-03T09:30:00.000001
3,B,2026-11-07T10:00,2026-11-09T09:59
4,B,2026-11-02T10:00,
5,B,2026-11-02T10:00,2026-11-02T09:00
6,B,soon,2026-11-02T09:00
7,B,2026-11-02T10:00,2026-11-02T09:00,more
"""
EVENTS = """Case ID;Activity;Complete Timestamp
L1;assigned;2026-11-02T16:30
L2;assigned;2026-11-02T10:00
L1;called;2026-11-03T09:30
L1;called;2026-11-03T09:10
L1;called;2026-11-02T09:00
L3;called;2026-11-02T10:00
L2;noted;2026-11-02T10:05
"""


def run(*words: object) -> tuple[list[str], str]:
    """What it printed, and what it refused with."""
    out = io.StringIO()
    refused = ""
    try:
        call_command("working_time", *map(str, words), stdout=out)
    except CommandError as refusal:
        refused = str(refusal)
    return out.getvalue().splitlines(), refused


def share(path: Path, *words: object) -> tuple[list[str], str]:
    return run("share", path, "--calendar", OFFICE, "--zone", "Europe/Berlin", *words)


def test_a_due_time_and_an_open_time_are_answered() -> None:
    lines, _ = run("add", "2026-12-24T16:00", "2h", "--calendar", OFFICE)
    assert lines == ["2026-12-28T09:00:00+00:00  2026-12-28T10:00:00+01:00 Europe/Berlin"]
    lines, _ = run("elapsed", "2026-12-24T16:00", "2026-12-28T10:00", "--calendar", OFFICE)
    assert lines == ["7200 s  2:00:00"]


@pytest.mark.parametrize(
    ("start", "told"),
    [
        ("2026-03-29T02:30", "was never shown in Europe/Berlin: taken as 2026-03-29T03:30"),
        ("2026-10-25T02:30", "was shown twice in Europe/Berlin: taken as 2026-10-25T02:30"),
        ("2026-10-25T02:30+01:00", ""),
        ("2026-11-02T10:00", ""),
    ],
)
def test_what_a_wall_clock_leaves_open_is_told(start: str, told: str) -> None:
    beside = io.StringIO()
    call_command(
        "working_time",
        "add",
        start,
        "1h",
        "--calendar",
        OFFICE,
        stdout=io.StringIO(),
        stderr=beside,
    )
    assert told in beside.getvalue()
    assert bool(told) == bool(beside.getvalue())


def test_work_of_exactly_the_span_is_within_and_every_row_is_counted(tmp_path: Path) -> None:
    path, out = tmp_path / "log.csv", tmp_path / "out.csv"
    path.write_text(PAIRS)
    lines, refused = share(path, "--within", 60, "--by", "team", "--out", out)
    assert [line.split(" finished")[0] for line in lines[-3:]] == [
        "A: 1 of 2", "B: 1 of 1", "all: 2 of 3",
    ]  # fmt: skip
    assert lines[-1].endswith("66.6667 %, mean 3580 s; 1 of 4 not finished")
    assert "7 rows, 3 not counted" in lines
    assert refused.startswith("3 rows were not counted")
    rows = list(csv.DictReader(out.read_text().splitlines()))
    assert len(rows) == 7
    assert {row["case"]: row["open_seconds"] for row in rows if row["case"]} == {
        "1": "3600", "2": "3600.000001", "3": "3540", "4": "", "5": "", "6": "", "7": "",
    }  # fmt: skip
    refused_rows = [row for row in rows if row["not_counted"]]
    assert [(row["row"], row["case"], row["group"], row["start"], row["end"])
            for row in refused_rows] == [
        ("5", "5", "B", "2026-11-02T09:00:00+00:00", "2026-11-02T08:00:00+00:00"),
        ("6", "6", "B", "soon", "2026-11-02T09:00"),
        ("7", "7", "B", "2026-11-02T10:00", "2026-11-02T09:00"),
    ]  # fmt: skip


def test_work_of_cases_runs_from_the_first_beginning_to_the_first_end_after_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "events.csv.gz"
    path.write_bytes(gzip.compress(EVENTS.encode()))
    lines, refused = share(path, "--from", "assigned", "--to", "called", "--within", "40m")
    assert lines[-2:] == [
        "7 rows, 0 not counted, 1 of other activities, 3 cases, 1 of them never began",
        "all: 1 of 1 finished within = 100.0000 %, mean 2400 s; 1 of 2 not finished",
    ]
    assert refused == ""


XES = """<?xml version="1.0"?><log xmlns="http://www.xes-standard.org/">
<trace><string key="concept:name" value="L1"/>
<event><string key="concept:name" value="assigned"/>
<date key="time:timestamp" value="2026-11-02T16:30:00+01:00"/></event>
<event><string key="concept:name" value="called"/>
<date key="time:timestamp" value="2026-11-03T09:30:00.000+01:00"/></event></trace>
<trace><string key="concept:name" value="L2"/>
<event><string key="concept:name" value="assigned"/>
<date key="time:timestamp" value="2026-11-02T16:30:00+01:00"/></event></trace>
"""


def test_a_log_in_xml_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    path = tmp_path / "log.xes"
    path.write_text(f"{XES}</log>")
    lines, refused = share(path, "--from", "assigned", "--to", "called")
    assert lines[-1].startswith("all: 1 of 1 finished within = 100.0000 %")
    assert lines[-1].endswith("1 of 2 not finished")
    assert refused == ""
    path.write_text(XES)
    lines, refused = share(path, "--from", "assigned", "--to", "called")
    assert "row 4: the log breaks here" in lines[0]
    assert "4 rows, 1 not counted, 0 of other activities, 2 cases" in lines
    assert refused


def test_cases_are_measured_whole_and_step_by_step(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS)
    lines, _ = share(path, "--whole", "--within", "5m")
    assert lines[-1].startswith("all: 2 of 3 finished within")
    lines, _ = share(path, "--steps", "--within", "1h")
    assert [line.partition(" finished")[0] for line in lines[-5:]] == [
        "assigned → called: 1 of 1", "assigned → noted: 1 of 1", "called → assigned: 0 of 1",
        "called → called: 1 of 1", "all: 3 of 4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "words", "told"),
    [
        ("x,y\n1,2\n", (), "Say --start and --end"),
        ("x,y\n1,2\n", ("--start", "z"), "no column “z”"),
        ("case,time\n1,2026-11-02T10:00\n", ("--from", "a"), "Say --activity"),
        ("a,a\n", (), "two columns “a”"),
        ("", (), "is empty"),
        ("start,end\n2026-11-02T10:00,2026-11-02T11:00\n", ("--within", "soon"), "no span"),
    ],
)
def test_what_is_missing_is_said(
    tmp_path: Path, text: str, words: tuple[str, ...], told: str
) -> None:
    path = tmp_path / "log.csv"
    path.write_text(text)
    assert told in share(path, *words)[1]


def test_times_that_the_wall_clock_showed_twice_are_told(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_text('{"start": "2026-10-25T02:30", "end": "2026-10-26T10:00"}\nno json\n')
    lines, refused = share(path)
    assert any(line.startswith("1 times were shown twice") for line in lines)
    assert any(line.startswith("row 2: this is no JSON") for line in lines)
    assert refused


def test_vectors_of_a_file_are_checked_with_its_own_calendars(tmp_path: Path) -> None:
    document = {
        "calendars": {"office": json.loads(OFFICE)},
        "vectors": [
            {"calendar": "office", "start": "2026-11-02T10:00", "minutes": 5,
             "due": "2026-11-02T10:05"},
            {"calendar": "office", "start": "2026-11-02T10:00", "minutes": 5,
             "due": "2026-11-02T10:06", "name": "late"},
            {"start": "2026-11-02T10:00", "minutes": 5, "due": "2026-11-02T10:06"},
            {"calendar": {"zone": "Nowhere"}, "at": "2026-11-02T10:00", "open": True},
            7,
        ],
    }  # fmt: skip
    path = tmp_path / "vectors.json"
    path.write_text(json.dumps(document))
    lines, refused = run("check", path)
    assert [line.split(":")[0] for line in lines] == [
        "row 2 (late)", "row 3 cannot be read", "row 4 cannot be read", "row 5 cannot be read",
    ]  # fmt: skip
    assert refused == "5 vectors: 1 as expected, 1 mismatches, 3 that cannot be read."


def test_without_a_kit_in_force_only_rows_that_need_one_cannot_be_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_kit(number: int | None) -> dict[str, WorkCalendar]:
        raise NotFound("There is no kit version 9." if number else "No kit is in force.")

    monkeypatch.setattr(named_calendars, "of_kit", no_kit)
    path = tmp_path / "vectors.csv"
    times = "2026-11-02T10:00,2026-11-02T11:00,1"
    path.write_text(f"calendar,a,b,hours\noffice,{times}\n24/7,{times}\noffice,{times}\n")
    lines, refused = run("check", path)
    assert lines[0] == ("row 1 cannot be read: There is no calendar “office”: no kit is in force.")
    assert refused == "3 vectors: 1 as expected, 0 mismatches, 2 that cannot be read."
    assert run("check", path, "--kit", "9") == ([], "There is no kit version 9.")


def test_vectors_in_a_table_take_the_calendar_of_the_call(tmp_path: Path) -> None:
    path = tmp_path / "vectors.csv"
    path.write_text("a,b,hours\n2026-11-02T10:00,2026-11-02T11:00,1\n")
    lines, refused = run("check", path, "--calendar", OFFICE)
    assert lines == ["1 vectors: 1 as expected, 0 mismatches, 0 that cannot be read."]
    assert refused == ""


def test_public_holidays_of_a_place_are_closed_days() -> None:
    place = json.dumps({"zone": "Europe/Berlin", "week": {"wed": [["09:00", "17:00"]]},
                        "holidays": "DE-BY"})  # fmt: skip
    lines, _ = run("add", "2027-01-06T09:00", "60", "--calendar", place)
    assert lines[0].startswith("2027-01-13T09:00:00+00:00")  # the 6th is Epiphany in Bavaria
