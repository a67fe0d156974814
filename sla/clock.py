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
from governance.terms import Policy

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
    kit: Kit, moment: Moment, *, stage: str, facts: Callable[[], Mapping[str, object]]
) -> list[Policy]:
    """The policies a moment starts: per obligation and scope the first that fits."""
    chosen: dict[tuple[str, str], Policy] = {}
    known: Mapping[str, object] | None = None
    for policy in kit.policies:
        slot = (policy.obligation, policy.scope)
        if slot in chosen or moment not in policy.starts_on or stage not in policy.stages:
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


def fate(policy: Policy, moment: Moment, *, stage: str) -> Fate:
    """Met by its evidence, no longer owed because the lead left its stages, or still standing."""
    if moment in policy.stopped_by:
        return Fate.STOPPED
    if stage not in policy.stages:
        return Fate.CANCELLED
    return Fate.STAYS


def next_due(due_times: Iterable[dt.datetime]) -> dt.datetime | None:
    """The earliest of the open due times."""
    return min(due_times, default=None)
