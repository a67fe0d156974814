"""Parallel batches: no cap is passed, no turn taken twice, the rotation kept, nobody locked out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from django.db import transaction

from governance import selectors as kits
from leads.ledger import Ledger
from leads.models import Lead
from lifecycle import intake
from lifecycle.invariants import run
from routing import desk
from routing import services as routing
from routing.models import Assignment, CreditEntry, Decision, Pool, PoolMember
from tests import factories
from tests.factories import NOW
from tests.threads import together

pytestmark = pytest.mark.django_db(transaction=True)


def posts(name: str, count: int, **parts: Any) -> Callable[[], Any]:
    """One batch of so many touchpoints, through the whole pipeline."""
    bodies = [factories.touch(**parts) for _ in range(count)]
    keys = [f"{name}-{n}" for n in range(count)]
    return lambda: intake.capture(bodies, scope=name, keys=keys, now=NOW)


def succeeded(results: list[Any]) -> None:
    assert [one for one in results if isinstance(one, BaseException)] == []


def verified() -> None:
    ours = ("pool.", "member.", "decision.", "turn.", "assignment.")
    broken = [
        (one.invariant.key, one.found.offences)
        for one in run.check(now=NOW)
        if one.found.count and one.invariant.key.startswith(ours)
    ]
    assert broken == []


def test_parallel_batches_keep_the_shares_and_number_every_turn_once() -> None:
    factories.company(reps=())
    reps = [
        factories.rep(name, pools=["dach"], weight=weight)
        for name, weight in (("anna", 2), ("ben", 1), ("cleo", 1))
    ]
    succeeded(together([posts(f"p{n}", size) for n, size in enumerate((1, 25, 7, 13, 2, 32))]))
    given = Counter(Assignment.objects.values_list("user_id", flat=True))
    assert [given[rep.pk] for rep in reps] == [40, 20, 20]
    turns = sorted(Decision.objects.values_list("turn", flat=True))
    assert turns == list(range(1, 81))
    verified()


@pytest.mark.parametrize("cap", ["open_cap", "day_cap", "week_cap"])
def test_parallel_batches_never_pass_a_cap(cap: str) -> None:
    factories.company(reps=())
    rep = factories.rep("anna", pools=["dach"])
    PoolMember.objects.filter(user=rep).update(**{cap: 9})
    succeeded(together([posts(f"p{n}", 6) for n in range(4)]))
    assert Assignment.objects.filter(user=rep).count() == 9
    assert Lead.objects.filter(queue="dach").count() == 15
    verified()


def test_a_rep_of_two_pools_ties_them_together() -> None:
    factories.company(reps=())
    rep = factories.rep("anna", pools=["dach", "uk-nordics"], cap=10)
    british = {"company": {"country": "GB"}}
    jobs = [posts("a", 8), posts("b", 8, **british), posts("c", 8), posts("d", 8, **british)]
    succeeded(together(jobs))
    assert Assignment.objects.filter(user=rep).count() == 10
    verified()


def test_batches_turns_given_back_and_people_who_come_and_go_all_at_once() -> None:
    factories.company(reps=("anna", "ben"))
    factories.captures([factories.touch() for _ in range(6)])
    decisions = list(Decision.objects.order_by("-pk"))
    cleo = factories.rep("cleo")

    @transaction.atomic
    def give_back() -> None:
        for one in decisions[:3]:
            book = Ledger(kit=kits.active_kit(), now=NOW, actor="tests")
            routing.return_turn(one, "misroute", book)

    @transaction.atomic
    def join() -> None:
        desk.open_for(["dach"], now=NOW, users=[cleo.pk])
        PoolMember.objects.create(pool=Pool.objects.get(key="dach"), user=cleo)

    succeeded(together([posts("a", 9), give_back, posts("b", 9), join, give_back, posts("c", 4)]))
    assert CreditEntry.objects.filter(why="RETURNED").values("decision").distinct().count() == 3
    factories.captures([factories.touch() for _ in range(3)])
    verified()


def test_turns_given_back_at_once_all_count_though_everybody_has_left() -> None:
    factories.company(reps=("anna", "ben"))
    factories.captures([factories.touch() for _ in range(8)])
    decisions = list(Decision.objects.order_by("pk"))
    PoolMember.objects.update(active=False)

    def give_back(decision: Decision) -> Callable[[], None]:
        @transaction.atomic
        def given() -> None:
            book = Ledger(kit=kits.active_kit(), now=NOW, actor="tests")
            routing.return_turn(decision, "misroute", book)

        return given

    give_back(decisions[0])()  # from here on nobody is in the books of the pool
    succeeded(together([give_back(one) for one in decisions[1:]]))
    assert CreditEntry.objects.filter(why="RETURNED").values("decision").distinct().count() == 8
    verified()


def test_opposite_orders_of_pools_never_lock_each_other_out() -> None:
    factories.company(reps=())
    for name in ("anna", "ben", "cleo"):
        factories.rep(name, pools=["dach", "uk-nordics", "inbound"])

    def deal(*keys: str) -> Callable[[], None]:
        def dealt() -> None:
            for _ in range(15):
                with transaction.atomic():
                    paper = Ledger(kit=kits.active_kit(), now=NOW, actor="tests")
                    counter = desk.open_for(keys, now=NOW)
                    for key in keys:
                        counter.pick(key, ledger=paper)
                    paper.flush()

        return dealt

    succeeded(
        together(
            [
                deal("dach", "inbound"),
                deal("inbound", "dach"),
                deal("uk-nordics", "dach"),
                deal("inbound", "uk-nordics"),
            ]
        )
    )
    turns = dict(Pool.objects.values_list("key", "turns"))
    assert (turns["dach"], turns["inbound"], turns["uk-nordics"]) == (45, 45, 30)
