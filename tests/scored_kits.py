"""Kits of score rules and bands alone, for the arithmetic of scores."""

from __future__ import annotations

import itertools
from typing import Any

from governance import facts, kit
from governance.kit import Kit

BANDS = (
    {"key": "hot", "label": "Hot", "at_least": "70", "leaves_below": "60"},
    {"key": "warm", "label": "Warm", "at_least": "45", "leaves_below": "40"},
    {"key": "cold", "label": "Cold", "at_least": "-1000"},
)
_ids = itertools.count(1)


def scored(*rules: dict[str, Any], bands: tuple[dict[str, Any], ...] = BANDS) -> Kit:
    """A kit of these rules, each as `rule` makes it, over the facts of the product."""
    document = {"schema": 1, "parts": {"score_rule": list(rules), "score_band": list(bands)}}
    number = next(_ids)
    checksum = kit.checksum(document)
    return kit.compile(
        document, id=number, number=number, checksum=checksum, registry=facts.registry
    )


def rule(key: str = "views", points: float = 10, **more: Any) -> dict[str, Any]:
    """A rule over the behaviour `view`, or over facts where `condition` says so."""
    of = {} if "condition" in more else {"signal": "view"}
    base = {"key": key, "label": key.title(), "category": "INTENT", "points": str(points)}
    return base | of | more
