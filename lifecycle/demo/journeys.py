"""What made-up buyers do, visit by visit: which channel, which campaign, which behaviour, when."""

from __future__ import annotations

import itertools
import zoneinfo
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from lifecycle.demo.buyers import WORDS, Buyer, Company, World

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)

VIEWS = ("pricing_page_view",) * 3
WEEKEND = 0.14
"""Visits on a day of the weekend, against a working day."""
HOURS = (1, 1, 1, 1, 1, 2, 4, 9, 18, 28, 30, 27, 18, 24, 28, 26, 21, 14, 8, 6, 6, 5, 3, 2)
"""How many come in each hour of their own day."""
WEBINARS = (0.12, 0.38, 0.66, 0.9)
FAIRS = (0.24, 0.55, 0.82)
"""When in the period they took place."""


@dataclass(frozen=True, slots=True)
class Step:
    """One visit: `after` so many days since the one before (from, to), with these odds."""

    channel: str
    campaign: str
    signals: tuple[str, ...] = ()
    after: tuple[float, float] = (0.0, 0.0)
    odds: float = 1.0
    says: str = "all"


@dataclass(frozen=True, slots=True)
class Journey:
    """A way to us: how common it is, what kind of buyer takes it, and its visits."""

    weight: float
    kind: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Visit:
    """A touch to come: received `at`, `lag` after it occurred; signals with their age then.

    `exact`: its instant matters; it is taken in by itself.
    """

    at: datetime
    buyer: Buyer
    says: dict[str, Any]
    signals: tuple[tuple[str, timedelta], ...] = ()
    lag: timedelta = timedelta()
    exact: bool = False

    def body(self, received_at: datetime) -> dict[str, Any]:
        """The touch as its channel sends it."""
        at = received_at - self.lag
        behaviour = [
            {"kind": kind, "occurred_at": (at - age).isoformat()} for kind, age in self.signals
        ]
        return {**self.says, "occurred_at": at.isoformat(), "signals": behaviour}

    def shows(self, kind: str) -> bool:
        """Whether the buyer does this on the visit."""
        return any(kind == one for one, _ in self.signals)


_READS = Step("FORM", "guide", ("content_download", "page_view"), says="little")
_DEMO = Step("FORM", "search", ("demo_request", "pricing_page_view"))
_WEBINAR = Step("EVENT", "webinar", ("webinar_attended",), says="little")
_CLICKS = Step("FORM", "newsletter", ("email_click", "page_view"), (4, 20), 0.35, "little")

JOURNEYS: tuple[Journey, ...] = (
    Journey(7.4, "core", (_DEMO,)),
    Journey(3, "core", (_READS, Step("FORM", "direct", ("demo_request",), (1, 20)))),
    Journey(2, "core", (_WEBINAR, Step("FORM", "webinar", ("demo_request",), (0.05, 6)))),
    Journey(1.5, "core", (Step("CHAT", "organic", ("chat_request",)),
                          Step("FORM", "organic", ("demo_request",), (0.02, 2), 0.6))),
    Journey(2.5, "core", (Step("PARTNER", "partner", ("demo_request",)),)),
    Journey(1.7, "core", (Step("REFERRAL", "referral", ("demo_request",)),)),
    Journey(1, "core", (Step("PORTAL", "direct", ("callback_request", "demo_request")),)),
    Journey(3.4, "core", (_READS, Step("FORM", "organic", ("page_view", *VIEWS), (2, 14)))),
    Journey(3.6, "core", (Step("TRIAL", "trial", ("trial_start", "page_view")),
                        Step("TRIAL", "trial", ("page_view", *VIEWS), (1, 9), 0.75))),
    Journey(1.2, "core", (Step("PHONE", "direct", (), says="voice"),
                          Step("FORM", "direct", ("demo_request",), (0.1, 4), 0.3))),
    Journey(1.6, "core", (Step("INBOUND_EMAIL", "direct", ("contact_request",)),)),
    Journey(1.4, "core", (Step("FORM", "social_ads", ("contact_request",)),)),
    Journey(1, "core", (Step("SOCIAL", "social_ads", ("contact_request",), says="little"),)),
    Journey(5, "core", (Step("OUTBOUND", "outbound"),
                        Step("OUTBOUND", "outbound", ("email_reply",), (1, 12), 0.45))),
    Journey(8, "core", (Step("EVENT", "fair", ("event_attended",)),
                        Step("FORM", "direct", ("demo_request",), (1, 15), 0.16))),
    Journey(7, "core", (_WEBINAR, _CLICKS)),
    Journey(9, "core", (_READS, _CLICKS)),
    Journey(4, "core", (Step("FORM", "syndication", ("content_download",)),)),
    Journey(3, "core", (Step("TRIAL", "trial", ("trial_start", "page_view")),)),
    Journey(3.2, "small", (_DEMO,)),
    Journey(4, "small", (_READS,)),
    Journey(3, "small", (Step("TRIAL", "trial", ("trial_start",)),)),
    Journey(1.2, "large", (Step("FORM", "search", ("demo_request",)),)),
    Journey(1.6, "off", (_DEMO,)),
    Journey(3, "off", (_READS,)),
    Journey(1.8, "abroad", (_DEMO,)),
    Journey(4, "abroad", (_READS, _CLICKS)),
    Journey(5, "free", (_READS,)),
    Journey(1.3, "free", (Step("FORM", "organic", ("contact_request",), says="little"),)),
    Journey(1, "role", (Step("INBOUND_EMAIL", "direct", ("contact_request",), says="little"),)),
    Journey(2, "student", (_READS,)),
    Journey(0.5, "student", (Step("FORM", "organic", ("demo_request",)),)),
    Journey(0.7, "competitor", (Step("FORM", "organic", ("demo_request",)),)),
    Journey(0.7, "customer", (Step("PORTAL", "direct", ("contact_request",)),)),
)  # fmt: skip
RETURNS = (
    Step("FORM", "newsletter", ("demo_request", "email_click")),
    Step("CHAT", "organic", ("chat_request", "demo_request")),
    Step("INBOUND_EMAIL", "direct", ("email_reply", "demo_request")),
)
"""How a buyer who was put off comes back."""


UNKNOWN_PARTNER = "Westwind Consult"
"""Names itself a partner, and is none that we know."""


class Market:
    """Sends buyers to us, over a period."""

    def __init__(self, world: World, rng: Random, *, since: datetime, until: datetime) -> None:
        self.world = world
        self._rng = rng
        self._since, self._until = since, until
        self._partners = itertools.cycle((*WORDS["partners"], UNKNOWN_PARTNER))

    def visits(self, buyers: int) -> Iterator[Visit]:
        """All visits of so many buyers, those that lie ahead left out; not in order."""
        weights = [journey.weight for journey in JOURNEYS]
        for journey in self._rng.choices(JOURNEYS, weights, k=buyers):
            calls = journey.steps[0].says == "voice"
            buyer = self.world.buyer(
                journey.kind, country="GB" if calls else "", has_phone=calls or None
            )
            yield from self._way(journey, buyer)

    def visit(self, buyer: Buyer, step: Step, at: datetime, *, exact: bool = False) -> Visit:
        """One visit of this buyer."""
        lag = timedelta(hours=self._rng.uniform(14, 20)) if step.campaign == "fair" else timedelta()
        signals = tuple((kind, self._age(kind)) for kind in step.signals)
        return Visit(at, buyer, self._says(buyer, step), signals, lag, exact)

    def return_of(self, buyer: Buyer, at: datetime) -> Visit:
        """A buyer who was put off is back, through some channel."""
        return self.visit(buyer, self._rng.choice(RETURNS), at)

    def moment(self, buyer: Buyer) -> datetime:
        """An instant at which this buyer may well be at work, anywhere in the period."""
        zone = zoneinfo.ZoneInfo(buyer.zone)
        span = (self._until - self._since) / DAY
        while True:
            days = span * self._rng.random() ** 0.92  # business grows a little
            day = (self._since + days * DAY).astimezone(zone).date()
            if day.weekday() >= 5 and self._rng.random() > WEEKEND:
                continue
            hour = self._rng.choices(range(24), HOURS)[0]
            seconds = hour * 3600 + self._rng.randrange(3600)
            at = datetime.combine(day, time(), zone) + timedelta(seconds=seconds)
            if self._since <= at < self._until:
                return at.astimezone(self._since.tzinfo)

    def _way(self, journey: Journey, buyer: Buyer) -> Iterator[Visit]:
        at = self._begin(journey.steps[0], buyer)
        for number, step in enumerate(journey.steps):
            if number:
                if self._rng.random() > step.odds:
                    return
                at += self._rng.uniform(*step.after) * DAY
            if at >= self._until:
                return
            yield self.visit(buyer, step, at)

    def _begin(self, step: Step, buyer: Buyer) -> datetime:
        """When they first come; many at once after a webinar or a fair."""
        rooms = {"webinar": WEBINARS, "fair": FAIRS}.get(step.campaign)
        if rooms is None:
            return self.moment(buyer)
        held = self._since + self._rng.choice(rooms) * (self._until - self._since)
        held += DAY * ((1 - held.weekday()) % 7 if held.weekday() not in (1, 2, 3) else 0)
        day = held.replace(hour=0, minute=0, second=0, microsecond=0)
        if step.campaign == "fair":  # badges are uploaded the morning after
            at = day + DAY + 8 * HOUR + self._rng.random() * HOUR
        else:
            at = day + 15 * HOUR + self._rng.random() * HOUR
        return at if self._since <= at < self._until else self.moment(buyer)

    def _says(self, buyer: Buyer, step: Step) -> dict[str, Any]:
        body: dict[str, Any] = {
            "channel": step.channel,
            "person": self._person(buyer, step),
            "source": self._source(step),
        }
        if buyer.company and step.says == "all":
            body["company"] = self._company(buyer.company)
        elif buyer.company and (step.says == "voice" or self._rng.random() < 0.7):
            body["company"] = {"name": buyer.company.name}
        if buyer.company and step.says == "all" and buyer.company.names_budget:
            body["lead"] = {"potential_value": buyer.company.budget}
        if "request" in str(step.signals) and self._rng.random() < 0.4:
            body["note"] = self._rng.choice(WORDS["messages"])
        if step.channel == "FORM":
            body["consent"] = self._rng.random() < 0.7
        return body

    def _person(self, buyer: Buyer, step: Step) -> dict[str, str]:
        if step.says == "voice":
            return {"last_name": buyer.last, "phone": buyer.phone}
        said = {"email": self._typed(buyer.email), "country": buyer.country}
        if buyer.kind != "role":
            said |= {"first_name": buyer.first, "last_name": buyer.last}
        if step.says == "all":
            said |= {"title": buyer.title, "phone": buyer.phone}
        if self._rng.random() < 0.04:
            said |= {"first_name": buyer.first.lower(), "last_name": buyer.last.upper()}
        return said

    def _typed(self, email: str) -> str:
        """The address as people type it."""
        drawn = self._rng.random()
        if drawn < 0.08:
            return email.title()
        if drawn < 0.11:
            return email.upper()
        if drawn < 0.14:
            return email.replace("@", "+leads@", 1)
        return email

    def _company(self, company: Company) -> dict[str, str]:
        return {
            "name": company.name.upper() if self._rng.random() < 0.03 else company.name,
            "domain": f"www.{company.domain}" if self._rng.random() < 0.2 else company.domain,
            "industry": company.industry,
            "employees": company.size,
            "annual_revenue": str(company.revenue),
            "country": company.country,
        }

    def _source(self, step: Step) -> dict[str, str]:
        campaign = WORDS["campaigns"][step.campaign]
        name = self._rng.choice(campaign["names"])
        # No category: the kit's attribution rules name it, as for every visitor.
        told = {"medium": campaign["medium"], "campaign": name}
        return told | ({"partner": next(self._partners)} if step.campaign == "partner" else {})

    def _age(self, kind: str) -> timedelta:
        """Pages were viewed before, requests are made now."""
        return timedelta(minutes=self._rng.uniform(1, 240)) if "view" in kind else timedelta()


def slices(
    visits: Iterable[Visit], *, longest: Callable[[datetime], timedelta]
) -> Iterator[list[Visit]]:
    """The visits by time, those of one stretch together; exact ones by themselves."""
    stretch: list[Visit] = []
    for visit in sorted(visits, key=lambda one: one.at):
        first = stretch[0] if stretch else visit
        if stretch and (visit.exact or first.exact or visit.at - first.at > longest(first.at)):
            yield stretch
            stretch = []
        stretch.append(visit)
    if stretch:
        yield stretch
