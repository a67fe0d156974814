"""What a running clock would be if another kit had started it. Pure: nothing is changed here.

The obligation, the start and the lead stay; policy, calendar and exemptions are the other kit's.
A clock whose rules read the same in both kits is never judged anew, so that only what the kits
changed can move a deadline, not what the lead has become since.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core import worktime
from governance import conditions
from governance.kit import Kit
from governance.terms import Policy
from sla import clock as clocks
from sla import retracing
from sla.clock import Due
from sla.retracing import LEAVE, Step, Turn
from sla.segments import STARTED


class Outcome(StrEnum):
    """What becomes of a running clock under the other kit."""

    SAME = "SAME"
    MOVES = "MOVES"
    EXEMPT = "EXEMPT"
    ENDS = "ENDS"
    STAYS = "STAYS"


BREACHED = "It is breached already, and a breach is never cured."
LAST = "Nothing else would be due on this lead, and the kit exempts it nowhere."
ON_LEAVE = "Leave of whoever held it has moved its deadline, which it keeps."
PROMISED = "It counts from what somebody promised, under the kit of that day."
NEVER_OPEN = "Its calendar does not hold that much open time."
"""Why a clock stays although the other kit says otherwise."""


@dataclass(frozen=True, slots=True)
class Running:
    """A running clock and where its lead stands now. All times UTC.

    `turns` tell who had it when, in which hours, and when it stood still; without them nothing is
    known but its start.
    """

    policy: str
    obligation: str
    scope: str
    started_at: dt.datetime
    warn_at: dt.datetime
    due_at: dt.datetime
    breached: bool
    stage: str
    channel: str
    turns: tuple[Turn, ...] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome, with the new times where there are some, and why where it needs saying.

    `steps` are the notes of a clock that had counted so from its start.
    """

    outcome: Outcome
    due: Due | None = None
    why: str = ""
    steps: tuple[Step, ...] = ()

    @property
    def changes(self) -> bool:
        """Whether applying it would do anything."""
        return self.outcome in (Outcome.MOVES, Outcome.EXEMPT, Outcome.ENDS)


SAME = Verdict(Outcome.SAME)


def decide(
    clock: Running, *, old: Kit, new: Kit, now: dt.datetime,
    facts: Callable[[], Mapping[str, object]],
) -> Verdict:  # fmt: skip
    """What the kit `new` would make of a clock that `old` started.

    `facts` is asked only when the choice of policy hangs on them and its rules have changed.
    Raises `KeyError` when `old` does not have the clock's policy.
    """
    verdict = _unhindered(clock, old=old, new=new, facts=facts)
    if verdict.changes and (clock.breached or clock.due_at < now):
        return Verdict(Outcome.STAYS, verdict.due, BREACHED)
    return verdict


def keep_one(verdicts: Iterable[Verdict], *, owed: bool) -> list[Verdict]:
    """The verdicts on all running clocks of one lead: the last thing due never just ends.

    `owed` says whether something must be due on the lead at all. An exemption is a signed word
    that nothing need be, so it may end the last clock; a policy that is gone may not.
    """
    found = list(verdicts)
    if not owed or any(one.outcome is not Outcome.ENDS for one in found):
        return found
    return [Verdict(Outcome.STAYS, why=LAST) for _ in found]


@functools.lru_cache(maxsize=4096)
def may_differ(old: Kit, new: Kit, policy_key: str) -> bool:
    """Whether any clock of this policy of `old` could be another one under `new`."""
    was = old.policy(policy_key)
    if not _same_choice(old, new, was.obligation, was.scope):
        return True
    now = new.policy(policy_key)
    return (was.allowance, was.warn_percent, clocks.by_holder(was), clocks.hours(old, was)) != (
        now.allowance, now.warn_percent, clocks.by_holder(now), clocks.hours(new, now)
    )  # fmt: skip


def _unhindered(
    clock: Running, *, old: Kit, new: Kit, facts: Callable[[], Mapping[str, object]]
) -> Verdict:
    if not may_differ(old, new, clock.policy):
        return SAME
    if _same_choice(old, new, clock.obligation, clock.scope):
        policy: Policy | None = new.policy(clock.policy)
    else:
        exempt = new.exemption(
            stage=clock.stage, channel=clock.channel, obligation=clock.obligation
        )
        if exempt is not None:
            return Verdict(Outcome.EXEMPT, why=exempt.because)
        policy = _chosen(clock, old.policy(clock.policy), new, facts)
    if policy is None:
        return Verdict(Outcome.ENDS)
    if kept := _keeps(clock, old.policy(clock.policy), policy):
        return Verdict(Outcome.STAYS, why=kept)
    return _again(clock, new, policy)


def _again(clock: Running, new: Kit, policy: Policy) -> Verdict:
    """What it would be had it begun under this policy."""
    try:
        turns = clock.turns or (Turn(STARTED, clock.started_at),)
        found = retracing.of(new, policy, turns)
    except worktime.NoWorkingTime:
        return Verdict(Outcome.STAYS, why=NEVER_OPEN)
    if (found.warn_at, found.due_at) == (clock.warn_at, clock.due_at):
        return SAME
    due = Due(policy, clock.started_at, found.warn_at, found.due_at)
    return Verdict(Outcome.MOVES, due, steps=found.steps)


def _keeps(clock: Running, was: Policy, policy: Policy) -> str:
    """Why its deadline is not the kit's alone to say; empty where it is."""
    if was.from_promise or policy.from_promise:
        return PROMISED
    if not clocks.by_holder(was) or clocks.by_holder(policy) or LEAVE not in policy.pauses_for:
        return ""
    leaves = [leave for one in clock.turns if one.hours for leave in one.hours.leaves]
    counted = any(a < clock.due_at and clock.started_at < b for a, b in leaves)
    return ON_LEAVE if counted else ""


def _chosen(
    clock: Running, was: Policy, new: Kit, facts: Callable[[], Mapping[str, object]]
) -> Policy | None:
    """The first policy of the obligation that fits, among those a like moment starts."""
    known: Mapping[str, object] | None = None
    for policy in new.policies:
        if (policy.obligation, policy.scope) != (clock.obligation, clock.scope):
            continue
        alike = policy.key == was.key or policy.starts_on & was.starts_on
        if clock.stage not in policy.stages or not alike:
            continue
        if policy.condition is None:
            return policy
        known = facts() if known is None else known
        if conditions.holds(policy.condition, known):
            return policy
    return None


Choice = tuple[tuple[object, ...], frozenset[object]]


def _same_choice(old: Kit, new: Kit, obligation: str, scope: str) -> bool:
    return _choice(old, obligation, scope) == _choice(new, obligation, scope)


@functools.lru_cache(maxsize=4096)
def _choice(kit: Kit, obligation: str, scope: str) -> Choice:
    """All that decides which policy of an obligation a lead gets, if any; not how long it is."""
    policies = tuple(
        (one.key, one.stages, one.starts_on, one.condition)
        for one in kit.policies
        if (one.obligation, one.scope) == (obligation, scope)
    )
    exempt = frozenset(
        (one.stages, one.channels) for one in kit.exemptions if one.obligation in ("", obligation)
    )
    return policies, exempt
