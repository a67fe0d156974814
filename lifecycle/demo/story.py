"""The clock of the demo: ninety days of captures, work and deadlines, ending at the present.

company ─▶ market: who comes when ─▶ the clock runs:
    what is due by then (warn, breach, route who waits, fade)     the product's sweeps
    the visits of the slice                                       intake + pipeline, one batch
    what somebody does                                            the product's actions
"""

from __future__ import annotations

import functools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection, transaction

from governance.kit import Kit
from leads.models import (
    Account,
    Activity,
    EventKind,
    IdentityKey,
    Lead,
    LeadEvent,
    Outbox,
    Person,
    ScorePart,
    ScoreRecord,
    Signal,
    Touch,
)
from lifecycle import decay, intake, pipeline, waiting, waking
from lifecycle.demo import (
    chapters,
    company,
    customers,
    disputed,
    doubles,
    excluded,
    journeys,
    lands,
    news,
    partners,
    reviews,
    scenes,
)
from lifecycle.demo.agenda import Agenda
from lifecycle.demo.buyers import Buyer, World
from lifecycle.demo.card import Card
from lifecycle.demo.floor import Floor
from lifecycle.demo.journeys import Market, Visit
from lifecycle.demo.staff import Staff
from routing.models import Assignment, Decision
from sla import selectors as clocks
from sla import sweeps
from sla.models import Clock, ClockEvent

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

PERIOD = 90 * DAY
PILOT = 14 * DAY
"""Before the period: the company is set up and tries itself out on a few leads."""
FINE = 2 * DAY
"""How long before the end visits are taken in one by one instead of by slices."""
SCOPE = "demo"
FILLED = (Account, Activity, Assignment, Clock, ClockEvent, Decision, IdentityKey, Lead, LeadEvent,
          Outbox, Person, ScorePart,
          ScoreRecord, Signal, Touch)  # fmt: skip
REFRESHED_AT = frozenset({50, 200, 800, 2_400, 8_000, 32_000, 128_000})
"""With so many leads the planner is told how much there is; nobody else sees it until the end."""

CHAPTERS = (reviews, doubles, partners, lands, customers, disputed, excluded)

Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Due:
    """When a clock, and when a waiting lead, is next to be looked at."""

    clock: datetime
    route: datetime

    @property
    def at(self) -> datetime:
        """The earlier one."""
        return min(self.clock, self.route)


@dataclass(frozen=True, slots=True)
class Told:
    """What the story came to."""

    leads: int
    touches: int
    actions: Counter[str]
    refused: Counter[str]
    swept: Counter[str]


@transaction.atomic
def tell(*, leads: int, seed: int, now: datetime, progress: Progress | None = None) -> Told:
    """Make the company and let it live until `now`: all of it, or on any error nothing.

    `progress` is called with the number of leads taken in since it was called last.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
    now = now.replace(microsecond=0)
    since = (now - PERIOD - PILOT).replace(hour=6, minute=0, second=0)
    kit = company.make(since=since, now=now, leads=leads)
    rng = Random(seed)  # noqa: S311 - a story, not a secret
    staff = Staff(rng, since=since)
    market = Market(World(rng), rng, since=now - PERIOD, until=now)
    staged = scenes.Scenes(market, staff, kit, rng, now=now).visits(min(leads, max(leads // 2, 12)))
    buyers = {id(visit.buyer) for visit in staged}
    visits = [*staged, *market.visits(max(leads - len(buyers), 0))]
    return Story(market, staff, rng, visits, kit=kit, now=now, progress=progress).run()


class Story:
    """The run of the clock."""

    def __init__(
        self,
        market: Market,
        staff: Staff,
        rng: Random,
        visits: Sequence[Visit],
        *,
        kit: Kit,
        now: datetime,
        progress: Progress | None,
    ) -> None:
        self._market, self._staff, self._rng = market, staff, rng
        self._kit, self._now, self._progress = kit, now, progress
        self._agenda = Agenda()
        self._floor = Floor(self._agenda, staff, rng, comes_back=self._expect_back)
        self._returned: list[Visit] = []
        self._waiting: set[int] = set()
        self._touches = 0
        self._swept: Counter[str] = Counter()
        self._at = min((visit.at for visit in visits), default=now)
        for stretch in journeys.slices(visits, longest=self._stretch):
            middle = stretch[len(stretch) // 2].at
            self._agenda.add(middle, functools.partial(self._take_in, stretch))
        self._quiet_until = self._at
        self._soonest = min(one.allowance * one.warn_percent / 100 for one in kit.policies)
        self._plan_days()

    def run(self) -> Told:
        """Let everything happen that lies before now."""
        while (due := self._agenda.next_at) is not None and due <= self._now:
            at, deed = self._agenda.take()
            self._pass_time(at)
            deed(max(at, self._at))
        self._pass_time(self._now)
        yesterday = scenes.start_of(self._kit.calendars["weekdays"], DAY, self._now)
        news.settle(unread_since=yesterday, now=self._now)
        return Told(
            len(self._floor.cards),
            self._touches,
            self._floor.done,
            self._floor.refused,
            self._swept,
        )

    # What is planned.

    def _plan_days(self) -> None:
        """The hours of the clock, people's leave, and who is out of the house today."""
        at = self._at
        while at < self._now:
            at += HOUR if self._now - at <= news.KEPT else DAY
            self._agenda.add(at, self._hour)
        for person, begins, _ in self._staff.leaves():
            self._agenda.add(begins, functools.partial(self._floor.cover, person))
        for chapter in CHAPTERS:
            for begins, deed in chapter.planned(now=self._now):
                self._agenda.add(begins, deed)
        since = self._now - PERIOD - PILOT
        for further in chapters.FURTHER.values():
            for begins, deed in further.planned(since=since, now=self._now):
                self._agenda.add(begins, deed)
        self._agenda.add(self._now + (min(scenes.PARTNERS) - 5) * MINUTE, self._leave_the_house)

    def _stretch(self, at: datetime) -> timedelta:
        """How long visits are gathered before they are taken in together."""
        return 5 * MINUTE if self._now - at < FINE else 200 * MINUTE

    def _expect_back(self, buyer: Buyer, at: datetime) -> None:
        if at < self._now:
            visit = self._market.return_of(buyer, at)
            self._agenda.add(at, lambda _: self._returned.append(visit))

    # What happens.

    def _pass_time(self, until: datetime) -> None:
        """Let the product do what falls due before that instant, each minute as a worker would."""
        while until > self._quiet_until and (due := self._next_due()).at < until:
            at = self._at = max(self._at, min(due.at + MINUTE, until))
            self._quiet_until = at
            if due.clock <= at:
                swept = sweeps.warn_and_breach(now=at)
                self._swept.update(
                    warned=swept.warned, breached=swept.breached, escalated=swept.escalated
                )
                if swept.escalated:
                    self._look_at_moved(at)
            if due.route <= at and waiting.route(now=at):
                self._look_at_waiting(at)
        self._at = max(self._at, until)

    def _next_due(self) -> Due:
        """What falls due next. Nothing that begins from now on is due sooner than `_soonest`."""
        with connection.cursor() as cursor:
            cursor.execute(
                _NEXT_DUE, {"since": self._at, "never": self._now + DAY, "lately": self._at - DAY}
            )
            due = Due(*cursor.fetchone())
        self._quiet_until = min(due.at, self._at + self._soonest)
        return due

    def _take_in(self, visits: Sequence[Visit], at: datetime) -> None:
        """The visits of one stretch, with those who came back in the meantime."""
        visits, self._returned = [*visits, *self._returned], []
        bodies = [visit.body(at) for visit in visits]
        keys = [f"{SCOPE}-{self._touches + number}" for number in range(len(visits))]
        self._touches += len(visits)
        received = intake.receive(bodies, scope=SCOPE, keys=keys, now=at)
        ids = [one.touch_id for one in received]
        if None in ids:
            faults = [fault for one in received for fault in one.errors]
            raise ValueError(f"a visit of the demo was refused: {faults[:3]}")
        receipts = pipeline.advance([one for one in ids if one is not None], now=at)
        for touch_id, visit in zip(ids, visits, strict=True):
            self._note(receipts[touch_id or 0], visit, at)

    def _note(self, receipt: dict[str, Any], visit: Visit, at: datetime) -> None:
        """The lead's card, and what its owner makes of the visit."""
        lead = int(receipt["lead"])
        if lead not in self._floor.cards:
            self._floor.cards[lead] = Card(lead, visit.buyer, visit.says["channel"], at)
            self._count()
        card = self._floor.cards[lead]
        card.came(at, receipt["score"]["total"])
        owner = int(receipt["owner"]["id"]) if receipt["owner"] else None
        owed = {clock["policy"] for clock in receipt["clocks"]}
        self._floor.learn(card, receipt["stage"], owner, owed, at)
        if receipt["queue"]:
            self._waiting.add(lead)
            self._quiet_until = at
        if visit.shows("email_reply"):
            self._floor.prospect(card, at)

    def _count(self) -> None:
        if self._progress is not None:
            self._progress(1)
        count = len(self._floor.cards)
        if count in REFRESHED_AT:
            names = ", ".join(connection.ops.quote_name(one._meta.db_table) for one in FILLED)
            with connection.cursor() as cursor:
                cursor.execute(f"ANALYZE (SKIP_LOCKED) {names}")

    def _look_at_waiting(self, at: datetime) -> None:
        """Who found an owner plans; the others go on waiting."""
        self._waiting |= self._floor.waiting
        self._floor.waiting.clear()
        found = Lead.objects.filter(pk__in=self._waiting, queue="")
        rows = list(found.values_list("pk", "stage", "owner_id").order_by("pk"))
        owed = clocks.open_by_lead(pk for pk, _, _ in rows)
        for pk, stage, owner in rows:
            self._waiting.discard(pk)
            kinds = {clock.obligation for clock in owed[pk]}
            self._floor.learn(self._floor.cards[pk], stage, owner, kinds, at)

    def _look_at_moved(self, at: datetime) -> None:
        """Whom a level of escalation has just given a lead plans; what it left in a queue waits."""
        told = LeadEvent.objects.filter(kind=EventKind.ESCALATED, at__gt=at - DAY, at__lte=at)
        moved = told.filter(recorded_at=at, because__acted=True).values_list("lead_id", flat=True)
        self._waiting |= set(moved)
        self._look_at_waiting(at)

    def _look_at_woken(self, at: datetime) -> None:
        """Whoever has just woken up and qualified has an owner who plans, or waits for one."""
        woken = LeadEvent.objects.filter(recorded_at=at, actor="wake-up", transition="qualify")
        self._waiting |= set(woken.values_list("lead_id", flat=True))
        self._look_at_waiting(at)

    def _hour(self, at: datetime) -> None:
        """Now and then: scores fade, the last days' news are told, the database checks itself."""
        self._waiting |= self._floor.waiting
        self._floor.waiting.clear()
        left = self._now - at
        if left <= DAY or left >= news.KEPT:
            while decay.run(now=at, limit=500) == 500:
                pass
        if waking.run(now=at, limit=500):
            self._look_at_woken(at)
        if left <= news.KEPT:
            news.tell(at)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")

    def _leave_the_house(self, at: datetime) -> None:
        company.send_out(self._staff.named("david").user, until=self._now + scenes.BACK_IN, at=at)


_NEXT_DUE = """
    SELECT LEAST((SELECT min(warn_at) FROM sla_clock
                   WHERE state = 'RUNNING' AND warned_at IS NULL AND breached_at IS NULL
                     AND warn_at >= %(since)s),
                 (SELECT min(due_at) FROM sla_clock
                   WHERE state = 'RUNNING' AND breached_at IS NULL AND due_at >= %(since)s),
                 (SELECT min(escalate_at) FROM sla_clock
                   WHERE state = 'RUNNING' AND escalate_at >= %(since)s),
                 %(never)s),
           LEAST((SELECT min(route_at) FROM leads_lead
                   WHERE queue <> '' AND route_at >= %(lately)s), %(never)s)
"""
"""Everything before `since` has been swept, which spares the indexes their dead entries."""
