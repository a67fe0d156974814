"""The pack as PDF: the same chapters and tables as in HTML, the same bytes each time.

What is signed is the text, and the HTML is what `--check` compares; the PDF is for paper. Its bytes
are those of one release of its library, so no checksum of them is kept.
"""

from __future__ import annotations

import datetime as dt
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from fpdf import FPDF
from fpdf.enums import TableHeadingsDisplay
from fpdf.fonts import FontFace
from fpdf.outline import OutlineSection

from reports.reviews.pack import Chapter, Grid, Pack

FONTS = Path(__file__).parent / "fonts"
FAMILY = "pack"
UNKNOWN = "\N{WHITE SQUARE}"
"""In place of letters that the font lacks; the HTML has all of them."""
LEAST, MOST = 6, 42
"""Characters a column is at least and at most thought to need."""
_GREY, _TINT, _LINE = (75, 81, 96), (238, 240, 244), (201, 205, 214)

logging.getLogger("fontTools").setLevel(logging.WARNING)  # it tells each table of a font it cuts


class _Paper(FPDF):
    """A sheet with the number of the pack and of the page below."""

    def __init__(self, made: Pack, at: dt.datetime) -> None:
        super().__init__(orientation="landscape", format="A4")
        self.made = made
        self.set_title(made.title)
        self.set_lang("en")
        self.set_creation_date(at)
        self.set_producer("LeadGov")
        self.add_font(FAMILY, fname=FONTS / "DejaVuSansCondensed.ttf")
        self.add_font(FAMILY, style="B", fname=FONTS / "DejaVuSansCondensed-Bold.ttf")
        self.set_line_width(0.1)
        self.set_draw_color(*_LINE)
        self.set_auto_page_break(auto=True, margin=16)
        self.letters = self.fonts[FAMILY].cmap  # type: ignore[union-attr]

    def footer(self) -> None:
        """On every page."""
        self.set_y(-12)
        self.set_font(FAMILY, size=7)
        self.set_text_color(*_GREY)
        told = f"{self.made.title} · {self.made.checksum[:16]} · {self.page_no()}"
        self.cell(text=told, align="R", w=self.epw)
        self.set_text_color(0)

    def known(self, text: str) -> str:
        """The text with a mark in place of each letter that the font lacks."""
        return "".join(one if one == "\n" or ord(one) in self.letters else UNKNOWN for one in text)

    def line(self, text: str, *, size: float, bold: bool = False, grey: bool = False) -> None:  # type: ignore[override]
        """A paragraph of its own."""
        self.set_font(FAMILY, style="B" if bold else "", size=size)
        self.set_text_color(*(_GREY if grey else (0, 0, 0)))
        height = size * 0.5
        self.multi_cell(0, height, text=self.known(text), new_x="LMARGIN", new_y="NEXT", align="L")
        self.set_text_color(0)


def render(made: Pack, *, at: dt.datetime) -> bytes:
    """The file. `at` is when the review was closed: nothing of it is of today."""
    paper = _Paper(made, at)
    _cover(paper, made)
    paper.insert_toc_placeholder(_contents)
    for number, chapter in enumerate(made.chapters, start=1):
        _chapter(paper, number, chapter)
    return bytes(paper.output())


def _cover(paper: _Paper, made: Pack) -> None:
    paper.add_page()
    paper.line(made.title, size=22, bold=True)
    paper.ln(4)
    paper.set_font(FAMILY, size=9)
    with paper.table(
        col_widths=(1, 4), borders_layout="NONE", first_row_as_headings=False, text_align="LEFT"
    ) as table:
        for name, value in made.facts:
            row = table.row()
            row.cell(name, style=FontFace(color=_GREY))
            row.cell(paper.known(value))
    paper.add_page()


def _contents(paper: FPDF, outline: Sequence[OutlineSection]) -> None:
    paper.set_font(FAMILY, style="B", size=14)
    paper.set_x(paper.l_margin)
    paper.cell(text="Contents", new_x="LMARGIN", new_y="NEXT")
    paper.ln(2)
    paper.set_font(FAMILY, size=10)
    for section in outline:
        link = paper.add_link(page=section.page_number)
        paper.cell(w=paper.epw - 20, h=7, text=section.name, link=link)
        paper.cell(w=20, h=7, text=str(section.page_number), align="R", link=link,
                   new_x="LMARGIN", new_y="NEXT")  # fmt: skip


def _chapter(paper: _Paper, number: int, chapter: Chapter) -> None:
    if number > 1:
        paper.add_page()
    title = f"{number}. {chapter.title}"
    paper.start_section(title)
    paper.line(title, size=14, bold=True)
    for grid in chapter.grids:
        _grid(paper, grid)


def _grid(paper: _Paper, grid: Grid) -> None:
    paper.ln(3)
    paper.line(grid.title, size=11, bold=True)
    paper.line(grid.note, size=8, grey=True)
    if not grid.rows:
        paper.line(grid.empty, size=9)
        return
    paper.set_font(FAMILY, size=7.5)
    aligned: Any = ("LEFT", *("RIGHT" if one else "LEFT" for one in grid.numbers))
    with paper.table(
        col_widths=_widths(grid),
        text_align=aligned,
        headings_style=FontFace(emphasis="BOLD", fill_color=_TINT),
        repeat_headings=TableHeadingsDisplay.ON_TOP_OF_EVERY_PAGE,
        line_height=4,
        padding=0.8,
    ) as table:
        for cells in (grid.head, *grid.rows):
            row = table.row()
            for one in cells:
                row.cell(paper.known(one))
        if grid.total is not None:
            row = table.row(style=FontFace(emphasis="BOLD"))
            for one in grid.total:
                row.cell(paper.known(one))


def _widths(grid: Grid) -> tuple[int, ...]:
    """As wide as the longest line of a column, within reason."""
    columns = zip(grid.head, *grid.rows, strict=True)
    return tuple(
        min(MOST, max(LEAST, *(len(line) for cell in column for line in cell.split("\n") or [""])))
        for column in columns
    )
