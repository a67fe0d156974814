"""The playbook broken in one way, and what the checks say of it. Needs no database.

found(put("clock_policy", "route", calendar="office"))   [("unresolved", "clock_policy.route…")]
"""

from __future__ import annotations

import copy
import datetime as dt
from collections.abc import Callable
from functools import cache
from typing import Any, TypeAlias

from governance import documents, facts, kit, part_checks, score_checks
from governance.findings import Finding
from leads import condition_checks
from leads import kit_checks as lead_checks
from lifecycle import playbook
from routing import kit_checks as routing_checks
from sla import kit_checks as clock_checks

NOW = dt.datetime(2026, 3, 3, 10, 0, tzinfo=dt.UTC)

Change: TypeAlias = Callable[[dict[str, Any]], object]


@cache
def complete() -> dict[str, Any]:
    """The playbook with every entry that a stored document has."""
    return documents.completed(playbook.document())


def compiled(*changes: Change) -> kit.Kit:
    """The playbook with these changes, ready to decide with."""
    document = copy.deepcopy(complete())
    for change in changes:
        change(document)
    text = kit.checksum(document)
    return kit.compile(document, id=1, number=1, checksum=text, registry=facts.registry)


def findings(*changes: Change, at: dt.datetime = NOW) -> list[Finding]:
    """What every check says that asks about no people and tries no examples."""
    changed = compiled(*changes)
    checks = (part_checks, score_checks, lead_checks, condition_checks, clock_checks,
              routing_checks)  # fmt: skip
    said = [one for check in checks for one in check.of_kit(changed)]
    return [*said, *clock_checks.calendars(changed, at), *clock_checks.endless(changed, at)]


def found(*changes: Change, at: dt.datetime = NOW) -> list[tuple[str, str]]:
    """Code and place of each finding."""
    return [(one.code, one.field) for one in findings(*changes, at=at)]


def put(kind: str, key: str, **entries: Any) -> Change:
    """Other values in one part."""
    return lambda document: part(document, kind, key).update(entries)


def add(kind: str, *, first: bool = False, **entries: Any) -> Change:
    """One part more, at the end or before all others, modelled on the first of its kind."""

    def change(document: dict[str, Any]) -> None:
        known = document["parts"].setdefault(kind, [])
        positions = [one["position"] for one in known]
        position = min(positions, default=0) - 1 if first else max(positions, default=0) + 1
        model = known[0] if known else {}
        known.append({**model, "position": position, **entries})

    return change


def without(kind: str, *keys: str) -> Change:
    """These parts taken out; all of the kind when none is named."""

    def change(document: dict[str, Any]) -> None:
        known = document["parts"][kind]
        document["parts"][kind] = [one for one in known if keys and one["key"] not in keys]

    return change


def part(document: dict[str, Any], kind: str, key: str) -> dict[str, Any]:
    """One part of a document."""
    one: dict[str, Any] = next(one for one in document["parts"][kind] if one["key"] == key)
    return one
