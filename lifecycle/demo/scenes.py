"""What is due around the present instant, whenever that is: leads that began at the right time.

A deadline some minutes ahead is the end of a clock that began earlier; so the scenes count back on
the kit's own calendars. On a weekend nothing falls due on working days' calendars: then the
scenes fall due when those open next, and what runs round the clock falls due now.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from random import Random

from core import worktime
from core.worktime import WorkCalendar
from governance.kit import Kit
from lifecycle.demo.buyers import Script
from lifecycle.demo.journeys import Market, Step, Visit
from lifecycle.demo.staff import REGIONS, Staff

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)

UNDECIDED = (6, 13, 24, 37, 51, -20, -95, -210)
"""Minutes from now at which acceptances are due; overdue ones are negative."""
UNANSWERED = (
    ("FORM", "first_contact.form", 6, ("demo_request",)),
    ("FORM", "first_contact.form", 11, ("contact_request",)),
    ("FORM", "first_contact.form", -14, ("demo_request",)),
    ("FORM", "first_contact.form", -80, ("demo_request",)),
    ("INBOUND_EMAIL", "first_contact.inbound_email", 18, ("contact_request",)),
    ("INBOUND_EMAIL", "first_contact.inbound_email", 43, ("contact_request",)),
    ("INBOUND_EMAIL", "first_contact.inbound_email", -55, ("demo_request",)),
    ("REFERRAL", "first_contact.referral", 31, ("demo_request",)),
    ("EVENT", "first_contact.event", 54, ("contact_request", "event_attended")),
    ("EVENT", "first_contact.event", -130, ("demo_request", "event_attended")),
)
"""First contacts: channel, policy, minutes from now, behaviour. Of those an hour late the kit gives
some to the next rep.
"""
DEALS = (9, 34, 58, -1500)
"""Opportunities about to stand still for too long, and one that does."""
REJECTED = (
    (1, "outside_icp"), (1, "not_involved"), (1, "no_budget"), (5, "outside_icp"), (8, "no_need"),
)  # fmt: skip
"""Rejections that the facts contradict: days ago, and why."""
FRIDAY = 4
KEPT_OUT = (
    ("own", "", "DE", -29), ("competitor", "", "", -20),
    ("core", "Student assistant, Marketing", "DE", -4), ("student", "Student", "", -2),
)  # fmt: skip
"""Who is no buyer by the kit: kind, title, country, hours from now. The kit lets none of them in;
somebody here lets one pass.
"""
RESTED = 17
"""Days since the lead that is woken came in."""
PARTNERS = (-95, -48, -21)
"""Partner leads nobody can take: one AE is on leave, the other one with a customer."""
JUST_IN = (-9.0, -5.5, -3.0, -1.2)
BACK_IN = 100 * MINUTE
"""How long the other one is away still."""


class Scenes:
    """The scenes of one present instant."""

    def __init__(
        self, market: Market, staff: Staff, kit: Kit, rng: Random, *, now: datetime
    ) -> None:
        self._market, self._staff, self._kit = market, staff, kit
        self._rng, self._now = rng, now

    def visits(self, most: int) -> list[Visit]:
        """At most so many visits, each of another buyer; the most telling ones first."""
        found: list[Visit] = []
        rounds = [self._partners(), self._just_in(), self._deals(), self._undecided(),
                  self._unanswered(), self._unconverted(), self._rejected(),
                  self._kept_out(), self._woken()]  # fmt: skip
        while rounds and len(found) < most:
            for source in list(rounds):
                visit = next(source, None)
                if visit is None:
                    rounds.remove(source)
                elif len(found) < most:
                    found.append(visit)
        return found

    def _undecided(self) -> Iterator[Visit]:
        script = Script(leave=frozenset({"decide"}))
        for minutes in UNDECIDED:
            began = self._began("accept", minutes)
            yield from self._at(began, Step("FORM", "search", ("demo_request",)), script)

    def _unanswered(self) -> Iterator[Visit]:
        script = Script(leave=frozenset({"contact", "decide", "resolve"}))
        for channel, policy, minutes, signals in UNANSWERED:
            began = self._began(policy, minutes)
            yield from self._at(began, Step(channel, "direct", signals), script)

    def _rejected(self) -> Iterator[Visit]:
        """Leads inside the ICP that their owners refuse, which Marketing may dispute."""
        for days, reason in REJECTED:
            at = self._now - days * DAY
            at = (at - max(0, at.weekday() - FRIDAY) * DAY).replace(hour=9, minute=5 * days)
            script = Script(rejected_as=reason)
            yield from self._at(at, Step("FORM", "search", ("demo_request",)), script)

    def _kept_out(self) -> Iterator[Visit]:
        """A colleague, a competitor and two who study ask for a demo."""
        for kind, title, country, hours in KEPT_OUT:
            buyer = self._market.world.buyer(kind, country=country)
            buyer.title = title or buyer.title
            step = Step("FORM", "organic", ("demo_request",))
            yield self._market.visit(buyer, step, self._now + hours * HOUR, exact=True)

    def _woken(self) -> Iterator[Visit]:
        """Put off until they look at the prices again, which they have just done."""
        script = Script(rejected_as="timing", wakes_on="signal:pricing_page_view")
        buyer = self._market.world.buyer("core", country="DE", script=script)
        first = (self._now - RESTED * DAY).replace(hour=9, minute=10)
        for step, at in (
            (Step("FORM", "search", ("demo_request",)), first),
            (Step("FORM", "newsletter", ("pricing_page_view", "email_click")), self._now - HOUR),
        ):
            yield self._market.visit(buyer, step, at, exact=True)

    def _deals(self) -> Iterator[Visit]:
        """Long deals: converted to the minute so long ago that they are due now."""
        for minutes, country in zip(DEALS, ("DE", "US", "DE", "GB"), strict=True):
            converted = self._began("close", minutes)
            script = Script({"convert": converted}, frozenset({"close"}), hurry=True)
            buyer = self._market.world.buyer("core", country=country, script=script)
            step = Step("FORM", "search", ("demo_request",))
            yield self._market.visit(buyer, step, converted - 6 * DAY, exact=True)

    def _unconverted(self) -> Iterator[Visit]:
        """An SQL whose hand-over is slow, if somebody was at work when its time began."""
        for minutes in (21, 46):
            qualified = self._began("convert", minutes)
            for login, pool in (("anna", "dach"), ("ella", "uk-nordics"), ("isaac", "americas")):
                person = self._staff.named(login)
                if self._staff.after(person, qualified, 1) - qualified < 2 * MINUTE:
                    times = {"discover": qualified - 25 * MINUTE, "qualify": qualified}
                    script = Script(times, frozenset({"convert"}), hurry=True)
                    buyer = self._market.world.buyer("core", country=REGIONS[pool], script=script)
                    step = Step("FORM", "search", ("demo_request",))
                    yield self._market.visit(buyer, step, qualified - 5 * DAY, exact=True)
                    break

    def _partners(self) -> Iterator[Visit]:
        for minutes in PARTNERS:
            buyer = self._market.world.buyer("core")
            step = Step("PARTNER", "partner", ("demo_request",))
            yield self._market.visit(buyer, step, self._now + minutes * MINUTE, exact=True)

    def _just_in(self) -> Iterator[Visit]:
        steps = (
            Step("FORM", "guide", ("content_download", "page_view"), says="little"),
            Step("FORM", "search", ("demo_request", "pricing_page_view")),
            Step("TRIAL", "trial", ("trial_start", "page_view")),
            Step("CHAT", "organic", ("chat_request",)),
        )
        for minutes, step in zip(JUST_IN, steps, strict=True):
            at = self._now + minutes * MINUTE
            regions = self._staff.open_regions(at) or ["US"]
            buyer = self._market.world.buyer("core", country=self._rng.choice(regions))
            yield self._market.visit(buyer, step, at, exact=True)

    def _at(self, began: datetime, step: Step, script: Script) -> Iterator[Visit]:
        """A visit at that instant from where somebody takes leads then; none when nobody does."""
        regions = self._staff.open_regions(began)
        if regions:
            country = self._rng.choice(regions)
            buyer = self._market.world.buyer("core", country=country, script=script)
            yield self._market.visit(buyer, step, began, exact=True)

    def _began(self, policy_key: str, minutes: float) -> datetime:
        """When a clock of this policy began that is due so many minutes from now.

        Where its calendar is closed then, it is due as many minutes after it opens next, or before
        it closed last.
        """
        policy = next(one for one in self._kit.policies if one.key == policy_key)
        calendar = self._kit.calendars[policy.calendar]
        ahead = timedelta(minutes=minutes)
        due = self._now + ahead
        if not worktime.is_open(calendar, due):
            opens = worktime.next_open(calendar, self._now) or self._now
            due = opens + ahead if minutes > 0 else self._now
        began = start_of(calendar, policy.allowance, due)
        if minutes < 0 and not worktime.is_open(calendar, self._now + ahead):
            began -= abs(ahead)
        return min(began, self._now - MINUTE)


def start_of(calendar: WorkCalendar, allowance: timedelta, due: datetime) -> datetime:
    """The last instant from which so much working time has passed by `due`."""
    least, most = due - allowance * 6 - 14 * DAY, due
    while most - least > timedelta(seconds=1):
        middle = least + (most - least) / 2
        if worktime.add(calendar, middle, allowance) <= due:
            least = middle
        else:
            most = middle
    return least.replace(microsecond=0)
