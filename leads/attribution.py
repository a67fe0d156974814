"""What made a buyer come: the category of one touchpoint, by the kit's attribution rules. Pure.

A category that the caller states keeps its word: only rules that speak of `touch.stated_category`
are asked then. Where no rule fits, the category is UNKNOWN, which reports show as such.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from governance import conditions, facts
from governance.conditions import ALWAYS, Node, Predicate
from governance.facts import Subject
from governance.kit import Kit
from leads.touchpoint import Touchpoint

STATED = "touch.stated_category"
UNKNOWN = "UNKNOWN"

_PAID = ("cpc", "ppc", "cpm", "paid", "paidsearch", "paid_search", "paid_social", "display", "ads")
_BY_MEDIUM = {
    "organic": "ORGANIC",
    "referral": "REFERRAL",
    "partner": "PARTNER",
    "affiliate": "PARTNER",
    "event": "EVENT",
    "webinar": "EVENT",
    "syndication": "CONTENT_SYNDICATION",
} | dict.fromkeys(_PAID, "PAID")
_SEARCH = ("google", "bing", "duckduckgo", "ecosia", "yahoo", "baidu", "yandex", "startpage")
_BY_CHANNEL = {
    "OUTBOUND": "OUTBOUND",
    "EVENT": "EVENT",
    "TRIAL": "SELF_SERVE",
    "REFERRAL": "REFERRAL",
    "PARTNER": "PARTNER",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """One attribution rule, ready to be asked; without a condition it always fits."""

    key: str
    label: str
    prose: str
    category: str
    condition: Node | None
    fits: Predicate
    overrules: bool
    """Whether it speaks of what the caller stated, and so may overrule that."""


@dataclass(frozen=True, slots=True)
class Origin:
    """A category, and the key of the rule that named it; no key where none did."""

    category: str
    rule: str = ""


@functools.lru_cache(maxsize=64)
def of_kit(kit: Kit) -> tuple[Rule, ...]:
    """The rules of a kit in the order they are tried. Raises `ConditionInvalid`."""
    return tuple(_rule(entry) for entry in kit.part_documents("attribution_rule"))


@functools.lru_cache(maxsize=64)
def fact_names(rules: tuple[Rule, ...]) -> tuple[str, ...]:
    """The facts that these rules speak of."""
    spoken = (conditions.facts_of(one.condition or ALWAYS) for one in rules)
    return tuple(sorted(frozenset().union(*spoken)))


@functools.lru_cache(maxsize=4096)  # the touches of an import mostly share their origin
def of_touchpoint(kit: Kit, point: Touchpoint) -> Origin:
    """The origin of one touchpoint under a kit; kits without rules mean what they meant before."""
    rules = of_kit(kit)
    if not rules:
        return before_rules(point)
    return decide(rules, facts.registry.read_all(point, fact_names(rules)), stated=point.stated)


def decide(rules: Sequence[Rule], known: Mapping[str, object], *, stated: str = "") -> Origin:
    """The first rule that fits names the category; what was `stated` stands unless overruled."""
    for rule in rules:
        if (rule.overrules or not stated) and rule.fits(known):
            return Origin(rule.category, rule.key)
    return Origin(stated or UNKNOWN)


def before_rules(point: Touchpoint) -> Origin:
    """What intake judged by itself before attribution was part of the kit. It never changes."""
    if point.stated:
        return Origin(point.stated)
    by_channel = _BY_CHANNEL.get(point.channel)
    if by_channel or not point.landing:
        return Origin(by_channel or UNKNOWN)
    if point.medium:
        return Origin(_BY_MEDIUM.get(point.medium.strip().replace("-", "_"), UNKNOWN))
    if not point.referrer_host:
        return Origin("DIRECT")
    labels = point.referrer_host.split(".")
    searched = any(engine in labels for engine in _SEARCH)
    return Origin("ORGANIC" if searched else "REFERRAL")


def _rule(entry: Mapping[str, object]) -> Rule:
    document = entry.get("condition")
    node = (
        None
        if document is None
        else conditions.parse(document, facts.registry, about=Subject.TOUCHPOINT)
    )
    return Rule(
        key=str(entry["key"]),
        label=str(entry["label"]),
        prose=str(entry.get("prose", "")),
        category=str(entry["category"]),
        condition=node,
        fits=conditions.compile(node or ALWAYS),
        overrules=node is not None and STATED in conditions.facts_of(node),
    )
