from __future__ import annotations

import csv as reader
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reports import csv

PHONE = re.compile(r"\+[0-9 ]+")


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+49 30 1+1", "+1", "+49 30 1\n", " +49 30 9018214", "-cmd|' /C calc'!A0", "@SUM(A1)",
     "\t=1", "\r=1", "  =1", "\n=1"],
)  # fmt: skip
def test_text_that_would_run_is_text(text: str) -> None:
    assert csv.safe(text) == f"'{text}"


@pytest.mark.parametrize(
    "value",
    ["Anna", "DACH = best", "", "+49 30 9018214", "+4930901821", None, -3, -0.5, 7, "a,b",
     'say "x"'],
)  # fmt: skip
def test_the_rest_stays_as_it_is(value: object) -> None:
    assert csv.safe(value) == value  # type: ignore[arg-type]


@given(st.text())
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = str(csv.safe(text)).lstrip(" ")
    begins = cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n"))
    assert not begins or PHONE.fullmatch(cell)


@given(st.lists(st.text(), min_size=1))
def test_what_is_written_is_read_again(cells: list[str]) -> None:
    line = csv.line(cells)
    assert next(reader.reader(io.StringIO(line, newline=""))) == [csv.safe(cell) for cell in cells]
