"""A company to measure in: the playbook in force, reps who are always there, and its buyers."""

from __future__ import annotations

import datetime as dt
import random
from typing import Any

from lifecycle import playbook
from people.models import Role, Shift, User
from routing.models import Pool, PoolMember

COUNTRIES = ("DE", "AT", "GB", "SE", "US", "FR", "PL")
KINDS = ("page_view", "pricing_page_view", "content_download", "webinar_attended")


def found(*, now: dt.datetime, reps_a_pool: int = 4) -> User:
    """Publish the playbook and staff its pools round the clock; returns who runs it all."""
    boss = User.objects.create(
        username="rita", email="rita@bench.test", role=Role.REVOPS, is_superuser=True
    )
    playbook.publish(by=boss, now=now)
    for pool in Pool.objects.order_by("key"):
        for place in range(reps_a_pool):
            name = f"{pool.key}-{place}"
            rep = User.objects.create(username=name, email=f"{name}@bench.test")
            PoolMember.objects.create(pool=pool, user=rep)
            for day in range(7):
                Shift.objects.create(user=rep, weekday=day, starts=dt.time(0), ends=dt.time(0))
    return boss


def touch(chance: random.Random, who: int, *, asks: float = 0.3, place: str = "") -> dict[str, Any]:
    """A touch of buyer number `who`; three of them share a company. `asks`: share of demo requests.

    The same number is the same buyer again, with other behaviour. `place` stands before the
    domain, to tell buyers of one number apart.
    """
    home = who // 3
    country = COUNTRIES[home % len(COUNTRIES)]
    signals = [{"kind": chance.choice(KINDS)} for _ in range(chance.randrange(1, 4))]
    if chance.random() < asks:
        signals.append({"kind": "demo_request"})
    return {
        "channel": chance.choice(("FORM", "FORM", "FORM", "INBOUND_EMAIL", "EVENT", "SOCIAL")),
        "person": {
            "email": f"b{who}@{place}c{home}.example",
            "phone": f"+4930{10_000_000 + who * 7:08}" if who % 2 else "",
            "first_name": "Kim",
            "last_name": f"Buyer{_word(who)}",
            "title": chance.choice(("Head of IT", "CFO", "Buyer", "Director of Operations")),
        },
        "company": {
            "name": f"{_word(home).title()} GmbH",
            "domain": f"{place}c{home}.example",
            "country": country,
            "industry": "Software" if home % 5 else "Agriculture",
            "employees": str(20 + home * 37 % 6_000),
        },
        "source": {
            "medium": chance.choice(("cpc", "email", "organic", "")),
            "campaign": chance.choice(("spring", "fair", "")),
        },
        "signals": signals,
    }


def _word(number: int) -> str:
    """A number in letters: names do not hold figures."""
    letters = ""
    while True:
        number, rest = divmod(number, 26)
        letters = chr(ord("a") + rest) + letters
        if not number:
            return letters
