"""Which parts of the kit bear on what drifted: of the kinds that do, those that changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from governance.change_words import Told
from reports.drift.verdicts import Metric

KINDS: Mapping[Metric, frozenset[str]] = {
    Metric.VOLUME: frozenset(
        {"criterion", "signal", "score_rule", "score_band", "channel", "identity_rule"}
    ),
    Metric.ACCEPTANCE: frozenset({"criterion", "routing_rule", "reason"}),
    Metric.REASONS: frozenset({"reason", "criterion"}),
}
"""The kinds of parts that each metric depends on."""

STAGES: Mapping[Metric, frozenset[str]] = {
    Metric.VOLUME: frozenset({"MQL"}),
    Metric.ACCEPTANCE: frozenset({"MQL", "SAL"}),
    Metric.REASONS: frozenset({"MQL", "SAL"}),
}
"""The stages whose criteria count."""

Document = Mapping[str, Any]


def among(
    told: Iterable[Told], metric: Metric, before: Document, after: Document
) -> tuple[Told, ...]:
    """Those of the changes from one document to another that may explain a drift of the metric."""
    stages = _stages_of_criteria(before) | _stages_of_criteria(after)
    return tuple(
        one
        for one in told
        if one.part in KINDS[metric]
        and one.key
        and (one.part != "criterion" or stages.get(one.key) in STAGES[metric])
    )


def _stages_of_criteria(document: Document) -> dict[str, str]:
    parts = document.get("parts", {})
    return {one["key"]: one.get("stage", "") for one in parts.get("criterion", [])}
