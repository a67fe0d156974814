"""Who gets the lead: rules in order, the first that fits and whose target can take it. Pure.

    fit      which rules fit, by the lead's facts alone; it ends with one that takes every lead
    settle   the first of them whose person can take it, or whose pool takes it otherwise

Between the two, whoever decides reads the people whom the fitting rules mean.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import errors
from governance import conditions, facts
from routing import rule_index, targets
from routing import rules as kit_rules
from routing.asked_pool import AskedPool
from routing.rules import Rule
from routing.targets import Standing


class NoRule(errors.DomainError):
    """No rule fits and the kit has no fallback; the kit's checks forbid this."""

    code = "no_routing_rule"


@dataclass(frozen=True, slots=True)
class Tried:
    """One rule that was looked at, and the facts it saw.

    `meant` is whom its target meant, where the rule fitted and means people; `refused` why they
    could not take the lead. A rule that fitted and passed it on has not matched.
    """

    rule: str
    label: str
    matched: bool
    facts: tuple[tuple[str, Any], ...]
    target: str = kit_rules.POOL
    meant: Standing | None = None
    refused: str = ""
    asked: AskedPool | None = None
    """The pool that a level asked in vain."""

    def as_data(self) -> dict[str, Any]:
        """For the decision record; numbers with decimals as text, so that no digit is lost."""
        told: dict[str, Any] = {
            "rule": self.rule,
            "label": self.label,
            "matched": self.matched,
            "facts": facts.registry.to_document(dict(self.facts)),
        }
        if self.meant is not None:
            told |= {"target": self.target, "meant": self.meant.as_data()}
            if self.refused:
                told["refused"] = self.refused
            if self.asked is not None:
                told["asked"] = self.asked.as_data()
        return told


@dataclass(frozen=True, slots=True)
class Match:
    """The rule that decides, and every rule tried before it.

    `user` takes the lead; without one it is for the pool, or for its queue where that is the
    target. `because` says why it is theirs.
    """

    rule: str
    label: str
    pool: str
    tried: tuple[Tried, ...]
    target: str = kit_rules.POOL
    user: int | None = None
    because: str = ""


@dataclass(frozen=True, slots=True)
class Fit:
    """The rules of a moment up to the first that takes every lead it fits, with their verdicts."""

    tried: tuple[tuple[Rule, Tried], ...]

    @property
    def fitting(self) -> tuple[Rule, ...]:
        """The rules that fit, in order."""
        return tuple(rule for rule, seen in self.tried if seen.matched)


def fit(rules: Sequence[Rule], facts: Mapping[str, object], *, moment: str) -> Fit:
    """Try the rules of this moment. Raises NoRule when none fits.

    Of very many rules only those are tried whose most selective fact agrees.
    """
    tried: list[tuple[Rule, Tried]] = []
    found = False
    for one in rule_index.of_moment(rules, moment).possible(facts):
        rule = one.rule
        fits = rule.condition is None or conditions.holds(rule.condition, facts)
        seen = tuple([(name, facts.get(name)) for name in one.facts])
        tried.append((rule, Tried(rule.key, rule.label, fits, seen)))
        found = found or fits
        if fits and rule.takes_all:
            break
    if not found:
        raise NoRule("No routing rule fits this lead; add a rule without condition at the end.")
    return Fit(tuple(tried))


def settle(
    fitted: Fit, people: Mapping[str, Standing] | None = None, *, now: dt.datetime | None = None
) -> Match:
    """The first fitting rule that can place the lead. Raises NoRule when none can.

    `people` holds, by key of the rule, whom its target means. None: nobody is asked, and each
    target goes the way of whom cannot take it, as in the examples of a kit.
    """
    tried: list[Tried] = []
    meant: Standing | None
    for rule, seen in fitted.tried:
        if not seen.matched:
            tried.append(seen)
            continue
        if not rule.means_people:
            return Match(rule.key, rule.label, rule.pool, (*tried, seen), rule.target)
        if people is None:
            meant, refused = None, "nobody is asked here"
        else:
            meant = people.get(rule.key, targets.NOBODY)
            refused = targets.refusal(rule, meant, now=now or _EVER)
        stays = not refused or rule.takes_all
        told = Tried(seen.rule, seen.label, stays, seen.facts, rule.target, meant, refused)
        tried.append(told)
        if meant is not None and not refused:
            pool, because = meant.pool or rule.pool, targets.took(rule, meant)
            return Match(rule.key, rule.label, pool, tuple(tried), rule.target, meant.user, because)
        if stays:
            return Match(rule.key, rule.label, rule.pool, tuple(tried), rule.target)
    raise NoRule("No routing rule that fits this lead can place it; end with one that goes to a "
                 "pool.")  # fmt: skip


def decide(
    rules: Sequence[Rule],
    facts: Mapping[str, object],
    *,
    moment: str,
    people: Mapping[str, Standing] | None = None,
    now: dt.datetime | None = None,
) -> Match:
    """Both together: the first rule of this moment that fits and can place the lead."""
    return settle(fit(rules, facts, moment=moment), people, now=now)


BY_HAND = "BY_HAND"
"""The moment of decisions where a person said which pool gives the lead to one of its members."""


def by_hand(pool: str) -> Match:
    """What such a decision went by."""
    label = "Chosen by a person"
    seen = Tried("", label, True, (), kit_rules.POOL, Standing(pool=pool))  # noqa: FBT003
    return Match("", label, pool, (seen,))


_EVER = dt.datetime.min.replace(tzinfo=dt.UTC)
