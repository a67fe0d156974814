"""By when: the obligations a moment starts, ends or leaves standing, and their due times. Pure."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from core import worktime
from governance import conditions
from governance.kit import Kit
from governance.moments import Moment
from governance.terms import Level, Policy

MOMENT_OF_STEP = {
    "qualify": Moment.QUALIFIED,
    "accept": Moment.ACCEPTED,
    "self_source": Moment.ACCEPTED,
    "reject": Moment.REJECTED,
    "sales_qualify": Moment.SALES_QUALIFIED,
    "convert": Moment.CONVERTED,
    "win": Moment.CLOSED,
    "lose": Moment.CLOSED,
    "return_to_nurture": Moment.RETURNED,
    "recycle": Moment.RECYCLED,
    "disqualify": Moment.DISQUALIFIED,
    "reopen": Moment.REOPENED,
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


def due(kit: Kit, policy: Policy, start: dt.datetime) -> Due:
    """Due and warning time in working time of the policy's calendar.

    Raises NoWorkingTime when the calendar never opens.
    """
    calendar = kit.calendars[policy.calendar]
    share = policy.allowance * (policy.warn_percent / 100)
    return Due(
        policy,
        start,
        worktime.add(calendar, start, share),
        worktime.add(calendar, start, policy.allowance),
    )


class Fate(StrEnum):
    """What a moment does to a running clock."""

    STAYS = "STAYS"
    STOPPED = "STOPPED"
    CANCELLED = "CANCELLED"


def fate(policy: Policy, moment: Moment, *, stage: str, exempt: bool = False) -> Fate:
    """Met by its evidence, no longer owed because the lead left its stages, or still standing.

    `exempt`: the kit that started the clock exempts the cell in which the lead is now.
    """
    if moment in policy.stopped_by:
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


def escalation(
    kit: Kit, policy: Policy, due_at: dt.datetime, *, after: Escalation | None = None
) -> Escalation | None:
    """The first level of an overdue clock, or the one `after` another; None when it was the last.

    Every level counts its working time from the deadline, on the policy's calendar, but none
    comes before the one it follows. Raises NoWorkingTime when the calendar never opens.
    """
    chain = levels(kit, policy)
    if after is not None:
        chain = _behind(chain, after.level)
    if not chain:
        return None
    at = worktime.add(kit.calendars[policy.calendar], due_at, chain[0].after)
    return Escalation(chain[0].key, at if after is None else max(at, after.at))


def follows_act(
    kit: Kit, policy: Policy, coming: Escalation, *, acted: str, at: dt.datetime
) -> Escalation:
    """The next level once a level has acted: whoever has the lead now has their time, too.

    As much working time lies between the two as the kit says, counted from when it did act: a
    sweep that comes late takes nothing from them.
    """
    gap = kit.escalations[coming.level].after - kit.escalations[acted].after
    earliest = worktime.add(kit.calendars[policy.calendar], at, max(gap, dt.timedelta()))
    return Escalation(coming.level, max(coming.at, earliest))


def _behind(chain: tuple[Level, ...], key: str) -> tuple[Level, ...]:
    keys = [level.key for level in chain]
    return chain[keys.index(key) + 1 :] if key in keys else ()


def next_due(due_times: Iterable[dt.datetime]) -> dt.datetime | None:
    """The earliest of the open due times."""
    return min(due_times, default=None)
