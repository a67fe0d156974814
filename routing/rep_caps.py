"""The caps a rep keeps to in whichever pool they are asked: the tightest of all their pools'. Pure.

A rep has one day and one desk: leads count over all pools, and so do the caps. Whoever may hold 25
leads in one pool gets no 26th by way of another that sets no cap.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Protocol

from people.availability import Availability
from routing import caps
from routing.caps import Joined

NAMES = {"open_cap": "", "day_cap": "DAY", "week_cap": "WEEK", "month_cap": "MONTH"}
"""The columns of a membership, and the period over which each counts."""

Caps = Mapping[str, int]
"""By column; what is not capped is left out."""
NONE: Caps = {}

NEVER: Mapping[int, Joined] = {}
"""Nobody joined within the month."""

Received = Mapping[int, Mapping[str, int]]
"""By rep and period (DAY, WEEK, MONTH): how many leads they were given by rule."""


class Membership(Protocol):
    """A rep's share in a pool."""

    user_id: int
    active: bool
    open_cap: int | None
    day_cap: int | None
    week_cap: int | None
    month_cap: int | None


def tightest(memberships: Iterable[Membership]) -> dict[int, Caps]:
    """By rep the lowest cap of each kind over those of these memberships that are active."""
    found: dict[int, dict[str, int]] = defaultdict(dict)
    for one in (each for each in memberships if each.active):
        own = found[one.user_id]
        for name in NAMES:
            cap = getattr(one, name)
            if cap is not None:
                own[name] = min(cap, own.get(name, cap))
    return dict(found)


def limits(
    memberships: Iterable[Membership],
    received: Received,
    hours: Mapping[int, Availability],
    *,
    now: dt.datetime,
    joined: Mapping[int, Joined] = NEVER,
) -> Limits:
    """What these reps may get, of whom all memberships that cap anything are given."""
    return Limits(tightest(memberships), received, hours, now, joined)


class Limits:
    """What each rep may get by their caps as of `now`; what is given meanwhile counts."""

    def __init__(
        self,
        tightest: Mapping[int, Caps],
        received: Received,
        hours: Mapping[int, Availability],
        now: dt.datetime,
        joined: Mapping[int, Joined] = NEVER,
    ) -> None:
        self._tightest, self._received, self._hours, self._now = tightest, received, hours, now
        self._joined = joined
        self._given: Counter[int] = Counter()
        self._known: dict[tuple[int, dt.datetime], tuple[caps.Limit, ...]] = {}

    def note(self, user: int) -> None:
        """A rule gave them a lead."""
        self._given[user] += 1
        self._known.clear()

    def caps_of(self, user: int) -> Caps:
        """Their caps, by column."""
        return self._tightest.get(user, NONE)

    def open_cap(self, user: int) -> int | None:
        """The most leads they hold at once."""
        return self.caps_of(user).get("open_cap")

    def of(self, user: int, *, at: dt.datetime | None = None) -> tuple[caps.Limit, ...]:
        """Those of a day, a week and a month, as far as they have any: now, or as they will be `at`
        an instant to come, if nothing is given until then.
        """
        when = at or self._now
        if (user, when) not in self._known:
            self._known[user, when] = self._counted(user, when)
        return self._known[user, when]

    def _counted(self, user: int, when: dt.datetime) -> tuple[caps.Limit, ...]:
        own = self.caps_of(user)
        wanted = {period: own[name] for name, period in NAMES.items() if period and name in own}
        if not wanted:
            return ()
        hours, before, here = self._hours[user].hours, self._received.get(user, {}), self._given
        received = {
            period: before.get(period, 0) + here[user]
            for period in wanted
            if when == self._now or caps.begins(period, hours, when) <= self._now
        }
        joined = self._joined.get(user)
        return caps.limits(hours, when, caps=wanted, received=received, joined=joined)
