"""A month of a company in which everything about its people changes, step by step.

Leads come in bursts and at night; reps join, leave, take leave, go away for an hour, get other
weights and caps; they accept, reject, say “not mine”, hand over, claim, or do nothing. Time is
passed in: nothing here waits. What falls due is done by the worker's own steps.
"""

from __future__ import annotations

import datetime as dt
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from django.db.models import F

from core import errors
from leads.models import Lead
from leads.stages import CLOSED
from lifecycle import actions, intake, jobs, misrouting, own_time
from people import working_time
from people.models import Leave, Role, Shift, Team, User
from routing.models import Pool, PoolMember
from tests import factories

START = dt.datetime(2026, 4, 20, 0, 0, tzinfo=dt.UTC)
"""A Monday; 1 May and Whit Monday are holidays in Germany, 4 and 25 May in England."""
HOUR = dt.timedelta(hours=1)
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)

PLACES = (
    ("dach", "DE", "Europe/Berlin", "DE", "BE"),
    ("uk-nordics", "GB", "Europe/London", "GB", "ENG"),
    ("americas", "US", "America/Chicago", "US", "IL"),
    ("inbound", "IN", "Asia/Kolkata", "", ""),
)
"""Pool, where its buyers are, and where its reps work."""


@dataclass
class Month:
    """The company, its chance, and what has been done."""

    chance: random.Random
    boss: User = field(init=False)
    joined: int = 0
    touches: int = 0
    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    swept: Counter[str] = field(default_factory=Counter)

    def found(self) -> None:
        """The playbook in force, and the reps of the first day."""
        company = factories.company(now=START - DAY, reps=())
        self.boss = company.revops
        policies = ("FIRST_BACK", "SPREAD", "ON_CALL", "FIRST_BACK")
        for (key, *_), off_shift in zip(PLACES, policies, strict=True):
            team = Team.objects.create(name=f"Team {key}", manager=company.manager)
            Pool.objects.filter(key=key).update(
                off_shift=off_shift,
                catches_up=key == "dach",
                random_percent=10 if key == "americas" else 0,
                look_ahead_minutes=30 if key == "inbound" else 0,
                skips_holders=2,
                manager=company.manager,
            )
            for _ in range(4):
                self.join(key, team)

    def join(self, key: str, team: Team | None = None) -> None:
        """Somebody new in a pool, with shifts of two intervals a day and some caps."""
        _, _, zone, country, part = next(one for one in PLACES if one[0] == key)
        chance, self.joined = self.chance, self.joined + 1
        made = factories.user(
            f"rep{self.joined}",
            team=team or Team.objects.get(name=f"Team {key}"),
            time_zone=zone,
            holiday_country=country,
            holiday_subdivision=part,
        )
        Shift.objects.bulk_create(
            Shift(user=made, weekday=day, starts=dt.time(a), ends=dt.time(b))
            for day in range(5)
            for a, b in ((8, 12), (13, 17))
        )
        PoolMember.objects.create(
            pool=Pool.objects.get(key=key),
            user=made,
            weight=chance.randint(1, 3),
            open_cap=chance.choice((None, 15, 30)),
            day_cap=chance.choice((None, None, 6)),
            month_cap=chance.choice((None, None, 60)),
            on_call=chance.random() < 0.3,
        )

    def run(self, days: int) -> Iterator[dt.datetime]:
        """Hour by hour; the end of each day is handed out to be looked at."""
        at = START
        for _ in range(days):
            for _ in range(24):
                at += HOUR
                self._hour(at)
            yield at + 59 * MINUTE

    def _hour(self, at: dt.datetime) -> None:
        for deed, chance in _CHANGES.items():
            if self.chance.random() < chance:
                self._try(deed.__name__.strip("_"), lambda deed=deed: deed(self, at))
        self._arrive(at)
        for minutes in (1, 20, 40):
            self.swept.update(jobs.sweep(now=at + minutes * MINUTE))
        self._work(at + 41 * MINUTE)
        self.swept.update(jobs.sweep(now=at + 58 * MINUTE))

    def _arrive(self, at: dt.datetime) -> None:
        """A few by day, fewer at night, now and then very many at once."""
        busy = at.weekday() < 5 and 6 <= at.hour <= 20
        count = self.chance.choice((0, 1, 2, 3) if busy else (0, 0, 0, 1, 2))
        if self.chance.random() < 0.015:
            count = 40
        bodies = []
        for _ in range(count):
            _, country, *_ = self.chance.choice(PLACES)
            bodies.append(factories.touch(company={"country": country}))
        if bodies:
            keys = [f"month-{self.touches + n}" for n in range(len(bodies))]
            self.touches += len(bodies)
            answers = intake.capture(bodies, scope="month", keys=keys, now=at)
            assert all(one.status == 201 for one in answers), answers

    def _work(self, at: dt.datetime) -> None:
        """Whoever works looks at what they owe first, and leaves some of it."""
        held = Lead.objects.filter(owner__isnull=False, owner__is_active=True)
        due = held.exclude(stage__in=CLOSED).select_related("owner")
        for lead in due.order_by(F("next_due_at").asc(nulls_last=True), "pk")[:60]:
            if self.chance.random() < 0.25:
                self._one(lead, at)
        for lead in Lead.objects.exclude(queue="").order_by("pk")[:20]:
            member = PoolMember.objects.filter(pool__key=lead.queue, active=True).first()
            if member is not None and self.chance.random() < 0.02:
                by = User.objects.get(pk=member.user_id)
                self._try("claim", lambda lead=lead, by=by: actions.claim(  # type: ignore[misc]
                    lead_id=lead.pk, by=by, now=at))  # fmt: skip

    def _one(self, lead: Lead, at: dt.datetime) -> None:
        by, dice = lead.owner, self.chance.random()
        assert by is not None
        same = {"lead_id": lead.pk, "by": by, "now": at}
        if dice < 0.08:
            why = self.chance.choice(("TERRITORY", "LOAD", "OTHER"))
            self._try("misroute", lambda: misrouting.misroute(**same, why=why))
        elif dice < 0.12:
            to = self._somebody(but=by)
            self._try("hand over", lambda: actions.reassign(**same, to=to.pk, reason="theirs"))
        elif dice < 0.16:
            boss = {**same, "by": self.boss}
            self._try("anew", lambda: actions.reassign(**boss, to=None, reason="anew", why="AWAY"))
        elif lead.stage == "MQL" and dice < 0.3:
            self._try("reject", lambda: actions.reject(**same, reason="no_interest"))
        else:
            way = {"MQL": "SAL", "SAL": "SQL", "SQL": "OPPORTUNITY", "OPPORTUNITY": "WON"}
            if to_stage := way.get(lead.stage):
                self._try(to_stage, lambda: factories.work(lead, to=to_stage, now=at))

    def _somebody(self, *, but: User | None = None) -> User:
        there = User.objects.filter(role=Role.SDR, is_active=True)
        return self.chance.choice([one for one in there.order_by("pk") if one != but])

    def _try(self, name: str, deed: Callable[[], object]) -> None:
        """People are refused now and then; anything else that goes wrong is a fault."""
        try:
            deed()
            self.done[name] += 1
        except errors.DomainError as error:
            self.refused[f"{name}: {error.code}"] += 1


def _joins(month: Month, at: dt.datetime) -> None:
    month.join(month.chance.choice(PLACES)[0])


def _leaves_for_good(month: Month, at: dt.datetime) -> None:
    """Somebody is made inactive, as the administration does it: their leads are the worker's."""
    gone = month._somebody()
    gone.is_active = False
    gone.save(update_fields=["is_active"])


def _leaves_a_pool(month: Month, at: dt.datetime) -> None:
    one = _member(month)
    PoolMember.objects.filter(pk=one.pk).update(active=False)


def _comes_back_to_a_pool(month: Month, at: dt.datetime) -> None:
    gone = PoolMember.objects.filter(active=False, user__is_active=True).order_by("pk").first()
    if gone is not None:
        PoolMember.objects.filter(pk=gone.pk).update(active=True)


def _gets_other_terms(month: Month, at: dt.datetime) -> None:
    one, chance = _member(month), month.chance
    PoolMember.objects.filter(pk=one.pk).update(
        weight=chance.randint(1, 4), open_cap=chance.choice((None, 5, 40))
    )


def _takes_leave(month: Month, at: dt.datetime) -> None:
    who = month._somebody()
    begins = at + month.chance.randint(0, 30) * HOUR
    ends = begins + month.chance.randint(4, 120) * HOUR
    working_time.add_leave(who, begins, ends, by=who)


def _is_back_early(month: Month, at: dt.datetime) -> None:
    runs = Leave.objects.filter(starts_at__lt=at, ends_at__gt=at, user__is_active=True)
    one = runs.select_related("user").order_by("pk").first()
    if one is not None:
        own_time.end_leave(one.pk, by=one.user, now=at)


def _goes_away(month: Month, at: dt.datetime) -> None:
    who = month._somebody()
    own_time.set_away(who, at + month.chance.randint(1, 20) * HOUR, by=who, now=at)


def _member(month: Month) -> PoolMember:
    there = PoolMember.objects.filter(active=True, user__is_active=True).order_by("pk")
    return month.chance.choice(list(there))


_CHANGES: Mapping[Callable[[Month, dt.datetime], None], float] = {
    _joins: 0.02,
    _leaves_for_good: 0.012,
    _leaves_a_pool: 0.01,
    _comes_back_to_a_pool: 0.02,
    _gets_other_terms: 0.03,
    _takes_leave: 0.06,
    _is_back_early: 0.02,
    _goes_away: 0.05,
}
"""What happens to people, and how likely in an hour."""
