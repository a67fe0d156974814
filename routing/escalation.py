"""Whom a level of escalation gives a lead, and why each before could not take it. Pure.

Levels that act are tried in their order, from the one whose time has come; what each meant, and
why it was refused, stands in the decision record as for rules. Where none of them can place the
lead it waits in the queue of its pool, whose manager answers for it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from governance.kit import Kit
from governance.terms import Level
from people.availability import Kind
from routing import asked_pool, targets
from routing.asked_pool import AskedPool
from routing.matching import Match, Tried
from routing.targets import Named, Standing

MOMENT = "ESCALATION"
"""The moment of decisions that a level made, beside those of rules."""

GIVE_ANEW, BACKUP, POOL = "GIVE_ANEW", "BACKUP", "POOL"
MANAGER, QUEUE = "MANAGER", "QUEUE"
OF_PEOPLE = frozenset({BACKUP, MANAGER})

NOBODY_MEANT = {
    BACKUP: "nobody is named as backup",
    MANAGER: "nobody leads the team of whoever holds it",
}
NOBODY_CAN = "nobody of the pool can take a lead now"
NO_POOL = "there is no such pool"
LAST_RESORT = "nobody else could take it"


@dataclass(frozen=True, slots=True)
class Person:
    """What levels need to know of somebody."""

    id: int
    name: str
    backup: int | None = None
    manager: int | None = None
    leads: bool = False
    """Whether they lead a team: nobody is behind them."""


@dataclass(frozen=True, slots=True)
class People:
    """Holders, whoever stands behind them, and who answers for pools."""

    known: Mapping[int, Person] = field(default_factory=dict)
    by_name: Mapping[str, int] = field(default_factory=dict)
    of_pool: Mapping[str, int | None] = field(default_factory=dict)

    def everybody(self) -> set[int]:
        """Whoever may be given a lead."""
        managers = {one.manager for one in self.known.values()} | set(self.of_pool.values())
        return self.known.keys() | {one for one in managers if one is not None}


NOBODY = People()


def meant(level: Level, owner: int | None, queue: str, people: People) -> Iterator[Named]:
    """Whom a level for people means, one after the other: of who holds it, or of its queue."""
    holder = people.known.get(owner or 0)
    if level.act == MANAGER:
        user = holder.manager if holder is not None else people.of_pool.get(queue)
        if user is not None:
            yield Named(user, holder.name if holder is not None else "")
        return
    user, by = (holder.backup, holder.name) if holder is not None else (None, "")
    if level.rep:
        user, by = people.by_name.get(level.rep), ""
    seen = {owner}
    while user is not None and user not in seen:
        seen.add(user)
        yield Named(user, by)
        one = people.known[user]
        user, by = one.backup, one.name


def stays(holder: Person | None, tried: Sequence[Tried]) -> bool:
    """Whether it stays, though nobody could take it: nobody is behind a manager who has it."""
    return holder is not None and holder.leads and any(one.target == MANAGER for one in tried)


def path(kit: Kit, key: str) -> tuple[Level, ...]:
    """The levels that act, from one on, in their order, each once."""
    found: dict[str, Level] = {}
    while key in kit.escalations and key not in found:
        found[key] = kit.escalations[key]
        key = found[key].then
    return tuple(level for level in found.values() if level.act)


@functools.lru_cache(maxsize=16)
def acting(kit: Kit) -> Mapping[str, tuple[Level, ...]]:
    """By clock policy the levels behind its deadline that act; only of those that have any."""
    paths = {policy.key: path(kit, policy.escalation) for policy in kit.policies}
    return {key: levels for key, levels in paths.items() if levels}


@functools.lru_cache(maxsize=16)
def gives_anew(kit: Kit) -> bool:
    """Whether the rules may be asked anew because nobody did anything."""
    return any(level.act == GIVE_ANEW for levels in acting(kit).values() for level in levels)


def refusal(level: Level, standing: Standing) -> str:
    """Why whoever a level means cannot take the lead, in words; empty when they can.

    A backup has to be at work. A manager is not asked for their shift: they answer for it.
    What keeps a pool from it was found by asking the pool, and stands in `full`.
    """
    if level.act not in OF_PEOPLE:
        return standing.full
    if standing.user is None:
        return NOBODY_MEANT[level.act]
    if standing.passed:
        return standing.passed
    if standing.away and not (level.act == MANAGER and standing.away == Kind.OFF_SHIFT.value):
        return targets.AWAY.get(standing.away, standing.away.lower())
    if standing.open_cap is not None and standing.open_leads >= standing.open_cap:
        return f"at the cap: {standing.open_leads} of {standing.open_cap} open leads"
    return standing.full


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a level could not place a lead, empty where it did; and the pool it asked in vain."""

    why: str = ""
    asked: AskedPool | None = None


def attempt(level: Level, standing: Standing, asked: AskedPool | None = None) -> Tried:
    """A level held against whomever it means, or the pool it asked in vain; for the record."""
    refused = refusal(level, standing)
    asked = asked if refused else None
    return Tried(level.key, level.label, not refused, (), level.act, standing, refused, asked)


def match(level: Level, standing: Standing, tried: Sequence[Tried], *, home: str) -> Match:
    """The level decides: for a person, a pool or its queue. `home` is the pool of the lead."""
    pool = level.pool if level.act in (POOL, QUEUE) else home
    because = took(level, standing)
    return Match(level.key, level.label, pool, tuple(tried), level.act, standing.user, because)


def took(level: Level, standing: Standing) -> str:
    """Why it is theirs, in words that follow the name; empty where nobody is meant."""
    if level.act == BACKUP:
        return f"is the backup of {standing.by}" if standing.by else "is the backup named here"
    if level.act == MANAGER:
        return f"leads the team of {standing.by}" if standing.by else "answers for the pool"
    return ""


def last_resort(tried: Sequence[Tried], *, home: str) -> Match:
    """Nobody could take it: it waits in the queue of its pool for people."""
    label = "Last resort: the queue of its pool"
    last = Tried("", label, True, (), QUEUE, Standing(pool=home))  # noqa: FBT003 - it matched
    return Match("", label, home, (*tried, last), QUEUE, None, LAST_RESORT)


def again(kit: Kit, kept: Sequence[Mapping[str, Any]], *, home: str) -> Match:
    """What the levels in a decision record come to, each judged anew by whom it meant.

    Raises LookupError where the record lacks a level of its kit.
    """
    tried: list[Tried] = []
    for level in path(kit, str(kept[0]["rule"])):
        own = [one for one in kept if one["rule"] == level.key]
        if not own:
            raise LookupError(f"the level “{level.key}” was not tried")
        for one in own:
            standing = targets.from_data(one["meant"])
            asked = asked_pool.from_data(one["asked"]) if one.get("asked") else None
            if asked is not None:
                standing = replace(standing, full="" if asked.pick().user else NOBODY_CAN)
            tried.append(attempt(level, standing, asked))
            if tried[-1].matched:
                return match(level, standing, tried, home=home)
    return last_resort(tried, home=home)
