"""A kit in words, for terminals. Reads only."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from datetime import timedelta

from governance import changes, condition_prose, services
from governance.change_words import Told
from governance.conditions import Node
from governance.kit import Criterion, Kit, Policy
from governance.models import KitVersion
from governance.models.part import part_models
from routing import rule_words, rules

WIDTH = 100


def lines(version: KitVersion) -> Iterator[str]:
    """The version as its readers should know it: standing, stages, proof, clocks, routing."""
    kit = services.compiled(version)
    yield f"Kit v{version.number} “{version.title}”, {version.get_status_display().lower()}"
    yield f"text {kit.checksum[:12]}"
    if version.published_at:
        by = version.published_by or "the system"
        yield f"in force since {version.published_at:%Y-%m-%d %H:%M} UTC by {by}"
    for signature in version.signatures.filter(checksum=kit.checksum).select_related("by"):
        when = f"{signature.signed_at:%Y-%m-%d %H:%M} UTC"
        yield f"signed for {signature.get_party_display()} by {signature.by}, {when}"
    yield from _stages(kit)
    yield from _clocks(kit)
    yield from _routing(kit)
    yield ""
    yield "Parts: " + ", ".join(
        f"{count} {model._meta.verbose_name if count == 1 else model._meta.verbose_name_plural}"
        for model in part_models()
        if (count := len(kit.part_documents(model.kind)))
    )


def change_lines(found: Iterable[Told]) -> Iterator[str]:
    """A sentence for each part that differs, and the steps of what takes several."""
    marks = {changes.Kind.ADDED: "+", changes.Kind.REMOVED: "-", changes.Kind.CHANGED: "~"}
    for told in found:
        yield from _wrapped(f"{marks[told.kind]} {told.sentence}", "")
        for line in told.lines:
            if told.kind is not changes.Kind.CHANGED:
                yield from _wrapped(line.text, "    ")
            for step in line.steps:
                yield from _wrapped(f"{step.mark} {step.text}", f"    {'  ' * step.depth}")


def duration(allowance: timedelta) -> str:
    """“15 min”, “4 h”, “90 d”: the largest unit that fits without a remainder."""
    minutes = int(allowance.total_seconds() // 60)
    for unit, size in (("d", 1440), ("h", 60)):
        if minutes >= 2 * size and minutes % size == 0:
            return f"{minutes // size} {unit}"
    return "24 h" if minutes == 1440 else f"{minutes} min"


def _stages(kit: Kit) -> Iterator[str]:
    yield from ("", "Stages")
    for words in kit.stages.values():
        yield from _wrapped(f"{words.stage}  {words.label}. {words.definition}", "  ")
        for criterion in kit.criteria(words.stage):
            yield from _wrapped(f"- {criterion.label}: {_proof(criterion, kit)}", "    ")


def _proof(criterion: Criterion, kit: Kit) -> str:
    if criterion.proof == "FACTS":
        return _english(criterion.condition, kit)
    if criterion.proof == "ACTIVITY":
        kinds = ", ".join(kind.replace("_", " ").lower() for kind in criterion.activity_kinds)
        return f"a completed {kinds}"
    if criterion.proof == "CHECKLIST":
        return f"checklist {' or '.join(criterion.checklists)}"
    return "the owner affirms it"


def _clocks(kit: Kit) -> Iterator[str]:
    yield from ("", "Clocks")
    for policy in kit.policies:
        yield from _wrapped(f"{policy.label}: {_clock(kit, policy)}", "  ")


def _clock(kit: Kit, policy: Policy) -> str:
    calendar = kit.calendar_labels.get(policy.calendar, policy.calendar).lower()
    if policy.elapsed:
        calendar = "day and night"
    what = f"{duration(policy.allowance)}, {calendar}; in {', '.join(sorted(policy.stages))}"
    return what if policy.condition is None else f"{what}; if {_english(policy.condition, kit)}"


def _routing(kit: Kit) -> Iterator[str]:
    yield from ("", "Routing, the first that fits")
    known = rules.of_kit(kit)
    for moment, told in rule_words.MOMENTS.items():
        own = [rule for rule in known if rule.moment == moment]
        if own and moment != rules.INBOUND:
            yield f"  {told}:"
        for rule in own:
            words = "everybody" if rule.condition is None else _english(rule.condition, kit)
            target = "" if rule.target == rules.POOL else f" {rule_words.goes(rule, {}, {})}"
            yield from _wrapped(f"{rule.pool}: {words}{'.' if target else ''}{target}", "  ")


def _english(node: Node | None, kit: Kit) -> str:
    return "always" if node is None else condition_prose.english(node, kit.registry)


def _wrapped(text: str, indent: str) -> list[str]:
    return textwrap.wrap(
        text, WIDTH, initial_indent=indent, subsequent_indent=f"{indent}  ", break_on_hyphens=False
    )
