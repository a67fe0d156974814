"""How fast leads find their owner: `python -m bench routing [--leads 1000,10000] [--reps 10,100]`.

First what one lead costs in memory: matching it against 10, 100 and 1,000 rules, picking from pools
of 10, 100 and 1,000 reps by each strategy, and counting turns of large pools for everybody. Then
leads that wait are routed through the whole desk with everything written (decision, event,
assignment, clocks, history): leads a second of CPU, ours and the database's together, so that other
guests of the machine do not change the figure.
Everything is thrown away afterwards.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import random
import time
from typing import Any

from bench import _place

ROUNDS = 300


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", default="1000,10000", help="leads that wait")
    parser.add_argument("--reps", default="10,100,1000", help="members of the pool")
    parser.add_argument("--rules", default="10,100,1000", help="rules of the kit")
    parser.add_argument("--batch", type=int, default=1_000, help="leads a transaction")
    parser.add_argument("--verify", action="store_true", help="ask all invariants at the end")
    parser.add_argument("--profile", action="store_true", help="where the time of the last goes")
    given = parser.parse_args()
    _place.prepare()
    _matching(_numbers(given.rules))
    _picking(_numbers(given.reps))
    _counting(_numbers(given.reps))
    for reps in _numbers(given.reps):
        with _place.database():
            _routing(reps, _numbers(given.leads), given)


def _numbers(text: str) -> list[int]:
    return sorted(int(word) for word in text.split(","))


def _matching(sizes: list[int]) -> None:
    from routing import matching  # noqa: PLC0415 (after setup)

    print("Matching, a lead:")
    chance = random.Random(7)
    for size in sizes:
        rules = (*map(_rule, range(size - 1)), _rule(-1))
        leads = [_facts(chance, size) for _ in range(ROUNDS)]
        matching.decide(rules, leads[0], moment="INBOUND")
        began = time.process_time()
        for known in leads:
            matching.decide(rules, known, moment="INBOUND")
        spent = (time.process_time() - began) / ROUNDS
        print(f"   {size:>6,} rules {spent * 1e6:>10,.0f} µs")


def _rule(number: int) -> Any:
    """A rule for one country, industry and size; the one of -1 takes everything."""
    from governance import conditions, facts  # noqa: PLC0415
    from routing.rules import Rule  # noqa: PLC0415

    tests = [
        {"fact": "company.country", "op": "eq", "value": _country(number)},
        {"fact": "company.industry", "op": "in", "value": ["Software", f"Trade {number % 7}"]},
        {"fact": "company.employees", "op": "gte", "value": number % 5 * 100},
    ]
    condition = conditions.parse({"all": tests}, facts.registry) if number >= 0 else None
    return Rule(
        key=f"r{number}", label=f"Rule {number}", moment="INBOUND", condition=condition, pool="dach"
    )


def _country(number: int) -> str:
    return f"{chr(65 + number // 26 % 26)}{chr(65 + number % 26)}"


def _facts(chance: random.Random, size: int) -> dict[str, object]:
    return {
        "company.country": _country(chance.randrange(max(size, 1))),
        "company.industry": chance.choice(("Software", "Trade 3", "Farming")),
        "company.employees": chance.randrange(600),
    }


def _picking(sizes: list[int]) -> None:
    from routing.batch import Batch  # noqa: PLC0415
    from routing.strategies import STRATEGIES, Candidate, Terms, Wanted  # noqa: PLC0415

    print("Picking, a lead, where every 17th rep is on leave:")
    kinds = {
        **{strategy.lower(): Terms(strategy=strategy) for strategy in STRATEGIES},
        "catching up": Terms(catches_up=True, paced=True),
        "language, random share": Terms(matches_language=True, random_percent=10),
    }
    for kind, terms in kinds.items():
        for size in sizes:
            chance = random.Random(7)
            reps = [
                Candidate(user, 1 + user % 3, 0, 0, 10_000, languages=("de", "fr")[: user % 3],
                          unavailable=None if user % 17 else "on leave", absent=not user % 17)
                for user in range(size)
            ]  # fmt: skip
            known = {user: {"": (chance.randrange(20), 60)} for user in range(size)}
            batch = Batch(terms, reps, outcomes=known)
            began = time.process_time()
            for number in range(ROUNDS):
                batch.pick(Wanted("de", "", str(number)))
            spent = (time.process_time() - began) / ROUNDS
            print(f"   {kind:<24}{size:>6,} reps {spent * 1e6:>10,.0f} µs")


def _counting(sizes: list[int]) -> None:
    """What the ledger's page takes for a batch of a large pool that is not summed up yet."""
    from routing import batch, batch_tally  # noqa: PLC0415
    from routing.batch_tally import Turn  # noqa: PLC0415
    from routing.strategies import Candidate, Terms  # noqa: PLC0415

    print("Counting a batch for everybody in a large pool, read from its start as it is stored:")
    for size in sizes:
        if size <= batch.FULL:
            continue
        dealt = batch.Batch(Terms(), [Candidate(user, 1, 0, 0, 10_000) for user in range(size)])
        stored = json.dumps({"strategy": "WEIGHTED_ROUND_ROBIN", "state": dealt.as_data()})
        for picks in (1, 1_000):
            chosen = [dealt.pick() for _ in range(picks)]
            turns = [
                Turn(one.user or 0, one.because, one.place or {}, counts=True, is_returned=False,
                     is_live=True)
                for one in chosen
            ]  # fmt: skip
            began = time.process_time()
            for _ in range(ROUNDS // 10):
                batch_tally.counted(json.loads(stored), turns)
            spent = (time.process_time() - began) / (ROUNDS // 10)
            print(f"   {picks:>6,} turns {size:>6,} reps {spent * 1e3:>10,.1f} ms")


def _routing(reps: int, sizes: list[int], given: Any) -> None:
    from core import database  # noqa: PLC0415
    from lifecycle import waiting  # noqa: PLC0415
    from routing.models import PoolMember  # noqa: PLC0415

    now = database.now()
    _found(reps, now)
    waiting.route(now=now, limit=1)  # everything is imported and planned
    print(f"\n{_place.facts()}\nA pool of {reps:,} reps, {given.batch:,} leads a transaction:")
    made = 0
    for size in sizes:
        PoolMember.objects.update(active=False)
        _wait(size, made, now)
        made += size
        PoolMember.objects.update(active=True)
        backends = _place.backends()
        before = _place.spent(backends)
        given_out = _give_out(now + dt.timedelta(hours=1), given.batch, profile=given.profile)
        took = _place.spent(backends) - before
        print(
            f"   {size:>7,} waiting: {given_out / took.cpu:>7,.0f} leads a second of CPU, "
            f"{given_out / took.wall:,.0f} by the clock on the wall "
            f"({took.ours / given_out * 1e6:,.0f} µs ours, "
            f"{took.database / given_out * 1e6:,.0f} µs the database's)",
            flush=True,
        )
    if given.verify:
        _verify()


def _give_out(at: dt.datetime, batch: int, *, profile: bool) -> int:
    import cProfile  # noqa: PLC0415
    import pstats  # noqa: PLC0415

    from lifecycle import waiting  # noqa: PLC0415

    watch = cProfile.Profile()
    total = 0
    if profile:
        watch.enable()
    while found := waiting.route(now=at, limit=batch):
        total += found
    if profile:
        watch.disable()
        pstats.Stats(watch).sort_stats("tottime").print_stats(35)
    return total


def _found(reps: int, now: dt.datetime) -> None:
    """The playbook, and reps round the clock in the pool of Germany."""
    from lifecycle import playbook  # noqa: PLC0415
    from people.models import Role, Shift, User  # noqa: PLC0415
    from routing.models import Pool, PoolMember  # noqa: PLC0415

    boss = User.objects.create(username="rita", email="rita@bench.test", role=Role.REVOPS)
    playbook.publish(by=boss, now=now)
    people = User.objects.bulk_create(
        User(username=f"rep{n}", email=f"rep{n}@bench.test") for n in range(reps)
    )
    pool = Pool.objects.get(key="dach")
    PoolMember.objects.bulk_create(PoolMember(pool=pool, user=one) for one in people)
    Shift.objects.bulk_create(
        Shift(user=one, weekday=day, starts=dt.time(0), ends=dt.time(0))
        for one in people
        for day in range(7)
    )


def _wait(count: int, first: int, now: dt.datetime) -> None:
    """So many German buyers ask for a demo while nobody can take them."""
    from bench import _company  # noqa: PLC0415
    from leads.models import Lead  # noqa: PLC0415
    from lifecycle import intake, pipeline  # noqa: PLC0415

    chance = random.Random(first)
    for start in range(first, first + count, 1_000):
        numbers = range(start, min(start + 1_000, first + count))
        bodies = [_company.touch(chance, 21 * number, asks=1.0) for number in numbers]
        keys = [f"w{number}" for number in numbers]
        received = intake.receive(bodies, scope="bench", keys=keys, now=now)
        pipeline.advance([one.touch_id for one in received if one.touch_id], now=now)
    Lead.objects.filter(queue="dach").update(route_at=now)


def _verify() -> None:
    from lifecycle.invariants import run  # noqa: PLC0415

    for one in run.check():
        if one.broken or one.seconds > 1:
            print(f"   {one.invariant.key}: {one.found.count} wrong, {one.seconds:.1f} s")


if __name__ == "__main__":
    main()
