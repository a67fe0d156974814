"""A pool that nobody works in over the weekend, and the leads that come then."""

from __future__ import annotations

import datetime as dt
from collections import Counter

from leads.models import Lead
from lifecycle import waiting
from people.models import User
from routing.models import Pool
from tests import factories
from tests.factories import HOUR

SATURDAY = dt.datetime(2026, 3, 7, 10, tzinfo=dt.UTC)
MONDAY = dt.datetime(2026, 3, 9, tzinfo=dt.UTC)
WEEKDAYS = range(5)
REPS = (("anna", 2, "08:00"), ("ben", 1, "09:00"), ("cleo", 1, "10:00"))


def weekend_pool(*, off_shift: str, **columns: object) -> dict[str, User]:
    """anna, ben and cleo share `dach` 2:1:1 on weekdays, from 8, 9 and 10 o'clock UTC."""
    factories.company(reps=())
    Pool.objects.filter(key="dach").update(off_shift=off_shift, **columns)
    return {
        name: factories.rep(
            name, pools=["dach"], weight=weight,
            shifts=[(day, begins, "18:00") for day in WEEKDAYS],
        )
        for name, weight, begins in REPS
    }  # fmt: skip


def over_the_weekend(number: int) -> list[Lead]:
    """Leads that come one after the other from Saturday on, in batches."""
    found = []
    for first in range(0, number, 30):
        bodies = [factories.touch() for _ in range(min(30, number - first))]
        found += factories.captures(bodies, now=SATURDAY + HOUR * (first // 10))
    return found


def owners() -> Counter[str]:
    held = Lead.objects.filter(owner__isnull=False).values_list("owner__username", flat=True)
    return Counter(held)


def drain(now: dt.datetime) -> None:
    while waiting.route(now=now):
        pass
