"""Tables whose rows make or change one thing each by its id: what became of the rows.

Accounts and opportunities are such tables. Each row is counted, and written as a line of a CSV
that spreadsheets open safely.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from core import spreadsheets
from lifecycle.importing.mapping import BadMapping
from lifecycle.importing.report import Unwritable

FIRST = 10
REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of one row; `came_to` is the id of what it made, changed or left as it was."""

    row: int
    line: int
    verdict: str
    came_to: int | None
    external_id: str
    changed: tuple[str, ...]
    remarks: tuple[str, ...]


@dataclass(slots=True)
class Tally:
    """How many rows met which fate, and the first of those that need a look."""

    total: int
    counts: Counter[str] = field(default_factory=Counter)
    remarked: int = 0
    first: list[Fate] = field(default_factory=list)

    def add(self, fate: Fate) -> None:
        """Count one row."""
        self.counts[fate.verdict] += 1
        self.remarked += bool(fate.remarks)
        if fate.verdict == REJECTED and len(self.first) < FIRST:
            self.first.append(fate)


@contextmanager
def report(path: Path | None, thing: str) -> Iterator[Callable[[Fate], object]]:
    """Writes a line for each row to `path`, if there is one; `thing` heads the column of ids.

    Raises Unwritable before anything is done.
    """
    if path is None:
        yield lambda fate: None
        return
    try:
        stream = path.open("w", encoding="utf-8-sig", newline="")
    except OSError as error:
        raise Unwritable(f"The report cannot be written to {path}: {error.strerror}.") from None
    with stream:
        writer = csv.writer(stream)
        writer.writerow(("row", "line", "verdict", thing, "external id", "changed", "remarks"))
        yield lambda fate: writer.writerow(_line(fate))


def load(path: Path, *, howto: str) -> Mapping[str, Any]:
    """A mapping file as it stands. Raises BadMapping when it cannot be read."""
    try:
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise BadMapping(f"{path} cannot be read as YAML: {error}") from None
    if not isinstance(document, dict):
        raise BadMapping(f"{path} holds no mapping; see {howto}.")
    return document


def _line(fate: Fate) -> list[Any]:
    told = (fate.external_id, " ".join(fate.changed), " ".join(fate.remarks))
    number = str(fate.came_to or "")
    return [fate.row, fate.line, fate.verdict, number, *map(spreadsheets.safe, told)]
