"""When somebody may be mailed or called: within their working hours, unless they chose otherwise.

Who is off shift or on leave hears when they are back; in the console they are told at once. Who
has no working hours entered can be told at any time.
"""

from __future__ import annotations

import datetime as dt
import zoneinfo
from collections.abc import Iterable
from dataclasses import dataclass, replace

from core import reading, work_calendar
from lifecycle import preferences
from lifecycle.models import Mode, Topic
from lifecycle.preferences import Preference
from people import availability
from people import selectors as people
from people.availability import Availability
from people.models import User

NOT_IN_SIGHT = dt.timedelta(days=30)
"""After so long it is looked again whether somebody is back of whom nobody knows when."""


@dataclass(frozen=True, slots=True)
class Hearer:
    """When somebody hears of things, and what they chose."""

    zone: zoneinfo.ZoneInfo
    hours: Availability
    preference: Preference = preferences.OURS
    has_hours: bool = True
    """Whether working hours of theirs were entered."""

    def opening(self, at: dt.datetime) -> dt.datetime:
        """`at` itself when they may be told then, else the next instant they may."""
        if self.preference.off_hours or not self.hours.active:
            return at
        there = replace(self.hours, away_until=None)
        opens = availability.next_available(there, at)
        return opens if opens is not None else at + NOT_IN_SIGHT

    def is_on_shift(self, at: dt.datetime) -> bool:
        """Whether they are at work: active, within their hours, not on leave and not away."""
        return availability.is_available(self.hours, at)

    def mailed_at(
        self, topic: Topic, at: dt.datetime, *, waited: bool = False
    ) -> dt.datetime | None:
        """When a mail may tell of this at `at` or later; None when they want none of the topic.

        `waited`: for the digest it has waited already.
        """
        mode = self.preference.mode(topic)
        if mode is Mode.OFF:
            return None
        wished = self._next_digest(at) if mode is Mode.DIGEST and not waited else at
        return self.opening(wished)

    def _next_digest(self, at: dt.datetime) -> dt.datetime:
        local = at.astimezone(self.zone).date()
        hours = (
            dt.datetime.combine(local + dt.timedelta(days=day), dt.time(hour), self.zone)
            for day in range(3)
            for hour in self.preference.digest_hours
        )
        return min(one for one in (hour.astimezone(dt.UTC) for hour in hours) if one > at)


def of(user_ids: Iterable[int], *, at: dt.datetime) -> dict[int, Hearer]:
    """When each of these people hears of things, in three queries."""
    ids = sorted(set(user_ids))
    if not ids:
        return {}
    users = {row.pk: row for row in User.objects.filter(pk__in=ids)}
    shifts, leaves = people.shifts_of(ids), people.leaves_of(ids, at=at)
    reading.ask(shifts, leaves)
    hours = people.hours_of(users.values(), shifts.found, leaves.found, at=at)
    chosen = preferences.of(ids)
    with_shifts = {user for user, *_ in shifts.found}
    return {
        pk: Hearer(
            zone=user.zone,
            hours=_at_work(hours[pk], has_hours=pk in with_shifts),
            preference=chosen[pk],
            has_hours=pk in with_shifts,
        )
        for pk, user in users.items()
    }


def _at_work(a: Availability, *, has_hours: bool) -> Availability:
    """When somebody works, whether or not it is on leads."""
    hours = a.hours if has_hours else work_calendar.ALWAYS
    return replace(a, hours=hours, works_leads=True)
