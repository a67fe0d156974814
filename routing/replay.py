"""Decisions made again from their records, by the functions that made them.

What is read is the record: the row, its snapshot, the kit it names, and of a large pool the earlier
picks of its batch. Nothing of today counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.errors import DomainError
from governance import facts
from governance import selectors as kits
from routing import (
    asked_pool,
    escalation,
    matching,
    records,
    redeciding,
    rules,
    strategies,
    targets,
)
from routing.matching import Match
from routing.models import Decision
from routing.records import Before, Dealer
from routing.redeciding import Attempt, Given, Made
from routing.rules import Rule

UNREADABLE = (DomainError, LookupError, TypeError, ValueError)
"""What damaged records raise; anything else is a fault of the program."""

ERASED = (
    "The facts about this person were erased, so the rules cannot be tried on them again. "
    "What became of it stays in the record."
)
BY_PERSON = "A person sent this lead to the pool, not a rule; all numbers are in its record."


@dataclass(frozen=True, slots=True)
class Replayed:
    """A decision made again. `user` is who it gives the lead to now, None for nobody.

    `differs` says in words what is not as recorded; empty where all is. `fault` says why it could
    not be made again at all.
    """

    user: int | None = None
    differs: str = ""
    fault: str = ""

    @property
    def is_same(self) -> bool:
        """Whether the rules, the people, every number and the pick came out as recorded."""
        return not self.differs and not self.fault


def of(
    decision: Decision, dealer: Dealer | None = None, *, kit_rules: Sequence[Rule] | None = None
) -> Replayed:
    """Make it again and compare. `kit_rules` are those of its kit unless given.

    A dealer that goes through many decisions in order reads each batch of a large pool once.
    """
    try:
        return _again(decision, dealer or Dealer(), kit_rules)
    except UNREADABLE as fault:
        return Replayed(fault=f"cannot be replayed: {fault}")


def given(
    decision: Decision,
    *,
    kit_rules: Sequence[Rule] | None = None,
    before: Before | None = None,
) -> Given:
    """What it was made from, to suppose something else of somebody.

    Raises LookupError where the batch of a large pool is not in the records any more.
    """
    content: Mapping[str, Any] = decision.snapshot.content if decision.snapshot else {}
    asked = decision.snapshot is not None or bool(decision.candidates)
    by_level = decision.moment == escalation.MOMENT
    return Given(
        rules=() if by_level else _rules(decision, kit_rules),
        facts=_facts(decision),
        moment=decision.moment,
        now=decision.at,
        people={} if by_level else _people(decision),
        pool=decision.pool,
        terms=strategies.terms_of(content or {"strategy": "WEIGHTED_ROUND_ROBIN"}),
        candidates=tuple(records.standing(decision, before)) if asked else (),
        wanted=records.wanted(decision),
        called=redeciding.was_called(decision.because),
        kept=redeciding.was_kept(decision.because),
        levels=tuple(_levels(decision)) if by_level else (),
        kit=kits.kit_of(decision.kit_id) if by_level else None,
    )


def _again(decision: Decision, dealer: Dealer, kit_rules: Sequence[Rule] | None) -> Replayed:
    match = _matched(decision, kit_rules)
    differs = _against_rules(decision, match)
    if differs or match.user is not None or match.target == rules.QUEUE:
        return Replayed(match.user, differs or _differs(decision, match.user))
    content = decision.snapshot.content if decision.snapshot else {"members": []}
    considered = decision.candidates if decision.place is None else content["state"]["candidates"]
    if _members(considered) != _members(content["members"]):
        return Replayed(None, "considered other members than its snapshot has")
    if decision.place is None:
        candidates = [strategies.of_data(one) for one in decision.candidates]
        pick = strategies.pick(strategies.terms_of(content), candidates, records.wanted(decision))
    else:
        pick = dealer.again(decision)
    if pick.user != decision.picked_id:
        return Replayed(pick.user, _differs(decision, pick.user))
    # Records of before a field was kept are compared in what they hold.
    kept = [{"until": None, **one} for one in decision.candidates]
    if [one.as_data() for one in pick.considered] != kept:
        return Replayed(pick.user, "ranked its candidates otherwise than when replayed")
    return Replayed(pick.user)


def _matched(decision: Decision, kit_rules: Sequence[Rule] | None) -> Match:
    """The rule that decides, or the level, by the facts and the people in the record."""
    if decision.moment == matching.BY_HAND:
        return matching.by_hand(decision.pool)
    if decision.moment == escalation.MOMENT:
        kit = kits.kit_of(decision.kit_id)
        return escalation.again(kit, decision.tried, home=decision.pool)
    return matching.decide(
        _rules(decision, kit_rules),
        _facts(decision),
        moment=decision.moment,
        people=_people(decision),
        now=decision.at,
    )


def _facts(decision: Decision) -> dict[str, object]:
    registry = kits.registry_for(decision.facts, decision.kit_id)
    return registry.from_document(decision.facts)


def _rules(decision: Decision, kit_rules: Sequence[Rule] | None) -> tuple[Rule, ...]:
    return tuple(kit_rules) if kit_rules is not None else rules.of_kit(kits.kit_of(decision.kit_id))


def _people(decision: Decision) -> dict[str, targets.Standing]:
    return {
        one["rule"]: targets.from_data(one["meant"]) for one in decision.tried if "meant" in one
    }


def _levels(decision: Decision) -> Iterator[Attempt]:
    """The last resort, which is no level, left out: it is come to anew."""
    for one in decision.tried:
        if one["rule"]:
            asked = asked_pool.from_data(one["asked"]) if one.get("asked") else None
            yield Attempt(one["rule"], targets.from_data(one["meant"]), asked)


def _against_rules(decision: Decision, match: Match) -> str:
    if match.pool != decision.pool:
        return f"went to pool “{decision.pool}”, replayed “{match.pool}”"
    if match.target != decision.target:
        return f"was for {decision.target}, replayed for {match.target}"
    if [facts_as_kept(tried.as_data()) for tried in match.tried] != decision.tried:
        return "tried other rules, or saw other facts or people, than when replayed"
    return ""


def _differs(decision: Decision, user: int | None) -> str:
    return "" if user == decision.picked_id else f"picked {decision.picked_id}, replayed {user}"


def facts_as_kept(tried: dict[str, Any]) -> dict[str, Any]:
    """A tried rule as the record holds it."""
    return {**tried, "facts": facts.registry.to_document(tried["facts"])}


def _members(some: Iterable[Mapping[str, Any]]) -> list[list[Any]]:
    return [[one[name] for name in ("user", "weight", "open_cap")] for one in some]


def shown(decision: Decision) -> Replayed:
    """The same for people who ask; of erased people the rules cannot be tried again."""
    return Replayed(fault=ERASED) if _is_erased(decision) else of(decision)


def suppose(decision: Decision, supposed: Sequence[redeciding.Supposed]) -> Made:
    """What would have come of it. Raises InvalidInput as `redeciding.suppose` does, Unreplayable
    where the record does not hold any more what it was made from.
    """
    if _is_erased(decision):
        raise Unreplayable(ERASED)
    if decision.moment == matching.BY_HAND:
        raise Unreplayable(BY_PERSON)
    try:
        from_record = given(decision)
    except UNREADABLE as fault:
        raise Unreplayable(f"This decision cannot be made again: {fault}.") from fault
    try:
        return redeciding.suppose(from_record, supposed)
    except (LookupError, matching.NoRule) as fault:
        raise Unreplayable(f"This decision cannot be made again: {fault}.") from fault


def _is_erased(decision: Decision) -> bool:
    return decision.lead.person.erased_at is not None


class Unreplayable(DomainError):
    """The record does not hold any more what the decision was made from."""

    code = "unreplayable"
    status = 409
