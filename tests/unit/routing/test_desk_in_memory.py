"""The desk over weeks of random calendars and caps: nobody gets what they cannot take.

What is expected is counted on the wall clock of each rep, knowing nothing of how the product does.
"""

from __future__ import annotations

import datetime as dt
import random
import zoneinfo
from calendar import monthrange
from collections import Counter, defaultdict
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leads.ledger import Ledger
from routing import rep_caps, strategies
from routing.desk import Desk
from routing.models import Pool, PoolMember
from tests.unit.people import test_random_calendars as calendars
from tests.unit.people.test_random_calendars import Person

SINCE = dt.datetime(2026, 10, 12, tzinfo=dt.UTC)
"""Two weeks before clocks are put back in Europe; a month ends on the way."""
MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
PERIODS = ("DAY", "WEEK", "MONTH")
STRATEGIES = sorted(strategies.STRATEGIES)
POLICIES = ("FIRST_BACK", "SPREAD", "ON_CALL")


class Rep:
    """A person with caps; keeps what they were given."""

    def __init__(self, number: int, chance: random.Random, pool: Pool) -> None:
        self.person = Person(chance)
        self.person.at = SINCE
        self.person.leaves = tuple(calendars._leaves(chance, SINCE + chance.randrange(20) * DAY))
        self.person.away = SINCE + chance.randrange(9) * DAY if chance.random() < 0.3 else None
        self.person.holidays = {(SINCE + chance.randrange(25) * DAY).date() for _ in range(3)}
        self.hours = self.person.product()
        caps = {"DAY": (1, 4), "WEEK": (2, 9), "MONTH": (4, 20)}
        self.caps = {
            one: chance.randint(*caps[one]) if chance.random() < 0.4 else None for one in PERIODS
        }
        self.open_cap = chance.choice((None, None, chance.randrange(8)))
        self.member = PoolMember(
            pk=number, pool=pool, user_id=number, weight=self.person.weight, since_turn=0,
            open_cap=self.open_cap, day_cap=self.caps["DAY"], week_cap=self.caps["WEEK"],
            month_cap=self.caps["MONTH"], on_call=self.person.on_call,
        )  # fmt: skip
        self.given: list[dt.datetime] = []
        self.open = 0

    def date(self, at: dt.datetime) -> dt.date:
        return at.astimezone(zoneinfo.ZoneInfo(self.person.zone)).date()

    def received(self, at: dt.datetime) -> dict[str, int]:
        days, today = [self.date(one) for one in self.given], self.date(at)
        return {
            "DAY": days.count(today),
            "WEEK": sum(day.isocalendar()[:2] == today.isocalendar()[:2] for day in days),
            "MONTH": sum((day.year, day.month) == (today.year, today.month) for day in days),
        }

    def allowed(self, period: str, at: dt.datetime) -> int | None:
        cap, today = self.caps[period], self.date(at)
        if cap is None or period != "MONTH":
            return cap
        length = monthrange(today.year, today.month)[1]
        every = [today.replace(day=day) for day in range(1, length + 1)]
        works = [
            day
            for day in every
            if self.person.week[day.weekday()] and day not in self.person.holidays
        ] or every
        by_now = max(1, sum(day <= today for day in works))
        return -(-cap * by_now // len(works))

    def has_room(self, at: dt.datetime) -> bool:
        got = self.received(at)
        under = all(
            (most := self.allowed(period, at)) is None or got[period] < most for period in PERIODS
        )
        return under and (self.open_cap is None or self.open < self.open_cap)

    def is_absent(self, at: dt.datetime) -> bool:
        one = self.person
        on_leave = any(begins <= at < ends for begins, ends in one.leaves)
        return not one.active or on_leave or (one.away is not None and at < one.away)

    def works(self, at: dt.datetime, look_ahead: int) -> bool:
        """Whether they are at work, or start within so many minutes."""
        if self.is_absent(at):
            return False
        return any(self.person.there(at + minute * MINUTE) for minute in range(look_ahead + 1))


class Weeks:
    """One pool over four weeks; `checks` are made at every lead."""

    def __init__(self, seed: int, strategy: str) -> None:
        self.chance = chance = random.Random(seed)
        self.pool = Pool(
            pk=1, key="dach", strategy=strategy, off_shift=chance.choice(POLICIES),
            look_ahead_minutes=chance.choice((0, 0, 45)), catches_up=chance.random() < 0.5,
            random_percent=chance.choice((0, 30)), fewest_outcomes=5,
            most_percent=chance.choice((5, 20, 40)),
        )  # fmt: skip
        self.reps = {number: Rep(number, chance, self.pool) for number in range(1, 5)}
        self.outcomes = {
            number: {"": (chance.randrange(10), 10 + chance.randrange(40))} for number in self.reps
        }
        self.window: list[int] = []
        self.kept: Counter[tuple[str, int]] = Counter()
        self.seen: Counter[str] = Counter()

    def play(self) -> None:
        at = SINCE
        for _ in range(45):
            at += self.chance.randrange(1, 26 * 60) * MINUTE
            for rep in self.reps.values():
                rep.open -= self.chance.randint(0, min(rep.open, 2))
            desk = self.desk(at)
            for _ in range(self.chance.randint(1, 4)):
                self.lead(desk, at)

    def desk(self, at: dt.datetime) -> Desk:
        members = [one.member for one in self.reps.values()]
        received = {number: one.received(at) for number, one in self.reps.items()}
        hours = {number: one.hours for number, one in self.reps.items()}
        made = Desk(
            {"dach": self.pool}, {"dach": members},
            {number: one.open for number, one in self.reps.items()},
            hours, defaultdict(str), {}, at,
            limits=rep_caps.limits(members, received, hours, now=at),
            windows={"dach": self.window}, outcomes=self.outcomes,
        )  # fmt: skip
        made.note_kept(self.kept)
        return made

    def lead(self, desk: Desk, at: dt.datetime) -> None:
        kit: Any = None
        paper = Ledger(kit=kit, now=at, actor="tests")
        pick = desk.pick("dach", ledger=paper, lead_id=self.chance.randrange(10**6))
        ahead = self.pool.look_ahead_minutes
        working = {number for number, one in self.reps.items() if one.works(at, ahead)}
        if not working and self.pool.off_shift == "ON_CALL":
            working = {
                number
                for number, one in self.reps.items()
                if one.person.on_call and not one.is_absent(at)
            }
        able = {number for number in working if self.reps[number].has_room(at)}
        self.seen["picked" if able else "waits"] += 1
        if not able:
            assert pick.user is None
            self.wait(desk, at, staffed=bool(working))
            return
        assert pick.user in able
        if pick.because.startswith(strategies.BEST):
            self.seen["best"] += 1
            assert self.window[-100:].count(pick.user) < self.pool.most_percent
        self.window.append(pick.user)
        self.reps[pick.user].given.append(at)
        self.reps[pick.user].open += 1

    def wait(self, desk: Desk, at: dt.datetime, *, staffed: bool) -> None:
        until, user = desk.wait("dach", was=None)
        assert until > at
        if user is None:
            return
        assert self.pool.off_shift == "SPREAD"
        assert not staffed
        rep = self.reps[user]
        assert rep.works(until, self.pool.look_ahead_minutes)
        assert rep.open_cap is None or rep.open + self.kept["dach", user] < rep.open_cap
        for period, received in rep.received(until).items():
            allowed = rep.allowed(period, until)
            assert allowed is None or received + self.kept["dach", user] < allowed
        self.kept["dach", user] += 1
        self.seen["kept"] += 1


@pytest.mark.parametrize("strategy", STRATEGIES)
@settings(max_examples=12)
@given(seed=st.integers(0, 2**32))
def test_who_is_picked_can_take_it_and_a_lead_waits_only_where_nobody_can(
    strategy: str, seed: int
) -> None:
    Weeks(seed, strategy).play()


def test_these_weeks_hold_all_that_they_are_to_show() -> None:
    seen: Counter[str] = Counter()
    for seed in range(12):
        weeks = Weeks(seed, STRATEGIES[seed % 3])
        weeks.play()
        seen += weeks.seen
    assert all(seen[what] > 20 for what in ("picked", "waits", "kept", "best")), seen
