"""Files as they come: every row is given out, whatever wrote the file."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lifecycle.importing import reading
from lifecycle.importing.reading import Row, Table, Unreadable

PLAIN = [["Id", "Name", "City"], ["1", "Zoë O'Brien", "Köln"], ["2", "Ana, B.", 'the "Big" one']]


def table(folder: Path, content: bytes, name: str = "people.csv") -> Table:
    path = folder / name
    path.write_bytes(content)
    return reading.open_table(path)


def text_of(rows: list[list[str]], separator: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue()


@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"],
)
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_encoding_and_separator_are_found_out(
    tmp_path: Path, encoding: str, separator: str
) -> None:
    found = table(tmp_path, text_of(PLAIN, separator).encode(encoding))
    assert list(found.headings) == PLAIN[0]
    assert [list(row.cells) for row in found] == PLAIN[1:]
    assert found.rows == 2


def test_one_cell_in_another_encoding_does_not_spoil_the_others(tmp_path: Path) -> None:
    found = table(tmp_path, "Name,City\nJosé,Köln\n".encode() + "René,Nîmes\n".encode("cp1252"))
    assert [row.cells for row in found] == [("José", "Köln"), ("René", "Nîmes")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_ends_a_row(tmp_path: Path, end: str) -> None:
    found = table(tmp_path, end.join(["a,b", "1,2", "3,4", ""]).encode())
    assert [row.cells for row in found] == [("1", "2"), ("3", "4")]


def test_a_quoted_value_may_hold_line_ends_and_the_line_of_its_row_is_told(tmp_path: Path) -> None:
    found = list(table(tmp_path, b'a,b\n1,"x\ny"\n2,z\n'))
    assert found == [Row(1, 2, ("1", "x\ny")), Row(2, 4, ("2", "z"))]


@pytest.mark.parametrize(
    ("body", "good", "broken"),
    [
        ('1,"open\n2,b\n3,c\n', ["2", "3"], [(1, 2, "quote opened in line 2")]),
        ('1,a\n2,"open', ["1"], [(2, 3, "quote opened in line 3")]),
        ("1,a,extra\n2,b\n", ["2"], [(1, 2, "3 cells under 2 headings")]),
        ("1\n2,b\n", ["2"], [(1, 2, "1 cells under 2 headings")]),
        (f"1,{'x' * 200_000}\n2,b\n", ["2"], [(1, 2, "longer than 131,072")]),
        (f"1,{'x' * 1_100_000}\n2,b\n", ["2"], [(1, 2, "longer than")]),
        (f"{'x,' * 450_000}\n2,b\n", ["2"], [(1, 2, "cells under")]),
        (f'1,"open\n{"x" * 1_100_000}\n2,b\n', ["2"], [(1, 2, "quote"), (2, 3, "longer than")]),
    ],
    ids=["quote", "quote at the end", "too many", "too few", "large", "overlong", "wide", "both"],
)
def test_a_broken_row_is_named_and_the_others_are_read(
    tmp_path: Path, body: str, good: list[str], broken: list[tuple[int, int, str]]
) -> None:
    rows = list(table(tmp_path, b"id,name\n" + body.encode()))
    assert [row.cells[0] for row in rows if not row.fault] == good
    faults = [row for row in rows if row.fault]
    assert [(row.number, row.line) for row in faults] == [(one[0], one[1]) for one in broken]
    assert all(word in row.fault for row, (*_, word) in zip(faults, broken, strict=True))


@pytest.mark.parametrize(
    ("line", "raw"),
    [
        ("1,Acme, Inc,Rome", ("1", "Acme", " Inc", "Rome")),
        ("1", ("1",)),
        ('1,"open', ("1", "open")),
        ("1,Zo\xeb,x", ("1", "Zoë", "x")),
    ],
)
def test_the_cells_of_a_row_that_cannot_be_read_are_kept_as_they_came(
    tmp_path: Path, line: str, raw: tuple[str, ...]
) -> None:
    [row, _] = table(tmp_path, b"id,name\n" + line.encode("latin-1") + b"\n2,Ana\n")
    assert (bool(row.fault), row.cells, row.raw) == (True, (), raw)


def test_a_row_of_a_result_file_is_read_once_its_spare_cells_are_empty(tmp_path: Path) -> None:
    headings = "Name,LeadGov extra cell 1,Town,LeadGov extra cell 2\n"
    found = list(table(tmp_path, f"{headings}Ana,,Rome, \nBen,Inc,Bern,\nC,,D,x\n".encode()))
    assert [bool(row.fault) for row in found] == [False, True, True]
    assert found[1].raw == ("Ben", "Inc", "Bern", "")


@pytest.mark.parametrize(
    ("content", "letters"),
    [
        ("Name\nZoë\n".encode(), "UTF-8"),
        (b"Name\nZoe\n", "UTF-8"),
        ("Name\nZoë\n".encode("utf-8-sig"), "UTF-8"),
        ("Name\nZoë\n".encode("utf-16"), "UTF-16"),
        ("Name\nZoë\n".encode("cp1252"), "Western Europe (Windows-1252)"),
        ("Straße\nZoe\n".encode("cp1252"), "Western Europe (Windows-1252)"),
        ("Name\nZoë\n".encode() + "René\n".encode("cp1252"), "UTF-8 with some cells in Western"),
    ],
)
def test_people_are_told_the_letters_that_were_really_read(
    tmp_path: Path, content: bytes, letters: str
) -> None:
    assert f", {letters}" in table(tmp_path, content).described


def test_a_quote_inside_quotes_is_read_with_a_remark(tmp_path: Path) -> None:
    [row] = table(tmp_path, b'id,name\n1,"Acme" Inc\n')
    assert (row.cells, bool(row.remark)) == (("1", "Acme Inc"), True)


def test_trailing_separators_do_no_harm(tmp_path: Path) -> None:
    assert [row.cells for row in table(tmp_path, b"a,b\n1,2,,,\n")] == [("1", "2")]


def test_blank_rows_are_counted_apart(tmp_path: Path) -> None:
    found = table(tmp_path, b"\na,b\n\n1,2\n,\n \n")
    assert (found.rows, found.blank, len(list(found))) == (1, 3, 1)


def test_the_separator_a_spreadsheet_announces_is_taken(tmp_path: Path) -> None:
    found = table(tmp_path, "\ufeffsep=;\nName, first;Town\nAna;Rome\n".encode())
    assert found.headings == ("Name, first", "Town")
    assert [(row.line, row.cells) for row in found] == [(3, ("Ana", "Rome"))]


def test_headings_are_made_distinct_and_nameless_columns_numbered(tmp_path: Path) -> None:
    found = table(tmp_path, b"Email,Email,,  Email \nx,y,z,w\n")
    assert found.headings == ("Email", "Email (2)", "Column 3", "Email (3)")


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (b"\xef\xbb\xbf", "holds no text"),
        (b"PK\x03\x04zip", "workbook"),
        (b"<!DOCTYPE html><html>", "web page"),
        (b'[{"email": "a@b.com"}]', "JSON"),
        (b"\x89PNG\r\n\x1a\n", "picture"),
        (b"a\x01\x02,b\n1,2\n", "no text"),
        (b"\x1f\x8b\x08stuff", "compressed"),
        (b'"never closed', "headings"),
        (b"a\0b\0,c\n1,2\n" + b"x,y\n" * 50, "no text"),
        (b",".join(b"c%d" % n for n in range(3_000)), "3,000 columns"),
    ],
)
def test_what_is_no_table_is_refused_with_the_reason(
    tmp_path: Path, content: bytes, told: str
) -> None:
    with pytest.raises(Unreadable, match=told):
        table(tmp_path, content)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="cannot be opened"):
        reading.open_table(tmp_path / "missing.csv")


cells = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\0"), min_size=1, max_size=20
)


@given(st.lists(st.tuples(cells, cells, cells), min_size=1, max_size=20), st.sampled_from(",;\t|"))
def test_whatever_csv_can_write_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], separator: str
) -> None:
    written = [["id", "b", "c", "d"], *([str(n), *row] for n, row in enumerate(rows))]
    content = text_of(written, separator).encode()
    found = table(tmp_path_factory.mktemp("any"), content)
    assert [list(row.cells) for row in found] == written[1:]


@given(st.binary(max_size=400) | st.text('",\n;x\r ', max_size=200).map(str.encode))
def test_any_bytes_are_refused_or_every_row_is_numbered(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    try:
        found = table(tmp_path_factory.mktemp("any"), content)
    except Unreadable:
        return
    rows = list(found)
    assert [row.number for row in rows] == list(range(1, found.rows + 1))
    assert all(row.fault or len(row.cells) == len(found.headings) for row in rows)
    lines = [row.line for row in rows]
    assert lines == sorted(set(lines))


FOUR = "First name,Last name,E-mail,Company"
BUYERS = "A,B,a@b.com,C\nD,E,d@e.com,F\n"


@pytest.mark.parametrize(
    ("text", "headings", "rows", "told"),
    [
        (f"List of 2025\n\nExported,today\n{FOUR}\n{BUYERS}", 4, 2, "2 lines"),
        (f"Our list; of May\n{FOUR}\n{BUYERS}".replace(",", ";"), 4, 2, "A line"),
        (f"{FOUR}\nTotal,,,\nTotal,,,\nTotal,,,\n", 4, 3, ""),
        ("Email\na@b.com\nc@d.com, x\n", 1, 2, ""),
        ("a@b.com\nA,B,c@d.com,E\nA,B,c@d.com,E\n", 1, 2, ""),
        ("Email,Name\na@b.com,A\n", 2, 1, ""),
    ],
)  # fmt: skip
def test_lines_above_the_headings_are_told_and_are_no_rows(
    tmp_path: Path, text: str, headings: int, rows: int, told: str
) -> None:
    path = tmp_path / "titled.csv"
    path.write_text(text)
    table = reading.open_table(path)
    assert (len(table.headings), table.rows) == (headings, rows)
    assert "".join(table.notes).startswith(told)
    assert bool(table.notes) == bool(told)


def test_the_footer_of_a_report_is_refused_as_such(tmp_path: Path) -> None:
    path = tmp_path / "report.csv"
    path.write_text(f'{FOUR}\nA,B,a@b.com,C\n\n"Copyright 2026"\n')
    assert ["footer of a report" in row.fault for row in reading.open_table(path)] == [False, True]
