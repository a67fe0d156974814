"""A rep's caps hold in whichever pool they are asked: the tightest of all their pools."""

from __future__ import annotations

import pytest

from leads.models import Lead
from people.models import User
from routing import batch, desk, replay
from routing.models import Decision, Pool, PoolMember
from tests import factories
from tests.factories import MINUTE, NOW

pytestmark = pytest.mark.django_db

CAPS = ("open_cap", "day_cap", "week_cap", "month_cap")


def in_two_pools(**caps: int) -> User:
    """anna alone shares `dach`, where nothing caps her, and `uk-nordics` under these caps."""
    factories.company(reps=())
    anna = factories.rep("anna", pools=["dach", "uk-nordics"])
    PoolMember.objects.filter(user=anna, pool__key="uk-nordics").update(**caps)
    return anna


@pytest.mark.parametrize("name", CAPS)
def test_what_one_pool_caps_another_does_not_add_to(name: str) -> None:
    anna = in_two_pools(**{name: 3})
    PoolMember.objects.filter(user=anna, pool__key="dach").update(**{name: 9})
    leads = factories.captures([factories.touch() for _ in range(5)])
    leads += factories.captures([factories.touch() for _ in range(2)], now=NOW + MINUTE)
    most = 3 if name != "month_cap" else allowed_by_now(anna)
    assert Lead.objects.filter(owner=anna).count() == most
    last = Decision.objects.filter(lead=leads[-1]).latest("pk")
    assert last.picked is None
    (told,) = last.candidates
    assert told["excluded"].startswith(f"at the cap: {most} of {most}")
    for decision in Decision.objects.all():
        assert replay.of(decision).is_same


def allowed_by_now(rep: User) -> int:
    """Of a month's cap, which is spread over its days."""
    (limit,) = desk.open_for(["uk-nordics"], now=NOW, locked=False).standing(rep.pk).limits
    return limit.allowed


def test_caps_of_a_pool_that_was_left_bind_no_more() -> None:
    anna = in_two_pools(open_cap=0)
    PoolMember.objects.filter(user=anna, pool__key="uk-nordics").update(active=False)
    assert factories.capture().owner == anna


def test_a_large_pool_keeps_to_the_caps_of_others_and_is_replayed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(batch, "FULL", 1)
    anna = in_two_pools(open_cap=2)
    ben = factories.rep("ben", pools=["dach"])
    leads = factories.captures([factories.touch() for _ in range(8)])
    assert [sum(one.owner == rep for one in leads) for rep in (anna, ben)] == [2, 6]
    for decision in Decision.objects.filter(place__isnull=False):
        assert replay.of(decision).is_same


def test_a_named_rep_and_a_pick_go_by_the_same_caps(
    django_assert_num_queries: object,
) -> None:
    anna = in_two_pools(open_cap=0, day_cap=1)
    with django_assert_num_queries(4):  # type: ignore[operator]
        counter = desk.open_for(Pool.objects.values_list("key", flat=True), now=NOW, locked=False)
    named, (asked,) = counter.standing(anna.pk), counter.candidates("dach")
    assert (named.open_cap, named.limits) == (asked.open_cap, asked.limits)
    assert asked.exclusion == "at the cap: 0 of 0 open leads"
