"""Result files of imports as they are sent: written as the file was that came in."""

from __future__ import annotations

import itertools
import re
import tempfile
from collections.abc import Iterable, Sequence
from typing import Any

from django.http import FileResponse
from django.http.response import HttpResponseBase
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell

from lifecycle.importing.results import Result
from web import csv_files

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_576
"""What a sheet holds; a longer result is sent as text."""
LONGEST = 32_767
"""Characters a cell of a workbook holds."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def send(stem: str, result: Result) -> HttpResponseBase:
    """A download: text with the separator of the upload, or a workbook."""
    form = result.form
    if not form.is_workbook:
        return csv_files.stream(f"{stem}.{form.ending}", result.rows, separator=form.separator)
    first = list(itertools.islice(result.rows, MOST_ROWS))
    rest = next(result.rows, None)
    if rest is not None:
        return csv_files.stream(f"{stem}.csv", itertools.chain(first, [rest], result.rows))
    return _workbook(f"{stem}.{form.ending}", first)


def _workbook(name: str, rows: Iterable[Sequence[str]]) -> FileResponse:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Result")
    sheet.freeze_panes = "A2"
    for row in rows:
        sheet.append([_cell(sheet, text) for text in row])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the answer closes it once it is sent
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=name, content_type=XLSX)


def _cell(sheet: Any, text: str) -> WriteOnlyCell:
    """A cell that says it is text, whatever it begins with."""
    cell = WriteOnlyCell(sheet, _UNWRITABLE.sub("\ufffd", text)[:LONGEST])
    cell.data_type = "s"
    return cell
