"""The ledger of pools whose decisions tell of nobody but who took the turn."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections import Counter
from fractions import Fraction

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from people.models import Leave, User
from routing import batch, desk, records, turn_sums
from routing import services as routing
from routing.entitlement import Like
from routing.fairness import BEGINNING, PoolLedger
from routing.models import Decision, Pool, PoolMember
from tests import factories
from tests.breaking import off_guard
from tests.factories import DAY, HOUR, NOW
from tests.integration.routing.test_fairness import give_back, read
from tests.integration.routing.test_ledger_of_turns import MATCH, picks
from tests.integration.routing.test_ledger_of_turns import ledger as paper_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def five(monkeypatch: pytest.MonkeyPatch) -> list[User]:
    """Five who share a pool of which four would be large already."""
    monkeypatch.setattr(batch, "FULL", 3)
    factories.company(reps=())
    factories.capture()
    return [
        factories.rep(f"rep{number}", pools=["dach"], weight=1 + number % 3) for number in range(5)
    ]


def spell_out() -> None:
    """All decisions tell of everybody, as those of small pools do."""
    rows = Decision.objects.filter(place__isnull=False).select_related("snapshot")
    told = {one.pk: records.candidates(one) for one in rows}
    with off_guard():
        for pk, candidates in told.items():
            Decision.objects.filter(pk=pk).update(candidates=candidates, place=None)


def tallied(since: dt.datetime) -> Counter[Like]:
    return turn_sums.tallies(Pool.objects.get(key="dach"), since=since)


def course(chance: random.Random, everybody: list[User]) -> dt.datetime:
    """Batches with caps, leave, former holders, leads kept or given elsewhere; its last instant."""
    now, lead = NOW, factories.capture()
    for _ in range(12):
        now += dt.timedelta(hours=chance.randint(1, 9))
        someone = chance.choice(everybody)
        kind = chance.randrange(5)
        if kind == 0:
            Leave.objects.create(user=someone, starts_at=now, ends_at=now + 20 * HOUR)
        elif kind == 1:
            PoolMember.objects.filter(user=someone).update(
                day_cap=chance.choice([None, 2, 4]), month_cap=chance.choice([None, 30])
            )
        elif kind == 2:
            PoolMember.objects.filter(user=someone).update(weight=chance.randint(1, 5))
        elif kind == 3:
            count = Decision.objects.filter(turn__isnull=False).count()
            if count:
                give_back(chance.randrange(count), now)
        with transaction.atomic():
            paper, counter = paper_of(now), desk.open_for(["dach"], now=now)
            for _ in range(chance.randint(1, 9)):
                if chance.random() < 0.2:
                    counter.book(chance.choice(everybody).pk)
                chosen = counter.pick(
                    "dach",
                    ledger=paper,
                    lead_id=lead.pk,
                    known={"person.language": chance.choice(["de", "fr", "en"])},
                    without=[one.pk for one in everybody if chance.random() < 0.1],
                    kept_for=chance.choice(everybody).pk if chance.random() < 0.1 else None,
                )
                routing.record_decision(
                    lead, MATCH, chosen, facts={}, snapshot=counter.snapshot("dach", ledger=paper),
                    ledger=paper, moment="INBOUND",
                )  # fmt: skip
            paper.flush()
    return now


@pytest.mark.parametrize("strategy", ["WEIGHTED_ROUND_ROBIN", "LEAST_LOADED", "BEST_PERFORMER"])
@pytest.mark.parametrize("seed", range(3))
def test_it_counts_what_decisions_would_tell_that_tell_of_everybody(
    five: list[User], seed: int, strategy: str
) -> None:
    chance = random.Random(seed)
    User.objects.filter(pk__in=[five[0].pk, five[3].pk]).update(languages=["de", "fr"])
    Pool.objects.filter(key="dach").update(
        strategy=strategy, matches_language=True, random_percent=20, catches_up=seed % 2 == 0
    )
    now = course(chance, five)
    middle = NOW + (now - NOW) / 2
    large = {since: tallied(since) for since in (BEGINNING, middle)}
    assert Decision.objects.filter(place__isnull=False).count() > 30
    spell_out()
    for since, counted in large.items():
        assert counted == tallied(since)


def test_what_is_summed_up_of_them_is_the_same(
    five: list[User], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = course(random.Random(7), five)
    before = read(now)
    assert all(one.account.adds_up for one in before.lines)
    monkeypatch.setattr(turn_sums, "BLOCK_OF_LARGE", 6)
    assert turn_sums.store_next(until=math.inf) == before.pool.turns // 6
    assert read(now) == before
    give_back(3, now)
    give_back(20, now)
    assert list(turn_sums.differing()) == []
    after = read(now)
    turn_sums.forget(["dach"])
    assert read(now) == after != before


def test_many_batches_take_as_many_queries_as_few(five: list[User]) -> None:
    picks(2, batch=1)
    with CaptureQueriesContext(connection) as few:
        read()
    picks(30, batch=1)
    with CaptureQueriesContext(connection) as many:
        read()
    assert len(few) == len(many)


@pytest.mark.parametrize("key", ["start", "7"])
def test_of_more_than_fifty_everything_is_counted(key: str) -> None:
    factories.company(reps=())
    factories.capture()
    reps = [
        factories.rep(f"rep{number}", pools=["dach"], weight=1 + number % 3) for number in range(52)
    ]
    Leave.objects.create(user=reps[0], starts_at=NOW - 20 * DAY, ends_at=NOW + DAY)
    if key == "7":
        picks(30, now=NOW - 10 * DAY)
    before = dict(PoolMember.objects.values_list("user_id", "credit"))
    picks(70)
    found: PoolLedger = read(key=key)
    lines = {one.user: one for one in found.lines}
    assert found.turns == sum(one.share.received for one in found.lines) == 70
    assert sum((one.share.entitled for one in found.lines), Fraction(0)) == 70
    assert {user: one.account.opening for user, one in lines.items()} == before
    assert all(one.account.adds_up for one in found.lines)
    assert dict(lines[reps[0].pk].share.passed) == {"LEAVE": 70}
    assert {one.share.could for user, one in lines.items() if user != reps[0].pk} == {70}
