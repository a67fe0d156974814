"""The playbook with at least one part of every kind, for tests that go over all kinds.

Add an entry here when a new kind of part has no place in the playbook itself.
"""

from __future__ import annotations

from typing import Any

from governance.models import KitPart, KitVersion
from lifecycle import playbook

EXAMPLES: dict[str, dict[str, Any]] = {
    "clock_exemption": {
        "key": "imported_lists",
        "stages": ["NURTURE"],
        "channels": ["IMPORT"],
        "obligation": "first_contact",
        "because": "Nobody on a bought list waits to hear from us.",
    },
    "attribution_rule": {
        "key": "events",
        "label": "Events",
        "condition": {"fact": "touch.channel", "op": "eq", "value": "EVENT"},
        "category": "EVENT",
    },
    "field_rule": {"key": "size", "field": "company.employees", "overwrite": "LESS_SURE"},
    "own_field": {
        "key": "team_size",
        "label": "Team size",
        "type": "NUMBER",
        "unit": "people",
        "reads": ["How many are you?"],
        "not_answered": ["Select"],
    },
    "quality_floor": {
        "key": "lists",
        "label": "Lists",
        "condition": {"fact": "lead.channel", "op": "eq", "value": "IMPORT"},
        "at_least_percent": 50,
        "pool": "inbound",
    },
    "fixture": {
        "key": "nobody",
        "label": "Somebody of whom nothing is known",
        "given": {"lead.channel": "FORM"},
        "expect": {"stage": "INQUIRY"},
    },
}


def document() -> dict[str, Any]:
    """The playbook, and an example of each kind that it has no part of."""
    found = playbook.document()
    for kind, entry in EXAMPLES.items():
        found["parts"].setdefault(kind, [entry])
    return found


def part_of(version: KitVersion, model: type[KitPart]) -> KitPart:
    """The first part of a kind in a draft; the example, added, where the draft has none."""
    rows = model._default_manager.filter(kit=version).order_by("position")
    return rows.first() or model._default_manager.create(kit=version, **EXAMPLES[model.kind])
