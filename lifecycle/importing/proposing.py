"""How a table is mapped unless somebody says otherwise: as last time, by a preset, or guessed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance import selectors as kits
from governance.kit import Kit
from leads import own_fields
from lifecycle.importing import guessing, mapping, runs
from lifecycle.importing.tables import Peek
from lifecycle.models import ImportRun


def guessed(seen: Peek, *, zone: str) -> dict[str, Any]:
    """By the headings of a preset, else by headings and values; `zone` is of times without one."""
    values = [
        [row.cells[place] for row in seen.rows if row.cells] for place in range(len(seen.headings))
    ]
    own = own_names()
    return guessing.guess(seen.headings, values, zone=zone, ours=runs.OURS, own=own)


def own_names() -> dict[str, str]:
    """What own fields of the kit in force are read from; nothing before there is a kit."""
    active = kit()
    return own_fields.by_name(active) if active else {}


def kit() -> Kit | None:
    """The kit in force, whose own fields columns may be; None before the first one."""
    version = kits.active_version()
    return kits.kit_of(version.pk) if version else None


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
