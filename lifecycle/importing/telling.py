"""What is wrong with a row, told with the headings and values of its file. Pure.

Systems are told by dotted path; people know their columns. What is kept of a row holds no values,
so that sentences are kept with what they quote blanked, and filled again while there is a file.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from core.errors import FieldError
from lifecycle import touch_words

LONGEST = 60
BLANK = "“…”"
_QUOTED = re.compile("“[^”]*”|(?<!\\w)'[^']*'(?!\\w)|\"[^\"]*\"")
_PARTS = {"person.first_name": "person.full_name", "person.last_name": "person.full_name"}
_FIELD = "fields."


class Cell(NamedTuple):
    """Where a value came from: the heading of its column, and the text as it stands there."""

    heading: str
    text: str


def sentence(fault: FieldError, cells: Mapping[str, Cell]) -> str:
    """`Eingangsdatum: “31.02.2026” is no date.`; `cells` are those that were read, by target."""
    cell = cells.get(fault.field) or cells.get(_PARTS.get(fault.field, ""))
    if cell is None:
        label = touch_words.LABELS.get(fault.field, "")
        if fault.field.startswith(_FIELD):
            label = fault.field.removeprefix(_FIELD)
        return f"{label}: {fault.message}" if label else fault.message
    if "“" in fault.message:
        return f"{cell.heading}: {fault.message}"
    return f"{cell.heading} “{_shown(cell.text)}”: {fault.message}"


def sentences(faults: Iterable[FieldError], cells: Mapping[str, Cell]) -> tuple[str, ...]:
    """One for each."""
    return tuple(sentence(fault, cells) for fault in faults)


def bare(told: str) -> str:
    """A sentence without the values it quotes: those may be somebody's."""
    return _QUOTED.sub(BLANK, told)


def is_bare(told: Iterable[str]) -> bool:
    """Whether a value was blanked in one of these sentences."""
    return any(BLANK in one for one in told)


def filled(kept: Sequence[str], fresh: Iterable[str], cells: Mapping[str, Cell]) -> tuple[str, ...]:
    """Kept sentences with their values: as they are told again, else from the cell they name."""
    known: dict[str, list[str]] = defaultdict(list)
    for one in fresh:
        known[bare(one)].append(one)
    return tuple(known[one].pop(0) if known.get(one) else _from_cell(one, cells) for one in kept)


def _from_cell(told: str, cells: Mapping[str, Cell]) -> str:
    if told.count(BLANK) != 1:
        return told
    named = [one for one in cells.values() if told.startswith(one.heading)]
    cell = max(named, key=lambda one: len(one.heading), default=None)
    return told.replace(BLANK, f"“{_shown(cell.text)}”") if cell else told


def _shown(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
