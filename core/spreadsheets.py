"""Cells that a spreadsheet opens without running anything in them."""

from __future__ import annotations

STARTS_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")
"""What spreadsheets take for the beginning of a formula, full-width forms included."""


def safe(text: str) -> str:
    """The text as a cell: one that would be a formula gets an apostrophe; NUL becomes U+FFFD."""
    clean = text.replace("\0", "\ufffd")
    return f"'{clean}" if text.lstrip(" ").startswith(STARTS_FORMULA) else clean


class Echo:
    """What `csv.writer` writes to when lines are streamed: it hands the line back."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line
