"""A kit with own fields, and rules over them: points for visits and for what people do."""

from __future__ import annotations

from typing import Any

from governance.kit import Kit
from people.models import User
from tests import kit_edits
from tests.factories import NOW
from tests.kit_edits import Parts

FIELDS: list[dict[str, Any]] = [
    {"key": "visits", "label": "Visits", "type": "NUMBER", "unit": "visits",
     "reads": ["TotalVisits"], "position": 1},
    {"key": "work", "label": "What they do", "type": "CHOICE",
     "choices": ["Working Professional", "Student", "Unemployed"],
     "reads": ["What is your current occupation"], "not_answered": ["Select"], "position": 2},
    {"key": "opted_out", "label": "Do not e-mail", "type": "BOOLEAN", "position": 3},
    {"key": "city", "label": "City", "type": "TEXT", "position": 4},
]  # fmt: skip
RULES: list[dict[str, Any]] = [
    {"key": "works", "label": "Works", "points": "30",
     "condition": {"fact": "field.work", "op": "eq", "value": "Working Professional"}},
    {"key": "looks", "label": "Looks around", "points": "20",
     "condition": {"fact": "field.visits", "op": "gte", "value": 3}},
    {"key": "opted_out", "label": "Opted out", "points": "-15",
     "condition": {"fact": "field.opted_out", "op": "eq", "value": True}},
]  # fmt: skip


def declare(parts: Parts) -> None:
    """These fields; the only points are those of the rules over them."""
    parts["own_field"] = [dict(one) for one in FIELDS]
    parts["score_rule"] = [
        {"category": "FIT", "position": place, **one} for place, one in enumerate(RULES, 1)
    ]


def publish(by: User, *edits: kit_edits.Edit) -> Kit:
    """The kit in force with them, and with more changes."""
    return kit_edits.publish(declare, *edits, by=by, now=NOW)
