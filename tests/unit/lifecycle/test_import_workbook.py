"""Workbooks as they come: cells as one would type them, odd sheets told, bombs refused unread."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from lifecycle.importing import tables, workbook
from lifecycle.importing.reading import Row, Unreadable
from lifecycle.importing.tables import Table


def book(*rows: list[Any], title: str = "Buyers") -> Any:
    made = openpyxl.Workbook()
    made.active.title = title
    for row in rows:
        made.active.append(row)
    return made


def opened(folder: Path, made: Any, **more: str) -> Table:
    made.save(folder / "buyers.xlsx")
    return tables.open_table(folder / "buyers.xlsx", folder=folder, **more)


def repacked(folder: Path, **parts: bytes) -> Path:
    """A small workbook with some parts replaced or added; `__` in a name stands for a slash."""
    whole = io.BytesIO()
    book(["Email"], ["a@b.test"]).save(whole)
    path = folder / "odd.xlsx"
    new = {name.replace("__", "/").replace("_xml", ".xml"): text for name, text in parts.items()}
    with zipfile.ZipFile(whole) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
        for name in old.namelist():
            if name not in new:
                out.writestr(name, old.read(name))
        for name, text in new.items():
            out.writestr(name, text)
    return path


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("Zoë", "Zoë"),
        (4563, "4563"),
        (4563.0, "4563"),
        (493012345678.0, "493012345678"),
        (0.1 + 0.2, "0.3"),
        (-1.5, "-1.5"),
        (True, "true"),
        (False, "false"),
        (dt.datetime(2026, 3, 1), "2026-03-01"),  # noqa: DTZ001 - sheets know no zone
        (dt.datetime(2026, 3, 1, 10, 30), "2026-03-01 10:30:00"),  # noqa: DTZ001
        (dt.date(2026, 3, 1), "2026-03-01"),
        (dt.time(10, 30), "10:30:00"),
        ("=1+1", ""),  # never calculated
        (None, ""),
    ],
)
def test_a_cell_is_read_as_one_would_type_it(tmp_path: Path, value: Any, text: str) -> None:
    [row] = opened(tmp_path, book(["A", "B"], ["x", value]))
    assert row.cells == ("x", text)


def test_rows_are_numbered_and_their_place_in_the_sheet_is_told(tmp_path: Path) -> None:
    made = book([], ["Name", "Mail", None], ["Ana"], [], [], [None, "b@c.test"], ["x", "y", "z"])
    found = opened(tmp_path, made)
    assert found.headings == ("Name", "Mail")
    assert list(found)[:2] == [Row(1, 3, ("Ana", "")), Row(2, 6, ("", "b@c.test"))]
    wide = list(found)[2]
    assert ("3 cells under 2 headings" in wide.fault, wide.raw) == (True, ("x", "y", "z"))
    assert (found.rows, found.blank) == (3, 2)
    assert list(found) == list(found)


def test_a_cell_at_the_end_of_the_world_costs_nothing(tmp_path: Path) -> None:
    made = book(["Name"], ["Ana"])
    made.active["XFD1048576"] = "boo"
    found = opened(tmp_path, made)
    assert [row.number for row in found] == [1, 2]
    assert found.blank == 1_048_576 - 3


def test_errors_and_merged_cells_are_told(tmp_path: Path) -> None:
    made = book(["A", "B"], ["x", "#REF!"], ["y", None])
    made.active.merge_cells("A3:B4")
    found = opened(tmp_path, made)
    first, second = found
    assert (first.cells, "#REF!" in first.remark) == (("x", ""), True)
    assert second.remark == ""
    assert "1 ranges of cells are merged (the first is A3:B4)" in found.notes[0]


def test_the_first_visible_sheet_with_text_is_taken_unless_one_is_named(tmp_path: Path) -> None:
    made = book()
    hidden = made.create_sheet("Hidden")
    hidden.append(["No"])
    hidden.sheet_state = "hidden"
    made.create_sheet("People").append(["Mail"])
    made.create_sheet("Other").append(["Other mail"])
    assert opened(tmp_path, made).headings == ("Mail",)
    assert opened(tmp_path, made, sheet="Other").headings == ("Other mail",)
    assert tables.peek(tmp_path / "buyers.xlsx").sheets == ("Buyers", "Hidden", "People", "Other")
    with pytest.raises(Unreadable, match="no sheet “Ghost”; it has “Buyers”"):
        opened(tmp_path, made, sheet="Ghost")


@pytest.mark.parametrize(
    ("parts", "told"),
    [
        ({"xl__vbaProject.bin": b"macro"}, "holds macros"),
        ({"xl__workbook_xml": b"<broken"}, "cannot be read as a workbook"),
        ({"xl__worksheets__sheet1_xml": b"<worksheet><sheetData><row"}, "cannot be read"),
        ({"xl__sharedStrings_xml": b"\0" * (workbook.MOST_SHARED + 1)}, "unpacks to"),
        (
            {"xl__worksheets__sheet1_xml": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "c">]>'},
            "declares entities",
        ),
    ],
)
def test_a_workbook_that_is_none_or_a_trap_is_refused(
    tmp_path: Path, parts: dict[str, bytes], told: str
) -> None:
    path = repacked(tmp_path, **parts)
    with pytest.raises(Unreadable, match=told):
        tables.open_table(path, folder=tmp_path)
    with pytest.raises(Unreadable, match=told):
        tables.peek(path)


def test_a_zip_file_of_other_things_and_a_cut_off_one_are_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.xlsx", "w") as out:
        out.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    with pytest.raises(Unreadable, match="no Excel workbook"):
        tables.peek(tmp_path / "a.xlsx")
    whole = repacked(tmp_path).read_bytes()
    (tmp_path / "b.xlsx").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(Unreadable, match="cannot be read as a workbook"):
        tables.peek(tmp_path / "b.xlsx")


def test_a_sheet_without_a_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="no sheet with text"):
        opened(tmp_path, book())
    with pytest.raises(Unreadable, match="3,000 columns"):
        opened(tmp_path, book([f"c{n}" for n in range(3_000)]))


def test_the_sheet_that_looks_like_buyers_is_opened_and_the_others_are_named(
    tmp_path: Path,
) -> None:
    made = book(["Expo 2025"], ["Attendee list"], title="Cover")
    for title, rows in {
        "Countries": [["Code", "Country"], ["DE", "Germany"]],
        "People": [["Name", "E-mail"], ["Ann", "ann@b.test"]],
        "More": [["Name", "E-mail"], ["Bob", "bob@b.test"]],
    }.items():
        sheet = made.create_sheet(title)
        for row in rows:
            sheet.append(row)
    table = opened(tmp_path, made)
    assert table.headings == ("Name", "E-mail")
    assert table.notes[0].endswith("“People” is read; not “Cover”, “Countries”, “More”.")
    assert opened(tmp_path, made, sheet="Countries").headings == ("Code", "Country")


def test_a_title_above_the_headings_of_a_sheet_is_left_out(tmp_path: Path) -> None:
    made = book(["List of 2025"], [], ["A", "B", "C"], [1, 2, 3], [4, 5, 6])
    table = opened(tmp_path, made)
    assert (table.headings, [row.line for row in table], table.blank) == (
        ("A", "B", "C"),
        [4, 5],
        0,
    )
    assert table.notes[0].startswith("A line stands above the headings")
