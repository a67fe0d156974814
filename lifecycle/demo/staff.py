"""The people at work: who they are, and when they get round to something."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from core import worktime
from core.worktime import WorkCalendar
from lifecycle.demo import company
from people import availability
from people import selectors as people
from people.availability import Availability
from people.models import Role, User
from people.roles import WORKS, playing

REGIONS = {"dach": "DE", "uk-nordics": "GB", "americas": "US", "inbound": "NL"}
"""A country of each pool's leads."""


@dataclass(frozen=True, slots=True, eq=False)
class Person:
    """Somebody of the demo company. `pace` stretches what they do, `care` keeps it in time."""

    user: User
    working: Availability
    pace: float
    care: float
    strictness: float

    @property
    def id(self) -> int:
        """The user's id."""
        return int(self.user.pk)

    @property
    def hours(self) -> WorkCalendar:
        """The shifts."""
        return self.working.hours


class Staff:
    """Everybody who does something, by id and by log-in."""

    def __init__(self, rng: Random, *, since: datetime) -> None:
        acting = User.objects.filter(playing(*WORKS), is_active=True)
        users = list(acting.select_related("team").order_by("pk"))
        free = people.availabilities([user.pk for user in users], at=since)
        self._people = {
            user.pk: Person(
                user,
                free[user.pk],
                pace=rng.uniform(0.75, 1.3),
                care=rng.uniform(0.89, 0.965),
                strictness=rng.uniform(0.8, 1.25),
            )
            for user in users
        }
        self._by_login = {one.user.username: one for one in self._people.values()}
        self._executives = [one for one in self._people.values() if one.user.plays(Role.AE)]
        self._handed: Counter[int] = Counter()

    def __getitem__(self, user_id: int) -> Person:
        return self._people[user_id]

    def named(self, login: str) -> Person:
        """By log-in."""
        return self._by_login[login]

    def after(self, person: Person, at: datetime, minutes: float) -> datetime:
        """When this person has worked that long since `at`: shifts, lunch and leave counted."""
        left = timedelta(minutes=max(1.0, minutes))
        done = worktime.add(person.hours, at, left)
        for begins, ends in person.working.leaves:
            if at < ends and done > begins:
                before = worktime.elapsed(person.hours, at, max(at, begins))
                done = worktime.add(person.hours, ends, max(left - before, timedelta(minutes=1)))
        return done

    def manager_of(self, person: Person) -> Person:
        """Whose team it is; RevOps for those without a team."""
        team = person.user.team
        if team is None or team.manager_id is None:
            return self.named("rita")
        return self._people[team.manager_id]

    def executive_for(self, person: Person, at: datetime) -> Person:
        """Who takes this rep's deals over: the team's AE, unless on leave or much busier."""

        def order(one: Person) -> tuple[bool, int, int]:
            elsewhere = one.user.team_id != person.user.team_id
            return (self.is_away(one, at), self._handed[one.id] + 12 * elsewhere, one.id)

        chosen = min(self._executives, key=order)
        self._handed[chosen.id] += 1
        return chosen

    def is_away(self, person: Person, at: datetime) -> bool:
        """Whether they are on leave."""
        return any(begins <= at < ends for begins, ends in person.working.leaves)

    def leaves(self) -> Iterable[tuple[Person, datetime, datetime]]:
        """All leave, of everybody."""
        for person in self._people.values():
            for begins, ends in person.working.leaves:
                yield person, begins, ends

    def prospector(self, country: str, rng: Random) -> Person:
        """The SDR who writes to buyers of a country."""
        pool = next((key for key, one in REGIONS.items() if one == country), "inbound")
        logins = [rep.login for rep in company.REPS if pool in rep.pools]
        return self.named(rng.choice(logins))

    def open_regions(self, at: datetime) -> list[str]:
        """Countries whose leads would find an owner at once."""
        return [
            REGIONS[key]
            for key, _, _, ahead in company.POOLS
            if key in REGIONS
            and any(
                availability.available_within(
                    self.named(rep.login).working, at, timedelta(minutes=ahead)
                )
                for rep in company.REPS
                if key in rep.pools
            )
        ]
