"""What a kit must get right about routing: readable rules, real pools, a way for everybody."""

from __future__ import annotations

from collections.abc import Iterator

from core.errors import FieldError
from governance import checks, conditions, facts
from governance.kit import Kit
from leads import kit_checks
from routing.models import Pool, RoutingRule


def register() -> None:
    """Hold every kit against the pools there are."""
    checks.register(of_kit)


def of_kit(kit: Kit) -> Iterator[FieldError]:
    """Every fault of a kit's routing rules."""
    entries = kit.part_documents("routing_rule")
    pools = list(Pool.objects.values_list("key", flat=True))
    for entry in entries:
        place = f"routing_rule.{entry['key']}"
        yield from checks.unknown(f"{place}.pool", entry["pool"], pools, "pool")
        yield from _condition(f"{place}.condition", entry.get("condition"), kit)
    for moment in RoutingRule.Moment.values:
        yield from _fallback(moment, [one for one in entries if one.get("moment") == moment])


def _condition(place: str, document: object, kit: Kit) -> Iterator[FieldError]:
    if document is None:
        return
    try:
        node = conditions.parse(document, facts.registry, at=place)
    except conditions.ConditionInvalid as refusal:
        yield from refusal.errors
    else:
        for kind in sorted(kit_checks.signals_of(node)):
            yield from checks.unknown(place, kind, kit.signals, "signal")


def _fallback(moment: str, entries: list[dict[str, object]]) -> Iterator[FieldError]:
    always = [number for number, one in enumerate(entries) if one.get("condition") is None]
    if not always:
        message = f"No rule fits every {moment} lead. End with one that has no condition."
        yield FieldError("routing_rule", message, "no_fallback")
        return
    for entry in entries[always[0] + 1 :]:
        first = entries[always[0]]["key"]
        message = f"Is never reached: “{first}” stands before it and always fits. Move it up."
        yield FieldError(f"routing_rule.{entry['key']}.position", message, "unreachable")
