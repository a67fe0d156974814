"""Tables as CSV that a spreadsheet opens without running anything in it."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence

from django.http import StreamingHttpResponse

from core import spreadsheets
from reports import csv as reports_csv
from reports.declaration import Value


def stream(
    name: str, rows: Iterable[Sequence[Value]], *, separator: str = ","
) -> StreamingHttpResponse:
    """A download of these rows, written as they are read."""
    writer = csv.writer(spreadsheets.Echo(), delimiter=separator)

    def lines() -> Iterator[str]:
        yield "\ufeff"  # spreadsheets need it to read UTF-8
        for row in rows:
            yield writer.writerow([reports_csv.safe(cell) for cell in row])

    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
