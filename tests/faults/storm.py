"""`python -m tests.faults.storm SEED SECONDS`: bulk work on the same few buyers, in random order.

Several of these run at once. Each prints, as JSON, what it did, how often it was refused, and what
went wrong; a deadlock is something that went wrong.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import django

django.setup()

from core import database, errors  # noqa: E402
from leads.models import Lead  # noqa: E402
from leads.stages import CLOSED  # noqa: E402
from lifecycle import (  # noqa: E402
    actions,
    decay,
    intake,
    leavers,
    merging,
    misrouting,
    notices,
    own_time,
    waiting,
)
from people.models import Role, User  # noqa: E402
from routing.models import Pool, PoolMember  # noqa: E402
from sla import sweeps  # noqa: E402
from tests import factories  # noqa: E402

BUYERS = 150
COUNTRIES = ("DE", "GB", "US", "IN")


def found() -> None:
    """The playbook in force, and reps of whom everybody shares two pools, in opposite orders."""
    company = factories.company(now=database.now(), reps=())
    keys = ("dach", "uk-nordics", "americas", "inbound")
    for number in range(16):
        first, second = keys[number % 4], keys[(number + 1 + number // 4) % 4]
        pools = {first, second} if number % 2 else {second, first}
        factories.rep(f"rep{number}", pools=sorted(pools, reverse=bool(number % 3)), cap=25)
    Pool.objects.update(manager=company.manager, skips_holders=2)


class Storm:
    """One process of it."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.seed = seed
        self.sent = 0
        self.told: Counter[str] = Counter()
        self.boss = User.objects.get(username="rita")
        self.reps = list(User.objects.filter(role=Role.SDR))

    def rage(self, until: float) -> None:
        """One act after the other."""
        acts: list[Callable[[], object]] = [
            self.capture, self.capture, self.capture, self.route, self.clocks, self.hand_on,
            self.act, self.act, self.act, self.act, self.people, self.terms, self.fade, self.join,
            self.tell,
        ]  # fmt: skip
        while time.monotonic() < until:
            act = self.chance.choice(acts)
            try:
                act()
                self.told[act.__name__] += 1
            except errors.DomainError as error:
                self.told[f"refused {error.code}"] += 1
            except Exception as error:
                self.told[f"FAILED {act.__name__} {type(error).__name__}: {error}"[:300]] += 1

    def capture(self) -> None:
        """Up to forty touchpoints of the same buyers, in an order of our own."""
        numbers = self.chance.sample(range(BUYERS), self.chance.randint(1, 40))
        bodies, keys = [], []
        for number in numbers:
            body = factories.touch(company={"country": COUNTRIES[number % 4]})
            body["person"]["email"] = f"buyer{number}@storm{number // 3}.example"
            body["company"] |= {"name": f"Storm {number // 3}", "domain": ""}
            bodies.append(body)
            self.sent += 1
            keys.append(f"{self.seed}-{self.sent}")
        answers = intake.capture(bodies, scope="storm", keys=keys)
        assert all(one.status in (201, 202) for one in answers), answers

    def route(self) -> object:
        """The waiting queues are drained."""
        return waiting.route(limit=self.chance.choice((3, 200)))

    def clocks(self) -> object:
        """What is due is warned of and breached."""
        return sweeps.warn_and_breach()

    def hand_on(self) -> object:
        """The leads of those who left."""
        return leavers.hand_on()

    def fade(self) -> object:
        """Scores leave their band."""
        return decay.run()

    def tell(self) -> object:
        """Notices go out."""
        return notices.drain()

    def act(self) -> None:
        """Somebody does something with a lead."""
        lead = self._lead()
        dice = self.chance.randrange(7)
        by = lead.owner or self.chance.choice(self.reps)
        same: dict[str, Any] = {"lead_id": lead.pk, "by": by}
        if dice == 0:
            misrouting.misroute(**same, why="LOAD")
        elif dice == 1:
            actions.reassign(lead_id=lead.pk, by=self.boss, to=None, reason="anew")
        elif dice == 2:
            to = self.chance.choice(self.reps).pk
            actions.reassign(lead_id=lead.pk, by=self.boss, to=to, reason="yours")
        elif dice == 3 and lead.queue:
            actions.claim(lead_id=lead.pk, by=by)
        elif dice == 4 and lead.stage == "MQL":
            actions.reject(**same, reason="no_interest")
        elif lead.stage == "MQL":
            actions.accept(**same, icp_confirmed=True, reachable=True)
        elif lead.stage == "SAL":
            actions.return_to_nurture(**same, reason="timing")
        else:
            actions.disqualify(**same, reason="competitor")

    def join(self) -> None:
        """Two people turn out to be one, and to be two after all."""
        one, other = self._lead(), self._lead()
        if one.person_id != other.person_id:
            two = {"winner_id": one.person_id, "loser_id": other.person_id}
            merge = merging.merge(**two, by=self.boss)
            if self.chance.random() < 0.7:
                merging.unmerge(merge_id=merge.pk, by=self.boss)

    def people(self) -> None:
        """Somebody goes, or comes back; or is away for a moment."""
        who = User.objects.get(pk=self.chance.choice(self.reps).pk)
        if self.chance.random() < 0.3:
            who.is_active = not who.is_active
            who.save(update_fields=["is_active"])
        else:
            now = database.now()
            until = None if who.away_until else now + factories.HOUR
            own_time.set_away(who, until, by=who, now=now)

    def terms(self) -> None:
        """Other weights and caps, and members who leave a pool or come back."""
        one = self.chance.choice(list(PoolMember.objects.order_by("pk")))
        if self.chance.random() < 0.5:
            PoolMember.objects.filter(pk=one.pk).update(weight=self.chance.randint(1, 4))
        else:
            PoolMember.objects.filter(pk=one.pk).update(active=not one.active)

    def _lead(self) -> Lead:
        open_leads = Lead.objects.exclude(stage__in=CLOSED).select_related("owner")
        lead = open_leads.order_by("?").first()
        if lead is None:
            raise errors.NotFound("no lead yet")
        return lead


def main(words: list[str]) -> None:
    if words == ["found"]:
        found()
        return
    storm = Storm(int(words[0]))
    storm.rage(time.monotonic() + float(words[1]))
    sys.stdout.write(json.dumps(storm.told))


if __name__ == "__main__":
    main(sys.argv[1:])
