"""Ten thousand random calendars: nobody unavailable is ever picked, and the way back is right.

What is expected is counted minute by minute on the wall clock of the person's zone, knowing
nothing of how working time is computed. Seeded, so that a failure can be looked at again.
"""

from __future__ import annotations

import dataclasses
import random
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from people import availability, selectors
from people.availability import Availability
from people.models import User
from routing import presence
from routing.presence import Member

CALENDARS = 10_000
FOLLOWED = 500
"""So many of them are followed minute by minute to the next instant somebody is back."""
MINUTE = timedelta(minutes=1)
ZONES = (
    "UTC", "Europe/Berlin", "America/New_York", "America/St_Johns", "Asia/Kolkata",
    "Asia/Kathmandu", "Australia/Lord_Howe", "Australia/Adelaide", "Pacific/Apia",
    "Pacific/Chatham", "America/Sao_Paulo", "Africa/Casablanca",
)  # fmt: skip
CHANGES = (
    datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
)  # fmt: skip
"""Instants around which clocks are put on or back somewhere."""


class Person:
    """A calendar made at random, kept as plain data beside what the product makes of it."""

    def __init__(self, chance: random.Random) -> None:
        self.zone = chance.choice(ZONES)
        self.week = {day: _spans(chance) if chance.random() < 0.75 else [] for day in range(7)}
        for day, spans in self.week.items():
            after = self.week[(day + 1) % 7]
            if spans and after and spans[-1][1] < spans[-1][0]:
                spans[-1] = (spans[-1][0], min(spans[-1][1], after[0][0]) or 1440)
        around = chance.choice(CHANGES) if chance.random() < 0.5 else None
        self.at = (around or datetime(2026, 1, 1, tzinfo=UTC)) + MINUTE * chance.randrange(
            -3 * 1440 if around else 0, 3 * 1440 if around else 360 * 1440
        )
        day = self.at.astimezone(zoneinfo.ZoneInfo(self.zone)).date()
        self.holidays = {day + timedelta(days=chance.randrange(-1, 6)) for _ in range(2)}
        self.leaves = tuple(_leaves(chance, self.at))
        self.away = (
            self.at + MINUTE * chance.randrange(-2000, 2000) if chance.random() < 0.3 else None
        )
        self.active = chance.random() < 0.9
        self.weight = chance.randrange(1, 5)
        self.on_call = chance.random() < 0.3

    def product(self) -> Availability:
        """As the product reads it from its rows."""
        user = User(pk=1, is_active=self.active, time_zone=self.zone, away_until=self.away)
        shifts = [
            (1, day, _clock(a), _clock(b)) for day, spans in self.week.items() for a, b in spans
        ]
        leaves = [(1, begins, ends) for begins, ends in self.leaves]
        made = selectors.hours_of([user], shifts, leaves, at=self.at)[1]
        hours = dataclasses.replace(made.hours, closed=frozenset(self.holidays))
        return dataclasses.replace(made, hours=hours)

    def on_shift(self, at: datetime) -> bool:
        """By the wall clock alone."""
        local = at.astimezone(zoneinfo.ZoneInfo(self.zone))
        minute = local.hour * 60 + local.minute
        return self._in(local.date(), minute) or self._in(
            local.date() - timedelta(days=1), minute + 1440
        )

    def there(self, at: datetime) -> bool:
        """Whether they can take a lead at a whole minute."""
        return (
            self.active
            and self.on_shift(at)
            and not any(begins <= at < ends for begins, ends in self.leaves)
            and (self.away is None or at >= self.away)
        )

    def _in(self, day: date, minute: int) -> bool:
        if day in self.holidays:
            return False
        return any(a <= minute < (b if b > a else b + 1440) for a, b in self.week[day.weekday()])


def _spans(chance: random.Random) -> list[tuple[int, int]]:
    """One to four intervals of a day: apart, adjoining, overlapping, up to or over midnight."""
    marks = sorted(chance.sample(range(0, 97), 2 * chance.randrange(1, 5)))
    spans = [(15 * a, 15 * b) for a, b in zip(marks[::2], marks[1::2], strict=True)]
    if chance.random() < 0.3 and len(spans) > 1:
        spans[0] = (spans[0][0], spans[1][0] + chance.choice([0, 10]))
    if chance.random() < 0.15 and spans[-1][0] >= 120:
        spans[-1] = (spans[-1][0], 15 * chance.randrange(1, 8))
    return spans


def _leaves(chance: random.Random, at: datetime) -> Iterator[tuple[datetime, datetime]]:
    """Leaves that overlap, lie in each other, or begin when another ends."""
    begins = at + MINUTE * chance.randrange(-3000, 3000)
    for _ in range(chance.randrange(0, 4)):
        ends = begins + MINUTE * chance.choice([30, 240, 720, 1440, 4320])
        yield begins, ends
        begins = chance.choice([ends, begins + MINUTE * 60, ends + MINUTE * 500])


def _clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def _people() -> Iterator[Person]:
    chance = random.Random(20261122)
    for _ in range(CALENDARS):
        yield Person(chance)


def test_nobody_unavailable_is_ever_picked_and_everybody_available_can_be() -> None:
    crowd = list(_people())
    chance = random.Random(7)
    for first in range(0, CALENDARS, 5):
        group = crowd[first : first + 5]
        at = group[0].at
        members = [
            Member(number, one.product(), one.weight, one.on_call)
            for number, one in enumerate(group)
        ]
        policy = chance.choice(["FIRST_BACK", "SPREAD", "ON_CALL"])
        seen = presence.look(members, at=at, look_ahead=timedelta(), off_shift=policy)
        there = {number for number, one in enumerate(group) if one.there(at)}
        free = {user for user, why in seen.held.items() if why is None}
        assert free - seen.called == there, (first, policy)
        assert not (seen.called and there)
        for user in seen.called:
            one = group[user]
            assert policy == "ON_CALL"
            assert one.on_call
            assert one.active
            assert not any(begins <= at < ends for begins, ends in one.leaves)
            assert one.away is None or at >= one.away
        kept = presence.keep_for(members, {}, at=at, look_ahead=timedelta())
        if kept is not None:
            assert group[kept[0]].there(kept[1])


def test_the_next_available_instant_is_the_one_counted_minute_by_minute() -> None:
    for number, one in enumerate(_people()):
        person = one.product()
        assert availability.is_available(person, one.at) == one.there(one.at), number
        if number >= FOLLOWED:
            continue
        found = availability.next_available(person, one.at)
        horizon = one.at + timedelta(days=8)
        moment = one.at
        while moment < horizon and not one.there(moment):
            moment += MINUTE
        if moment < horizon:
            assert found == moment, number
        else:
            assert found is None or found >= horizon, number
