"""A decision made again from what its record holds, as it was or with something supposed. Pure.

`decide` calls the functions that decided, `matching.settle` and `strategies.pick`, and nothing
else. A supposition only changes what they are given: somebody had been at work, or under their
caps, or not there, or had another weight. Where the answer would hang on what the record does not
hold, because nobody asked for it then, `unknown` says so in place of a guess.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core import errors
from governance.kit import Kit
from people.availability import Kind
from routing import escalation, matching, presence, strategies, targets
from routing import rules as kit_rules
from routing.asked_pool import AskedPool
from routing.matching import Match
from routing.rules import Rule
from routing.strategies import Candidate, Considered, Pick, Terms, Wanted
from routing.targets import Standing

FOR_PEOPLE = "kept in the queue for people to claim"
NOT_THERE = "not there"
MOST_WEIGHT = 100


@dataclass(frozen=True, slots=True)
class Attempt:
    """A level of escalation, and whom it meant as they stood."""

    level: str
    meant: Standing
    asked: AskedPool | None = None

    def as_data(self) -> dict[str, Any]:
        """As decision records keep it."""
        told = {"rule": self.level, "meant": self.meant.as_data()}
        return told if self.asked is None else told | {"asked": self.asked.as_data()}


@dataclass(frozen=True, slots=True)
class Given:
    """What a decision was made from.

    `people` are those its rules meant, by key of the rule, as they stood. `candidates` are those of
    the pool named `pool`; empty where no pool was asked. `called` says that they took it only as
    they were on call, `kept` that it was kept for one of them.
    """

    rules: tuple[Rule, ...]
    facts: Mapping[str, object]
    moment: str
    now: dt.datetime
    people: Mapping[str, Standing]
    pool: str
    terms: Terms
    candidates: tuple[Candidate, ...]
    wanted: Wanted = strategies.NOBODY
    called: bool = False
    kept: bool = False
    levels: tuple[Attempt, ...] = ()
    """Where levels of escalation decided: each try in order, in place of rules."""
    kit: Kit | None = None


@dataclass(frozen=True, slots=True)
class Made:
    """What comes of it: the rule that decides, who gets it and why; `user` None is nobody.

    `unknown` says what the record cannot tell; then `user` and `considered` mean nothing.
    """

    match: Match | None
    user: int | None
    because: str
    considered: tuple[Considered, ...] = ()
    unknown: str = ""


@dataclass(frozen=True, slots=True)
class Supposed:
    """What is supposed of one person; all else stays as it was."""

    user: int
    at_work: bool = False
    """Neither inactive, on leave, away nor off shift."""
    has_room: bool = False
    """Under all of their caps."""
    is_new: bool = False
    """They had not held the lead before, nor was it kept for somebody else."""
    is_gone: bool = False
    """They had not been there at all."""
    weight: int | None = None


def decide(given: Given) -> Made:
    """The decision once more. Raises `matching.NoRule` where the record's facts fit no rule."""
    match = _match(given)
    if isinstance(match, str):
        return Made(None, None, "", unknown=match)
    if match.user is not None:
        return Made(match, match.user, match.because)
    if match.target == kit_rules.QUEUE:
        return Made(match, None, FOR_PEOPLE)
    asked = next((one.asked for one in given.levels if one.asked and one.level == match.rule), None)
    if asked is not None:
        pick = asked.pick()
        match = dataclasses.replace(match, pool=asked.pool)
        return Made(match, pick.user, pick.because, pick.considered)
    if match.pool != given.pool or not given.candidates:
        return Made(
            match, None, "",
            unknown=f"Pool “{match.pool}” would have been asked. It was not, so the record does "
            "not hold who of it could have taken the lead then.",
        )  # fmt: skip
    pick = strategies.pick(given.terms, given.candidates, given.wanted)
    return Made(match, pick.user, pick.because, pick.considered)


def suppose(given: Given, supposed: Sequence[Supposed]) -> Made:
    """What would have come of it. Raises InvalidInput for a person the decision did not look at,
    for one named twice, and for a weight that no member can have.
    """
    _check(given, supposed)
    about = {one.user: one for one in supposed}
    changed = _as_supposed(given, about)
    if _was_for_one(given, changed):
        return Made(None, None, "", unknown="It was kept for one rep, so the record does not hold "
                    "who else of the pool could have taken the lead then.")  # fmt: skip
    return decide(changed)


def people_of(given: Given) -> tuple[int, ...]:
    """Everybody something can be supposed of: the candidates in order, then whom rules meant."""
    found = dict.fromkeys(one.user for one in _candidates(given))
    whom = [*given.people.values(), *(one.meant for one in given.levels)]
    meant = (one.user for one in whom if one.user is not None)
    return tuple(found | dict.fromkeys(meant))


def _candidates(given: Given) -> Iterator[Candidate]:
    """Of the pool that placed it, then of those asked in vain."""
    yield from given.candidates
    for one in given.levels:
        yield from one.asked.candidates if one.asked is not None else ()


def booked(pick: Pick) -> Made:
    """A pick that was dealt again, as what came of it."""
    return Made(None, pick.user, pick.because, pick.considered)


def _match(given: Given) -> Match | str:
    """The rule or level that decides, or what the record cannot tell of it."""
    if given.kit is not None:
        tried = [one.as_data() for one in given.levels]
        try:
            return escalation.again(given.kit, tried, home=given.pool)
        except LookupError:
            return (
                "The next level would have been tried. It was not, so the record does not hold "
                "whom it would have meant then."
            )
    match = matching.decide(
        given.rules, given.facts, moment=given.moment, people=given.people, now=given.now
    )
    return _unasked(given, match) or match


def _unasked(given: Given, match: Match) -> str:
    """That a rule now tried means somebody who was not looked up then."""
    for one in match.tried:
        if one.meant is not None and one.rule not in given.people:
            return (
                f"Rule “{one.label}” would have been tried next. It was not, so the record does "
                "not hold whom it would have meant then."
            )
    return ""


def _as_supposed(given: Given, about: Mapping[int, Supposed]) -> Given:
    candidates = [_candidate(one, about.get(one.user)) for one in given.candidates]
    somebody_works = any(
        before.exclusion is not None and now.exclusion is None and about[now.user].at_work
        for before, now in zip(given.candidates, candidates, strict=True)
    )
    if given.called and somebody_works:  # then nobody is called, but who is on call waits
        off = Kind.OFF_SHIFT.value
        candidates = [
            one if one.exclusion or about.get(one.user, Supposed(0)).at_work
            else dataclasses.replace(one, unavailable=targets.AWAY[off])
            for one in candidates
        ]  # fmt: skip
    people = {rule: _standing(one, about.get(one.user or 0)) for rule, one in given.people.items()}
    levels = tuple(
        dataclasses.replace(
            one,
            meant=_standing(one.meant, about.get(one.meant.user or 0)),
            asked=_asked(one.asked, about),
        )
        for one in given.levels
    )
    return dataclasses.replace(given, candidates=tuple(candidates), people=people, levels=levels)


def _asked(one: AskedPool | None, about: Mapping[int, Supposed]) -> AskedPool | None:
    if one is None:
        return None
    some = tuple(_candidate(member, about.get(member.user)) for member in one.candidates)
    return dataclasses.replace(one, candidates=some)


def _candidate(one: Candidate, supposed: Supposed | None) -> Candidate:
    if supposed is None:
        return one
    why = one.unavailable
    is_absence = why in targets.AWAY.values()
    if (supposed.at_work and is_absence) or (supposed.is_new and why and not is_absence):
        one = dataclasses.replace(one, unavailable=None, until=None, absent=False)
    if supposed.has_room:
        one = dataclasses.replace(one, open_cap=None, limits=())
    if supposed.weight is not None:
        one = dataclasses.replace(one, weight=supposed.weight)
    if supposed.is_gone:
        one = dataclasses.replace(one, unavailable=NOT_THERE, until=None, absent=False)
    return one


def _standing(one: Standing, supposed: Supposed | None) -> Standing:
    if supposed is None:
        return one
    if supposed.at_work:
        one = dataclasses.replace(one, away="", until=None, back=None)
    if supposed.has_room:
        one = dataclasses.replace(one, open_cap=None, full="")
    if supposed.is_new:
        one = dataclasses.replace(one, held_before=False, declined=False)
    if supposed.is_gone:
        one = dataclasses.replace(one, away=NOT_THERE, until=None, back=None)
    return one


def _was_for_one(before: Given, now: Given) -> bool:
    """Whether whoever it was kept for could not have taken it now, and nobody else could either."""
    return (
        before.kept
        and any(one.exclusion is None for one in before.candidates)
        and all(one.exclusion is not None for one in now.candidates)
    )


def _check(given: Given, supposed: Sequence[Supposed]) -> None:
    known = set(people_of(given))
    seen: set[int] = set()
    for one in supposed:
        if one.user not in known:
            raise _refusal("user", "Choose somebody this decision looked at: a candidate, or whom "
                           "a rule meant.")  # fmt: skip
        if one.user in seen:
            raise _refusal("user", "Name each person once, with all that is supposed of them.")
        seen.add(one.user)
        if one.weight is not None and not 1 <= one.weight <= MOST_WEIGHT:
            raise _refusal("weight", f"Give a weight from 1 to {MOST_WEIGHT}.")
        if one.weight is not None and one.user not in {item.user for item in _candidates(given)}:
            raise _refusal("weight", "Only a candidate of the pool has a weight; a rule that means "
                           "a person does not ask for it.")  # fmt: skip


def _refusal(field: str, message: str) -> errors.InvalidInput:
    return errors.InvalidInput(message, errors=[errors.FieldError(field, message)])


def was_called(because: str) -> bool:
    """Whether the words of a decision say that those on call were asked."""
    return because.startswith(presence.CALLED)


def was_kept(because: str) -> bool:
    """Whether the words of a decision say that it was kept for whoever got it."""
    return because == presence.KEPT
