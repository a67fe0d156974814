"""Workbooks written while they are read: one sheet, row by row, nothing kept.

Openpyxl needs the whole sheet on disk before the first byte can be sent; of a million rows that is
minutes without an answer.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from xml.sax.saxutils import escape

from django.http import StreamingHttpResponse

from reports.declaration import Value

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS = 1_048_576
"""What a sheet holds, its headings included."""
LONGEST = 32_767
"""Characters a cell holds."""
TOGETHER = 500
"""Rows written at once."""
_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OFFICE = "http://schemas.openxmlformats.org"
_MAIN = f"{_OFFICE}/spreadsheetml/2006/main"
_RELATED = f"{_OFFICE}/officeDocument/2006/relationships"
_PACKAGED = f"{_OFFICE}/package/2006/relationships"
_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": (
        f'<Types xmlns="{_OFFICE}/package/2006/content-types">'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPE}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPE}.worksheet+xml"/>'
        "</Types>"
    ),
    "_rels/.rels": (
        f'<Relationships xmlns="{_PACKAGED}"><Relationship Id="r1" '
        f'Type="{_RELATED}/officeDocument" Target="xl/workbook.xml"/></Relationships>'
    ),
    "xl/workbook.xml": (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_RELATED}"><sheets>'
        '<sheet name="Leads" sheetId="1" r:id="r1"/></sheets></workbook>'
    ),
    "xl/_rels/workbook.xml.rels": (
        f'<Relationships xmlns="{_PACKAGED}"><Relationship Id="r1" '
        f'Type="{_RELATED}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>'
    ),
}


class _Pipe:
    """What the archive is written to; it hands on what was written and keeps nothing."""

    def __init__(self) -> None:
        self._kept: list[bytes] = []

    def write(self, data: bytes) -> int:
        """Take it in."""
        self._kept.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """There is nothing behind it."""

    def taken(self) -> bytes:
        """What came since the last time."""
        data, self._kept = b"".join(self._kept), []
        return data


def stream(name: str, rows: Iterable[Sequence[Value]]) -> StreamingHttpResponse:
    """A download of these rows, the first as headings; text is never taken for a formula."""
    return StreamingHttpResponse(
        pieces(rows),
        content_type=XLSX,
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def pieces(rows: Iterable[Sequence[Value]]) -> Iterator[bytes]:
    """The file in pieces. Rows past what a sheet holds are left out."""
    pipe = _Pipe()
    with zipfile.ZipFile(pipe, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:  # type: ignore[call-overload]
        for path, text in _PARTS.items():
            archive.writestr(path, _HEAD + text)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write((_HEAD + f'<worksheet xmlns="{_MAIN}"><sheetData>').encode())
            lines: list[str] = []
            for count, row in enumerate(rows, start=1):
                if count > MOST_ROWS:
                    break
                lines.append(f"<row>{''.join(map(_cell, row))}</row>")
                if len(lines) >= TOGETHER:
                    sheet.write("".join(lines).encode())
                    lines = []
                    yield pipe.taken()
            sheet.write(("".join(lines) + "</sheetData></worksheet>").encode())
        yield pipe.taken()
    yield pipe.taken()


def _cell(value: Value) -> str:
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"<c><v>{value}</v></c>"
    text = _UNWRITABLE.sub("\ufffd", str(value or ""))[:LONGEST]
    if not text:
        return "<c/>"
    return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'
