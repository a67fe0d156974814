"""The cells of rows that do not fit their headings, as a result file shows them."""

from __future__ import annotations

import pytest

from lifecycle.importing import results
from lifecycle.importing.reading import EXTRA, Row

HEADINGS = ("Name", f"{EXTRA}1", "Town")


@pytest.mark.parametrize(
    ("cells", "spare"),
    [
        (("Ana", "", "Rome"), []),
        (("Ana", "x", "Rome"), ["x"]),
        (("Ana", "", "Rome", "", "y", " "), ["", "", "y"]),
        (("Ana", "", "Rome", *[""] * 16_000, "far"), ["far"]),
        (("Ana", "", "Rome", *["z"] * 200), [*["z"] * 99, "… and 101 more"]),
        (("Ana",), []),
    ],
)
def test_cells_without_a_heading_are_kept_but_not_without_end(
    cells: tuple[str, ...], spare: list[str]
) -> None:
    assert results.spare(Row(1, 2, fault="Odd.", raw=cells), HEADINGS) == spare
