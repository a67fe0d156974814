"""Small changes of a kit for tests: each returns a function that edits a document's parts.

    kit = kit_edits.publish(kit_edits.minutes("accept", 60), by=company.revops, now=NOW)

The examples that a kit carries go, since a change may well be meant to make them fail.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any, TypeAlias

from governance.kit import Kit
from people.models import User
from tests import factories

Parts: TypeAlias = dict[str, list[dict[str, Any]]]
Edit: TypeAlias = Callable[[Parts], object]


def publish(*edits: Edit, by: User, now: dt.datetime) -> Kit:
    """The active kit with these changes, in force."""

    def edit(parts: Parts) -> None:
        parts["fixture"] = []
        for one in edits:
            one(parts)

    return factories.next_kit(edit, by=by, now=now)


def part(parts: Parts, kind: str, key: str) -> dict[str, Any]:
    """One part of a document."""
    return next(one for one in parts[kind] if one["key"] == key)


def rule(key: str, condition: dict[str, Any], pool: str) -> Edit:
    """A routing rule before all others."""

    def edit(parts: Parts) -> None:
        one = {"key": key, "label": key.title(), "moment": "INBOUND", "condition": condition}
        parts["routing_rule"].insert(0, {**one, "pool": pool})
        for place, entry in enumerate(parts["routing_rule"]):
            entry["position"] = place

    return edit


def minutes(policy: str, count: int) -> Edit:
    """Another allowance."""
    return lambda parts: part(parts, "clock_policy", policy).update(minutes=count)


def criterion(key: str, condition: dict[str, Any]) -> Edit:
    """Another condition."""
    return lambda parts: part(parts, "criterion", key).update(condition=condition)


def sized(low: int, high: int = 5000) -> Edit:
    """The ICP is a matter of size alone."""
    value = [low, high]
    return criterion("icp", {"fact": "company.employees", "op": "between", "value": value})


def holiday(day: str) -> Edit:
    """Everything but what is always open is closed on a day."""

    def edit(parts: Parts) -> None:
        for calendar in ("weekdays", "office_hours"):
            part(parts, "calendar", calendar)["closed"][day] = "Carnival"

    return edit
