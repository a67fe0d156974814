"""The ledger of turns as people read it: it comes to the stored credit, whatever happens."""

from __future__ import annotations

import datetime as dt
import math
import random
from collections.abc import Callable
from fractions import Fraction

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from leads.models import Lead
from lifecycle.invariants import run
from people.models import Leave, User
from routing import fairness, turn_sums
from routing import services as routing
from routing.fairness import PoolLedger
from routing.models import CreditEntry, Decision, Pool, PoolMember
from tests import factories
from tests.breaking import off_guard
from tests.factories import DAY, HOUR, NOW
from tests.integration.routing.test_ledger_of_turns import ledger as paper_of
from tests.integration.routing.test_ledger_of_turns import picks

pytestmark = pytest.mark.django_db


@pytest.fixture
def three() -> tuple[User, ...]:
    """Anna with weight two, Ben and Cleo with one; a lead that no turn of theirs was spent on."""
    factories.company(reps=())
    factories.capture()
    return tuple(
        factories.rep(name, pools=["dach"], weight=weight)
        for name, weight in (("anna", 2), ("ben", 1), ("cleo", 1))
    )


def read(now: dt.datetime = NOW, key: str = "start", reader: User | None = None) -> PoolLedger:
    who = reader or User.objects.get(username="rita")
    period = fairness.period(key, now=now, zone=dt.UTC)
    return fairness.ledger(Pool.objects.get(key="dach"), who, period=period, now=now)


def give_back(which: int, now: dt.datetime = NOW) -> None:
    decision = Decision.objects.filter(turn__isnull=False).order_by("turn")[which]
    paper = paper_of(now)
    routing.return_turn(decision, "misrouted", paper)


def test_shares_are_told_in_leads_and_credit(three: tuple[User, ...]) -> None:
    picks(10)
    found = read()
    told = {one.name: (one.share.entitled, one.share.received) for one in found.lines}
    assert told == {"Anna": (5, 5), "Ben": (Fraction(5, 2), 3), "Cleo": (Fraction(5, 2), 2)}
    assert {one.name: one.owed for one in found.lines} == {
        "Anna": 0,
        "Ben": Fraction(-1, 2),
        "Cleo": Fraction(1, 2),
    }
    assert found.turns == 10


def test_why_turns_went_past_somebody(three: tuple[User, ...]) -> None:
    anna, ben, cleo = three
    Leave.objects.create(user=cleo, starts_at=NOW, ends_at=NOW + DAY)
    PoolMember.objects.filter(user=ben).update(open_cap=0)
    picks(4)
    lines = {one.user: one for one in read().lines}
    assert dict(lines[cleo.pk].share.passed) == {"LEAVE": 4}
    assert dict(lines[ben.pk].share.passed) == {"OPEN_CAP": 4}
    assert lines[anna.pk].share.entitled == lines[anna.pk].share.received == 4
    assert lines[cleo.pk].share.entitled == 0


def test_a_turn_given_back_counts_as_if_it_had_never_been(three: tuple[User, ...]) -> None:
    picks(1)
    give_back(0)
    found = read()
    assert found.turns == 0
    assert found.given_back == 1
    assert all(one.share.entitled == one.share.received == one.owed == 0 for one in found.lines)
    assert {one.account.given_back for one in found.lines} == {2, -1}


@pytest.mark.parametrize("catches_up", [False, True])
@pytest.mark.parametrize("seed", range(4))
def test_the_lines_come_to_the_stored_credit_whatever_happens(
    three: tuple[User, ...], seed: int, catches_up: bool
) -> None:
    chance = random.Random(seed)
    Pool.objects.filter(key="dach").update(catches_up=catches_up)
    now = NOW

    def join() -> None:
        factories.rep(f"new{now:%d%H}", pools=["dach"], weight=chance.randint(1, 3))

    def leave_or_come_back() -> None:
        one = chance.choice(list(PoolMember.objects.filter(pool__key="dach")))
        PoolMember.objects.filter(pk=one.pk).update(active=not one.active)

    def weigh() -> None:
        one = chance.choice(list(PoolMember.objects.filter(pool__key="dach")))
        PoolMember.objects.filter(pk=one.pk).update(weight=chance.randint(1, 5))

    def off() -> None:
        user = chance.choice(list(User.objects.filter(pool_memberships__pool__key="dach")))
        Leave.objects.create(user=user, starts_at=now, ends_at=now + 5 * HOUR)

    def back() -> None:
        count = Decision.objects.filter(turn__isnull=False).count()
        give_back(chance.randrange(count), now)

    def after_all() -> None:
        for entry in CreditEntry.objects.filter(why="RETURNED")[:1]:
            assert entry.decision is not None
            routing.count_turn_again(entry.decision, "undone", paper_of(now))

    acts: list[Callable[[], None]] = [join, leave_or_come_back, weigh, off, back, after_all]
    picks(5, now=now)
    middle: dict[int, int] = {}
    for step in range(14):
        now += 2 * HOUR
        chance.choice(acts)()
        picks(chance.randint(1, 6), now=now)
        if step == 6:
            middle = dict(PoolMember.objects.values_list("user_id", "credit"))
            since = now
    credits = dict(PoolMember.objects.values_list("user_id", "credit"))
    whole = read(now)
    assert {one.user: one.account.credit for one in whole.lines}.items() <= credits.items()
    assert all(one.account.adds_up for one in whole.lines)
    assert whole.turns == sum((one.share.entitled for one in whole.lines), Fraction(0))
    period = fairness.Period("7", "Since the middle", since + HOUR)
    later = fairness.ledger(whole.pool, User.objects.get(username="rita"), period=period, now=now)
    assert {one.user: one.account.opening for one in later.lines if one.user in middle} == {
        one.user: middle[one.user] for one in later.lines if one.user in middle
    }


def test_turns_that_were_summed_up_tell_the_same_as_turns_that_are_read(
    three: tuple[User, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_sums, "BLOCK", 7)
    Leave.objects.create(user=three[2], starts_at=NOW + 5 * HOUR, ends_at=NOW + 9 * HOUR)
    moments = [NOW + number * HOUR for number in range(8)]
    rita = User.objects.get(username="rita")

    def told() -> list[PoolLedger]:
        return [
            fairness.ledger(
                Pool.objects.get(key="dach"), rita, period=fairness.Period("7", "", since), now=now
            )
            for since in (fairness.BEGINNING, *moments[::2])
        ]

    for now in moments:
        picks(4, now=now)
    give_back(3, now)
    before = told()
    assert turn_sums.store_next(until=math.inf) == 4
    assert told() == before
    give_back(8, now)
    give_back(15, now)
    for entry in CreditEntry.objects.filter(why="RETURNED", decision__turn=4)[:1]:
        assert entry.decision is not None
        routing.count_turn_again(entry.decision, "undone", paper_of(now))
    picks(3, now=now)
    after = told()
    assert list(turn_sums.differing()) == []
    turn_sums.forget(["dach"])
    assert told() == after != before


def test_a_ledger_with_many_sums_takes_as_many_queries(
    three: tuple[User, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turn_sums, "BLOCK", 3)
    picks(3)
    turn_sums.store_next(until=math.inf)
    with CaptureQueriesContext(connection) as first:
        read()
    picks(20)
    turn_sums.store_next(until=math.inf)
    with CaptureQueriesContext(connection) as second:
        read()
    assert len(first) == len(second)


def test_what_waits_is_as_old_as_its_wait_and_not_as_its_stage(three: tuple[User, ...]) -> None:
    PoolMember.objects.update(open_cap=0)
    lead = factories.capture(now=NOW)
    factories.capture(now=NOW + HOUR)
    Lead.objects.filter(pk=lead.pk).update(entered_stage_at=NOW - 9 * DAY)
    queued = fairness.waiting(["dach"])["dach"]
    assert (queued.count, queued.oldest_at) == (3, NOW)


def test_a_credit_that_was_tampered_with_does_not_add_up(three: tuple[User, ...]) -> None:
    picks(7)
    PoolMember.objects.filter(user=three[0]).update(credit=77)
    assert [one.account.adds_up for one in read().lines] == [False, True, True]


class TestWhoIsNext:
    def test_the_one_foretold_gets_it(self, three: tuple[User, ...]) -> None:
        for _ in range(9):
            coming = read().next
            assert coming is not None
            assert dict(picks(1)) == {coming.pick.user: 1}

    def test_whoever_joined_is_counted_in_before_anything_is_booked(
        self, three: tuple[User, ...]
    ) -> None:
        picks(5)
        factories.rep("dora", pools=["dach"], weight=9)
        before = list(PoolMember.objects.order_by("pk").values_list("credit", "since_turn"))
        coming = read().next
        assert coming is not None
        assert list(PoolMember.objects.order_by("pk").values_list("credit", "since_turn")) == before
        assert dict(picks(1)) == {coming.pick.user: 1}


@pytest.mark.parametrize(
    ("sql", "key"),
    [
        (
            "UPDATE routing_poolmember SET credit = credit + 1 WHERE user_id = %s",
            "member.credit_from_ledger",
        ),
        (
            "UPDATE routing_decision SET turn = 999 WHERE turn = 2 AND %s > 0",
            "pool.turns_gapless",
        ),
        (
            """UPDATE routing_decision SET candidates = jsonb_set(candidates, '{0,credit_after}',
                   to_jsonb((candidates->0->>'credit_after')::int + 1))
                WHERE turn = 4 AND %s > 0""",
            "member.credit_from_ledger",
        ),
        (
            "UPDATE routing_creditentry SET change = change + 1 WHERE user_id = %s",
            "member.credit_from_ledger",
        ),
        (
            "DELETE FROM routing_creditentry WHERE user_id = %s",
            "member.credit_from_ledger",
        ),
        (
            "UPDATE routing_creditentry SET credit = credit + 1 WHERE user_id = %s",
            "entry.credit_then",
        ),
    ],
)
def test_whatever_of_it_is_tampered_with_verify_tells(
    three: tuple[User, ...], sql: str, key: str
) -> None:
    picks(4)
    give_back(1)
    picks(3, now=NOW + HOUR)
    with off_guard(), connection.cursor() as cursor:
        cursor.execute(sql, [three[0].pk])
        assert cursor.rowcount
    told = {one.invariant.key for one in run.check(now=NOW + HOUR) if one.broken}
    assert key in told
