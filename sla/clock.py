"""By when: the obligations a moment starts, ends or leaves standing, and their due times. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from core import worktime
from governance import conditions
from governance.kit import Kit
from governance.moments import Moment
from governance.terms import Level, Policy
from sla.hours import Hours

MOMENT_OF_STEP = {
    "qualify": Moment.QUALIFIED,
    "accept": Moment.ACCEPTED,
    "self_source": Moment.ACCEPTED,
    "reject": Moment.REJECTED,
    "reinstate": Moment.QUALIFIED,
    "sales_qualify": Moment.SALES_QUALIFIED,
    "convert": Moment.CONVERTED,
    "win": Moment.CLOSED,
    "lose": Moment.CLOSED,
    "return_to_nurture": Moment.RETURNED,
    "recycle": Moment.RECYCLED,
    "disqualify": Moment.DISQUALIFIED,
    "reopen": Moment.REOPENED,
    "readmit": Moment.REOPENED,
    "merge": Moment.MERGED,
}
"""The moment that each step of the state machine is."""


@dataclass(frozen=True, slots=True)
class Due:
    """When an obligation warns and when it is due. All UTC."""

    policy: Policy
    started_at: dt.datetime
    warn_at: dt.datetime
    due_at: dt.datetime


def started_by(
    kit: Kit,
    moment: Moment,
    *,
    stage: str,
    facts: Callable[[], Mapping[str, object]],
    channel: str | None = None,
) -> list[Policy]:
    """The policies a moment starts: per obligation and scope the first that fits.

    None where the kit exempts the stage and the lead's channel; the channel is a fact, asked for
    only when it is not given.
    """
    chosen: dict[tuple[str, str], Policy] = {}
    known: Mapping[str, object] | None = None
    if channel is None and kit.exemptions:
        known = facts()
        channel = str(known["lead.channel"])
    for policy in kit.policies:
        slot = (policy.obligation, policy.scope)
        if slot in chosen or moment not in policy.starts_on or stage not in policy.stages:
            continue
        if kit.exemption(stage=stage, channel=channel or "", obligation=policy.obligation):
            continue
        if policy.condition is not None and known is None:
            known = facts()
        if policy.condition is None or conditions.holds(policy.condition, known or {}):
            chosen[slot] = policy
    return list(chosen.values())


@dataclass(frozen=True, slots=True)
class Begun:
    """What a moment starts, and the open obligations it only joins: (obligation, scope)."""

    policies: tuple[Policy, ...]
    joined: frozenset[tuple[str, str]]


INBOUND = frozenset({Moment.HAND_RAISED, Moment.KNOWN_ACCOUNT, Moment.TOUCHED})
"""Moments at which the buyer asks for something: an answer that is owed already answers both."""


def begun_by(
    kit: Kit,
    moment: Moment,
    *,
    running: Sequence[Policy],
    stage: str,
    facts: Callable[[], Mapping[str, object]],
    channel: str | None = None,
) -> Begun:
    """What a moment starts beside the policies that run already.

    A buyer who writes again while the first contact is still owed is owed no other answer; nor is
    one who asks for a person while an answer to what they wrote is owed.
    """
    if moment is Moment.TOUCHED:
        owed = [one for one in running if _awaits_contact(one) and moment not in one.starts_on]
        if owed:
            return Begun((), frozenset(slot(one) for one in owed))
    slots, starts = {slot(one) for one in running}, []
    joined: set[tuple[str, str]] = set()
    for policy in started_by(kit, moment, stage=stage, facts=facts, channel=channel):
        same = {slot(one) for one in running if moment in INBOUND and _answers(one, policy)}
        if slot(policy) in slots:
            joined.add(slot(policy))
        elif same:
            joined |= same
        else:
            starts.append(policy)
    return Begun(tuple(starts), frozenset(joined) if moment in INBOUND else frozenset())


def slot(policy: Policy) -> tuple[str, str]:
    """What at most one open clock of a lead stands for."""
    return policy.obligation, policy.scope


def _awaits_contact(policy: Policy) -> bool:
    return Moment.CONTACTED in policy.stopped_by


def _answers(leg: Policy, policy: Policy) -> bool:
    """Whether a leg that the buyer's words opened asks for all that the policy would."""
    return Moment.TOUCHED in leg.starts_on and policy.stopped_by <= leg.stopped_by


def hours(kit: Kit, policy: Policy) -> worktime.WorkCalendar:
    """The open hours that a policy counts."""
    return worktime.ALWAYS if policy.elapsed else kit.calendars[policy.calendar]


def by_holder(policy: Policy) -> bool:
    """Whether it counts the working hours of whoever holds the lead."""
    return policy.by_holder and not policy.elapsed


def counted(kit: Kit, policy: Policy, held: Hours | None = None) -> Hours:
    """The time that counts: its holder's, where the policy says so and they have any."""
    return held if held is not None and by_holder(policy) else Hours(hours(kit, policy))


def warning(policy: Policy) -> dt.timedelta:
    """After how much of its allowance a policy warns."""
    return policy.allowance * (policy.warn_percent / 100)


def due(kit: Kit, policy: Policy, start: dt.datetime, held: Hours | None = None) -> Due:
    """Due and warning time in working time of the policy's calendar, or as its holder works.

    Raises NoWorkingTime when there is not so much of it.
    """
    open_time = counted(kit, policy, held)
    return Due(
        policy,
        start,
        open_time.add(start, warning(policy)),
        open_time.add(start, policy.allowance),
    )


class Fate(StrEnum):
    """What a moment does to a running clock."""

    STAYS = "STAYS"
    STOPPED = "STOPPED"
    CANCELLED = "CANCELLED"


OWNERSHIP = "OWNERSHIP"
"""The scope of what each holder owes for themselves, from when the lead is theirs."""


def fate(
    policy: Policy,
    moment: Moment,
    *,
    stage: str,
    exempt: bool = False,
    overdue: bool = False,
    proven: bool = True,
) -> Fate:
    """Met by its evidence, no longer owed because the lead left its stages, or still standing.

    `exempt`: the kit that started the clock exempts the cell in which the lead is now. What a
    holder owes ends with their time: it stays missed where it was `overdue`, else it is not owed.
    Not `proven`: what happened is no evidence for this clock, such as a call of before.
    """
    if moment is Moment.NEXT_STEP_SET and moment in policy.starts_on:
        return Fate.CANCELLED  # another promise takes its place
    if policy.scope == OWNERSHIP and moment is Moment.REASSIGNED:
        return Fate.STOPPED if overdue else Fate.CANCELLED
    if proven and moment in policy.stopped_by:
        return Fate.STOPPED
    if stage not in policy.stages or exempt:
        return Fate.CANCELLED
    return Fate.STAYS


def levels(kit: Kit, policy: Policy) -> tuple[Level, ...]:
    """The escalation levels after a breach in their order, each once."""
    found: dict[str, Level] = {}
    key = policy.escalation
    while key in kit.escalations and key not in found:
        found[key] = kit.escalations[key]
        key = found[key].then
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Escalation:
    """The level that comes next, and when. UTC."""

    level: str
    at: dt.datetime


def ready(
    kit: Kit, policy: Policy, due_at: dt.datetime, *, after: Escalation | None = None
) -> tuple[str, dt.datetime | None]:
    """The level that comes next on an overdue clock, and when: the first, or that `after` another.

    No key where that was the last. No instant where it never comes, as its calendar does not hold
    so much time: no kit may say that any more, but clocks keep the kit that started them.
    """
    chain = levels(kit, policy)
    if after is not None:
        chain = _behind(chain, after.level)
    if not chain:
        return "", None
    at = comes(kit, policy, due_at, chain[0])
    return chain[0].key, at if at is None or after is None else max(at, after.at)


def comes(kit: Kit, policy: Policy, due_at: dt.datetime, level: Level) -> dt.datetime | None:
    """When a level of an overdue clock comes by itself; None where it never does."""
    try:
        return worktime.add(hours(kit, policy), due_at, level.after)
    except worktime.NoWorkingTime:
        return None


def escalation(
    kit: Kit, policy: Policy, due_at: dt.datetime, *, after: Escalation | None = None
) -> Escalation | None:
    """The first level of an overdue clock, or the one `after` another; None when none comes.

    Every level counts its working time from the deadline, on the policy's calendar, but none
    comes before the one it follows. Also where the clock counts its holder's hours: levels are
    about those who are told, and nobody's leave keeps an overdue lead from them.
    """
    key, at = ready(kit, policy, due_at, after=after)
    return Escalation(key, at) if at is not None else None


def follows_act(
    kit: Kit, policy: Policy, coming: Escalation, *, acted: str, at: dt.datetime
) -> Escalation:
    """The next level once a level has acted: whoever has the lead now has their time, too.

    As much working time lies between the two as the kit says, counted from when it did act: a
    sweep that comes late takes nothing from them. Where the calendar holds no more so much, it
    comes when it would have.
    """
    gap = kit.escalations[coming.level].after - kit.escalations[acted].after
    try:
        earliest = worktime.add(hours(kit, policy), at, max(gap, dt.timedelta()))
    except worktime.NoWorkingTime:
        return coming
    return Escalation(coming.level, max(coming.at, earliest))


def _behind(chain: tuple[Level, ...], key: str) -> tuple[Level, ...]:
    keys = [level.key for level in chain]
    return chain[keys.index(key) + 1 :] if key in keys else ()


def next_due(due_times: Iterable[dt.datetime]) -> dt.datetime | None:
    """The earliest of the open due times."""
    return min(due_times, default=None)
