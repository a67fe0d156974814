"""How a table is mapped unless somebody says otherwise: as last time, by a preset, or guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from lifecycle.importing import guessing, mapping, runs
from lifecycle.importing.tables import Peek
from lifecycle.models import ImportRun


def guessed(seen: Peek, *, zone: str) -> dict[str, Any]:
    """By the headings of a preset, else by headings and values; `zone` is of times without one."""
    values = [
        [row.cells[place] for row in seen.rows if row.cells] for place in range(len(seen.headings))
    ]
    return guessing.guess(seen.headings, values, zone=zone, ours=runs.OURS)


def exact(document: Mapping[str, Any], seen: Peek) -> dict[str, Any]:
    """A kept mapping said of the headings as they stand in this table."""
    return guessing.bound(mapping.read(document, name="kept"), seen.headings)


def usual(run: ImportRun, seen: Peek, *, zone: str) -> dict[str, Any]:
    """The mapping a run begins with; what a result file of ours added is left out."""
    known = runs.remembered(seen.headings)
    if run.mapping:
        document = exact(run.mapping, seen)
    else:
        document = exact(known.document, seen) if known else guessed(seen, zone=zone)
    return without_ours(document, seen)


def without_ours(document: dict[str, Any], seen: Peek) -> dict[str, Any]:
    """What a result file of ours added is no part of the table."""
    ours = [one for one in seen.headings if one.startswith(runs.OURS)]
    document["ignored"] = list(dict.fromkeys([*document.get("ignored", ()), *ours]))
    return document
