"""The pack as one HTML file, made to be printed. Pure: the same content gives the same bytes.

FORMAT is kept with each closed review. What is printed of an older format must never change
(docs/adr/0020-a-review-is-a-text-that-is-printed-anew.md): a change to what this module, `pack` or
`wording` print is a new format beside this one.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from reports.reviews import pack
from reports.reviews.pack import Chapter, Grid, Pack

FORMAT = 1
_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
@page { size: A4; margin: 18mm 14mm; @bottom-right { content: counter(page); } }
:root { color-scheme: light; }
body { font: 10pt/1.45 system-ui, sans-serif; color: #16181d; margin: 24px auto; max-width: 72rem;
  padding: 0 16px; font-variant-numeric: tabular-nums; }
h1 { font-size: 22pt; margin: 0 0 12pt; } h2 { font-size: 14pt; margin: 24pt 0 6pt; }
h3 { font-size: 11pt; margin: 14pt 0 2pt; } p { margin: 2pt 0 6pt; } .note { color: #4b5160; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2pt 12pt; margin: 0; }
dt { color: #4b5160; } dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: 8.5pt; }
th, td { border: 1px solid #c9cdd6; padding: 3pt 5pt; text-align: left; vertical-align: top;
  white-space: pre-line; overflow-wrap: anywhere; }
thead { display: table-header-group; } thead th { background: #eef0f4; } tfoot td, tfoot th {
  font-weight: 600; background: #f6f7f9; } .n { text-align: right; white-space: nowrap; }
tr { break-inside: avoid; } h2, h3 { break-after: avoid; } nav { margin: 18pt 0; }
@media print { body { margin: 0; max-width: none; padding: 0; } section { break-before: page; } }
"""


def checksum(content: Mapping[str, Any]) -> str:
    """SHA-256 of the pack as everybody who reads all of it gets it."""
    return hashlib.sha256(render(pack.of(content))).hexdigest()


def render(made: Pack) -> bytes:
    """The file, in UTF-8."""
    return "\n".join(_lines(made)).encode()


def _lines(made: Pack) -> Iterator[str]:
    yield "<!DOCTYPE html>"
    yield '<html lang="en"><head><meta charset="utf-8">'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
    yield '<meta name="viewport" content="width=device-width">'
    yield f"<title>{escape(made.title)}</title><style>{_STYLE}</style></head><body>"
    yield f"<header><h1>{escape(made.title)}</h1><dl>"
    for name, value in made.facts:
        yield f"<dt>{escape(name)}</dt><dd><bdi>{escape(value)}</bdi></dd>"
    yield "</dl></header><nav><h2>Contents</h2><ol>"
    for chapter in made.chapters:
        yield f'<li><a href="#{escape(chapter.anchor)}">{escape(chapter.title)}</a></li>'
    yield "</ol></nav><main>"
    for number, chapter in enumerate(made.chapters, start=1):
        yield from _chapter(number, chapter)
    yield "</main></body></html>"
    yield ""


def _chapter(number: int, chapter: Chapter) -> Iterator[str]:
    yield f'<section id="{escape(chapter.anchor)}"><h2>{number}. {escape(chapter.title)}</h2>'
    for grid in chapter.grids:
        yield from _grid(grid)
    yield "</section>"


def _grid(grid: Grid) -> Iterator[str]:
    yield f'<h3>{escape(grid.title)}</h3><p class="note">{escape(grid.note)}</p>'
    if not grid.rows:
        yield f"<p>{escape(grid.empty)}</p>"
        return
    yield f"<table><thead><tr>{_head(grid)}</tr></thead><tbody>"
    for row in grid.rows:
        yield _row(grid, row)
    yield "</tbody>"
    if grid.total is not None:
        yield f"<tfoot>{_row(grid, grid.total)}</tfoot>"
    yield "</table>"


def _head(grid: Grid) -> str:
    first, *others = grid.head
    cells = [
        f'<th scope="col"{_class(is_number)}>{escape(one)}</th>'
        for one, is_number in zip(others, grid.numbers, strict=True)
    ]
    return f'<th scope="col">{escape(first)}</th>{"".join(cells)}'


def _row(grid: Grid, row: tuple[str, ...]) -> str:
    first, *others = row
    cells = [
        f"<td{_class(is_number)}>{_text(one)}</td>"
        for one, is_number in zip(others, grid.numbers, strict=True)
    ]
    return f'<tr><th scope="row">{_text(first)}</th>{"".join(cells)}</tr>'


def _class(is_number: bool) -> str:  # noqa: FBT001 - one of two looks
    return ' class="n"' if is_number else ""


def _text(value: str) -> str:
    return f"<bdi>{escape(value)}</bdi>"
