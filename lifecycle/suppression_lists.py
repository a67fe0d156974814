"""Suppression lists as files: one value a line, whatever else stands in the line."""

from __future__ import annotations

import codecs
import csv
import datetime as dt
import io
from collections.abc import Iterable

from core import errors
from core.errors import FieldError
from lifecycle import contacting
from lifecycle.contacting import Entry, Listed
from lifecycle.importing import heading_words, mapping
from people.models import User

LARGEST = 20_000_000
BATCH = 5_000
LONGEST_SHOWN = 60
HEADINGS = frozenset(("number", "value", "address", "nummer", "wert", "adresse", "valeur")) | {
    word
    for target in ("person.email", "person.phone", "company.domain")
    for word in heading_words.WORDS[target].split()
}
"""What a first line may call its column, folded."""


def bring_in(
    content: bytes,
    *,
    reach: str,
    source: str,
    by: User | None,
    reason: str = "",
    now: dt.datetime | None = None,
) -> Listed:
    """Put every value of a text or CSV file on the list; faults name their lines and values.

    A first line that names a column (email, phone, domain) chooses it; else the first cell of each
    line counts. Raises InvalidInput for a file that is too large, no text, or empty.
    """
    added = known = 0
    faults: list[tuple[int, str]] = []
    found = list(_values(content))
    if not found:
        raise _unusable("The file holds no address, number or domain.")
    for start in range(0, len(found), BATCH):
        piece = found[start : start + BATCH]
        done = contacting.suppress(
            [Entry("", value) for _, value in piece],
            reach=reach, source=source, by=by, reason=reason, now=now,
        )  # fmt: skip
        added, known = added + done.added, known + done.known
        faults += [_named(*piece[place - 1], why) for place, why in done.faults]
    return Listed(added, known, tuple(faults))


def _named(line: int, value: str, why: str) -> tuple[int, str]:
    shown = value if len(value) <= LONGEST_SHOWN else f"{value[:LONGEST_SHOWN]}…"
    return line, f"“{shown}”: {why}"


def _values(content: bytes) -> list[tuple[int, str]]:
    """Each value with its line."""
    if len(content) > LARGEST:
        raise _unusable(f"The file is larger than {LARGEST // 1_000_000} MB; send it in parts.")
    try:
        wide = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
        text = content.decode("utf-16" if wide else "utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("cp1252", errors="replace")
    if "\0" in text:
        raise _unusable("This is no text file; save the list as CSV.")
    delimiter = max(",;\t", key=text[:2_000].count)
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return _column_of(lines)
    except csv.Error as fault:
        raise _unusable(f"The file cannot be read as a list: {fault}.") from None


def _column_of(lines: Iterable[list[str]]) -> list[tuple[int, str]]:
    column, found = 0, []
    for number, cells in enumerate(lines, start=1):
        if number == 1:
            named = [n for n, cell in enumerate(cells) if mapping.plain(cell) in HEADINGS]
            if named:
                column = named[0]
                continue
        value = cells[column].strip() if column < len(cells) else ""
        if value:
            found.append((number, value))
    return found


def _unusable(message: str) -> errors.InvalidInput:
    return errors.InvalidInput(message, errors=[FieldError("file", message, "file")])
