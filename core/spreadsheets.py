"""Cells that a spreadsheet opens without running anything in them."""

from __future__ import annotations

import re

STARTS_FORMULA = tuple("=+-@\t\r\n\0＝＋－＠")
"""What spreadsheets take for the beginning of a formula, full-width forms included."""


_PHONE = re.compile(r"\+[0-9][0-9 ]{4,30}", re.ASCII)


def safe(text: str) -> str:
    """The text as a cell of CSV: one that would be a formula gets an apostrophe.

    A phone number, `+` with digits and blanks alone, runs nothing and stays as it is. NUL becomes
    U+FFFD. Cells of a workbook that say they are text need none of this.
    """
    clean = text.replace("\0", "\ufffd")
    runs = text.lstrip(" ").startswith(STARTS_FORMULA) and not _PHONE.fullmatch(text)
    return f"'{clean}" if runs else clean


class Echo:
    """What `csv.writer` writes to when lines are streamed: it hands the line back."""

    def write(self, line: str) -> str:
        """The line itself."""
        return line
