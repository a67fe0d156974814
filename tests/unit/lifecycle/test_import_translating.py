"""Rows to touches: what each cell becomes, and that nothing gets lost on the way."""

from __future__ import annotations

import datetime as dt
import zoneinfo
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leads import intake
from lifecycle.importing import converting, mapping, reading, telling, translating
from lifecycle.importing.mapping import BadMapping, Meanings
from lifecycle.importing.reading import Row, Table
from lifecycle.importing.translating import Translation

NOW = dt.datetime(2026, 3, 3, 10, tzinfo=dt.UTC)
UTC = zoneinfo.ZoneInfo("UTC")
OURS = """
system: acme
columns:
  external_id: [Id]
  occurred_at: {from: [Created], formats: [iso, "%d/%m/%Y", "%m/%d/%Y"]}
  person.first_name: [First Name]
  person.last_name: [Last Name]
  person.full_name: [Name]
  person.email: [Email]
  person.phone: [Mobile, Phone]
  company.domain: [Website]
  consent: {from: [Opted Out], as: opt_out}
  source.category: {from: [Source], words: {Cold Call: OUTBOUND}}
ignored: [Noise]
unanswered: ["?"]
"""


def table(headings: str) -> Table:
    names = tuple(headings.split(","))
    return Table(Path("/nowhere/ours.csv"), "utf-8", ",", names, 0, 0, "f" * 64)


def translated(
    row: dict[str, str], *, ours: Meanings | None = None, number: int = 1, channel: str = ""
) -> Translation:
    there = table(",".join(row))
    # The forms of dates are settled by reading the file, which these tests do without.
    object.__setattr__(there, "path", Path("/dev/null"))
    plan = translating.bind(ours or mapping.parse(OURS, name="ours"), there, channel=channel)
    return translating.translate(Row(number, number + 1, tuple(row.values())), plan)


@pytest.mark.parametrize(
    ("row", "section", "value"),
    [
        ({"Id": "7", "Name": "Ana Paz"}, "person", {"first_name": "Ana", "last_name": "Paz"}),
        ({"Id": "7", "Name": "X Y", "Last Name": "Roe"}, "person", {"last_name": "Roe"}),
        ({"Id": "7", "Mobile": "-", "Phone": "+49 30 1"}, "person", {"phone": "+49 30 1"}),
        ({"Id": "7", "Mobile": "'+49 30 1"}, "person", {"phone": "+49 30 1"}),
        ({"Id": "7", "Email": "a@x.test; b@x.test"}, "person", {"email": "a@x.test"}),
        ({"Id": "7", "Website": "http://www.acme.co.uk/x"}, "company", {"domain": "acme.co.uk"}),
        ({"Id": "7", "Opted Out": "TRUE"}, "consent", False),
        ({"Id": "7", "Opted Out": "0"}, "consent", True),
        ({"Id": "7", "Source": "cold-call"}, "source", {"category": "OUTBOUND"}),
        ({"Id": "7", "Source": "Pigeon"}, "source", None),
        ({"Id": "7", "Created": "2021-04-15 3:03:00"}, "occurred_at", "2021-04-15T03:03:00+00:00"),
        ({"Id": "7", "First Name": "?"}, "person", None),
        ({"Id": "7", "First Name": "N/A"}, "person", None),
        ({"Id": "7", "Last Name": "Null"}, "person", {"last_name": "Null"}),
    ],
)  # fmt: skip
def test_a_cell_reaches_its_target(row: dict[str, str], section: str, value: Any) -> None:
    assert translated(row).body.get(section) == value


def test_what_no_target_takes_is_kept_and_what_is_noise_is_not() -> None:
    found = translated({"Id": "7", "Tier": "Gold", "Noise": "x", "Empty": "", "Source": "Pigeon"})
    assert found.body["fields"] == {"Tier": "Gold", "Source": "Pigeon"}


def test_a_broken_address_does_not_cost_a_buyer_who_is_known_otherwise() -> None:
    found = translated({"Id": "7", "Email": "gone", "Last Name": "Roe"})
    assert "email" not in found.body["person"]
    assert found.body["fields"] == {"Email": "gone"}
    assert "Email" in found.remarks[0]


def test_a_broken_address_alone_is_refused_by_intake_in_its_words() -> None:
    found = translated({"Email": "gone", "Last Name": "Roe"})
    [fault] = intake.read(found.body, now=NOW).errors
    assert telling.sentence(fault, found.cells).startswith(
        "Email “gone”: This is no e-mail address"
    )
    assert found.remarks == ()


def test_a_date_of_unknown_form_stops_the_row_and_names_its_column() -> None:
    found = translated({"Id": "7", "Created": "last spring"})
    [fault] = found.errors
    assert fault.field == "occurred_at"
    assert telling.sentence(fault, found.cells) == "Created: “last spring” is no date."


def test_all_that_is_wrong_with_a_row_is_told_at_once() -> None:
    found = translated({"Email": "gone", "Created": "last spring"})
    wrong = translating.faults(found, now=NOW, live=False)
    assert [one.field for one in wrong] == ["occurred_at", "person.email"]


def test_values_too_long_for_their_target_or_for_a_field_are_told() -> None:
    found = translated({"Id": "7", "Last Name": "x" * 130, "Story": "y" * 2_500})
    assert found.body["fields"] == {"Last Name": "x" * 130, "Story": "y" * 2_000}
    assert len(found.remarks) == 2


def test_columns_beyond_what_a_touch_can_keep_are_named() -> None:
    found = translated({"Id": "7"} | {f"c{n}": "x" for n in range(intake.MOST_FIELDS + 5)})
    assert len(found.body["fields"]) == intake.MOST_FIELDS
    assert "c504" in found.remarks[0]


def test_the_channel_asked_for_stands_above_all() -> None:
    assert translated({"Id": "7"}).body["channel"] == "IMPORT"
    assert translated({"Id": "7"}, channel="EVENT").body["channel"] == "EVENT"


def test_the_same_record_is_the_same_touch_wherever_it_stands_in_a_file() -> None:
    row = {"Id": "7", "Last Name": "Roe"}
    assert translated(row, number=1).key == translated(row, number=99).key
    assert translated(row).key != translated(row | {"Last Name": "Doe"}).key


def test_without_an_id_every_row_of_a_file_is_a_touch_of_its_own() -> None:
    row = {"Email": "a@x.test"}
    assert translated(row, number=1).key != translated(row, number=2).key
    assert translated(row, number=1).key == translated(row, number=1).key


def test_a_table_that_tells_no_buyer_is_refused_with_its_headings() -> None:
    with pytest.raises(BadMapping, match="Deal, Amount"):
        translating.bind(mapping.parse(OURS, name="ours"), table("Deal,Amount"))


names = ("Id", "Name", "Last Name", "Email", "Mobile", "Website", "Opted Out", "Source", "Other")


@given(st.dictionaries(st.sampled_from(names), st.text(max_size=60), min_size=1))
def test_every_word_of_a_row_is_somewhere_in_its_touch(row: dict[str, str]) -> None:
    row = {"Id": "7"} | row
    found = translated(row)
    kept = str(found.body) + str(found.errors)
    blank = mapping.UNANSWERED | {"?", ""}
    for heading, cell in row.items():
        text = cell.strip()
        if text in blank or heading in ("Name", "Website", "Opted Out"):
            continue
        assert repr(text.removeprefix("'"))[1:-1] in kept


@pytest.mark.parametrize(
    ("texts", "order"),
    [
        (["25/06/2020", "05/06/2020"], "%d/%m/%Y"),
        (["06/25/2020", "05/06/2020"], "%m/%d/%Y"),
    ],
)
def test_one_clear_date_settles_the_order_for_its_column(texts: list[str], order: str) -> None:
    kept, doubt = converting.settle_formats(texts, ("iso", "%d/%m/%Y", "%m/%d/%Y"), UTC)
    assert order in kept
    assert len(kept) == 2
    assert not doubt


def test_a_column_that_could_be_read_two_ways_is_told() -> None:
    kept, doubt = converting.settle_formats(["05/06/2020"], ("%m/%d/%Y", "%d/%m/%Y"), UTC)
    assert kept == ("%m/%d/%Y",)
    assert "05/06/2020" in doubt


@pytest.mark.parametrize(
    ("text", "formats", "zone", "instant"),
    [
        ("15 Apr, 2021 00:03:00", ("%d %b, %Y %H:%M:%S",), "UTC", "2021-04-15T00:03:00+00:00"),
        ("01-02-2018", ("%d-%m-%Y",), "America/Sao_Paulo", "2018-02-01T00:00:00-02:00"),
        ("2020-07-01T10:00:00Z", ("iso",), "Europe/Berlin", "2020-07-01T10:00:00+00:00"),
        ("2023-11-11 08:18:16.519000 UTC", ("iso",), "Asia/Tokyo", "2023-11-11T08:18:16.519+00:00"),
        ("1617298367000", ("iso", "epoch_ms"), "UTC", "2021-04-01T17:32:47+00:00"),
    ],
)
def test_an_instant_is_read_in_its_zone(
    text: str, formats: tuple[str, ...], zone: str, instant: str
) -> None:
    found = converting.instant(text, formats, zoneinfo.ZoneInfo(zone))
    assert found == dt.datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("00Q1G00000nDnM5", "00Q1G00000nDnM5UAK"),
        ("00537000003tmTn", "00537000003tmTnAAI"),
        ("0051G000007F2JG", "0051G000007F2JGQA0"),
        ("00Q1G00000nDnM5UAK", "00Q1G00000nDnM5UAK"),
        ("17", "17"),
    ],
)
def test_the_short_form_of_a_record_id_is_the_same_record(short: str, long: str) -> None:
    assert converting.salesforce_id(short) == long


def test_a_row_read_from_a_file_finds_its_columns(tmp_path: Path) -> None:
    path = tmp_path / "ours.csv"
    path.write_text("E-MAIL,id\nann@x.test,5\n")
    there = reading.open_table(path)
    ours = mapping.parse(
        "system: acme\ncolumns: {person.email: [e mail], external_id: [ID]}", name="o"
    )
    plan = translating.bind(ours, there)
    assert list(plan.pairs()) == [("E-MAIL", "person.email"), ("id", "external_id")]


@pytest.mark.parametrize(
    "texts",
    [
        ["31/01/2025", "05/06/2020"],
        ["1/31/25", "5/6/20"],
        ["31.01.2025 14:05", "06.05.2020 00:00"],
        ["31-Jan-2025", "06-May-2020"],
        ["January 31, 2025"],
        ["2025/01/31"],
        ["2025. 01. 31."],
        ["1/31/2025, 2:05:06 PM"],
        ["20250131"],
        ["45688", "43957.5"],
        ["1738314306000"],
        ["1738314306"],
    ],
)
def test_the_forms_of_many_countries_are_told_apart(texts: list[str]) -> None:
    formats, doubt = converting.settle_formats(texts, converting.ANY, UTC)
    found = [converting.instant(text, formats, UTC).date().isoformat() for text in texts]
    days = ["2025-01-31", "2020-06-05" if texts[0] == "31/01/2025" else "2020-05-06"]
    assert (found, doubt) == (days[: len(texts)], "")


@pytest.mark.parametrize(
    ("phone", "taken"),
    [
        ("+49 170 1234567", "+49 170 1234567"),
        ("4.91701234567E+11", "491701234567"),
        ("4,91701234567E+11", "491701234567"),
        ("4.91701E+11", None),
        ("4.9E+11", None),
    ],
)
def test_a_number_that_a_spreadsheet_cut_is_kept_as_a_field_and_never_dialled(
    phone: str, taken: str | None
) -> None:
    found = translated({"Id": "7", "Phone": phone})
    assert found.body.get("person", {}).get("phone") == taken
    if taken != phone:
        assert found.body["fields"]["Phone"] == phone
    assert bool(found.remarks) == (taken is None)


def test_a_stage_in_words_nobody_knows_is_kept_and_told() -> None:
    zoho = mapping.load("zoho")
    found = translated({"Record Id": "7", "Lead Status": "Frobnicated"}, ours=zoho)
    assert "history" not in found.body
    assert found.body["fields"] == {"Lead Status": "Frobnicated"}
    assert "is no stage that is known here" in found.remarks[0]
