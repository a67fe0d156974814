"""How fast a draft is tried on past leads: `python -m bench.simulation [--leads N]`.

Makes a database of its own on the test cluster, publishes the playbook, lets made-up buyers come
over thirty days (some twice) and reps work a part of them, then replays all of it: the version in
force beside itself, and drafts that change clocks only, the profile, and what levels of escalation
do. Prints leads a second and where the time goes. Everything is thrown away afterwards.
"""

from __future__ import annotations

import argparse
import copy
import datetime as dt
import os
import random
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import django

BATCH = 250
COUNTRIES = ("DE", "AT", "GB", "SE", "US", "FR", "PL")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--leads", type=int, default=10_000)
    parser.add_argument("--memory", action="store_true", help="trace memory too; takes longer")
    given = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "leadgov.settings_test")
    django.setup()
    from django.db import connection  # noqa: PLC0415 (after setup)

    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        until = _live(given.leads)
        for name, change in DRAFTS.items():
            _measure(name, change, until=until, memory=given.memory)
    finally:
        connection.creation.destroy_test_db("", verbosity=0)


def _live(leads: int) -> dt.datetime:
    """A company and thirty days of buyers; returns the end of them."""
    from core import database  # noqa: PLC0415

    until = database.now()
    rng = random.Random(7)
    began = time.perf_counter()
    _found(until - dt.timedelta(days=31))
    came = 0
    for number in range(0, leads, BATCH):
        at = until - dt.timedelta(days=29) * (1 - number / leads)
        bodies = [_body(rng, number + place) for place in range(min(BATCH, leads - number))]
        came += _take_in(bodies, at, number)
    _work(until)
    print(f"{came:,} leads made in {time.perf_counter() - began:.0f} s")
    return until


def _found(at: dt.datetime) -> None:
    from lifecycle import playbook  # noqa: PLC0415
    from people.models import Role, Shift, User  # noqa: PLC0415
    from routing.models import Pool, PoolMember  # noqa: PLC0415

    boss = User.objects.create(username="rita", email="rita@bench.test", role=Role.REVOPS)
    playbook.publish(by=boss, now=at)
    for number, pool in enumerate(list(Pool.objects.order_by("key")) * 4):
        rep = User.objects.create(username=f"rep{number}", email=f"rep{number}@bench.test")
        PoolMember.objects.create(pool=pool, user=rep)
        for day in range(5):
            Shift.objects.create(user=rep, weekday=day, starts=dt.time(8), ends=dt.time(18))


def _body(rng: random.Random, number: int) -> dict[str, Any]:
    who = number if rng.random() > 0.2 else max(0, number - rng.randrange(1, 400))
    kinds = ["pricing_page_view"] * rng.randrange(4) + ["demo_request"] * (rng.random() < 0.5)
    return {
        "channel": rng.choice(("FORM", "FORM", "CHAT", "EVENT", "INBOUND_EMAIL")),
        "person": {"email": f"b{who}@c{who // 3}.example", "title": "Head of IT",
                   "first_name": "Kim", "last_name": f"Buyer{who}"},
        "company": {"name": f"C{who // 3} GmbH", "domain": f"c{who // 3}.example",
                    "country": COUNTRIES[who // 3 % len(COUNTRIES)], "industry": "Software",
                    "employees": str(20 + who // 3 * 37 % 6_000)},
        "source": {"category": rng.choice(("PAID", "ORGANIC", "DIRECT"))},
        "signals": [{"kind": kind} for kind in kinds or ["page_view"]],
    }  # fmt: skip


def _take_in(bodies: list[dict[str, Any]], at: dt.datetime, number: int) -> int:
    from lifecycle import intake, pipeline  # noqa: PLC0415

    keys = [f"{number}-{place}" for place in range(len(bodies))]
    received = intake.receive(bodies, scope="bench", keys=keys, now=at)
    receipts = pipeline.advance([one.touch_id for one in received if one.touch_id], now=at)
    return sum(one["outcome"] != "attached" for one in receipts.values())


def _work(until: dt.datetime) -> None:
    """Every tenth owned MQL is called and accepted, two hours after it came."""
    from leads.models import Lead  # noqa: PLC0415
    from lifecycle import actions  # noqa: PLC0415

    mqls = Lead.objects.filter(stage="MQL", owner__isnull=False).select_related("owner")
    for lead in mqls.order_by("pk")[::10]:
        at = min(lead.entered_stage_at + dt.timedelta(hours=2), until)
        common: dict[str, Any] = {"lead_id": lead.pk, "by": lead.owner, "now": at}
        actions.log_activity(**common, kind="CALL")
        actions.accept(**common, icp_confirmed=True, reachable=True)


def _faster(document: dict[str, Any]) -> None:
    for policy in document["parts"]["clock_policy"]:
        policy["minutes"] = max(1, policy["minutes"] // 2)


def _narrower(document: dict[str, Any]) -> None:
    for criterion in document["parts"]["criterion"]:
        if criterion["key"] == "icp":
            criterion["condition"]["all"][0]["value"] = [400, 5_000]


def _acting(document: dict[str, Any]) -> None:
    """Whoever makes no contact in time loses the lead to the next, and then to the manager."""
    for level in document["parts"]["escalation_level"]:
        level["act"] = {"team": "GIVE_ANEW", "sales": "MANAGER"}.get(level["key"], "")


DRAFTS: dict[str, Callable[[dict[str, Any]], None]] = {
    "the version beside itself": lambda document: None,
    "clocks of half the time": _faster,
    "a narrower profile": _narrower,
    "levels that act": _acting,
}


def _measure(
    name: str, change: Callable[[dict[str, Any]], None], *, until: dt.datetime, memory: bool
) -> None:
    from governance import selectors, texts  # noqa: PLC0415
    from lifecycle.simulation import replay  # noqa: PLC0415

    base = selectors.active_kit()
    document = copy.deepcopy(base.document)
    change(document)
    draft = texts.compiled_document(document)
    kept: list[int] = []
    if memory:
        tracemalloc.start()
    started, worked = time.perf_counter(), time.process_time()
    told = replay.replay(
        base, draft, since=until - dt.timedelta(days=30), until=until,
        keep=lambda row: kept.append(row.lead),
    )  # fmt: skip
    seconds, worked = time.perf_counter() - started, time.process_time() - worked
    leads = told["leads"]
    print(
        f"\n{name}: {leads:,} leads in {seconds:.1f} s, {leads / seconds:,.0f} a second; "
        f"{worked / max(leads, 1) * 1000:.2f} ms of Python a lead; {len(kept):,} differ"
    )
    for part, spent in told["spent"].items():
        print(f"   {spent / seconds:>5.1%}  {spent / max(leads, 1) * 1000:.2f} ms a lead  {part}")
    if memory:
        print(f"   {tracemalloc.get_traced_memory()[1] / 1e6:,.0f} MB at most")
        tracemalloc.stop()


if __name__ == "__main__":
    main()
