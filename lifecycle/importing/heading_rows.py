"""Which of the first rows holds the headings: exports begin with a title or a filter. Pure."""

from __future__ import annotations

from collections.abc import Sequence

LOOKED_AT = 40
"""Rows by which the usual width of a table is known."""
MOST_ABOVE = 20
_TITLE = 2
"""A line above the headings fills no more cells than that."""


def above(rows: Sequence[Sequence[str]]) -> int:
    """How many of these rows, none of them blank, lie above the headings; usually none.

    A row of one or two cells over rows that are much wider is a title, if what follows it can be
    headings: a first row of addresses is none.
    """
    usual = usual_width(rows)
    for place, row in enumerate(rows[:MOST_ABOVE]):
        count = _filled(row)
        if count > _TITLE or usual < count + _TITLE:
            return 0 if place and any("@" in cell for cell in row) else place
    return 0


def usual_width(rows: Sequence[Sequence[str]]) -> int:
    """How many cells half of the rows fill at most: neither titles nor one broken row decide."""
    counts = sorted(_filled(row) for row in rows[:LOOKED_AT])
    return counts[len(counts) // 2] if counts else 0


def note(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """What people are told of the rows that were left out above the headings."""
    if not rows:
        return ()
    first = " ".join(cell.strip() for cell in rows[0] if cell.strip())[:60]
    what = f"{len(rows)} lines stand" if len(rows) > 1 else "A line stands"
    return (f"{what} above the headings and count as no rows: “{first}” …",)


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())
