"""What somebody pasted or uploaded to invite people, read line by line; every line is kept.

An address a line is enough. More columns come in the order name, e-mail, role, team, time zone, or
in any order under a heading. Commas, semicolons or tabs part them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

MOST = 200
"""So many are invited at once."""

HEADINGS: Mapping[str, frozenset[str]] = {
    "name": frozenset({"name", "full name", "person"}),
    "email": frozenset({"email", "e-mail", "mail", "address", "e-mail address", "email address"}),
    "role": frozenset({"role"}),
    "team": frozenset({"team"}),
    "zone": frozenset({"time zone", "timezone", "zone", "tz"}),
}
ORDER = ("name", "email", "role", "team", "zone")
IN_BRACKETS = re.compile(r"^(?P<name>[^<>]*)<(?P<email>[^<>]+)>$")


@dataclass(frozen=True, slots=True)
class Row:
    """One line: what it says, what is wrong with it, and how it was written."""

    number: int
    line: str
    name: str = ""
    email: str = ""
    role: str = ""
    team: str = ""
    zone: str = ""
    faults: tuple[str, ...] = field(default=())


def read(text: str) -> list[Row]:
    """The lines that say something, in their order."""
    lines = [
        (number, line.strip())
        for number, line in enumerate(text.lstrip("\ufeff").splitlines(), start=1)
        if line.strip()
    ]
    order: Sequence[str] = ORDER
    rows: list[Row] = []
    for number, line in lines:
        cells = _cells(line)
        heading = None if rows else _heading(cells)
        if heading is not None:
            order = heading
            continue
        said = _named(cells, order)
        rows.append(Row(number, line, **{name: said.get(name, "") for name in ORDER}, faults=()))
    return rows


def _cells(line: str) -> list[str]:
    parted = max("\t;,", key=line.count)
    return [cell.strip() for cell in next(csv.reader([line], delimiter=parted), [])]


def _heading(cells: Sequence[str]) -> list[str] | None:
    """What each column is, if this line says so: one of them must be the address."""
    order = [
        next((name for name, words in HEADINGS.items() if cell.lower() in words), "")
        for cell in cells
    ]
    return order if "email" in order else None


def _named(cells: Sequence[str], order: Sequence[str]) -> dict[str, str]:
    """The cells by what they are; one that is an address counts as such wherever it stands."""
    if len(cells) == 1:
        found = IN_BRACKETS.match(cells[0])
        return (
            {key: word.strip() for key, word in found.groupdict().items()}
            if found
            else {"email": cells[0]}
        )
    if order is ORDER and "@" in cells[0] and "@" not in cells[1]:
        order = ("email", "name", *ORDER[2:])
    return {name: cell for name, cell in zip(order, cells, strict=False) if name}
