"""The path of a lead in words: each touchpoint in a line, and why it has its source."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core import steps
from core.texts import _
from governance import condition_prose
from governance import selectors as kits
from leads import attribution, path
from leads.models import Channel, SourceCategory
from leads.path import Step
from web.console import words

CHANNELS = dict(Channel.choices)
CATEGORIES = dict(SourceCategory.choices)


@dataclass(frozen=True, slots=True)
class TouchLine:
    """One touchpoint; `why` says which rule named its source, in words."""

    label: str
    at: datetime
    category: str
    line: str
    why: str
    is_first: bool
    skipped: int = 0
    """How many touchpoints before this one are not listed."""


@steps.in_steps
def of_lead(lead_id: int) -> steps.Story[tuple[TouchLine, ...]]:
    """The touchpoints in order; two messages, three of a lead with very many."""
    asked = path.asked_of(lead_id)
    yield [asked]
    found = asked.found
    return tuple(
        TouchLine(
            label=CHANNELS.get(step.channel, step.channel),
            at=step.at,
            category=CATEGORIES.get(step.category, step.category),
            line=" · ".join(_parts(step)),
            why=_why(step),
            is_first=place == 0,
            skipped=found.left_out if place == 1 else 0,
        )
        for place, step in enumerate(found.steps)
    )


def _parts(step: Step) -> list[str]:
    """What of the link and the page before is known: `google / cpc · dach-q4 · www.google.com`."""
    medium = words.medium(step.medium, step.category)
    link = " / ".join(part for part in (step.source, medium) if part)
    return [part for part in (link, step.campaign, step.referrer) if part]


def _why(step: Step) -> str:
    if step.rule:
        return _("By {rule}.").format(rule=_rule(step))
    if step.stated:
        return _("Stated by who sent it.")
    if step.category == SourceCategory.UNKNOWN:
        return _("No rule of the kit fitted.")
    return _("By its channel, medium and referring page; the kit had no rules for it.")


def _rule(step: Step) -> str:
    """The rule in words, as it stood in the kit that decided."""
    if step.kit_id is None:
        return _("the rule “{rule}”").format(rule=step.rule)
    kit = kits.kit_of(step.kit_id)
    rule = next((one for one in attribution.of_kit(kit) if one.key == step.rule), None)
    if rule is None:
        return _("the rule “{rule}” of kit v{number}").format(rule=step.rule, number=kit.number)
    words = _("every touchpoint that no rule before it took")
    if rule.condition is not None:
        words = condition_prose.english(rule.condition, kit.registry)
    return _("“{label}” of kit v{number}: {words}").format(
        label=rule.label, number=kit.number, words=words
    )
