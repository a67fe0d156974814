"""Routing rules that have stood for three months and got no lead: rules that only take up room."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from django.db.models import Q
from django.db.models.fields.json import KeyTransform

from governance.findings import Finding, warning
from governance.kit import Kit
from governance.models import KitStatus, KitVersion
from routing.models.decision import RULE, Decision

WINDOW = dt.timedelta(days=90)
LATEST = 20_000
"""How many decisions are looked at; where they do not reach back far enough, nothing is said."""
FEWEST = 100

Entries: TypeAlias = Mapping[str, Mapping[str, Any]]


def findings(kit: Kit, at: dt.datetime) -> Iterator[Finding]:
    """Conditional rules of the kit that got no lead in the last 90 days, though unchanged since."""
    old = _standing_since(kit, at - WINDOW)
    hit = _hit_since(at - WINDOW) if old else None
    if hit is None:
        return
    for key, entry in old.items():
        if key not in hit:
            message = f"“{entry['label']}” has got no lead in {WINDOW.days} days."
            fix = "Remove it, or say in the note why it stays."
            yield warning(f"routing_rule.{key}", message, "never_hit", fix)


def _standing_since(kit: Kit, since: dt.datetime) -> Entries:
    """The conditional rules that every version in force since then has just like this kit."""
    in_force = Q(status=KitStatus.ACTIVE) | Q(status=KitStatus.RETIRED, retired_at__gt=since)
    rows = list(
        KitVersion.objects.filter(in_force)
        .order_by("published_at")
        .values_list(
            "published_at", KeyTransform("routing_rule", KeyTransform("parts", "document"))
        )
    )
    if not rows or rows[0][0] is None or rows[0][0] > since:
        return {}
    standing = {
        entry["key"]: entry
        for entry in kit.part_documents("routing_rule")
        if entry.get("condition") is not None
    }
    for _, entries in rows:
        known = {entry["key"]: entry for entry in entries or ()}
        standing = {
            key: entry for key, entry in standing.items() if _same(entry, known.get(key, {}))
        }
    return standing


def _same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    return all(one.get(name) == other.get(name) for name in ("moment", "condition", "pool"))


def _hit_since(since: dt.datetime) -> set[str] | None:
    """Keys of the rules that got a lead; None where too little is known to say so."""
    latest = Decision.objects.order_by("-pk").values_list("at", RULE)
    rules = [rule for at, rule in latest[: LATEST + 1] if at >= since]
    return set(rules) if FEWEST <= len(rules) <= LATEST else None
